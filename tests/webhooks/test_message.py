from __future__ import annotations

import base64
import hashlib
import hmac

import msgspec
import pytest

from samples import alert
from streams.errors import InputError
from streams.webhooks.message import headers, key_of, message, verify
from webhooks.receiver import SHARED

NOW = 1_700_000_000


def test_the_idempotency_key_of_one_alert_is_its_id() -> None:
    sent = message([alert("abc")])
    given = headers(key_of(SHARED), sent, NOW)
    assert given["Idempotency-Key"] == given["webhook-id"] == "abc"


def test_a_digest_has_a_key_of_its_own_that_stays_the_same() -> None:
    two = [alert("a"), alert("b")]
    assert message(two, ["desk"]).id == message(two, ["desk"]).id
    assert message(two, ["desk"]).id != message(two, ["other"]).id


def test_the_signature_is_that_of_standard_webhooks() -> None:
    raw = b"0123456789abcdef0123456789abcdef"
    secret = "whsec_" + base64.b64encode(raw).decode()
    sent = message([alert("abc")])
    given = headers(key_of(secret), sent, NOW)
    wanted = hmac.new(raw, b"abc.1700000000." + sent.body, hashlib.sha256).digest()
    assert given["webhook-signature"] == "v1," + base64.b64encode(wanted).decode()


def test_the_body_holds_the_alert_as_on_the_topic() -> None:
    content = msgspec.json.decode(message([alert("abc")], ["desk"]).body)
    assert content["subscriptions"] == ["desk"]
    assert content["alerts"][0] == msgspec.to_builtins(alert("abc"), builtin_types=()) | {
        "published_at": "2023-01-13T09:00:00Z"
    }


@pytest.mark.parametrize(
    ("change", "now"),
    [({"webhook-timestamp": "1700000001"}, NOW), ({"webhook-id": "abd"}, NOW), ({}, NOW + 301), ({}, NOW - 301)],
)
def test_what_was_changed_or_is_old_is_not_verified(change: dict[str, str], now: float) -> None:
    key, sent = key_of(SHARED), message([alert("abc")])
    given = headers(key, sent, NOW)
    assert verify(key, given, sent.body, NOW + 10)
    assert not verify(key, {**given, **change}, sent.body, now)
    assert not verify(key, given, sent.body + b" ", NOW)
    assert not verify(key_of(SHARED + "x"), given, sent.body, NOW)
    assert not verify(key, {}, sent.body, NOW)


@pytest.mark.parametrize("secret", ["", "tiny-key", "whsec_not base64!", "whsec_c2hvcnQ="])
def test_a_secret_that_cannot_be_used_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(InputError) as caught:
        key_of(secret)
    assert "webhook_secret" in str(caught.value)
    assert not secret or secret not in str(caught.value)
