"""``detente schemas``: the JSON Schemas and the AsyncAPI document of the topics."""

from __future__ import annotations

from pathlib import Path

import click

from streams.cli._settings import settings_from
from streams.errors import DetenteError


@click.command()
@click.option("--write", "folder", type=click.Path(path_type=Path), help="Folder to write the files into.")
@click.pass_context
def command(ctx: click.Context, folder: Path | None) -> None:
    """Print the AsyncAPI document, or write it and the JSON Schemas of all records into a folder."""
    from streams import schemas

    settings = settings_from(ctx)
    if folder is None:
        click.echo(schemas.files(settings)[schemas.ASYNCAPI].decode(), nl=False)
        return
    try:
        paths = schemas.write(settings, folder)
    except OSError as error:
        raise DetenteError(f"{folder}: {error.strerror}", hint="Name a folder that can be written to.") from error
    for path in paths:
        click.echo(path)
