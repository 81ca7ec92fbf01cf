"""Accounts on social media, family `handle`: the platform with its stable id of the account, else the name.

A name is compared as the platform itself compares it: without case everywhere, without dots on Facebook. A web
address of a profile gives the same as the name in it, and says itself which platform it is of. Names change owner;
ids do not, so the id is preferred. What an address shows instead of an account is read as what it is: a post, or a
group (`platforms.toml` has the path words of each platform). A short link shows nothing and is refused.

A number on a messenger is a telephone number and has no key here: `number_on` tells which.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from register.pseudonyms.errors import HandleRefused, NoAccountShown, SaysNone
from register.pseudonyms.normalise.canonical import Canonical, Mode
from register.pseudonyms.normalise.folding import compatible, digits_of, fold
from register.pseudonyms.normalise.stop import refuse_none_in_words, says_none, stop_file
from register.pseudonyms.normalise.typed import tidy

VERSION = 1
FAMILY = "handle"

ID, NAME, POST, GROUP = "id", "name", "post", "group"

_LISTS = Path(__file__).with_name("lists")
_ADVICE = "type the name of the account as the platform shows it, for instance @name, without spaces"
_NO_ACCOUNT = "this address shows no account; type the name of the account that stands on the page"
_SHORT = "this is a short link, which does not say whose it is; open it, and type the name of the account"
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
    "wa": "whatsapp",
}
_OTHER = "other"
_DOTS_IGNORED = frozenset({"facebook"})
_BY_NUMBER = frozenset({"whatsapp", "signal", "viber"})
"""Messengers on which an account is a telephone number."""
_BY_NUMBER_TOO = frozenset({"telegram"})
_NUMBER = re.compile(r"(?:\+|00)?\(?[0-9][0-9 .()/-]{5,}")
_INTERNATIONAL = re.compile(r"(?:\+|00)[ (]?[0-9][0-9 .()/-]{6,}")
_PLATFORM = re.compile(r"[a-z0-9]{1,30}")
_OTHER_NAMED = re.compile(r"(?P<platform>[^\s:/@]{2,30})[\s:/]+@?(?P<name>[^\s:]+)")
_ADDRESS = re.compile(r"(?:[a-z]+://)?(?P<host>(?:[a-z0-9-]+\.)+[a-z]{2,})(?::[0-9]+)?/(?P<path>.*)", re.ASCII)
_SCHEME_OR_WWW = re.compile(r"(?:[a-z]+://|www\.)", re.IGNORECASE)
_IN_APP = re.compile(r"tg://(?:user\?id=(?P<id>[0-9]+)|resolve\?domain=(?P<name>[^&#]+).*)", re.IGNORECASE | re.ASCII)
_TELLS_POST = frozenset({"v", "id", "fbid", "story_fbid", "set", "list"})
_USER_AT = 2  # the third word of an address: x.com/i/user/142, facebook.com/groups/1/user/142
_ID_DIGITS = 5
_ID = re.compile(r"[a-z0-9_-]{1,64}")
_TAG = re.compile(r"#[0-9]{4}$")  # of an account on Discord as they were until 2023
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
    """The id if it is known, else the name, the group or the post; a query asks for id and name.

    Raises:
        HandleRefused: no platform, neither a name nor an id, or an address that shows neither.
        SaysNone: a word for "none" or "user".
    """
    platform, shown = _read_platform(handle.platform), None
    if handle.name:
        platform, shown = _read_account(platform, handle.name)
    account_id = _account_id(handle.account_id) if handle.account_id else None
    keys = []
    if shown is not None and shown[0] == NAME and _is_id(platform, shown[1]):
        shown = (ID, shown[1])
    if account_id is not None:
        keys.append(Canonical(FAMILY, (platform, ID, account_id)))
    if shown is not None:
        keys.append(Canonical(FAMILY, (platform, *shown)))
        if mode is Mode.QUERY and shown[0] == NAME and len(shown[1]) >= _ID_DIGITS and shown[1].isdigit():
            keys.append(Canonical(FAMILY, (platform, ID, shown[1])))  # a name of digits, unless it is the id
    if not keys:
        raise HandleRefused(_ADVICE)
    return keys if mode is Mode.QUERY else keys[:1]


def number_on(platform: str, text: str) -> str | None:
    """The telephone number that an account on a messenger is, as it was typed; None where it is none.

    A number of WhatsApp, Signal or Viber is always one; of Telegram one with its country code, since accounts there
    have ids of digits, too. An address of theirs (`wa.me/...`) gives the number in it.
    """
    if (linked := number_in_link(text)) is not None:
        return linked
    known, bare = _resolve_alias(fold(platform)), digits_of(compatible(text)).strip()
    if known in _BY_NUMBER and _NUMBER.fullmatch(bare):
        return bare
    return bare if known in _BY_NUMBER_TOO and _INTERNATIONAL.fullmatch(bare) else None


def platforms() -> frozenset[str]:
    """The platforms that the register has rules for, as keys name them."""
    return frozenset(_platforms())


def number_in_link(text: str) -> str | None:
    """The number that an address of a messenger holds, with a plus; None where it holds none.

    `https://wa.me/297...`, `api.whatsapp.com/send?phone=...`, `t.me/+297...`, `signal.me/#p/+297...`, `viber://...`.
    """
    found = _NUMBER_LINK.fullmatch(unquote(digits_of(compatible(text))).strip())
    return None if found is None else "+" + re.sub(r"[^0-9]", "", found["number"])


_NUMBER_LINK = re.compile(
    r"(?:(?:https?://)?(?:www\.)?(?:wa\.me/|(?:api|web)\.whatsapp\.com/send/?\?(?:[^#]*&)?phone=|t\.me/(?=\+[0-9])"
    r"|signal\.me/#p/)|whatsapp://send/?\?(?:[^#]*&)?phone=|(?:viber|tg|sgnl)://[a-z./]*\?(?:number|phone)=|(?:tel|sms|smsto):)"
    r"(?P<number>\+?[0-9][0-9 .()-]{6,})(?:[/?&#].*)?",
    re.IGNORECASE | re.ASCII,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Paths:
    """What the first words of an address on a platform mean; words in small letters."""

    hosts: frozenset[str]
    post_hosts: frozenset[str]
    group_hosts: frozenset[str]
    name_behind: frozenset[str]
    id_behind: frozenset[str]
    post_behind: frozenset[str]
    group_behind: frozenset[str]
    id_in: tuple[str, ...]
    id_digits: int
    nobody: frozenset[str]


@functools.cache
def _platforms() -> Mapping[str, _Paths]:
    table = tomllib.loads((_LISTS / "platforms.toml").read_text("utf-8"))["platform"]
    lists = ("hosts", "post_hosts", "group_hosts", "name_behind", "id_behind", "post_behind", "group_behind", "nobody")
    return {
        name: _Paths(
            **{one: frozenset(row.get(one, ())) for one in lists},
            id_in=tuple(row.get("id_in", ())),
            id_digits=row.get("id_digits", 0),
        )
        for name, row in table.items()
    }


@functools.cache
def _short_hosts() -> frozenset[str]:
    return frozenset(tomllib.loads((_LISTS / "platforms.toml").read_text("utf-8"))["short_links"])


def _resolve_alias(name: str) -> str:
    name = _ALIASES.get(name.strip(), name.strip())
    name = re.sub(r"[\s._-]+", "", name)
    return _ALIASES.get(name, name)


def _is_id(platform: str, name: str) -> bool:
    """Whether a name is the account's id: digits alone, where no name of the platform is."""
    known = _platforms().get(platform)
    return known is not None and 0 < known.id_digits <= len(name) and name.isdigit()


def _read_platform(text: str) -> str:
    name = _resolve_alias(fold(text))
    if _PLATFORM.fullmatch(name) is None:
        raise HandleRefused("name the platform by its own name, for instance Instagram")
    return name


def _read_account(platform: str, typed: str) -> tuple[str, tuple[str, str]]:
    """The platform, and what was typed as (kind, value)."""
    refuse_none_in_words(typed)
    text = tidy(typed)
    if (inside := _IN_APP.fullmatch(compatible(text))) is not None:
        return "telegram", (ID, inside["id"]) if inside["id"] else (NAME, _read_name("telegram", inside["name"]))
    if (address := _ADDRESS.fullmatch(compatible(text.casefold()))) is not None:
        host = address["host"].removeprefix("www.")
        if host in _short_hosts():
            raise NoAccountShown(_SHORT)
        if (found := _of_host(host)) is not None:
            return found, _in_address(found, host, text)
        if _SCHEME_OR_WWW.match(text):
            # A platform that nobody listed: the first part of the address is the account, as it mostly is.
            return platform, (NAME, _read_name(platform, address["path"].partition("/")[0]))
    if platform == _OTHER:
        named = _OTHER_NAMED.fullmatch(text)
        if named is None:
            raise HandleRefused(
                "type the name of the platform before the name of the account, for instance: Grindr name"
            )
        platform = _read_platform(named["platform"])
        return platform, (NAME, _read_name(platform, named["name"]))
    return platform, (NAME, _read_name(platform, text.split("/")[0] if "/" in text and "." in text else text))


def _of_host(host: str) -> str | None:
    for name, paths in _platforms().items():
        if any(host == one or host.endswith("." + one) for one in paths.hosts):
            return name
    return None


def _in_address(platform: str, host: str, text: str) -> tuple[str, str]:
    paths = _platforms()[platform]
    rest = re.sub(r"^(?:[a-zA-Z]+://)?[^/]+/", "", text)
    path, _, query = rest.partition("?")
    for member in paths.id_in:
        if found := re.search(rf"(?:^|&){member}=([0-9]+)", query.partition("#")[0]):
            return ID, found[1]
    parts = [part for part in path.partition("#")[0].split("/") if part]
    if parts and host in paths.post_hosts | paths.group_hosts:
        return (POST if host in paths.post_hosts else GROUP), parts[0]
    first = parts[0].casefold() if parts else ""
    behind = parts[1] if len(parts) > 1 else ""
    if len(parts) > _USER_AT and f"{first}/{behind}" in paths.id_behind:
        return ID, _account_id(parts[_USER_AT])
    if first in paths.group_behind and parts[_USER_AT : _USER_AT + 1] == ["user"] and len(parts) > _USER_AT + 1:
        return ID, _account_id(parts[_USER_AT + 1])  # a member, seen in a group
    if first in paths.id_behind and behind:
        return ID, _account_id(parts[-1] if first in {"people", "pages"} else behind)
    if first in paths.name_behind and behind:
        return NAME, _read_name(platform, behind)
    if first in paths.group_behind and behind:
        return GROUP, behind.casefold()
    if first in paths.post_behind and (post := _find_post_id(parts[1:], query)):
        return POST, post
    if (
        not first
        or first in paths.nobody | paths.name_behind | paths.id_behind | paths.post_behind | paths.group_behind
    ):
        raise NoAccountShown(_NO_ACCOUNT)
    if first.startswith("+") and platform == "telegram":
        return GROUP, parts[0]
    return NAME, _read_name(platform, parts[0])


def _find_post_id(path: Sequence[str], query: str) -> str:
    """All that stands behind the word for a post: of `i/web/status/142` no single part tells one from another."""
    which = next((one for one in query.partition("#")[0].split("&") if one.partition("=")[0] in _TELLS_POST), "")
    return "?".join(filter(None, ("/".join(path), which)))


def _read_name(platform: str, text: str) -> str:
    bare = compatible(compatible(text).casefold()).strip().lstrip("@").rstrip("/")
    if platform in _DOTS_IGNORED:
        bare = bare.replace(".", "")
    if _NAME.fullmatch(_TAG.sub("", bare) if platform == "discord" else bare) is None:
        raise HandleRefused(_ADVICE)
    if says_none(bare, stop_file().handle_words):
        raise SaysNone("this says that the account is not known; leave it out, or type its name")
    return bare


def _account_id(text: str) -> str:
    bare = digits_of(compatible(text)).strip().casefold()
    if _ID.fullmatch(bare) is None:
        raise HandleRefused("type the id of the account as the platform gives it: letters, digits, - and _ only")
    return bare
