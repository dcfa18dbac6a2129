"""Upgrades: a rolling restart with a later version, and history coded again after a change of the coder."""

from __future__ import annotations

import subprocess
from pathlib import Path
from time import monotonic

import pytest

from conftest import Detente
from faults.injected import ADDED, Fault
from faults.judgement import Unbroken
from faults.scene import Scene, until
from faults.table import Row, add
from streams import kafka_read, topics
from streams.records import Mention
from workers_at_work import alerts_on, newest_events, on_topic

pytestmark = pytest.mark.kafka


def test_a_rolling_restart_with_a_later_version_loses_nothing(kafka_at: str, folder: Path, whole: Unbroken) -> None:
    share = len(whole.articles) // 4
    parts = [whole.articles[start : start + share] for start in range(0, len(whole.articles), share)]
    later = Fault(later_version=True)
    longest = 0.0
    with Scene.on(kafka_at, folder, whole.articles) as scene:
        for index in (0, 1):
            scene.start(index)
        until(lambda: all(worker.said("ready") for worker in scene.running.values()), "both workers")
        scene.publish(parts[0])
        # One worker of the later version beside one of the earlier, each reading what the other writes; then back.
        for index, fault, part in [(0, later, parts[1]), (1, later, parts[2]), (0, Fault(), parts[3])]:
            assert scene.running[index].stop()[0] == 0
            scene.publish(part)
            begun = monotonic()
            scene.start(index, fault)
            longest = max(longest, scene.recover(begun))
            until(lambda index=index: scene.running[index].said("ready"), "the worker")  # type: ignore[misc]
        for part in parts[4:]:
            scene.publish(part)
        scene.settle()
        reads = kafka_read.read_topic(scene.direct, topics.CODINGS)
        written = {ADDED in (read.value or b"") for read in reads}
        assert written == {True, False}, "both versions wrote"
        for index in (0, 1):
            assert scene.running[index].stop()[0] == 0
        judged = scene.judge(whole)
        assert not (judged.lost or judged.alerts or judged.events or judged.out_of_order)
        add(judged.row("rolling restart of two workers, a later version, and back", 3, len(whole.articles), longest))


def test_history_is_coded_again_without_alerts(kafka_at: str, folder: Path, whole: Unbroken, detente: Detente) -> None:
    with Scene.on(kafka_at, folder, whole.articles) as scene:
        scene.start(fault=Fault(former_coder=True))
        scene.publish()
        scene.settle()
        before = {alert.id for alert in alerts_on(scene.direct)}
        known = set(newest(scene))
        done: subprocess.CompletedProcess[str] = detente("recode", "--since", "1h", settings=scene.direct)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"{len(whole.articles)} articles coded again")
        scene.settle()
        extra = [alert for alert in alerts_on(scene.direct) if alert.id not in before]
        assert not extra, [(alert.kind, alert.headline) for alert in extra]
        found = newest(scene)
        assert len(found) > len(known)
        assert {report for event in found.values() for report in event} == {
            report.mention_id for event in whole.events.values() for report in event.reports
        }
        again = len(on_topic(scene.direct, topics.EVENTS))
        assert detente("recode", "--since", "1h", settings=scene.direct).returncode == 0
        scene.settle()
        assert len(on_topic(scene.direct, topics.EVENTS)) == again, "what is known changes nothing"
        mentions = [item for item in on_topic(scene.direct, topics.MENTIONS) if isinstance(item, Mention)]
        twice = len(mentions) - len({mention.id for mention in mentions})
        add(Row("`detente recode` after a change of the coder, twice", 2, len(whole.articles), duplicates=twice))


def newest(scene: Scene) -> dict[str, set[str]]:
    """Return the ids of the reports of each event that stands."""
    return {
        event.event_id: {report.mention_id for report in event.reports}
        for event in newest_events(scene.direct)
        if event.merged_into is None
    }
