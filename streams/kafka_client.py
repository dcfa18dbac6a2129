"""How to reach the brokers: connection arguments for kafka-python, aiokafka and Faust, made from the settings.

All three get the same addresses, the same TLS context and the same SASL credentials, so that a setting
works everywhere or nowhere.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from typing import Any

from kafka import errors as kafka_errors

from streams.errors import DetenteError, InputError
from streams.settings import Settings

DEFAULT_PORT = 9092
PROBE_SECONDS = 1.0
"""How long a probe for the reason of a failure may take for each address; a live host answers in a fraction."""
RECONNECT_MS = 1000
"""The longest pause before a lost broker is tried again. kafka-python's own is 30 s: a broker that was away for three
seconds was found again after twenty."""
LARGEST_PORT = 65535


def addresses(settings: Settings) -> list[tuple[str, int]]:
    """Return the brokers' addresses; the port is 9092 where none is given.

    Raises ``InputError`` for an empty list and for a port that is no number from 1 to 65535.
    """
    found = [_address(item.strip()) for item in settings.bootstrap_servers.split(",") if item.strip()]
    if not found:
        raise InputError(
            "bootstrap_servers: no broker is named",
            hint="Set DETENTE_BOOTSTRAP_SERVERS, for example to 127.0.0.1:9092.",
        )
    return found


def _address(item: str) -> tuple[str, int]:
    host, colon, port = item.rpartition(":")
    if not colon or item.endswith("]"):  # a bare name, or an IPv6 address in brackets without a port
        host, port = item, str(DEFAULT_PORT)
    if not host or not port.isdecimal() or not 0 < int(port) <= LARGEST_PORT:
        raise InputError(
            f"bootstrap_servers: {item!r} is not of the form host:port",
            hint="For example 127.0.0.1:9092 or broker-1:9092,broker-2:9092.",
        )
    return host.strip("[]"), int(port)


def servers(settings: Settings) -> list[str]:
    """Return the brokers as ``host:port``, IPv6 addresses in brackets."""
    return [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in addresses(settings)]


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """Return the TLS context that the settings ask for; None where the connection is not encrypted.

    Raises ``InputError`` naming the file that cannot be used.
    """
    if settings.security_protocol not in ("SSL", "SASL_SSL"):
        return None
    try:
        context = ssl.create_default_context(cafile=settings.ssl_cafile or None)
    except (OSError, ssl.SSLError) as error:
        raise InputError(
            f"ssl_cafile: {settings.ssl_cafile}: {error}", hint="Name a PEM file of certificate authorities."
        ) from error
    if settings.ssl_certfile:
        try:
            # An empty password, not None: OpenSSL would ask at the terminal, where nobody may sit.
            context.load_cert_chain(settings.ssl_certfile, settings.ssl_keyfile or None, settings.ssl_password)
        except (OSError, ssl.SSLError) as error:
            raise InputError(
                f"ssl_certfile: {settings.ssl_certfile}: {error}",
                hint="Check ssl_certfile, ssl_keyfile and ssl_password.",
            ) from error
    return context


def _security(settings: Settings) -> dict[str, Any]:
    """Return what kafka-python and aiokafka name alike."""
    found: dict[str, Any] = {"security_protocol": settings.security_protocol}
    context = tls_context(settings)
    if context is not None:
        found["ssl_context"] = context
    if settings.security_protocol.startswith("SASL"):
        if not settings.sasl_username:
            raise InputError(
                f"sasl_username: empty, but security_protocol is {settings.security_protocol}",
                hint="Set DETENTE_SASL_USERNAME and DETENTE_SASL_PASSWORD.",
            )
        found["sasl_mechanism"] = settings.sasl_mechanism
        found["sasl_plain_username"] = settings.sasl_username
        found["sasl_plain_password"] = settings.sasl_password
    return found


def kafka_python(settings: Settings) -> dict[str, Any]:
    """Return the connection arguments of kafka-python's producer, consumer and admin client."""
    return {
        "bootstrap_servers": servers(settings),
        "bootstrap_timeout_ms": int(settings.connect_timeout * 1000),
        "reconnect_backoff_max_ms": RECONNECT_MS,
        **_security(settings),
    }


def aiokafka(settings: Settings) -> dict[str, Any]:
    """Return the connection arguments of aiokafka's producer and consumer."""
    return {"bootstrap_servers": servers(settings), **_security(settings)}


def faust(settings: Settings) -> dict[str, Any]:
    """Return the connection arguments of ``faust.App``: ``broker`` and, where needed, ``broker_credentials``."""
    # Imported here: Faust takes most of a second to import, and the producers never need it.
    from faust.auth import SASLCredentials, SSLCredentials

    found: dict[str, Any] = {"broker": [f"kafka://{server}" for server in servers(settings)]}
    security = _security(settings)
    context = security.get("ssl_context")
    if "sasl_mechanism" in security:
        found["broker_credentials"] = SASLCredentials(
            username=settings.sasl_username,
            password=settings.sasl_password,
            mechanism=settings.sasl_mechanism,
            ssl_context=context,
        )
    elif context is not None:
        found["broker_credentials"] = SSLCredentials(context)
    return found


@contextlib.contextmanager
def connecting(settings: Settings) -> Iterator[None]:
    """Turn kafka-python's errors into a ``DetenteError`` that says why and what to do."""
    try:
        yield
    except kafka_errors.KafkaError as error:
        raise explained(settings, error) from error


def explained(settings: Settings, error: kafka_errors.KafkaError) -> DetenteError:
    """Return the error to show for one of kafka-python's: refused, answered with an error, or not answered."""
    if isinstance(error, (kafka_errors.SaslAuthenticationFailedError, kafka_errors.UnsupportedSaslMechanismError)):
        return DetenteError(
            f"the broker at {settings.bootstrap_servers} refuses the SASL log-in: {error}",
            hint="Check sasl_mechanism, sasl_username and sasl_password.",
        )
    if isinstance(error, kafka_errors.AuthorizationError):
        return DetenteError(
            f"the broker at {settings.bootstrap_servers} does not allow this: {error}",
            hint="Ask whoever runs the broker for the access that this command needs.",
        )
    if isinstance(error, kafka_errors.BrokerResponseError) and not isinstance(error, kafka_errors.RetriableError):
        return DetenteError(f"the broker at {settings.bootstrap_servers} answers with an error: {error}")
    return unreachable(settings)


def unreachable(settings: Settings) -> DetenteError:
    """Return the error to show where no broker could be talked to.

    kafka-python only says that the time is up, so each address is tried once more for its reason.
    """
    reasons = {server: _probe(*address) for server, address in zip(servers(settings), addresses(settings), strict=True)}
    told = "; ".join(f"{server}: {reason or 'connects, but does not answer'}" for server, reason in reasons.items())
    if all(reasons.values()):
        hint = "Start a broker (`detente demo` brings its own), or set DETENTE_BOOTSTRAP_SERVERS."
    else:
        # kafka-python tries again whatever the reason, and in the end tells that the time is up only.
        login = " Is the log-in right?" if settings.security_protocol.startswith("SASL") else ""
        hint = f"Is it Kafka, and does it speak {settings.security_protocol}?{login} See `detente settings`."
    return DetenteError(f"no Kafka broker within {settings.connect_timeout:g} s ({told})", hint=hint)


def _probe(host: str, port: int) -> str:
    """Return why a connection fails, an empty text where it does not."""
    try:
        socket.create_connection((host, port), timeout=PROBE_SECONDS).close()
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""
