"""How commands get their settings: the global options ``--config`` and ``--set``, and options of their own."""

from __future__ import annotations

import click

from streams.errors import InputError
from streams.settings import Loaded, Settings, load


def loaded_from(ctx: click.Context, **options: object) -> Loaded:
    """Return the settings and their sources; ``options`` are the command's own, None where not given.

    Raises ``InputError`` for a ``--set`` that is not NAME=VALUE, and as ``streams.settings.load`` does.
    """
    given: dict[str, object] = {}
    for pair in ctx.obj.get("set", ()):
        name, equals, value = pair.partition("=")
        if not equals:
            raise InputError(f"--set {pair}: not of the form NAME=VALUE", hint="For example --set partitions=4.")
        given[name.strip()] = value
    given.update({name: value for name, value in options.items() if value is not None})
    return load(given, file=ctx.obj.get("config"))


def settings_from(ctx: click.Context, **options: object) -> Settings:
    """Return the settings alone; see ``loaded_from``."""
    return loaded_from(ctx, **options).settings
