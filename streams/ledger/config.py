"""What the ledger can be told: every number that decides what joins, what is news and what is kept."""

from __future__ import annotations

from dataclasses import dataclass, fields

SETTINGS = {
    "fresh_days": "ledger_fresh_days",
    "open_days": "ledger_open_days",
    "hold_days": "ledger_hold_days",
    "reorder_days": "ledger_reorder_days",
    "max_reports": "ledger_max_reports",
    "max_events": "ledger_max_events",
    "corroborate_days": "ledger_corroborate_days",
    "copy_similarity": "ledger_copy_similarity",
    "half_life_days": "index_half_life_days",
    "surge_days": "surge_days",
    "surge_past_days": "surge_past_days",
    "surge_min": "surge_min",
    "surge_factor": "surge_factor",
    "shift_confidence": "shift_confidence",
    "shift_sources": "shift_sources",
    "pending_days": "shift_pending_days",
}
"""The row of the settings table that each field comes from."""


@dataclass(frozen=True, slots=True)
class LedgerConfig:
    """Settings of the ledger, the positions and the index; the defaults are those of the settings table."""

    fresh_days: int = 14
    """A step is news if its date is at most this many days before the publication. Weeklies and round-ups
    tell the news of a fortnight; what is older than that is told as background."""
    open_days: int = 300
    """An undated mention joins a plan, offer or refusal last heard of within this many days: ten months are
    what a prepared step takes to happen or to be forgotten."""
    hold_days: int = 1830
    """Events not heard of for so long are no longer held in memory (five years: anniversaries of a step are
    told for some years, and each must find it)."""
    reorder_days: int = 30
    """Mentions that arrive late by up to this much are put where they would stand in order of publication."""
    max_reports: int = 64
    """Reports kept with an event; beyond them, repeats that tell nothing new are let go, oldest first."""
    max_events: int = 12_500
    """Events held in memory for a partition (about 2 kB each, so that a worker with all eight partitions holds a
    hundred thousand in 0.2 GB); beyond them, those not heard of for longest are let go."""
    corroborate_days: int = 14
    """A second outlet corroborates news for so long; what comes later recalls it."""
    copy_similarity: float = 0.4
    """Share of the shorter text that must recur in the other one for the two to be copies."""
    half_life_days: float = 180.0
    """Days in which an event's part in the rapprochement index halves."""
    surge_days: int = 7
    """Window of a surge."""
    surge_past_days: int = 180
    """The past of a pair that a surge is measured against."""
    surge_min: int = 4
    """New events in the window that make a surge at least; three happen on one busy summit day."""
    surge_factor: float = 3.0
    """How many times its own past rate a pair must show for a surge."""
    shift_confidence: float = 0.8
    """A stance of its own holder at least so sure shifts a position by itself."""
    shift_sources: int = 2
    """Independent outlets that shift a position together, each below ``shift_confidence``."""
    pending_days: int = 60
    """Contradictions of a position wait so long for a second source."""

    @classmethod
    def of(cls, settings: object) -> LedgerConfig:
        """Return the part of the settings (``streams.settings.Settings``) that the ledger reads."""
        return cls(**{item.name: getattr(settings, SETTINGS[item.name]) for item in fields(cls)})
