"""``detente worker``: codes articles, keeps the ledger, raises alerts, until it is stopped."""

from __future__ import annotations

import click

from streams.cli._settings import settings_from


@click.command()
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes to run.")
@click.option("--index", type=int, hidden=True, help="Which of several this is; they are started by the first.")
@click.option("--metrics-port", type=int, help="Port of /metrics, /healthz and /readyz; 0: none.")
@click.pass_context
def command(ctx: click.Context, workers: int, index: int | None, metrics_port: int | None) -> None:
    """Code articles, keep the ledger and raise alerts until SIGTERM or Ctrl-C."""
    from streams import topics
    from streams import workers as processes

    settings = settings_from(ctx, metrics_port=metrics_port)
    if index is None and workers > 1:
        topics.require(settings)
        processes.run(settings, workers)
        return
    from streams import worker

    worker.run(processes.numbered(settings, index or 0))
