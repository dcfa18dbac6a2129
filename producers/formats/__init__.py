"""Readers of article formats: text, JSONL, HTML."""
