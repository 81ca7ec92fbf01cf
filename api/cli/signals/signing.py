"""What every signature at the exit gate asks for on the command line: the key, its passphrase, for whom, how long."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Reason: TypeAlias = Annotated[
    str, typer.Option("--reason", help="What you weighed; stays in the own register, sealed.")
]
KeyFile: TypeAlias = Annotated[
    Path, typer.Option("--key", help="Your organisation's approval key (`rtr keys approval`).")
]
PassphraseFile: TypeAlias = Annotated[
    Path | None, typer.Option("--passphrase-file", help="Instead of being asked for the passphrase; owner-only.")
]
Recipients: TypeAlias = Annotated[
    list[str] | None, typer.Option("--to", metavar="COUNTRY", help="The only ones that it is for; may be repeated.")
]
Until: TypeAlias = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; default: as long as it may run.")
]


def passphrase(file: Path | None) -> bytes:
    """The passphrase of the key, out of an owner-only file, or asked for."""
    from register.keys.approval_key import read_passphrase

    if file is not None:
        return read_passphrase(file)
    found: str = typer.prompt("Passphrase of the approval key", hide_input=True, err=True)
    return found.encode()
