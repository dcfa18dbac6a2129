"""Tests with Prometheus, promtool, kcat or Node are collected where there is one, and always on CI."""

from __future__ import annotations

import sys

from programs import KCAT, NODE, PROMETHEUS, PROMTOOL, REQUIRED

NEEDS = {
    "test_rules.py": PROMTOOL,
    "test_monitoring.py": PROMETHEUS,
    "test_shell_example.py": KCAT,
    "test_javascript_example.py": NODE,
}
collect_ignore = [name for name, program in NEEDS.items() if not program and not REQUIRED]
if sys.version_info < (3, 11):  # the dashboards' generator needs a package that needs 3.11
    collect_ignore += ["test_dashboards.py", "test_monitoring.py"]
