"""The README is true: every command in its shell blocks runs, in order, and its subscriber prints alerts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import environment
from streams.records import Alert
from streams.settings import Settings
from streams.topics import ALERTS
from workers_at_work import on_topic, wait_until

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BROKER = "127.0.0.1:9092"
RUN_SECONDS = 120
ON_CI = os.environ.get("CI") == "true"
"""On CI a missing kcat or jq is a failure; elsewhere its line is left out."""
ARTICLE = """Iran and Saudi Arabia to reopen embassies

10 March 2023

Iran and Saudi Arabia have agreed to restore diplomatic relations and to reopen their embassies within two months,
the two governments said in Beijing on Friday. Saudi Foreign Minister Prince Faisal bin Farhan welcomed the agreement.
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    lines = [line.split("  #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line]


def can_run(line: str) -> bool:
    needed = {part.split()[0] for part in line.split("|")} & {"kcat", "jq"}
    return ON_CI or all(shutil.which(tool) for tool in needed)


@pytest.fixture
def own(no_topics: Settings) -> Settings:
    return replace(no_topics, topic_prefix="detente.", group="readme", page_port=0, metrics_port=0, reader="rules")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "article.txt").write_text(ARTICLE)
    labelled = [json.loads(line) for line in (ROOT / "tests/gold/origins.jsonl").read_text().splitlines()]
    (tmp_path / "labelled.jsonl").write_text("".join(json.dumps(item) + "\n" for item in labelled))
    return tmp_path


class Shell:
    """Runs the README's lines as a user would, on the test's broker."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._broker = settings.bootstrap_servers
        self._folder = folder
        self._environment = environment(settings)
        self._environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.background: list[subprocess.Popen[str]] = []

    def run(self, line: str) -> None:
        line = line.replace(BROKER, self._broker)
        if line.endswith("&"):
            self.background.append(self.start(["bash", "-c", f"exec {line[:-1]}"]))
            return
        if line.startswith("make "):
            line = f"make --dry-run --directory {ROOT} {line[5:]}"
        done = subprocess.run(
            ["bash", "-c", line], cwd=self._folder, env=self._environment, capture_output=True, text=True,
            timeout=RUN_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"

    def start(self, command: list[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def stop(self) -> None:
        for process in self.background:
            assert process.poll() is None, process.communicate()[0]
            process.terminate()
        for process in self.background:
            process.communicate(timeout=RUN_SECONDS)


@pytest.fixture
def shell(own: Settings, folder: Path) -> Iterator[Shell]:
    opened = Shell(own, folder)
    yield opened
    opened.stop()


def test_every_command_runs_and_the_subscriber_prints_alerts(shell: Shell, own: Settings) -> None:
    for line in commands():
        if line.startswith("export DETENTE_BOOTSTRAP_SERVERS") or not can_run(line):
            continue
        shell.run(line)
        if line == "detente replay":
            wait_until(lambda: any(isinstance(item, Alert) for item in on_topic(own, ALERTS)), "an alert on the topic")
    (script,) = blocks("python")
    subscriber = shell.start([sys.executable, "-u", "-c", script.replace(BROKER, own.bootstrap_servers)])
    printed: list[str] = []
    assert subscriber.stdout is not None
    reader = threading.Thread(target=lambda: printed.extend(subscriber.stdout or ()))
    reader.start()
    wait_until(lambda: any("https://example.org" in line for line in printed), "an alert from the README's subscriber")
    subscriber.terminate()
    reader.join(RUN_SECONDS)
    assert subscriber.wait(RUN_SECONDS) != 1, printed


def test_files_that_the_readme_names_exist() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
