"""`rtr config`: what the settings are and where each comes from; secrets are never shown."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from api.cli.frame.terminal import Table, desk_of

app = typer.Typer(no_args_is_help=True)


@app.command()
def show(ctx: typer.Context) -> None:
    """Show every setting, its value and its source; passwords inside addresses are left out."""
    from register.settings import flat, load

    desk = desk_of(ctx)
    settings, sources = load(desk.config)
    source_of = {name.casefold(): source for name, source in sources.items()}
    found = {
        name: {"value": shown(value), "source": _find_source(name, source_of)} for name, value in flat(settings).items()
    }
    rows = [(name, one["value"], one["source"]) for name, one in found.items()]
    desk.answer({"settings": found}, Table("", ("setting", "value", "source"), rows))


@app.command()
def table(
    ctx: typer.Context,
    *,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it there.")] = None,
) -> None:
    """Print the operators' table of all settings, in Markdown."""
    from api.cli.running.settings_table import markdown, rows

    desk = desk_of(ctx)
    text = markdown()
    if out is not None:
        out.write_text(text, encoding="utf-8")
        desk.answer({"file": out}, f"Written to {out}.")
        return
    desk.answer({"settings": rows()}, text.rstrip("\n"), brief=text.rstrip("\n"))


def shown(value: object) -> str:
    """A setting's value as text, without the password of an address."""
    if isinstance(value, tuple | list):
        return ",".join(shown(one) for one in value)
    if isinstance(value, Enum):
        return str(value.value)
    return _without_password(value) if isinstance(value, str) else str(value)


def _without_password(text: str) -> str:
    """Addresses keep scheme, user, host and path; whatever else may hold a secret is not shown at all."""
    from urllib.parse import urlsplit

    if "password" in text.casefold():
        return "(set, not shown)"
    if "://" not in text:
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return "(set, not shown)"
    before, found, host = parts.netloc.rpartition("@")
    user = before.partition(":")[0]
    return parts._replace(netloc=f"{user}:***@{host}").geturl() if found and ":" in before else text


def _find_source(name: str, sources: dict[str, str]) -> str:
    """The variable or file that set it; of a table in a table, the one that set something inside."""
    name = name.casefold()
    inside = (source for set_name, source in sources.items() if set_name.startswith(f"{name}."))
    return sources.get(name) or next(inside, "default")
