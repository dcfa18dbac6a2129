"""The automaton, the tables, and what the check finds in them."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from streams.coder.lexicon import Lexicon, fold, longest
from streams.coder.lexicon_check import check_tables, never_fire
from streams.coder.names import display_name
from streams.coder.tables import Entry, Row, case_of, day_of, read_entries, surfaces_of
from streams.errors import DetenteError
from streams.watches.codes import BODIES, STATES

LEXICON = Lexicon.load()
LOAD_LIMIT = 2.0
"""Seconds: far above what loading takes (0.1 s), so that a busy machine does not fail it."""


def codes(text: str) -> set[str]:
    return {entry.code for _, _, entry in LEXICON.scan(text) if entry.layer == "actor" and entry.code}


def row(**cells: str) -> Row:
    return Row("x.tsv", 7, cells)


def test_folding_keeps_every_offset() -> None:
    text = "Türkiye\u2019s Çavuşoğlu: \u201cİyi\u201d \u00df \u4e2d"
    assert len(fold(text)) == len(text)
    assert fold("Çavuşoğlu") == "cavusoglu"


def test_accents_do_not_matter() -> None:
    assert codes("Bogota") == codes("Bogotá") == {"COL"}


def test_words_are_whole() -> None:
    assert codes("Romania") == {"ROU"}
    assert codes("Omanis") != set()
    assert codes("womanise") == set()


def test_case_matters_for_names_and_acronyms() -> None:
    assert "USA" in codes("the US said")
    assert codes("they told us so") == set()
    assert codes("a turkey and some china") == set()


def test_the_longest_hit_wins() -> None:
    hits = longest(LEXICON.scan("South Sudan and Sudan"), frozenset({"actor"}))
    assert [group[0][2].code for group in hits] == ["SSD", "SDN"]


@pytest.mark.parametrize("code", sorted(STATES))
def test_every_state_has_a_name_that_is_found(code: str) -> None:
    assert code in codes(STATES[code])


@pytest.mark.parametrize("code", sorted(BODIES))
def test_every_body_is_in_the_table(code: str) -> None:
    assert any(entry.code == code for entry in LEXICON.entries)


def test_the_tables_have_no_error() -> None:
    assert [finding for finding in check_tables() if finding.severity == "error"] == []


def test_rows_that_never_fire() -> None:
    silent = never_fire(LEXICON, ["France spoke."])
    texts = {finding.text for finding in silent}
    assert "never found: Germany" in texts
    assert "never found: France" not in texts


def test_loading_is_fast() -> None:
    start = time.process_time()
    Lexicon.load()
    assert time.process_time() - start < LOAD_LIMIT


@pytest.mark.parametrize(
    ("cell", "last", "day"),
    [
        ("2014", False, dt.date(2014, 1, 1)),
        ("2014", True, dt.date(2014, 12, 31)),
        ("2014-02", True, dt.date(2014, 2, 28)),
        ("2014-12", True, dt.date(2014, 12, 31)),
        ("2014-08-28", True, dt.date(2014, 8, 28)),
    ],
)
def test_dates_of_office(cell: str, last: bool, day: dt.date) -> None:
    assert day_of(cell, row(), last=last) == day


def test_a_bad_date_names_its_row() -> None:
    with pytest.raises(DetenteError, match=r"x\.tsv:7"):
        day_of("2014-13", row(), last=False)


def test_an_entry_is_good_within_its_dates() -> None:
    entry = Entry("X", "actor", "name", "FRA", since=dt.date(2014, 1, 1), until=dt.date(2014, 12, 31))
    assert entry.valid(dt.date(2014, 6, 1))
    assert not entry.valid(dt.date(2015, 1, 1))


@pytest.mark.parametrize(
    ("name", "surfaces"),
    [
        ("Anna Example", {"Anna Example", "Example"}),
        ("Omar al-Example", {"Omar al-Example", "Omar Example", "al-Example", "Example"}),
        ("=Li Example", {"Li Example"}),
        ("!Anna Example", {"Anna Example"}),
        ("Anna van der Example", {"Anna van der Example", "van der Example"}),
        ("Karim Ahmed", {"Karim Ahmed"}),
    ],
)
def test_surfaces_of_a_name(name: str, surfaces: set[str]) -> None:
    assert {surface for surface, _ in surfaces_of(name)} == surfaces


@pytest.mark.parametrize(("surface", "case"), [("EU", "exact"), ("France", "proper"), ("president", "any")])
def test_case_of(surface: str, case: str) -> None:
    assert case_of(surface) == case


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("TUR", "Türkiye"),
        ("USA", "the United States"),
        ("SYR-OPP", "the Syrian opposition"),
        ("GBR-NGO", "British civil society"),
        ("NATO", "NATO"),
        ("EU", "the European Union"),
        ("XQ-ZZZ", "XQ-ZZZ"),
    ],
)
def test_display_names(code: str, name: str) -> None:
    assert display_name(code) == name


def test_every_code_of_the_tables_has_a_display_name() -> None:
    used = {entry.code for entry in read_entries() if entry.code}
    assert [code for code in used if not display_name(code)] == []
