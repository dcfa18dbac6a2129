"""The page of faults is true: each row names tests that exist, and each test of a fault has a row."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "deploy" / "FAULTS.md").read_text()
FAULTS = ROOT / "tests" / "kafka" / "faults"
NAMED = re.compile(r"`(fault_\w+\.py)::(test_\w+)`")
TABLE = [line for line in PAGE.partition("## Results")[0].splitlines() if line.startswith("| ")][1:]


def cases_of(path: Path) -> set[tuple[str, str]]:
    found = ast.parse(path.read_text()).body
    return {
        (path.name, node.name) for node in found if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_test_of_a_fault_has_its_row_and_the_other_way_round() -> None:
    there = set().union(*(cases_of(path) for path in FAULTS.glob("fault_*.py")))
    assert set(NAMED.findall(PAGE)) == there


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[2:40])
def test_every_row_names_a_test(row: str) -> None:
    assert NAMED.search(row)
    assert row.count("|") == 7
