"""What the fault tests share: clusters, the unbroken run, and the table at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster import Cluster
from faults import table
from faults.judgement import Unbroken
from workers_at_work import bundled


@pytest.fixture(scope="session")
def kafka_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the addresses of a broker that no test harms: the one that is given, or one of our own."""
    given = os.environ.get("DETENTE_BOOTSTRAP_SERVERS")
    if given:
        yield given
        return
    with Cluster(tmp_path_factory.mktemp("kafka")) as cluster:
        yield cluster.bootstrap


@pytest.fixture(scope="session")
def whole() -> Unbroken:
    """Return what the bundled articles give in an unbroken run."""
    return Unbroken.of(bundled())


@pytest.fixture(scope="session")
def small() -> Unbroken:
    """Return the same of a dozen articles, among them some that raise alerts."""
    return Unbroken.of(bundled()[20:32])


@pytest.fixture(scope="session")
def tiny(whole: Unbroken) -> Unbroken:
    """Return the same of four articles, from which records of all kinds come: new events and a corroboration."""
    return Unbroken.of(whole.articles[18:22])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table of what the faults did."""
    if table.ROWS:
        terminalreporter.section("faults")
        terminalreporter.write(table.text())
        table.keep()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where processes log."""
    return tmp_path
