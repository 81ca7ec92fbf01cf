"""A client for the person who types: from the profile that `--profile` or RTR_PROFILE names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.cli.frame.terminal import Desk
from register.errors import OperatorError

if TYPE_CHECKING:
    from api.client import Client


class NoProfile(OperatorError):
    """A command of people was given without a profile."""

    code = "no-profile"
    advice = "Give --profile FILE or set RTR_PROFILE; the file holds api, issuer, client_id and key_file."


def open_client(desk: Desk) -> Client:
    """Return a client for the register of the profile, to be closed when done.

    Raises:
        NoProfile, BadProfile, UnsafeAddress: names what is wrong.
    """
    if desk.profile is None:
        raise NoProfile("no profile was given")
    from api.client import connect, read_profile

    return connect(read_profile(desk.profile))
