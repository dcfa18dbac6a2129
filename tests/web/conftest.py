"""Tests in a browser are collected where there is one, and always on CI."""

from __future__ import annotations

from browser import CHROMIUM, REQUIRED

collect_ignore = [] if CHROMIUM or REQUIRED else ["test_page.py"]
