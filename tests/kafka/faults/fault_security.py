"""TLS, SCRAM and least rights, against a broker that insists on them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType

from cluster import Cluster, free_port
from conftest import Detente
from faults import processes
from faults.judgement import Unbroken, judge
from faults.scene import until
from faults.table import add
from producers.publisher import Publisher
from streams import topics
from streams.settings import Settings
from workers_at_work import alerts_on

pytestmark = pytest.mark.kafka

PAGE = Path(__file__).parents[3] / "deploy" / "SECURITY.md"
SECRET = "correct-horse-battery"  # noqa: S105 - of the test's own broker
USERS = ("admin", "worker", "producer", "subscriber")
ROW = re.compile(r"^\| (\w+) \| (topic|group) `([^`]+)` \| ([\w, ]+) \|$", re.MULTILINE)


def certificates(folder: Path) -> tuple[Path, Path]:
    """Make an authority and a broker's certificate; return the authority's file and the broker's, with its key."""
    authority, key, request, signed, both = (folder / f"{name}.pem" for name in ("ca", "key", "csr", "cert", "broker"))
    authority_key = folder / "ca-key.pem"
    extensions = folder / "san.cnf"
    extensions.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes"]
    for command in (
        [*new, "-x509", "-days", "2", "-subj", "/CN=test", "-keyout", str(authority_key), "-out", str(authority)],
        [*new, "-subj", "/CN=127.0.0.1", "-keyout", str(key), "-out", str(request)],
        ["openssl", "x509", "-req", "-days", "2", "-in", str(request), "-CA", str(authority), "-CAkey",
         str(authority_key), "-CAcreateserial", "-extfile", str(extensions), "-out", str(signed)],
    ):  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
    both.write_text(key.read_text() + signed.read_text())
    return authority, both


def insisting(folder: Path, port: int) -> Cluster:
    """Return a cluster of one whose second listener wants TLS, a log-in and rights; certificates are in ``folder``."""
    _, broker = certificates(folder)
    login = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    return Cluster(
        folder / "kafka",
        second=(port, port),
        format_with=tuple(
            word for user in USERS for word in ("--add-scram", f"SCRAM-SHA-512=[name={user},password={SECRET}]")
        ),
        extra={
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECOND:SASL_SSL",
            "listener.name.second.ssl.keystore.type": "PEM",
            "listener.name.second.ssl.keystore.location": str(broker),
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.second.scram-sha-512.sasl.jaas.config": login,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            # The first listener, without log-in, is the brokers' own and the test's watching.
            "super.users": "User:admin;User:ANONYMOUS",
        },
    )


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Settings]]:
    """Yield settings that pass the guard as administrator, and such that go by the back door."""
    folder = tmp_path_factory.mktemp("guarded")
    port = free_port()
    with insisting(folder, port) as cluster:
        back = replace(
            Settings(),
            bootstrap_servers=cluster.bootstrap,
            topic_prefix="guarded.",
            group="guarded",
            partitions=4,
            retention_days=0,
            metrics_port=0,
            reader="rules",
            connect_timeout=5.0,
        )
        admin = replace(
            back,
            bootstrap_servers=f"127.0.0.1:{port}",
            security_protocol="SASL_SSL",
            sasl_username="admin",
            sasl_password=SECRET,
            ssl_cafile=str(folder / "ca.pem"),
        )
        topics.create(admin)
        allow(admin)
        # Rights reach the authorizer a moment after they were accepted.
        until(lambda: all(there(replace(admin, sasl_username=user)) for user in USERS), "the rights")
        yield admin, back


def there(settings: Settings) -> list[str]:
    """Return the topics that a user may know of."""
    with topics.admin(settings) as client:
        found: list[str] = client.list_topics()
    return found


def allow(admin: Settings) -> None:
    """Give users the rights of the page's table."""
    kinds = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}
    acls = [
        ACL(
            principal=f"User:{user}",
            host="*",
            operation=ACLOperation[operation.upper()],
            permission_type=ACLPermissionType.ALLOW,
            resource_pattern=ResourcePattern(
                kinds[kind], name.replace("<prefix>", admin.topic_prefix).replace("<group>", admin.group)
            ),
        )
        for user, kind, name, operations in ROW.findall(PAGE.read_text())
        for operation in operations.split(", ")
    ]
    assert len(acls) > len(topics.TOPICS)
    with topics.admin(admin) as client:
        client.create_acls(acls)


def test_each_role_works_with_just_its_rights_over_tls_and_scram(
    guarded: tuple[Settings, Settings], folder: Path, small: Unbroken
) -> None:
    admin, back = guarded
    worker = processes.worker(replace(admin, sasl_username="worker"), folder)
    with processes.ending(worker):
        with Publisher(replace(admin, sasl_username="producer"), partition=0) as publisher:
            for article in small.articles:
                publisher.send(article)
            publisher.flush()
            assert publisher.accepted == len(small.articles)
        wanted = set(small.alerts)
        until(lambda: {alert.id for alert in alerts_on(back)} >= wanted, f"alerts\n{worker.log.read_text()}")
        assert worker.stop()[0] == 0, worker.log.read_text()
    subscriber = replace(admin, sasl_username="subscriber")
    assert {alert.id for alert in alerts_on(subscriber)} >= wanted
    judged = judge(back, small)
    judged.require()
    add(judged.row("TLS, SCRAM and least rights", 1, len(small.articles)))
    assert SECRET not in worker.log.read_text()
    assert "uthoriz" not in worker.log.read_text()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sasl_password": "not-" + SECRET}, "Is the log-in right?"),
        pytest.param({"ssl_cafile": ""}, "no Kafka broker within", marks=pytest.mark.chaos),
        pytest.param({"security_protocol": "PLAINTEXT"}, "no Kafka broker within", marks=pytest.mark.chaos),
        ({"sasl_username": "producer"}, "does not exist"),
    ],
)
def test_who_may_not_is_told_so_and_no_secret_with_it(
    guarded: tuple[Settings, Settings], detente: Detente, change: dict[str, str], words: str
) -> None:
    admin, _ = guarded
    wrong = replace(admin, sasl_username="worker", connect_timeout=3.0)
    done = detente("worker", settings=replace(wrong, **change))  # type: ignore[arg-type]
    assert done.returncode == 1
    assert words in done.stderr, done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_a_producer_cannot_write_an_alert(guarded: tuple[Settings, Settings]) -> None:
    import kafka
    from kafka import errors

    from streams import kafka_client

    admin, _ = guarded
    producer = kafka.KafkaProducer(**kafka_client.kafka_python(replace(admin, sasl_username="producer")))
    with pytest.raises(errors.AuthorizationError):
        producer.send(topics.full_name(admin, topics.ALERTS), b"{}", key=b"forged").get(10)
    producer.close()


def test_settings_show_no_secret(guarded: tuple[Settings, Settings], detente: Detente) -> None:
    admin, _ = guarded
    for arguments in (["settings"], ["settings", "--json"]):
        done = detente(*arguments, settings=admin)
        assert SECRET not in done.stdout + done.stderr
        assert done.returncode == 0, done.stderr
