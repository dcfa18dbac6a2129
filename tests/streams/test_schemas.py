"""The published schemas are those of the records, and real records satisfy them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import jsonschema
import pytest

from streams import schemas
from streams.records import Alert, AlertEvent, Evidence, encode
from streams.settings import Settings
from streams.topics import ALERTS, TOPICS

FOLDER = Path(__file__).parents[2] / "deploy" / "schemas"


def test_the_committed_files_are_fresh() -> None:
    wanted = schemas.files(Settings())
    assert {path.name for path in FOLDER.iterdir()} == set(wanted)
    stale = [name for name, content in wanted.items() if (FOLDER / name).read_bytes() != content]
    assert not stale, "run `detente schemas --write deploy/schemas`"


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_each_schema_is_valid(topic) -> None:  # type: ignore[no-untyped-def]
    jsonschema.Draft202012Validator.check_schema(schemas.json_schema(topic))


def test_an_alert_satisfies_its_schema_and_a_broken_one_does_not() -> None:
    alert = Alert(
        id="1",
        kind="new_event",
        watch="IRN-SAU",
        severity="notable",
        headline="Iran and Saudi Arabia: embassies to reopen",
        article_id="a",
        title="t",
        source="s",
        published_at=dt.datetime(2023, 3, 10, tzinfo=dt.timezone.utc),
        confidence=0.9,
        evidence=Evidence("to reopen embassies", 3, 22),
        event=AlertEvent(event_id="e", type="diplomatic_ties", parties=("IRN", "SAU"), status="planned"),
    )
    validator = jsonschema.Draft202012Validator(schemas.json_schema(ALERTS))
    record = json.loads(encode(alert))
    validator.validate(record)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**record, "severity": "panic"})


def test_asyncapi_names_every_topic_with_its_prefix() -> None:
    document = schemas.asyncapi(Settings(topic_prefix="x."))
    assert {channel["address"] for channel in document["channels"].values()} == {f"x.{topic.name}" for topic in TOPICS}
