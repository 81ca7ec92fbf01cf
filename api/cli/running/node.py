"""`rtr node`: the process of a node."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from api.cli.frame.terminal import desk_of

app = typer.Typer()


@app.command()
def node(
    ctx: typer.Context,
    *,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Answer HTTP and evaluate.")] = True,
    work: Annotated[bool, typer.Option("--work/--no-work", help="Run the workers.")] = True,
) -> None:
    """Serve and work for the hosted countries in the foreground, until stopped; says where each answers."""
    from api.cli.frame.machine import settings_of
    from api.process.node import Node, wait_for_end
    from register.logs import configure

    settings = settings_of(desk_of(ctx))
    configure(settings.log_level)
    running = Node(settings, serve=serve, work=work)
    try:
        running.start()
        typer.echo(json.dumps({"ready": {str(c): url for c, url in running.urls.items()}}))
        wait_for_end()
    finally:
        running.stop()
