"""Accounts on social media, family `handle`: the platform with its stable id of the account, else the name.

A name is compared as the platform itself compares it: without case everywhere, without dots on Facebook. A web
address of a profile gives the same as the name in it. Names change owner; ids do not, so the id is preferred.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from register.pseudonyms.errors import HandleRefused
from register.pseudonyms.normalise.canonical import Canonical, Mode
from register.pseudonyms.normalise.folding import compatible, digits_of, fold

VERSION = 1
FAMILY = "handle"

_ADVICE = "type the name of the account as the platform shows it, for instance @name, without spaces"
_ALIASES = {
    "fb": "facebook",
    "messenger": "facebook",
    "facebookmessenger": "facebook",
    "ig": "instagram",
    "insta": "instagram",
    "twitter": "x",
    "tg": "telegram",
    "snap": "snapchat",
    "tik tok": "tiktok",
}
_DOTS_IGNORED = frozenset({"facebook"})
_PLATFORM = re.compile(r"[a-z0-9]{1,30}")
_ADDRESS = re.compile(r"(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,}/(?P<path>.+)", re.ASCII)
_ID_IN_ADDRESS = re.compile(r"profile\.php\?(?:.*&)?id=(?P<id>[0-9]+)", re.ASCII)
_ID = re.compile(r"[a-z0-9_-]{1,64}")
_NAME = re.compile(r"[^\s@/\\?#&=]{1,100}")


@dataclass(frozen=True, slots=True)
class Handle:
    """An account as typed.

    Attributes:
        platform: its name, or a usual short form of it.
        name: the name shown, with or without @, or the address of the profile.
        account_id: the platform's own unchanging id, where known.
    """

    platform: str
    name: str | None = field(default=None, repr=False)
    account_id: str | None = field(default=None, repr=False)


def canonical(handle: Handle, mode: Mode) -> list[Canonical]:
    """The id if it is known, else the name; a query asks for both.

    Raises:
        HandleRefused: no platform, or neither a name nor an id.
    """
    platform = _platform(handle.platform)
    name, found_id = _name(platform, handle.name) if handle.name else (None, None)
    account_id = _account_id(handle.account_id) if handle.account_id else found_id
    keys = []
    if account_id is not None:
        keys.append(Canonical(FAMILY, (platform, "id", account_id)))
    if name is not None:
        keys.append(Canonical(FAMILY, (platform, "name", name)))
    if not keys:
        raise HandleRefused(_ADVICE)
    return keys if mode is Mode.QUERY else keys[:1]


def _platform(text: str) -> str:
    name = fold(text).strip()
    name = _ALIASES.get(name, name)
    name = re.sub(r"[\s._-]+", "", name)
    name = _ALIASES.get(name, name)
    if _PLATFORM.fullmatch(name) is None:
        raise HandleRefused("name the platform by its own name, for instance Instagram")
    return name


def _name(platform: str, text: str) -> tuple[str | None, str | None]:
    """The name, or the id if the text is an address that holds an id."""
    bare = compatible(compatible(text).casefold()).strip()
    if address := _ADDRESS.fullmatch(bare):
        path = address["path"]
        if found := _ID_IN_ADDRESS.match(path):
            return None, found["id"]
        bare = re.split(r"[/?#]", path, maxsplit=1)[0]
    bare = bare.lstrip("@").rstrip("/")
    if platform in _DOTS_IGNORED:
        bare = bare.replace(".", "")
    if _NAME.fullmatch(bare) is None:
        raise HandleRefused(_ADVICE)
    return bare, None


def _account_id(text: str) -> str:
    bare = digits_of(compatible(text)).strip().casefold()
    if _ID.fullmatch(bare) is None:
        raise HandleRefused("type the id of the account as the platform gives it: letters, digits, - and _ only")
    return bare
