"""Programs that tests run where the system has them: Chromium, Prometheus, kcat, Node."""

from __future__ import annotations

import os
import shutil

PROMETHEUS = shutil.which("prometheus") or ""
PROMTOOL = shutil.which("promtool") or ""
KCAT = shutil.which("kcat") or shutil.which("kafkacat") or ""
NODE = shutil.which("node") or shutil.which("nodejs") or ""
REQUIRED = os.environ.get("CI") == "true"
"""On CI a missing program is a failure: the tests are collected and fail."""
