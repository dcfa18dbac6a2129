"""What a receiver gets: one JSON body, an id that says which repeats are one, and a signature.

Headers and signature follow Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`), so that
receivers can check them with a library that they have, or with five lines of their own.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from streams.errors import InputError
from streams.records import Alert, stable_id

SECRET_PREFIX = "whsec_"  # noqa: S105 - the mark of a secret in base64, no secret
SHORTEST_SECRET = 16
"""Bytes: 128 bits, below which a key can be guessed in time."""
TOLERANCE_SECONDS = 300.0
"""How old a message may be when it is checked: what somebody recorded cannot be played back later."""

ID = "webhook-id"
TIMESTAMP = "webhook-timestamp"
SIGNATURE = "webhook-signature"
IDEMPOTENCY = "Idempotency-Key"


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON that is sent: one alert, or those of a digest."""

    subscriptions: tuple[str, ...] = ()
    """Names of the subscriptions of the rules file that asked for it; empty without one."""
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its idempotency key and its body."""

    id: str
    body: bytes
    alerts: tuple[Alert, ...]


def message(alerts: Sequence[Alert], subscriptions: Sequence[str] = ()) -> Message:
    """Return the message for one alert (its key is the alert's id), or for a digest (a key of all its alerts)."""
    key = alerts[0].id if len(alerts) == 1 else stable_id("digest", *subscriptions, *(alert.id for alert in alerts))
    body = Body(subscriptions=tuple(subscriptions), alerts=tuple(alerts))
    return Message(key, msgspec.json.encode(body, order="deterministic"), tuple(alerts))


def key_of(secret: str) -> bytes:
    """Return the key that ``secret`` stands for: its base64 after ``whsec_``, else its own bytes.

    Raises ``InputError``, which does not show it, where it is too short or no base64.
    """
    key = secret.encode()
    if secret.startswith(SECRET_PREFIX):
        try:
            key = base64.b64decode(secret[len(SECRET_PREFIX) :], validate=True)
        except binascii.Error as error:
            raise InputError("webhook_secret: no base64 after whsec_", hint="Copy the secret once more.") from error
    if len(key) < SHORTEST_SECRET:
        raise InputError(
            f"webhook_secret: shorter than {SHORTEST_SECRET} bytes",
            hint="Make one: python -c 'import secrets; print(secrets.token_urlsafe(32))'; set DETENTE_WEBHOOK_SECRET.",
        )
    return key


def signature(key: bytes, identity: str, timestamp: int, body: bytes) -> str:
    """Return the signature: version 1, HMAC-SHA256 over id, timestamp and body, in base64."""
    digest = hmac.new(key, f"{identity}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def headers(key: bytes, sent: Message, timestamp: int) -> dict[str, str]:
    """Return the headers of one attempt."""
    return {
        "Content-Type": "application/json",
        ID: sent.id,
        IDEMPOTENCY: sent.id,
        TIMESTAMP: str(timestamp),
        SIGNATURE: signature(key, sent.id, timestamp, sent.body),
    }


def verify(key: bytes, given: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether a received message is ours and fresh; for receivers written in Python."""
    try:
        sent = int(given[TIMESTAMP])
        wanted = signature(key, given[ID], sent, body)
    except (KeyError, ValueError):
        return False
    signed = any(hmac.compare_digest(wanted, one) for one in given.get(SIGNATURE, "").split())
    return signed and abs(now - sent) <= TOLERANCE_SECONDS
