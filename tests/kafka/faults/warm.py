"""Loaded once by the server that forks the workers under test: what takes seconds to import, and the word lists."""

from __future__ import annotations

from dataclasses import replace

import streams.app
import streams.worker  # noqa: F401 - loaded here so that no fork has to
from streams import agents
from streams.settings import Settings

CORES = agents.cores(replace(Settings(), reader="rules"))
