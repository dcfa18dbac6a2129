"""The rows of the table of settings that ledger, positions and index read; ``LedgerConfig`` is made of them.

A test holds these defaults and those of ``LedgerConfig`` together.
"""

from __future__ import annotations

from dataclasses import dataclass

from streams.settings_rows import at_least, between, row


@dataclass(frozen=True, kw_only=True)
class LedgerSettings:
    """What joins, what is news, what is kept."""

    ledger_fresh_days: int = row(
        14,
        "A step is news if its date is at most this many days before the publication. Weeklies and round-ups tell "
        "the news of a fortnight; what is older is told as background.",
        unit="days",
        check=between(0, 365),
    )
    ledger_open_days: int = row(
        300,
        "An undated report joins a plan, offer or refusal last heard of within so many days: ten months are what a "
        "prepared step takes to happen or to be forgotten.",
        unit="days",
        check=between(1, 3650),
    )
    ledger_hold_days: int = row(
        1830,
        "Events not heard of for longer are joined by no report any more: five years, as steps are recalled on "
        "their anniversaries.",
        unit="days",
        check=between(30, 36500),
    )
    ledger_reorder_days: int = row(
        30,
        "Reports that arrive late by up to this much are put where they stand in order of publication.",
        unit="days",
        check=between(0, 365),
    )
    ledger_max_reports: int = row(
        64, "Reports kept with an event; beyond them repeats that tell nothing new are let go.", check=between(8, 1000)
    )
    ledger_max_events: int = row(
        12_500,
        "Events that a partition's ledger holds in memory (about 2 kB each: a worker with eight partitions holds "
        "100,000 in 0.2 GB); beyond them those not heard of for longest are left to the compacted topic.",
        check=at_least(1000),
    )
    ledger_copy_similarity: float = row(
        0.4,
        "Share of the shorter of two texts that must recur in the other for them to count as one source; texts "
        "written apart about one event share at most 0.15.",
        check=between(0.05, 1),
    )
    ledger_corroborate_days: int = row(
        14,
        "A second outlet corroborates news for so long; what comes later recalls it.",
        unit="days",
        check=between(1, 365),
    )
    index_half_life_days: float = row(
        180.0,
        "Time in which an event's part in the rapprochement index halves: a step that nothing followed in half a "
        "year says little of today.",
        unit="days",
        check=between(1, 36500),
    )
    surge_days: int = row(7, "Window of a surge.", unit="days", check=between(1, 90))
    surge_past_days: int = row(180, "The past that a surge is measured against.", unit="days", check=between(14, 3650))
    surge_min: int = row(
        4,
        "New events in the window that make a surge at least: three happen on one busy summit day.",
        check=between(2, 1000),
    )
    surge_factor: float = row(3.0, "How many times the past rate makes a surge.", check=between(1, 1000))
    shift_confidence: float = row(
        0.8, "A stance of its own holder at least so sure shifts a position by itself.", check=between(0, 1)
    )
    shift_sources: int = row(2, "Independent outlets that shift a position together.", check=between(1, 100))
    shift_pending_days: int = row(
        60, "How long a contradiction of a position waits for a second outlet.", unit="days", check=between(1, 3650)
    )
