"""Every setting, one row each, and where its value comes from.

A value comes from, in falling order: an option of the command line, the environment (``DETENTE_`` and the
name in capitals), a TOML file (``detente.toml`` in the current folder, or the file that ``--config`` or
``DETENTE_CONFIG`` names), the default. A misspelt name is an error, wherever it stands.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_type_hints

from streams.errors import InputError
from streams.settings_ledger import LedgerSettings
from streams.settings_rows import at_least, between, one_of, row

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PREFIX = "DETENTE_"
CONFIG_VARIABLE = "DETENTE_CONFIG"
DEFAULT_FILE = Path("detente.toml")
MASK = "********"

Source = Literal["default", "file", "environment", "option"]


@dataclass(frozen=True, kw_only=True)
class Settings(LedgerSettings):
    """All settings with their defaults; ``load`` makes one from file, environment and options."""

    # Kafka
    bootstrap_servers: str = row(
        "127.0.0.1:9092", "Kafka brokers as host:port, parted by commas. `detente demo` starts its own if unset."
    )
    security_protocol: str = row(
        "PLAINTEXT",
        "How to talk to the brokers.",
        check=one_of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
    )
    sasl_mechanism: str = row(
        "SCRAM-SHA-512",
        "SASL mechanism, where security_protocol has SASL.",
        check=one_of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
    )
    sasl_username: str = row("", "SASL user name.")
    sasl_password: str = row("", "SASL password.", secret=True)
    ssl_cafile: str = row(
        "", "Authorities (PEM file) that the brokers' certificates are checked against; empty: the system's."
    )
    ssl_certfile: str = row("", "Client certificate (PEM file), where the brokers ask for one.")
    ssl_keyfile: str = row("", "Key of the client certificate (PEM file).")
    ssl_password: str = row("", "Password of ssl_keyfile.", secret=True)
    connect_timeout: float = row(
        10.0,
        "How long a command tries to reach a broker before it gives up; a broker on the same continent answers "
        "in well under a second, so ten cover a restart of one.",
        unit="s",
        check=between(0.1, 600),
    )

    # Topics
    topic_prefix: str = row("detente.", "What the names of all topics begin with.")
    partitions: int = row(
        8,
        "Partitions of each topic: the most workers that can share the work. More cost memory and start time; "
        "changing it later moves keys, so choose it before the first record.",
        check=between(1, 1000),
    )
    replication_factor: int = row(
        1, "Copies of each partition; 3 where there are three brokers, 1 on a single one.", check=between(1, 10)
    )

    # Logs
    log_level: str = row("info", "The least level that is logged.", check=one_of("debug", "info", "warning", "error"))
    log_format: str = row(
        "plain", "Log lines for people (plain) or for machines (json).", check=one_of("plain", "json")
    )

    # Data
    data_dir: str = row(
        ".detente", "Folder for what must outlive a process: the embedded broker's log, the feeds' schedule."
    )
    watches_dir: str = row("", "Folder with watches of your own (TOML, one each), beside the built-in ones.")

    # Live page
    page_host: str = row("127.0.0.1", "Where the live page listens; 0.0.0.0 inside a container.")
    page_port: int = row(6066, "Port of the live page; 0 takes a free one.", check=between(0, 65535))
    page_allow_origin: str = row(
        "",
        "The one other site, such as http://127.0.0.1:3000, whose pages may read the Atom feed: Grafana shows it.",
    )

    # Coder
    reader: str = row(
        "auto",
        "Who reads the passages: blend (encoder and rules, weighed together), encoder, rules, or auto: the blend where "
        "the model and its libraries are there, else the rules.",
        check=one_of("auto", "blend", "encoder", "rules"),
    )

    # Records and how long they are kept
    record_bytes: int = row(
        1_000_000,
        "The most bytes a record may have; brokers refuse more than 1,048,588 unless told otherwise. Dead letters "
        "may have a third more and 64 KiB, as they carry the original in base64.",
        unit="bytes",
        check=between(10_000, 50_000_000),
    )
    retention_days: int = row(
        365,
        "How long articles, codings, stances, mentions, alerts, metrics and dead letters are kept; 0: for ever. "
        "Events and positions are the memory and are kept anyway. A year lets a new coder be run over history.",
        unit="days",
        check=at_least(0),
    )

    # Worker
    group: str = row("detente", "Consumer group: workers of one group share the partitions and the offsets.")
    group_instance: str = row(
        "",
        "A name of this worker that outlives it (static membership): its successor of the same name gets its "
        "partitions at once. Empty: the brokers give one for each start. Each worker needs its own.",
    )
    fetch_pause: float = row(
        0.0,
        "Pause after a fetch that brought nothing. Apache Kafka itself waits for a record; the embedded broker answers "
        "at once, and is used with 0.02, or a waiting consumer would keep a core busy.",
        unit="s",
        check=between(0, 1),
    )
    batch_size: int = row(
        100,
        "Records that an agent takes at once, at most: their sends are awaited together. At 40 articles a second "
        "it bounds what is in flight at a stop, or handled again after a kill, to a few seconds of work.",
        check=between(1, 10_000),
    )
    commit_interval: float = row(
        1.0,
        "How often offsets are committed: what a killed worker handled since is handled again by its successor.",
        unit="s",
        check=between(0.05, 60),
    )
    session_timeout: float = row(
        15.0,
        "How long a worker may be silent before its partitions go to others. Heartbeats come every fifth of it from "
        "a thread of their own, so that four lost ones are forgiven; brokers allow no less than 6 s.",
        unit="s",
        check=between(6, 80),
    )
    send_timeout: float = row(
        120.0,
        "How long a worker retries to send its results before it stops, nothing lost, and leaves the rest to its "
        "supervisor: longer than the restart of a broker.",
        unit="s",
        check=between(1, 3600),
    )
    shutdown_timeout: float = row(
        8.0,
        "How long a worker that is told to stop may take to finish and commit its batch; below the ten seconds after "
        "which container runtimes kill.",
        unit="s",
        check=between(1, 300),
    )
    metrics_host: str = row(
        "127.0.0.1", "Where a worker serves /metrics, /healthz and /readyz; 0.0.0.0 inside a container."
    )
    metrics_port: int = row(
        9464,
        "Port of the same for the first worker, the next numbers for the others that `--workers` starts; 0: none.",
        check=between(0, 65535),
    )
    stuck_timeout: float = row(
        300.0,
        "How long a batch may take before the worker counts as stuck and /readyz says so: a hundred articles take "
        "seconds, a broker that comes back within send_timeout two minutes.",
        unit="s",
        check=between(1, 86400),
    )
    stuck_exit: float = row(
        600.0,
        "How long a worker makes no headway (a batch without end, records that nobody takes, no partitions, no answer "
        "from the brokers) before it ends itself with exit code 3, for its supervisor to start it anew; 0: never. "
        "Twice stuck_timeout, so that /readyz and the alerts speak first.",
        unit="s",
        check=between(0, 86400),
    )

    # Feeds
    rss_feeds: str = row("", "The feeds file of `detente rss` and `detente feeds`; empty: feeds.toml in data_dir.")
    rss_contact: str = row(
        "",
        "An address (web or mail) at which a publisher can reach whoever runs this; it goes into the User-Agent. "
        "Publishers block pollers that they cannot ask.",
    )
    rss_allow: str = row(
        "",
        "Networks, hosts or host:port, parted by commas, that feeds may be fetched from although they are not public, "
        "such as 10.1.0.0/16 or feeds.intra.example.",
    )
    rss_shortest_interval: float = row(
        600.0,
        "The shortest time between two polls of a feed that does not say its own; publishers block faster pollers.",
        unit="s",
        check=at_least(60),
    )
    rss_longest_interval: float = row(
        21600.0,
        "The longest time between two polls of a quiet feed: a ministry's news is still told on the same day.",
        unit="s",
        check=at_least(60),
    )
    rss_requests_at_once: int = row(
        8, "Requests to all hosts together; a host never gets two at once.", check=between(1, 100)
    )
    rss_host_distance: float = row(
        2.0,
        "The least time between the starts of two requests to one host; a robots.txt may ask for more.",
        unit="s",
        check=between(0, 3600),
    )
    rss_metrics_port: int = row(
        0, "Port on metrics_host where `detente rss` serves /metrics; 0: none.", check=between(0, 65535)
    )

    # Webhooks
    webhook_url: str = row(
        "", "Where `detente webhooks` sends alerts; secret, as such addresses often hold a key.", secret=True
    )
    webhook_secret: str = row(
        "", "Key of the signatures of webhooks, at least 16 bytes, or `whsec_` and base64.", secret=True
    )
    webhook_allow: str = row(
        "",
        "Networks, hosts or host:port, parted by commas, that alerts may be sent to although they are not public.",
    )
    webhook_timeout: float = row(
        10.0,
        "How long one attempt may take; a receiver should take the alert first and work on it later.",
        unit="s",
        check=between(0.1, 300),
    )
    webhook_budget: float = row(
        3600.0,
        "How long an alert is tried before it becomes a dead letter; others wait meanwhile. An hour covers a "
        "receiver's deployment or a short outage.",
        unit="s",
        check=between(0, 86400),
    )
    webhook_metrics_port: int = row(
        0, "Port on metrics_host where `detente webhooks` serves /metrics; 0: none.", check=between(0, 65535)
    )


@dataclass(frozen=True)
class Loaded:
    """Settings with the source of each value."""

    settings: Settings
    sources: Mapping[str, Source]


@dataclass(frozen=True)
class Row:
    """One row of the table, for printing and for the docs."""

    name: str
    kind: str
    default: Any
    unit: str
    secret: bool
    text: str

    @property
    def variable(self) -> str:
        """The environment variable of this setting."""
        return PREFIX + self.name.upper()


def table() -> tuple[Row, ...]:
    """Return all rows in the order in which they are declared."""
    kinds = get_type_hints(Settings)
    return tuple(
        Row(
            item.name,
            kinds[item.name].__name__,
            item.default,
            item.metadata["unit"],
            item.metadata["secret"],
            item.metadata["help"],
        )
        for item in dataclasses.fields(Settings)
    )


def shown(name: str, value: object) -> str:
    """Return ``value`` as text, masked where the setting is secret and set."""
    secret = next(item.secret for item in table() if item.name == name)
    return MASK if secret and value else str(value)


def load(
    options: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Loaded:
    """Gather the settings; ``options`` with the value None count as not given.

    Raises ``InputError`` (naming the source and the setting) for a name that does not exist, a value of a
    wrong type or out of bounds, and a file that cannot be read.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {item.name: "default" for item in table()}
    path = file or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    from_file = _read_file(path) if path or DEFAULT_FILE.exists() else {}
    for name, value in from_file.items():
        _put(values, sources, name, value, "file", f"{path or DEFAULT_FILE}: {name}")
    for variable, text in environ.items():
        if variable.startswith(PREFIX) and variable != CONFIG_VARIABLE:
            _put(values, sources, variable[len(PREFIX) :].lower(), text, "environment", variable)
    for name, value in (options or {}).items():
        if value is not None:
            _put(values, sources, name, value, "option", name)
    return Loaded(Settings(**values), sources)


def _read_file(path: Path | None) -> dict[str, Any]:
    path = path or DEFAULT_FILE
    try:
        with path.open("rb") as stream:
            values: dict[str, Any] = tomllib.load(stream)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint="Name a settings file that can be read.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not valid TOML: {error}", hint="Mend the file.") from error
    return values


def _put(
    values: dict[str, Any], sources: dict[str, Source], name: str, value: object, source: Source, place: str
) -> None:
    rows = {item.name: item for item in table()}
    if name not in rows:
        near = difflib.get_close_matches(name, rows, n=1)
        hint = f"Did you mean {near[0]}?" if near else "`detente settings` lists all settings."
        raise InputError(f"{place}: there is no setting of this name", hint=hint)
    typed = _convert(value, rows[name], place)
    check = next(item.metadata["check"] for item in dataclasses.fields(Settings) if item.name == name)
    problem = check(typed) if check else None
    if problem:
        raise InputError(f"{place}: {problem}, not {shown(name, typed)}", hint=rows[name].text)
    values[name] = typed
    sources[name] = source


_BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _convert(value: object, item: Row, place: str) -> object:
    """Turn a text from the environment, or a TOML value, into the type of the row."""
    if item.kind == "str" and isinstance(value, str):
        return value
    if item.kind == "bool" and isinstance(value, (bool, str)):
        known = value if isinstance(value, bool) else _BOOLEANS.get(value.lower())
        if known is not None:
            return known
    elif item.kind in ("int", "float") and not isinstance(value, bool) and isinstance(value, (int, float, str)):
        try:
            return int(value) if item.kind == "int" else float(value)
        except ValueError:
            pass
    given = MASK if item.secret else repr(value)
    raise InputError(f"{place}: {given} is not of type {item.kind}", hint=item.text)
