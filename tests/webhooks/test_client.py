from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import pytest

from samples import alert
from streams.errors import InputError
from streams.settings import Settings
from streams.webhooks import client as module
from streams.webhooks.client import Answer, Client
from streams.webhooks.message import key_of, message, verify
from webhooks.receiver import SHARED, Receiver


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.01)
    with Receiver() as started:
        yield started


def settings_for(receiver: Receiver, **changed: object) -> Settings:
    given = Settings(
        webhook_url=receiver.url,
        webhook_secret=SHARED,
        webhook_allow=f"127.0.0.1:{receiver.port}",
        webhook_timeout=5.0,
        webhook_budget=20.0,
    )
    return replace(given, **changed)  # type: ignore[arg-type]


def deliver(settings: Settings) -> Answer:
    async def run() -> Answer:
        client = Client(settings)
        try:
            return await client.deliver(message([alert("abc")]))
        finally:
            await client.close()

    return asyncio.run(run())


def check(settings: Settings) -> None:
    asyncio.run(Client(settings).check())


def test_a_message_is_signed_and_taken(receiver: Receiver) -> None:
    assert deliver(settings_for(receiver)).result == "ok"
    (call,) = receiver.calls
    assert verify(key_of(SHARED), call.headers, call.body, int(call.headers["webhook-timestamp"]))
    assert call.content["alerts"][0]["id"] == "abc"


def test_failures_are_tried_again_with_the_same_key(receiver: Receiver) -> None:
    receiver.answers = deque([500, 429, 401, 408])
    assert deliver(settings_for(receiver)).result == "ok"
    assert [call.status for call in receiver.calls] == [500, 429, 401, 408, 204]
    assert {call.headers["idempotency-key"] for call in receiver.calls} == {"abc"}


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_is_refused_for_good_is_not_tried_again(receiver: Receiver, status: int) -> None:
    receiver.answers = deque([status])
    assert deliver(settings_for(receiver)).result == "refused"
    assert len(receiver.calls) == 1


def test_the_time_for_one_message_is_bounded(receiver: Receiver) -> None:
    receiver.answers = deque([503] * 100)
    answer = deliver(settings_for(receiver, webhook_budget=0.3))
    assert answer.result == "failed"
    assert "503" in answer.detail
    assert 1 < len(receiver.calls) < 20


def test_a_wait_that_the_receiver_asks_for_beyond_the_budget_ends_it(receiver: Receiver) -> None:
    receiver.answers, receiver.retry_after = deque([503]), "120"
    assert deliver(settings_for(receiver)).result == "failed"
    assert len(receiver.calls) == 1


def test_a_receiver_that_hangs_is_a_timeout(receiver: Receiver) -> None:
    receiver.answers = deque(["hang"])
    assert deliver(settings_for(receiver, webhook_timeout=0.3)).result == "ok"
    receiver.answers = deque(["hang"])
    assert deliver(settings_for(receiver, webhook_timeout=0.3, webhook_budget=0.0)).result == "timeout"


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    with Receiver() as elsewhere:
        receiver.answers, receiver.location = deque([302]), elsewhere.url
        assert deliver(settings_for(receiver, webhook_budget=0.0)).result == "failed"
        assert not elsewhere.calls


def test_nobody_listens(receiver: Receiver) -> None:
    settings = settings_for(receiver, webhook_budget=0.0, webhook_url="http://127.0.0.1:1/", webhook_allow="127.0.0.1")
    assert deliver(settings).result == "unreachable"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]"]
)
def test_private_addresses_are_refused_at_the_start(receiver: Receiver, host: str) -> None:
    settings = settings_for(receiver, webhook_url=f"http://{host}:{receiver.port}/", webhook_allow="")
    with pytest.raises(InputError, match="webhook_url"):
        check(settings)
    assert deliver(replace(settings, webhook_budget=0.0)).result == "unreachable"
    assert not receiver.calls


def test_private_addresses_are_allowed_by_name_or_network(receiver: Receiver) -> None:
    check(settings_for(receiver))
    check(settings_for(receiver, webhook_allow="127.0.0.0/8"))
    check(settings_for(receiver, webhook_url=f"http://localhost:{receiver.port}/", webhook_allow="localhost"))


@pytest.mark.parametrize("url", ["", "ftp://example.org/", "example.org", "http://", "http://[::1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="webhook_url"):
        Client(Settings(webhook_url=url, webhook_secret=SHARED))


def test_only_the_origin_is_told(receiver: Receiver) -> None:
    assert Client(settings_for(receiver)).place == f"http://127.0.0.1:{receiver.port}"
