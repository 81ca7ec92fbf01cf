"""`rtr me`: who the register takes the person of the profile for."""

from __future__ import annotations

import typer

from api.cli.frame.person import open_client
from api.cli.frame.terminal import Table, desk_of

app = typer.Typer()


@app.command()
def me(ctx: typer.Context) -> None:
    """Who the register takes you for, and what you may do."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        found = client.me()
    rows = [
        ("country", f"{found.country_name} ({found.country})"),
        ("organisation", found.organisation or "none"),
        ("signed in as", found.kind),
        ("tasks", ", ".join(found.tasks) or "none"),
        ("rules", f'edition "{found.edition}"'),
    ]
    desk.answer(found, Table("", ("", ""), rows), brief=found.organisation)
