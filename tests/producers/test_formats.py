from __future__ import annotations

import datetime as dt
import io
import json
import os
import sys
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.formats import Options, ReadArticle, Refused, date_option, read_path
from producers.formats.common import MAX_LINE_BYTES, MAX_PAGE_BYTES, decode, parse_when
from streams.errors import InputError
from streams.records import Article, encode

NOW = dt.datetime(2024, 6, 1, tzinfo=dt.timezone.utc)
TEXT = "The foreign ministers met in Ünye on Thursday and agreed to exchange ambassadors within a month."
MEBIBYTE = 1024 * 1024


def read(path: Path | str, **options: Any) -> list[ReadArticle | Refused]:
    return list(read_path(path, now=NOW, **options))


def articles(items: Sequence[ReadArticle | Refused]) -> list[Article]:
    return [item.article for item in items if isinstance(item, ReadArticle)]


def refusals(items: Sequence[ReadArticle | Refused]) -> list[Refused]:
    return [item for item in items if isinstance(item, Refused)]


def saved(folder: Path, name: str, content: bytes | str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def row(**fields: object) -> str:
    return json.dumps({"id": "a-1", "title": "T", "text": TEXT, "published_at": "2023-01-13T16:20:00Z"} | fields) + "\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("cp1252"),
    ],
    ids=["utf-8", "utf-8 mark", "utf-16", "utf-16 be", "utf-16 no mark", "windows"],
)
def test_encodings_of_a_text_file(tmp_path: Path, data: bytes) -> None:
    assert [article.text for article in articles(read(saved(tmp_path, "a.txt", data)))] == [TEXT]


def test_line_ends_stay_and_offsets_point_into_the_decoded_file(tmp_path: Path) -> None:
    content = f"\r\n  Ministers meet in Ünye again\r\n\r\n{TEXT}\r\n{TEXT}\r\n"
    item = read(saved(tmp_path, "a.txt", content))[0]
    assert isinstance(item, ReadArticle)
    assert item.article.title == "Ministers meet in Ünye again"
    assert content[item.offset : item.offset + len(item.article.text)] == item.article.text
    assert "\r\n" in item.article.text


def test_utf8_that_was_cut_off_inside_a_letter_is_still_utf8() -> None:
    assert decode((TEXT + "Ü").encode()[:-1]).startswith(TEXT)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\r\n\t", "empty"),
        ("a.html", b"", "empty"),
        ("a.jsonl", b"\n\n", "empty"),
        ("a.txt", bytes(range(256)) * 4, "binary"),
        ("a.txt", b"\x00" * 400, "binary"),
        ("a.txt", b"%PDF-1.7 ...", "PDF"),
        ("a.docx", b"PK\x03\x04....", "office"),
        ("a.txt", b"x" * (MAX_PAGE_BYTES + 1), "larger than 5 MB"),
        ("a.html", b"<html><body><script>1</script></body></html>", "no article"),
        ("a.html", b"%PDF-1.7 ...", "PDF"),
    ],
)
def test_files_that_cannot_be_used_are_refused_with_the_reason(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    file = saved(tmp_path, name, data)
    (item,) = read(file)
    assert isinstance(item, Refused)
    assert reason in item.reason
    assert str(item).startswith(str(file))


def test_a_text_with_a_few_nuls_and_a_megabyte_in_one_sentence_is_read(tmp_path: Path) -> None:
    text = "word \x00" + "word " * 200_000
    assert len(articles(read(saved(tmp_path, "a.txt", text)))) == 1


def test_there_is_no_such_path() -> None:
    with pytest.raises(InputError, match="no such file"):
        read("/nowhere/at/all")


def test_folders_are_walked_in_order_and_ids_tell_the_way(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/b.txt", ".hidden/x.txt", ".x.txt"):
        saved(tmp_path, name, TEXT)
    saved(tmp_path, "c.bin", b"\x00" * 100)
    items = read(tmp_path)
    assert [article.id for article in articles(items)] == ["b.txt", "a/b.txt", "a/z.txt"]
    assert [Path(item.path).name for item in refusals(items)] == ["c.bin"]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert refusals(read(empty))[0].reason == "the folder holds no file"


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path, "a.txt", TEXT)

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert refusals(read(tmp_path))[0].reason == "cannot be read: Permission denied"


@pytest.mark.parametrize(
    ("content", "ids"),
    [(row(id="x").encode(), ["x"]), (b"\xef\xbb\xbf" + row(id="x").encode(), ["x"]), (TEXT.encode(), ["stdin"])],
)
def test_standard_input_is_told_apart_by_how_it_begins(
    monkeypatch: pytest.MonkeyPatch, content: bytes, ids: list[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content))))  # type: ignore[type-var]
    found = articles(read("-"))
    assert [article.id for article in found] == ids
    if ids == ["stdin"]:
        assert (found[0].published_at, found[0].published_at_from) == (NOW, "retrieved")


def test_jsonl_keeps_ids_watches_and_times_and_leaves_labels_alone(tmp_path: Path) -> None:
    lines = row(watch="syria", stances=[{"holder": "IRN"}], relevant=True) + row(id="a-2", watches=["EGY-TUR", "world"])
    first, second = articles(read(saved(tmp_path, "a.jsonl", lines)))
    assert (first.id, first.watches, first.published_at_from) == ("a-1", ("syria",), "given")
    assert first.published_at == dt.datetime(2023, 1, 13, 16, 20, tzinfo=dt.timezone.utc)
    assert second.watches == ("EGY-TUR", "world")


def test_jsonl_without_id_time_or_watch_takes_those_of_line_and_options(tmp_path: Path) -> None:
    file = saved(tmp_path, "a.jsonl", "\n" + json.dumps({"text": TEXT}) + "\n")
    (item,) = read(file, date=date_option("2020-02-03"), watches=["syria"])
    assert isinstance(item, ReadArticle)
    article = item.article
    assert (item.line, article.id, article.title, article.watches) == (2, "a.jsonl:2", "", ("syria",))
    assert (article.published_at.isoformat(), article.published_at_from) == ("2020-02-03T00:00:00+00:00", "option")
    os.utime(file, (1e9, 1e9))
    assert articles(read(file))[0].published_at_from == "file"
    assert articles(read(file))[0].published_at.year == 2001


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (b'{"text": "x', "", "cut off"),
        (b'{"text": "x"} extra', "", "not JSON"),
        (b"[1, 2]", "", "not a JSON object"),
        (b"[" * 100_000, "", "nested too deeply"),
        (b'{"n": ' + b"9" * 10_000 + b', "text": "x"}', "", "number too long"),
        (b"\x00" * 50, "", "binary"),
        (b'{"title": "x"}', "text", "missing"),
        (row(text="").encode(), "text", "empty"),
        (row(text=5).encode(), "text", "Expected `str`"),
        (row(title=["x"]).encode(), "title", "Expected `str"),
        (row(watches=["syria", 5]).encode(), "watches[1]", "Expected `str`"),
        (row(published_at=1700000000).encode(), "published_at", "Expected `str"),
        (row(published_at="last week").encode(), "published_at", "not a time"),
        (row(published_at="2023-02-30").encode(), "published_at", "not a time"),
        (row(published_at="1066-10-14T09:00:00Z").encode(), "published_at", "before 1900"),
        (row(published_at="2999-01-01T00:00:00Z").encode(), "published_at", "future"),
        (row(watch="siria").encode(), "watch", "Near: syria"),
    ],
)
def test_a_bad_line_is_reported_with_its_field_and_the_others_go_through(
    tmp_path: Path, line: bytes, field: str, reason: str
) -> None:
    content = row(id="first").encode() + line + b"\n" + row(id="last").encode()
    items = read(saved(tmp_path, "a.jsonl", content))
    assert [article.id for article in articles(items)] == ["first", "last"]
    (refused,) = refusals(items)
    assert (refused.line, refused.field) == (2, field)
    assert reason in refused.reason


def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path) -> None:
    content = row(id="first") + row(id="long", text="x" * (2 * MAX_LINE_BYTES)) + row(id="last")
    items = read(saved(tmp_path, "a.jsonl", content))
    assert [article.id for article in articles(items)] == ["first", "last"]
    assert [(item.line, "longer" in item.reason) for item in refusals(items)] == [(2, True)]


def test_fifty_megabytes_of_lines_are_read_in_bounded_memory(tmp_path: Path) -> None:
    line = row(text="word " * 2_000).encode()
    count = 50_000_000 // len(line)
    file = tmp_path / "big.jsonl"
    with file.open("wb") as out:
        out.writelines(line for _ in range(count))
    tracemalloc.start()
    seen = sum(isinstance(item, ReadArticle) for item in read_path(file, now=NOW))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seen == count
    assert peak < 5 * MEBIBYTE


def test_nuls_and_lone_surrogates_in_json_become_a_record_of_the_same_length(tmp_path: Path) -> None:
    file = saved(tmp_path, "a.jsonl", '{"text": "a \\u0000 b \\ud800 c \\ud83d\\ude00"}\n')
    (article,) = articles(read(file))
    assert article.text == "a \x00 b \ufffd c \U0001f600"
    encode(article)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_articles_or_refusals(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for name in ("a.txt", "a.jsonl"):
        file = saved(folder, name, data)
        items = read(file)
        assert items
        for item in items:
            if isinstance(item, ReadArticle):
                encode(item.article)


PAGE = """<!doctype html><html lang="en"><head><meta charset="{charset}"><title>Ministers meet - Nile Wire</title>
<meta property="og:title" content="Ministers meet in Ünye"><meta property="og:site_name" content="Nile Wire">
<meta property="article:published_time" content="2023-05-02T10:30:00+02:00"></head><body><nav>Home | News</nav>
<article><h1>Ministers meet in Ünye</h1><p>{text}</p><p>{text}</p><p>Both sides called it a first step, and no
date was given for the second one.</p></article><footer>© Nile Wire</footer></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "iso-8859-9"])
@pytest.mark.parametrize("name", ["a.html", "page"])
def test_html_gives_title_time_source_and_text(tmp_path: Path, charset: str, name: str) -> None:
    page = PAGE.format(charset=charset, text=TEXT).encode(charset)
    (article,) = articles(read(saved(tmp_path, name, page)))
    assert (article.title, article.source, article.id) == ("Ministers meet in Ünye", "Nile Wire", name)
    assert article.published_at == dt.datetime(2023, 5, 2, 8, 30, tzinfo=dt.timezone.utc)
    assert article.published_at_from == "page"
    assert TEXT in article.text
    assert "Home | News" not in article.text


def test_html_nested_beyond_reason_is_no_crash(tmp_path: Path) -> None:
    page = "<html><body>" + "<div>" * 20_000 + TEXT + "</body></html>"
    assert len(read(saved(tmp_path, "a.html", page))) == 1


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2023-01-13", "2023-01-13T00:00:00+00:00"),
        ("2023-01-13T16:20:00Z", "2023-01-13T16:20:00+00:00"),
        ("2023-01-13 16:20", "2023-01-13T16:20:00+00:00"),
        ("2023-01-13T16:20:00.123+02:00", "2023-01-13T14:20:00+00:00"),
        ("Fri, 13 Jan 2023 16:20:00 +0200", "2023-01-13T14:20:00+00:00"),
    ],
)
def test_times_of_publication_are_read(text: str, when: str) -> None:
    found = parse_when(text)
    assert found is not None
    assert found.isoformat() == when


@pytest.mark.parametrize("text", ["", "yesterday", "2023-13-01", "2023-01-32", "13/01/2023", "2023-01-13T25:00"])
def test_what_is_no_time(text: str) -> None:
    assert parse_when(text) is None


@pytest.mark.parametrize("text", ["1066-10-14", "2999-01-01", "soon"])
def test_a_date_option_out_of_range_is_an_error(text: str) -> None:
    with pytest.raises(InputError, match="--date"):
        date_option(text, NOW)


def test_options_take_the_clock_only_where_no_time_is_given() -> None:
    assert Options(now=NOW).now == NOW
    assert Options().now.tzinfo is dt.timezone.utc
