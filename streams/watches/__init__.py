"""Watches: the relationships that are watched, one TOML each."""
