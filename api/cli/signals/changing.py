"""What every command that changes one signal shares: how it is named, why, and which version was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.person import open_client

if TYPE_CHECKING:
    from api.cli.frame.terminal import Desk
    from api.client import Client
    from schemas.signals.out import SignalOut

Ref = Annotated[str, typer.Argument(metavar="REF", help="Reference such as AW-2026-0031, or the id.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; stays in the signal's history.")]
Version = Annotated[
    int | None,
    typer.Option(help="The version you saw; refused if somebody changed it since. Without it: the present one."),
]


def change_signal(
    desk: Desk,
    ref: str,
    version: int | None,
    done: str,
    change: Callable[[Client, SignalOut, int], SignalOut],
) -> None:
    """Make one change of a signal and say what came of it.

    Args:
        desk: of the person.
        ref: the signal's reference or id.
        version: that the person saw; None takes the present one.
        done: what the answer calls it, for instance "amended".
        change: sends it; given the client, the signal as it is, and the version to name.
    """
    from api.cli.signals.signal_view import outcome

    with open_client(desk) as client:
        found = client.signal(ref)
        made = change(client, found, version if version is not None else found.version)
    desk.answer(made, *outcome(made, done), brief=made.reference)
