"""``detente broker``: the embedded broker by itself, for a look around without Kafka."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType

import click

from streams.cli._settings import settings_from
from streams.errors import DetenteError


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=9092, show_default=True, help="Port; 0: any free one.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder for its data, instead of data_dir/broker.")
@click.pass_context
def command(ctx: click.Context, port: int, data: Path | None) -> None:
    """Run the embedded broker with all topics until Ctrl-C; its data is kept."""
    from streams import topics
    from streams.embedded import EmbeddedBroker

    settings = settings_from(ctx)
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with EmbeddedBroker(data or Path(settings.data_dir) / "broker", port) as broker:
        topics.create(broker.settings(settings))
        click.echo(
            f"The embedded broker listens on {broker.address}; its data is in {broker.data_dir}. Ctrl-C ends it."
        )
        # Its records never expire, and a killed worker's place is only free for one of the same name.
        needs = "DETENTE_RETENTION_DAYS=0 DETENTE_GROUP_INSTANCE=worker"
        click.echo(f"  export DETENTE_BOOTSTRAP_SERVERS={broker.address} {needs}")
        while not ended.wait(timeout=1.0):
            if not broker.running:
                raise DetenteError("the embedded broker ended by itself", hint=f"Its log is in {broker.data_dir}.")
