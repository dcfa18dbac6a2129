"""What subscribers read of the records: JSON Schemas and an AsyncAPI 3 document, generated from the records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

import streams
from streams.settings import Settings
from streams.topics import TOPICS, Topic

ASYNCAPI = "asyncapi.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(topic: Topic) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the values on ``topic``."""
    (schema,), components = msgspec.json.schema_components([topic.record], ref_template="#/$defs/{name}")
    return {"$schema": DIALECT, "title": topic.record.__name__, **schema, "$defs": components}


def asyncapi(settings: Settings) -> dict[str, Any]:
    """Return the AsyncAPI 3 document of all topics, under the prefix of ``settings``."""
    _, components = msgspec.json.schema_components(
        [topic.record for topic in TOPICS], ref_template="#/components/schemas/{name}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Détente",
            "version": streams.__version__,
            "description": "Stances, steps and alerts of diplomatic rapprochement. Subscribe to the alerts.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic, settings) for topic in TOPICS},
        "operations": {
            f"receive-{topic.name}": {"action": "receive", "channel": {"$ref": f"#/channels/{topic.name}"}}
            for topic in TOPICS
        },
        "components": {"schemas": components},
    }


def _channel(topic: Topic, settings: Settings) -> dict[str, Any]:
    name = topic.record.__name__
    message = {
        "name": name,
        "summary": topic.help,
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}}},
    }
    configuration = {"cleanup.policy": topic.cleanup.split(",")}
    kafka = {"topic": settings.topic_prefix + topic.name, "topicConfiguration": configuration}
    return {
        "address": settings.topic_prefix + topic.name,
        "description": topic.help,
        "messages": {name: message},
        "bindings": {"kafka": kafka},
    }


def files(settings: Settings) -> dict[str, bytes]:
    """Return the generated files by name: one schema a topic and the AsyncAPI document."""
    found = {f"{topic.name}.schema.json": json_schema(topic) for topic in TOPICS}
    found[ASYNCAPI] = asyncapi(settings)
    return {name: msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n" for name, value in found.items()}


def write(settings: Settings, folder: Path) -> list[Path]:
    """Write the generated files into ``folder`` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in files(settings).items():
        path = folder / name
        path.write_bytes(content)
        paths.append(path)
    return paths
