"""Mentions become events and alerts, stances become positions and alerts: the pure core of what is new."""

from streams.ledger.config import LedgerConfig
from streams.ledger.ledger import Ledger, Outcome
from streams.ledger.positions import Moved, Positions
from streams.ledger.signature import signature, similar

__all__ = ["Ledger", "LedgerConfig", "Moved", "Outcome", "Positions", "signature", "similar"]
