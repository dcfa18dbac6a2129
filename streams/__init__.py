"""Détente: an event-streaming monitor of diplomatic rapprochement."""

__version__ = "0.1.0"
