"""The house rules that a scan can see: the pure core stays pure, modules stay small, commands are documented."""

from __future__ import annotations

import ast
from pathlib import Path

import click
import pytest

from streams.cli.main import cli

ROOT = Path(__file__).parents[1]
MODULES = sorted(path for folder in ("streams", "producers") for path in (ROOT / folder).rglob("*.py"))
PURE = [
    path
    for path in MODULES
    if path.is_relative_to(ROOT / "streams/ledger")
    or (path.is_relative_to(ROOT / "streams/coder") and "training" not in path.parts)
]
OUTSIDE_WORLD = {"faust", "mode", "kafka", "aiokafka", "aiohttp", "socket", "random", "time", "prometheus_client"}
MOST_LINES = 400
MOST_FUNCTION_LINES = 60


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PURE, ids=name)
def test_the_pure_core_imports_nothing_of_the_outside_world(path: Path) -> None:
    assert not imported(path) & OUTSIDE_WORLD


@pytest.mark.parametrize("path", PURE, ids=name)
def test_the_pure_core_reads_no_clock(path: Path) -> None:
    clocks = {"now", "utcnow", "today"}
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & clocks


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < MOST_FUNCTION_LINES, node.name


def test_training_is_imported_by_nothing_else() -> None:
    for path in MODULES:
        if "training" not in path.parts:
            assert "streams.coder.training" not in path.read_text(), name(path)


def test_every_command_is_in_the_readme_and_has_help() -> None:
    readme = (ROOT / "README.md").read_text()
    context = click.Context(cli)
    for command in cli.list_commands(context):
        assert f"detente {command}" in readme
        found = cli.get_command(context, command)
        assert found is not None
        assert found.help
