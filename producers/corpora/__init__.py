"""Bundled corpora."""
