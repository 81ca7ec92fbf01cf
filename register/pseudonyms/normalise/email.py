"""E-mail addresses, family `email`: lower case, the domain in its ASCII form, and the rules of the large providers.

Where a provider delivers several spellings to one mailbox (dots, what follows a plus sign, a second domain), they
become one. Elsewhere a plus sign is part of the address. No name server is asked. An address copied from a mail
program may stand in `<...>` with a name before it, or behind `mailto:`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from register.pseudonyms.errors import EmailRefused, SaysNone, TwoValues
from register.pseudonyms.normalise.canonical import Canonical, Mode
from register.pseudonyms.normalise.folding import compatible
from register.pseudonyms.normalise.stop import refuse_none_in_words, says_none, stop_file
from register.pseudonyms.normalise.typed import tidy

VERSION = 1
FAMILY = "email"

_ADVICE = "type an e-mail address with one @ and the whole domain, for instance name@example.org"
_LOCAL_BYTES_MAX = 64
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_REFUSED = frozenset(' \t\r\n"(),:;<>[]\\')
_MAILTO = "mailto:"
_COPIED = re.compile(r"[^<>@]*<(?P<address>[^<>]+)>")
_SPACED = re.compile(r"\s+([@.])\s+(?=[^\s@]+$|[^\s@]+\s*\.)")
_TWO = re.compile(r"\S@\S+[\s,;/]+\S+@\S")

_SAME_PROVIDER = {"googlemail.com": "gmail.com", "me.com": "icloud.com", "mac.com": "icloud.com"}
_DOTS_IGNORED = frozenset({"gmail.com"})
_PLUS_IGNORED = frozenset(
    {"gmail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "hotmail.nl", "live.nl", "outlook.es"}
    | {"hotmail.es", "icloud.com", "fastmail.com", "proton.me", "protonmail.com", "pm.me", "zoho.com"}
)


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address as typed."""

    text: str = field(repr=False)


def canonical(email: Email, _mode: Mode) -> list[Canonical]:
    """The one canonical form of an address.

    Raises:
        EmailRefused: it is no address, or two.
        SaysNone: none@none.com, or a word for "none".
    """
    refuse_none_in_words(email.text)
    text = _read_address(email.text)
    local, at, domain = text.rpartition("@")
    local, domain = _read_local_part(local), _ascii_domain(domain)
    if not at or not local or not domain:
        raise EmailRefused(_ADVICE)
    domain = _SAME_PROVIDER.get(domain, domain)
    if domain in _PLUS_IGNORED:
        local = local.split("+", 1)[0]
    if domain in _DOTS_IGNORED:
        local = local.replace(".", "")
    if not local:
        raise EmailRefused(_ADVICE)
    if says_none(local, stop_file().email_words) or domain.split(".")[-2] in stop_file().email_domains:
        raise SaysNone("this address says that there is none; leave it out, or type the address")
    return [Canonical(FAMILY, (f"{local}@{domain}",))]


def _read_address(typed: str) -> str:
    text = _SPACED.sub(r"\1", tidy(typed))  # mari @ hotmail . com
    if _TWO.search(text):
        raise TwoValues("these are two addresses; type one, and add the other by itself")
    text = _without_mailto(text)
    copied = _COPIED.fullmatch(text)
    return _without_mailto(copied["address"].strip()) if copied else text


def _without_mailto(text: str) -> str:
    return text[len(_MAILTO) :].partition("?")[0].strip() if text.casefold().startswith(_MAILTO) else text


def _read_local_part(text: str) -> str:
    local = compatible(compatible(text).casefold())
    if "@" in local or _REFUSED.intersection(local) or len(local.encode()) > _LOCAL_BYTES_MAX:
        raise EmailRefused(_ADVICE)
    return local


def _ascii_domain(text: str) -> str:
    try:
        # The codec of the standard library prepares names by Unicode 3.2 tables: the same in every Python.
        domain = text.casefold().removesuffix(".").encode("idna").decode("ascii")
    except UnicodeError as exc:
        raise EmailRefused(_ADVICE) from exc
    if _DOMAIN.fullmatch(domain) is None:
        raise EmailRefused(_ADVICE)
    return domain
