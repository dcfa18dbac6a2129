from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.cli._coding import make_coder
from streams.cli.main import cli
from streams.settings import Settings

TEXT = (
    "MUSCAT - The foreign ministers of Iran and Saudi Arabia met in Muscat on Thursday, the Omani state news agency "
    "said.\n\nIsrael condemned the talks between Iran and Saudi Arabia. Oman welcomed the meeting as an important step."
)


def run(*args: str):
    return CliRunner().invoke(cli, ["code", "--reader", "rules", *args])


def write_jsonl(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def article(**fields: object) -> dict[str, object]:
    return {"id": "a", "title": "Foes meet", "text": TEXT, "published_at": "2023-01-13T12:00:00Z"} | fields


def lines(output: str) -> list[dict]:
    return [json.loads(line) for line in output.splitlines()]


def test_one_line_an_article_with_the_watch_that_it_names(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", article(watch="IRN-SAU"), article(id="b", watch="FJI-TON"))
    result = run(str(path), "--json")
    assert result.exit_code == 0, result.output
    first, second = lines(result.stdout)
    assert (first["id"], first["watch"], first["relevant"]) == ("a", "IRN-SAU", True)
    assert (second["id"], second["watch"], second["relevant"]) == ("b", "FJI-TON", False)
    assert second["stances"] == second["events"] == []


def test_evidence_is_the_text_at_its_offsets(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", article(watch="IRN-SAU"))
    (line,) = lines(run(str(path), "--json").stdout)
    found = [*line["stances"], *line["events"]]
    assert found
    for item in found:
        evidence = item["evidence"]
        assert TEXT[evidence["start"] : evidence["end"]] == evidence["text"] != ""
        assert 0 <= item["confidence"] <= 1
        assert item["reasons"]


def test_offsets_of_a_text_file_are_into_the_file(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text(f"Foes meet in Muscat\n\n{TEXT}\n", encoding="utf-8")
    (line,) = lines(run(str(path), "--json", "--watch", "IRN-SAU", "--date", "2023-01-13").stdout)
    assert line["id"] == "page.txt"
    assert line["published_at_from"] == "option"
    whole = path.read_text(encoding="utf-8")
    for item in [*line["stances"], *line["events"]]:
        evidence = item["evidence"]
        assert whole[evidence["start"] : evidence["end"]] == evidence["text"]


def test_the_option_overrides_the_article_s_watch(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", article(watch="FJI-TON"))
    (line,) = lines(run(str(path), "--json", "--watch", "IRN-SAU").stdout)
    assert line["watch"] == "IRN-SAU"
    assert line["relevant"]


def test_without_a_watch_all_that_are_touched(tmp_path: Path) -> None:
    path = write_jsonl(
        tmp_path / "in.jsonl",
        article(),
        article(id="b", text="The bakery on the corner sells fresh bread every morning and closes at noon."),
    )
    found = lines(run(str(path), "--json").stdout)
    assert "IRN-SAU" in {line["watch"] for line in found if line["id"] == "a"} or len(found) >= 2
    assert [line["watch"] for line in found if line["id"] == "b"] == [None]
    assert not found[-1]["relevant"]


def test_a_bad_line_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    path = write_jsonl(
        tmp_path / "in.jsonl", article(id="a", watch="IRN-SAU"), "{not json", article(id="c", watch="IRN-SAU")
    )
    result = run(str(path), "--json")
    assert result.exit_code == 1
    assert [line["id"] for line in lines(result.stdout)] == ["a", "c"]
    assert f"{path}:2" in result.stderr


@pytest.mark.parametrize(
    ("args", "word"),
    [(("--watch", "AAA-BBB"), "AAA-BBB"), (("--date", "1066-10-14"), "1066"), (("--date", "soon"), "soon")],
)
def test_options_that_cannot_be_used(tmp_path: Path, args: tuple[str, ...], word: str) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", article())
    result = run(str(path), *args)
    assert result.exception is not None
    assert word in str(result.exception)


def test_the_report_for_people_marks_the_evidence(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", article(watch="IRN-SAU"))
    plain = run(str(path)).stdout
    assert "IRN-SAU: relevant" in plain
    assert "talks of Iran + Saudi Arabia" in plain
    assert "[Israel condemned the talks between Iran and Saudi Arabia.]" in plain
    assert "because of" not in plain
    assert "because of" in run(str(path), "--explain").stdout


def test_equal_input_gives_equal_output(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", article(watch="IRN-SAU"), article(id="b"))
    assert run(str(path), "--json").stdout == run(str(path), "--json").stdout


def test_the_settings_name_the_reader_where_the_command_does_not() -> None:
    assert make_coder(None, Settings(reader="rules")).reader == "rules"
