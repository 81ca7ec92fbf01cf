"""What the protocol needs from outside: signatures, seals and the rules of the MoU, as the narrowest doors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from schemas.exchange.wire import IndicatorPut, Typ
from schemas.statistics.entry import StatisticsEntry


@dataclass(frozen=True, slots=True)
class Verified:
    """What a good signature stands for.

    Attributes:
        kid: the key that made it; one of those offered.
        claims: the payload, parsed strictly (`canonical.loads`).
    """

    kid: str
    claims: Mapping[str, Any]


class Verifier(Protocol):
    """Checks compact JWS with `alg` Ed25519."""

    def verify(self, jws: bytes, *, typ: Typ, keys: Mapping[str, bytes]) -> Verified:
        """Return what was signed.

        Args:
            jws: compact serialisation, as received.
            typ: the `typ` its header must have, exactly.
            keys: raw public keys by key id; the header's `kid` picks one, nothing else in the header does.

        Raises:
            PartnerError: no good signature of that type under one of these keys, e.g. `bad-signature`, `unknown-key`.
        """
        ...


class Signer(Protocol):
    """Signs with this node's active key."""

    def sign(self, typ: Typ, claims: Mapping[str, Any]) -> bytes:
        """Return the compact JWS over the canonical bytes of the claims; the same claims give the same bytes."""
        ...


Opener: TypeAlias = Callable[[bytes, bytes], bytes]
"""(sealed, info) -> plaintext, or a PartnerError with code `seal-broken`."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether an entry may be held here, by the label's edition and by this node's own.

    Attributes:
        held: whether it may.
        code: where it may not, the code for the quarantine, e.g. `refused-by-rule` or `unknown-edition`.
        rule: the rule it rests on.
    """

    held: bool
    code: str = "refused-by-rule"
    rule: str | None = None


MayKeep: TypeAlias = Callable[[StatisticsEntry], Judgement]
"""Whether a country's word on statistics is signed by it, about itself, and no second word on the same."""


def keeps_nothing(_entry: StatisticsEntry) -> Judgement:
    """The judge of a node that takes no part in the statistics."""
    return Judgement(held=False, code="statistics-not-kept")


MayHold: TypeAlias = Callable[[IndicatorPut, str], Judgement]
"""Of a body and the id of its object: `may_hold(label, edition)` of register.mou, closed over the editions known here,
the rosters and the day."""
