"""Starts real Apache Kafka (KRaft, one node or several) on loopback for the broker tests.

The jars come from Maven Central by the pom beside this file and are kept in a cache outside the repository
(``$XDG_CACHE_HOME/detente/kafka``), so that only the first run downloads them.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic

from kafka import KafkaAdminClient

HERE = Path(__file__).parent
START_SECONDS = 120
"""A node is up in 3 to 6 s on two idle cores, three in 11 s; the rest is room for a busy machine."""
STOP_SECONDS = 20
HEAP = "-Xmx384m"
"""The broker runs in 200 MB with the tests' few topics; three of them must fit beside the tests."""


def jars() -> Path:
    """Return the folder of Kafka's jars, filled by Maven the first time.

    Raises ``subprocess.CalledProcessError`` where Maven cannot bring them: a failure, never a skip.
    """
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "detente" / "kafka"
    done = base / f"complete-{_pom_digest()}"
    if not done.exists():
        shutil.rmtree(base, ignore_errors=True)
        base.mkdir(parents=True)
        goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
        command = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), goal, f"-DoutputDirectory={base}"]
        subprocess.run(command, check=True, timeout=600)
        done.touch()
    return base


def _pom_digest() -> str:
    return uuid.uuid5(uuid.NAMESPACE_OID, (HERE / "pom.xml").read_text()).hex


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll ``condition`` until it holds; fail naming ``what`` after ``seconds``."""
    end = monotonic() + seconds
    pause = Event()
    while not condition():
        if monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        pause.wait(0.05)


@dataclass
class Node:
    """One broker that is its own controller too."""

    number: int
    port: int
    controller_port: int
    directory: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Host and port that clients connect to."""
        return f"127.0.0.1:{self.port}"


@dataclass
class Cluster:
    """A KRaft cluster on loopback; ``with Cluster(directory, nodes=3) as cluster: …``."""

    directory: Path
    nodes: int = 1
    extra: Mapping[str, str] = field(default_factory=dict)
    """Further lines of the brokers' properties file."""
    second: tuple[int, int] | None = None
    """Ports of a second listener of a single node: where it listens, and what it tells clients to connect to."""
    format_with: tuple[str, ...] = ()
    """Further arguments for formatting a node's storage, such as ``--add-scram``."""
    members: list[Node] = field(default_factory=list)

    def __enter__(self) -> Cluster:
        self.members = [
            Node(n, free_port(), free_port(), self.directory / f"node{n}") for n in range(1, self.nodes + 1)
        ]
        cluster_id = uuid.uuid4().hex[:22]
        for node in self.members:
            node.directory.mkdir(parents=True)
            self._write_properties(node)
            told = ["-t", cluster_id, "-c", str(self._properties(node)), *self.format_with]
            self._java(node, "kafka.tools.StorageTool", "format", *told)
        for node in self.members:
            self.start(node)
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.members:
            self.kill(node)

    @property
    def bootstrap(self) -> str:
        """The addresses of all nodes, parted by commas."""
        return ",".join(node.address for node in self.members)

    def start(self, node: Node) -> None:
        """Start one node; ``wait`` tells when it answers."""
        log = (node.directory / "broker.log").open("ab")
        command = [*self._command(node), "kafka.Kafka", str(self._properties(node))]
        node.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()

    def stop(self, node: Node) -> None:
        """Stop one node in order (SIGTERM)."""
        if node.process:
            node.process.send_signal(signal.SIGTERM)
            node.process.wait(STOP_SECONDS)

    def kill(self, node: Node) -> None:
        """Kill one node (SIGKILL)."""
        if node.process:
            node.process.kill()
            node.process.wait(STOP_SECONDS)

    def wait(self) -> None:
        """Wait until all nodes that run are members of the cluster."""
        running = sum(1 for node in self.members if node.process and node.process.poll() is None)
        wait_until(lambda: self._known_brokers() >= running, START_SECONDS, f"{running} Kafka nodes up")

    def _known_brokers(self) -> int:
        try:
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap.split(","), request_timeout_ms=3000)
        except Exception:
            return 0
        try:
            return len(admin.describe_cluster()["brokers"])
        except Exception:
            return 0
        finally:
            admin.close()

    def _properties(self, node: Node) -> Path:
        return node.directory / "server.properties"

    def _write_properties(self, node: Node) -> None:
        voters = ",".join(f"{n.number}@127.0.0.1:{n.controller_port}" for n in self.members)
        copies = str(min(3, self.nodes))
        values = {
            "process.roles": "broker,controller",
            "node.id": str(node.number),
            "controller.quorum.voters": voters,
            "listeners": f"PLAINTEXT://{node.address},CONTROLLER://127.0.0.1:{node.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{node.address}",
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": str(node.directory / "log"),
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": copies,
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": copies,
            "group.initial.rebalance.delay.ms": "0",
            **(_second_listener(node, *self.second) if self.second else {}),
            **self.extra,
        }
        self._properties(node).write_text("".join(f"{key}={value}\n" for key, value in values.items()))

    def _command(self, node: Node) -> list[str]:
        return [
            "java",
            HEAP,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            f"-Dkafka.logs.dir={node.directory}",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            f"{jars()}/*",
        ]

    def _java(self, node: Node, *arguments: str) -> None:
        subprocess.run([*self._command(node), *arguments], check=True, capture_output=True, timeout=START_SECONDS)


def _second_listener(node: Node, listens: int, advertised: int) -> dict[str, str]:
    """Return the properties for a listener whose clients come another way, such as by a proxy."""
    own = f"PLAINTEXT://{node.address}"
    return {
        "listeners": f"{own},SECOND://127.0.0.1:{listens},CONTROLLER://127.0.0.1:{node.controller_port}",
        "advertised.listeners": f"{own},SECOND://127.0.0.1:{advertised}",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECOND:PLAINTEXT",
    }
