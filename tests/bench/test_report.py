"""The harness itself: its figures are honest about targets, mixes and a busy machine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import machine, mixes, report
from bench.results import Figure, Results, Target
from bench.timing import Timing, quantile


def results() -> Results:
    made = Results()
    made.add(Figure("coder", "quick", 40.0, "articles/s", "cpu", Target(30), (39.0, 41.0)))
    made.add(Figure("start", "slow", 9.0, "s", "wall", Target(5, at_least=False)))
    return made


@pytest.mark.parametrize(("busy", "told"), [(0.0, "quiet"), (1.5, "Clock times are worse")])
def test_a_report_says_what_was_met_and_how_busy_the_machine_was(tmp_path: Path, busy: float, told: str) -> None:
    files = report.write(tmp_path, machine.here(), results(), busy)
    document = json.loads(files[0].read_text("utf-8"))
    assert [figure["verdict"] for figure in document["figures"]] == ["met", "missed"]
    text = files[1].read_text("utf-8")
    assert "| 40 articles/s | ≥ 30 | met | CPU |" in text.replace("  ", " ")
    assert "| 9 s | ≤ 5 | missed | clock |" in text
    assert told in text


def test_a_mix_has_the_share_of_relevant_articles_that_it_claims() -> None:
    relevant = {article.id for article, _ in mixes.labelled()}
    mix = mixes.news(400)
    assert sum(article.id in relevant for article in mix.articles) == 20
    assert len({article.id for article in mix.articles}) == 400
    assert mix == replace(mix, articles=mixes.news(400).articles)


def test_articles_that_concern_nobody_are_as_long_as_news() -> None:
    assert all(2000 <= len(article.text) <= 4300 for article in mixes.unconcerned(50).articles)


def test_the_median_is_of_cpu_time_and_the_share_of_the_clock_is_told() -> None:
    timing = Timing((1.0, 3.0, 2.0), (2.0, 6.0, 4.0))
    assert (timing.seconds, timing.share) == (2.0, 0.5)


def test_quantiles_are_nearest_ranks() -> None:
    values = [float(number) for number in range(1, 101)]
    assert (quantile(values, 0.5), quantile(values, 0.99), quantile([7.0], 0.99)) == (50.0, 99.0, 7.0)
