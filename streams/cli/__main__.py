"""``python -m streams.cli`` is ``detente``."""

from __future__ import annotations

from streams.cli.main import main

main()
