"""Alerts as an Atom feed (RFC 4287), so that any feed reader can subscribe to them."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from streams.records import Alert

NAMESPACE = "http://www.w3.org/2005/Atom"
EPOCH = "1970-01-01T00:00:00Z"
"""What an empty feed says of its last change: the element is required, and there is none."""


def feed(alerts: Sequence[Alert], self_url: str) -> bytes:
    """Return ``alerts`` (newest first) as an Atom document; ids are URNs of the alert ids."""
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(f"{{{NAMESPACE}}}feed")
    _text(root, "title", "Détente: alerts")
    _text(root, "id", "urn:detente:alerts")
    _text(root, "updated", alerts[0].published_at.isoformat() if alerts else EPOCH)
    ET.SubElement(root, f"{{{NAMESPACE}}}link", rel="self", href=self_url)
    for alert in alerts:
        _entry(root, alert)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _entry(root: ET.Element, alert: Alert) -> None:
    entry = ET.SubElement(root, f"{{{NAMESPACE}}}entry")
    _text(entry, "title", alert.headline)
    _text(entry, "id", f"urn:detente:alert:{alert.id}")
    _text(entry, "updated", alert.published_at.isoformat())
    author = ET.SubElement(entry, f"{{{NAMESPACE}}}author")
    _text(author, "name", alert.source)
    if alert.url and alert.url.startswith(("http://", "https://")):
        ET.SubElement(entry, f"{{{NAMESPACE}}}link", href=alert.url)
    for term in (alert.kind, alert.severity, alert.watch):
        ET.SubElement(entry, f"{{{NAMESPACE}}}category", term=term)
    evidence = alert.evidence
    words = " ".join(filter(None, (evidence.before, f"“{evidence.text}”", evidence.after)))
    _text(entry, "summary", f"{words} — {alert.source}: {alert.title}")


def _text(parent: ET.Element, name: str, value: str) -> None:
    # Characters that XML 1.0 forbids would make the whole feed unreadable.
    clean = "".join(
        c for c in value if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
    ET.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = clean
