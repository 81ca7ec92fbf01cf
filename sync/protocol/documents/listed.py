"""Signed lists: signed by the country that they are of, of the kind asked for, never older than one known before.

A list is for every partner, so it names no audience; it is judged by the newest roster, since only what holds today
is asked for.
"""

from __future__ import annotations

from typing import TypeVar

from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.exchange.lists import CountryList, SignedList
from schemas.exchange.wire import Typ, read
from sync.protocol.documents.signed import Trust
from sync.protocol.refusals import ListFell, ListRefused, Malformed, WrongIssuer

L = TypeVar("L", bound=SignedList)
N = TypeVar("N", bound=CountryList)


def read_list(jws: bytes, trust: Trust, model: type[L], *, new: bool) -> L:
    """Return the list of this kind that a partner signed.

    Args:
        jws: compact serialisation, as received or as kept.
        trust: names the partner whose list it must be.
        model: of the kind that was asked for.
        new: False for one that is kept here, which verifies even where its key has been retired since.

    Raises:
        PartnerError: what the verifier refuses, key-not-active, key-revoked, wrong-issuer, list-refused or malformed.
    """
    rosters = trust.rosters
    verified = trust.verifier.verify(jws, typ=Typ.LIST, keys=rosters.signing_keys())
    issuer = rosters.country_of(verified.kid)
    if new:
        rosters.check_signed(verified.kid, rosters.newest.number, new=True)
    if verified.claims.get("iss") != issuer or issuer is not trust.partner:
        raise WrongIssuer(f"expected a list of {trust.partner}; signed by {issuer}")
    if verified.claims.get("kind") != model.NAME:
        raise ListRefused(f"{issuer}: expected its list of {model.NAME}, got another one")
    try:
        return read(model, canonical.dumps(verified.claims))
    except DocumentRefused as refusal:
        raise Malformed(str(refusal)) from refusal


def check_follows(found: N, known: N | None) -> bool:
    """Whether a list is a newer one; the one that is known is no change.

    Raises:
        ListFell: its number is lower than that of the one known.
        ListRefused: it has the same number and says something else.
    """
    if known is None:
        return True
    if found.number < known.number:
        raise ListFell(f"{found.iss}: list {found.number} came after list {known.number}")
    if found.number == known.number and found != known:
        raise ListRefused(f"{found.iss}: list {found.number} says something else than before")
    return found.number > known.number
