"""``detente lexicon``: what it prints and how it ends."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from streams.cli.lexicon import command
from streams.errors import InputError

RUN = CliRunner()


def test_the_bundled_tables_pass() -> None:
    result = RUN.invoke(command, ["check"])
    assert result.exit_code == 0, result.output
    assert "0 errors" in result.output


def test_rows_that_never_fire_are_counted(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("Ghana's foreign minister spoke.", encoding="utf-8")
    result = RUN.invoke(command, ["check", "--corpus", str(tmp_path)])
    assert result.exit_code == 0
    assert "rows never fire" in result.output
    assert "never found: Afghanistan" in result.output
    assert "never found: Ghana\n" not in result.output


def test_a_corpus_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    result = RUN.invoke(command, ["check", "--corpus", str(tmp_path / "none")])
    assert isinstance(result.exception, InputError)


def test_find_shows_actors_and_speakers() -> None:
    result = RUN.invoke(command, ["find", "Ghana's foreign minister said no.", "--date", "2023-05-19"])
    assert result.exit_code == 0, result.output
    assert "GHA       office   minister  Ghana's foreign minister" in result.output
    assert "speaker: Ghana" in result.output


def test_find_reads_a_file(tmp_path: Path) -> None:
    path = tmp_path / "article.txt"
    path.write_text("Peru agreed.", encoding="utf-8")
    assert "PER" in RUN.invoke(command, ["find", str(path)]).output


def test_find_says_what_is_wrong_with_a_date() -> None:
    result = RUN.invoke(command, ["find", "Peru agreed.", "--date", "May"])
    assert isinstance(result.exception, InputError)
