from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import errors

from streams import kafka_client
from streams.errors import DetenteError, InputError
from streams.settings import Settings

SECRET = "pw"  # noqa: S105 - of no use anywhere
PLAIN = Settings()
SASL = replace(PLAIN, security_protocol="SASL_SSL", sasl_username="reader", sasl_password=SECRET)


def servers(text: str) -> list[str]:
    return kafka_client.servers(replace(PLAIN, bootstrap_servers=text))


def test_servers_are_parted_and_get_the_usual_port() -> None:
    assert servers("one:9093, two , [::1]:9094,[::2]") == ["one:9093", "two:9092", "[::1]:9094", "[::2]:9092"]


@pytest.mark.parametrize("text", ["", " , ", "host:port", "host:0", "host:70000", ":9092"])
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="bootstrap_servers"):
        servers(text)


def test_plain_text_needs_the_servers_only() -> None:
    assert kafka_client.kafka_python(PLAIN) == {
        "bootstrap_servers": ["127.0.0.1:9092"],
        "bootstrap_timeout_ms": 10_000,
        "reconnect_backoff_max_ms": kafka_client.RECONNECT_MS,
        "security_protocol": "PLAINTEXT",
    }
    assert kafka_client.faust(PLAIN) == {"broker": ["kafka://127.0.0.1:9092"]}


def test_all_three_clients_get_the_same_credentials() -> None:
    for made in (kafka_client.kafka_python(SASL), kafka_client.aiokafka(SASL)):
        assert made["security_protocol"] == "SASL_SSL"
        assert made["sasl_mechanism"] == "SCRAM-SHA-512"
        assert (made["sasl_plain_username"], made["sasl_plain_password"]) == ("reader", SECRET)
        assert made["ssl_context"].verify_mode is ssl.CERT_REQUIRED
        assert made["ssl_context"].check_hostname
    credentials = kafka_client.faust(SASL)["broker_credentials"]
    assert (credentials.username, credentials.password) == ("reader", SECRET)
    assert (credentials.protocol.value, credentials.mechanism.value) == ("SASL_SSL", "SCRAM-SHA-512")


def test_sasl_without_tls_stays_without_tls_everywhere() -> None:
    settings = replace(SASL, security_protocol="SASL_PLAINTEXT")
    assert "ssl_context" not in kafka_client.kafka_python(settings)
    assert kafka_client.faust(settings)["broker_credentials"].protocol.value == "SASL_PLAINTEXT"


def test_tls_alone_reaches_faust() -> None:
    made = kafka_client.faust(replace(PLAIN, security_protocol="SSL"))
    assert made["broker_credentials"].protocol.value == "SSL"


def test_a_missing_user_name_is_told() -> None:
    with pytest.raises(InputError, match="sasl_username"):
        kafka_client.kafka_python(replace(SASL, sasl_username=""))


@pytest.mark.parametrize("name", ["ssl_cafile", "ssl_certfile"])
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_certificate_that_cannot_be_used_is_named(tmp_path: Path, name: str, content: str | None) -> None:
    file = tmp_path / "cert.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(InputError, match=rf"{name}: .*cert\.pem"):
        kafka_client.tls_context(replace(SASL, **{name: str(file)}))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (errors.SaslAuthenticationFailedError("bad password"), "refuses the SASL log-in"),
        (errors.TopicAuthorizationFailedError("articles"), "does not allow"),
        (errors.InvalidTopicError("x"), "answers with an error"),
        (errors.KafkaTimeoutError("time"), r"no Kafka broker within 10 s \(127\.0\.0\.1:1: connection refused\)"),
    ],
)
def test_errors_are_explained(error: errors.KafkaError, told: str) -> None:
    with (
        pytest.raises(DetenteError, match=told),
        kafka_client.connecting(replace(PLAIN, bootstrap_servers="127.0.0.1:1")),
    ):
        raise error


def test_an_open_port_that_is_no_kafka_is_told_apart() -> None:

    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings = replace(PLAIN, bootstrap_servers=f"127.0.0.1:{listening.getsockname()[1]}")
        error = kafka_client.unreachable(settings)
    assert "does not answer" in error.message
    assert "PLAINTEXT" in error.hint
