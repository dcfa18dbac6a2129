"""Context of evidence: what the coder tells of the sentences around it goes into alerts, and not into memory.

The ledger holds hundreds of thousands of reports; their neighbours would double its memory, and nobody asks for them
after the alert. An alert is told by the record in hand, which still has them; one that a late record raises for an
earlier report goes without.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from streams.records import Alert, Coded, Evidence


def bare(evidence: Evidence) -> Evidence:
    """Return ``evidence`` without the sentences around it."""
    if not evidence.before and not evidence.after:
        return evidence
    return Evidence(evidence.text, evidence.start, evidence.end)


def in_context(alerts: Iterable[Alert], record: Coded) -> list[Alert]:
    """Return ``alerts``, those that quote ``record`` with its evidence in context."""
    short = bare(record.evidence)
    return [
        msgspec.structs.replace(alert, evidence=record.evidence)
        if alert.article_id == record.article_id and alert.evidence == short
        else alert
        for alert in alerts
    ]
