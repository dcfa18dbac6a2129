"""The system's Chromium, where there is one."""

from __future__ import annotations

import os
import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
REQUIRED = os.environ.get("CI") == "true"
"""On CI a missing browser is a failure: the tests are collected and fail."""
