from __future__ import annotations

import itertools
import json
import signal
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition

from conftest import RUN_SECONDS
from producers.corpora import corpora, labelled
from streams import topics
from streams.kafka_client import kafka_python
from streams.kafka_read import read_topic
from streams.records import Article, decode
from streams.settings import Settings

TEXT = "Ankara and Damascus agreed on Thursday to reopen their embassies, both ministries said."
YEAR_LATER = "2024-01-13T00:00:00Z"


def articles(settings: Settings) -> list[Article]:
    return [decode(read.value or b"", Article) for read in read_topic(settings, topics.ARTICLES)]


def jsonl(folder: Path, *rows: dict[str, Any] | str) -> Path:
    path = folder / "articles.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def row(number: int, **fields: Any) -> dict[str, Any]:
    day = f"2023-01-{number:02}T00:00:00Z"
    return {"id": f"a{number}", "text": TEXT, "title": "Talks", "source": "Wire", "published_at": day, **fields}


def wait_for_first(settings: Settings, process: subprocess.Popen[str]) -> None:
    """Return once one article is on the topic; following the topic waits for it without a pause of ours."""
    for _ in read_topic(settings, topics.ARTICLES, follow=True):
        break
    assert process.poll() is None


def test_without_a_path_the_bundled_corpora_are_sent_in_full(detente: Any, settings: Settings) -> None:
    done = detente("replay", "--json", settings=settings)
    summary = json.loads(done.stdout)
    bundled = {item["id"]: item for name in corpora() for item in labelled(name)}
    assert done.returncode == 0
    assert (summary["read"], summary["sent"], summary["accepted"]) == (len(bundled),) * 3
    found = {article.id: article for article in articles(settings)}
    assert {name: article.text for name, article in found.items()} == {n: i["text"] for n, i in bundled.items()}
    assert {article.origin for article in found.values()} == {"replay"}
    assert {article.watches for article in found.values()} == {("syria",)}


def test_a_replay_that_may_not_run_ahead_waits_for_workers(detente: Any, settings: Settings, tmp_path: Path) -> None:
    path = jsonl(tmp_path, *(row(number) for number in range(1, 8)))
    process = detente.start("replay", "--ahead", 3, path, settings=settings)
    part = TopicPartition(topics.full_name(settings, topics.ARTICLES), 0)
    seen = []
    with closing(KafkaConsumer(group_id=settings.group, enable_auto_commit=False, **kafka_python(settings))) as worker:
        for read in read_topic(settings, topics.ARTICLES, follow=True):
            seen.append(read.offset)
            assert worker.end_offsets([part])[part] <= read.offset + 3
            worker.commit({part: OffsetAndMetadata(read.offset + 1, "", -1)})
            if len(seen) == 7:
                break
    assert process.wait(RUN_SECONDS) == 0
    assert seen == list(range(7))


def test_articles_of_a_partition_lie_in_order_of_publication(detente: Any, settings: Settings, tmp_path: Path) -> None:
    path = jsonl(tmp_path, *(row(number) for number in (9, 3, 7, 1, 8, 2)))
    detente("replay", path, settings=settings)
    for _, reads in itertools.groupby(read_topic(settings, topics.ARTICLES), key=lambda read: read.partition):
        times = [decode(read.value or b"", Article).published_at for read in reads]
        assert times == sorted(times)


def test_a_bad_line_is_refused_by_file_line_and_field_and_the_others_go_through(
    detente: Any, settings: Settings, tmp_path: Path
) -> None:
    bad = ("{broken", row(2, published_at="1066-10-14"), row(3, text=""), row(4, published_at="2999-01-01"))
    path = jsonl(tmp_path, row(1), *bad, row(5))
    done = detente("replay", path, settings=settings)
    assert done.returncode == 1
    assert {article.id for article in articles(settings)} == {"a1", "a5"}
    for line, field in ((2, "not JSON"), (3, "published_at"), (4, "text"), (5, "published_at")):
        assert f"{path}:{line}: {field}" in done.stdout
    assert "refused           4" in done.stdout
    assert "accepted          2" in done.stdout


def test_an_article_larger_than_a_record_fails_with_the_reason(
    detente: Any, settings: Settings, tmp_path: Path
) -> None:
    path = jsonl(tmp_path, row(1), row(2, text="x" * settings.record_bytes), row(3))
    done = detente("replay", "--json", path, settings=settings)
    summary = json.loads(done.stdout)
    assert done.returncode == 1
    assert (summary["sent"], summary["accepted"]) == (3, 2)
    assert summary["failed"] == {"too_large": 1}
    assert summary["failures"][0]["article_id"] == "a2"
    assert summary["resume_at"] is None


@pytest.mark.parametrize("text", ["one\x00two \x00 three", "a lone \\ud800 surrogate"])
def test_damaged_characters_are_no_reason_to_stop(detente: Any, settings: Settings, tmp_path: Path, text: str) -> None:
    damaged = json.dumps(row(1)).replace(TEXT, text.replace("\x00", "\\u0000"))
    done = detente("replay", "--json", jsonl(tmp_path, damaged, row(2)), settings=settings)
    summary = json.loads(done.stdout)
    assert summary["accepted"] + summary["refused"] == 2
    assert "a2" in {article.id for article in articles(settings)}


def test_standard_input_is_sent_as_it_comes(detente: Any, settings: Settings) -> None:
    lines = "\n".join(json.dumps(row(number)) for number in (3, 1, 2))
    done = detente("replay", "-", "--json", settings=settings, stdin=lines.encode())
    assert json.loads(done.stdout)["accepted"] == 3


def test_options_reach_the_articles(detente: Any, settings: Settings, tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(f"Ankara and Damascus talk\n\n{TEXT}\n\n{TEXT}\n")
    options = ("--backfill", "--watch", "SYR-TUR", "--date", "2023-01-13")
    assert detente("replay", page, *options, settings=settings).returncode == 0
    (article,) = articles(settings)
    assert (article.origin, article.watches, article.published_at_from) == ("backfill", ("SYR-TUR",), "option")
    assert f"{article.published_at:%Y-%m-%d}" == "2023-01-13"


def test_limit_and_skip_choose_by_order_of_publication(detente: Any, settings: Settings, tmp_path: Path) -> None:
    path = jsonl(tmp_path, *(row(number) for number in (5, 4, 3, 2, 1)))
    summary = json.loads(detente("replay", path, "--skip", "1", "--limit", "2", "--json", settings=settings).stdout)
    assert (summary["skipped"], summary["accepted"]) == (1, 2)
    assert {article.id for article in articles(settings)} == {"a2", "a3"}


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_cleanly_and_says_where_to_resume(
    detente: Any, settings: Settings, tmp_path: Path, sign: signal.Signals
) -> None:
    path = jsonl(tmp_path, row(1), row(2), row(3, published_at=YEAR_LATER))
    process = detente.start("replay", path, "--speed", "86400x", settings=settings)
    try:
        wait_for_first(settings, process)
        process.send_signal(sign)
        out, err = process.communicate(timeout=RUN_SECONDS)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    resumed = int(out.rpartition("--skip ")[2])
    assert len(articles(settings)) >= resumed >= 1
    done = detente("replay", path, "--skip", resumed, "--json", settings=settings)
    assert json.loads(done.stdout)["accepted"] == 3 - resumed
    assert {article.id for article in articles(settings)} == {"a1", "a2", "a3"}


def test_killed_and_started_again_it_sends_the_same_articles_under_the_same_ids(
    detente: Any, settings: Settings, tmp_path: Path
) -> None:
    path = jsonl(tmp_path, row(1), row(2, published_at=YEAR_LATER))
    process = detente.start("replay", path, "--speed", "1", settings=settings)
    wait_for_first(settings, process)
    process.kill()
    process.communicate()
    detente("replay", path, settings=settings)
    found = articles(settings)
    assert sorted(article.id for article in found) == ["a1", "a1", "a2"]
    assert len({(article.id, article.text, article.published_at) for article in found}) == 2


def test_nothing_is_sent_where_a_path_or_an_option_is_wrong(detente: Any, settings: Settings, tmp_path: Path) -> None:
    path = jsonl(tmp_path, row(1))
    for arguments, told in (
        ((path, tmp_path / "none.jsonl"), "no such file"),
        ((path, "--watch", "syra"), "syria"),
        ((path, "--speed", "fast"), "--speed"),
        ((path, "--date", "soon"), "--date"),
    ):
        done = detente("replay", *arguments, settings=settings)
        assert done.returncode == 2
        assert told in done.stderr
    assert articles(settings) == []


@pytest.mark.parametrize(("name", "content"), [("empty.txt", b""), ("binary.txt", bytes(range(256)) * 40)])
def test_a_file_that_holds_no_article_is_refused(
    detente: Any, settings: Settings, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    done = detente("replay", path, settings=settings)
    assert done.returncode == 1
    assert f"refused: {path}: " in done.stderr


def test_no_broker_and_no_topic_are_told_before_anything_is_read(detente: Any, no_topics: Settings) -> None:
    done = detente("replay", settings=Settings(bootstrap_servers="127.0.0.1:1", connect_timeout=0.3))
    assert done.returncode == 1
    assert "connection refused" in done.stderr
    done = detente("replay", settings=no_topics)
    assert done.returncode == 1
    assert "detente topics create" in done.stderr
