"""Tickets: signed leave to have more keys evaluated than the limits give freely (sync/README.md, "Tickets").

A country's node asks with a `rtr-ticket+jws`; each evaluator that agrees gives a `rtr-ticket-signature+jws` over its
digest. No key, no value and no word of anybody is in either: how many keys of which class, until when, and by a code
why.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.canonical import b64, domain_hash, dumps_plain
from schemas.codes import Partition, TicketReason
from schemas.exchange.evaluation import EvaluationPurpose
from schemas.exchange.lists import ActorReference
from schemas.exchange.wire import CompactJws, Count, Document, Hash, Id, Instant, document, parse_instant

DAYS_MAX: Final = 30
"""From the first moment of a ticket to its last."""
KEYS_MAX: Final = 1_000_000
"""Of one ticket."""
TICKETS_MAX: Final = 200
"""Of one country, at one evaluator, that are told together; the newest."""
EPOCH_LEAST: Final = 2
"""The first epoch that a change of the epoch can lead to."""
SelectorClass = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,12}$")]


class Attested(Document):
    """A country's own supervisor's figure of thirty days, as its privacy officer attested it.

    Attributes:
        evaluated: keys evaluated to be published. published: those of which some partner may have the pseudonym.
        by: the officer, opaque; that country alone can tell who it is.
        at: when it was attested.
    """

    evaluated: Count
    published: Count
    by: ActorReference
    at: Instant

    @model_validator(mode="after")
    def _a_part(self) -> Self:
        if self.published > self.evaluated:
            raise ValueError("more is published than was evaluated")
        return self


class Ticket(Document):
    """Leave that a country asks for: the claims of `rtr-ticket+jws`, signed by its node.

    Attributes:
        iss: the country; nobody else can use it.
        purpose: what the keys are for; a ticket of one purpose is none for another.
        selector_class: the one class that it is for.
        epoch: of a change of the epoch, the one it leads to: its keys are evaluated under the keys of that one only.
        keys: at most so many, by all evaluators together.
        rows: how many reports, or rows of a batch, they are of; each has a key at least.
        first: `from` on the wire, when it begins; at most thirty days before `until`.
        reason: a code: other countries keep it, so nothing is typed into it; more is said on the telephone.
        attested: None where persons abroad shall decide.
        at: when it was asked for.
    """

    id: Id
    iss: Partition
    purpose: EvaluationPurpose
    selector_class: SelectorClass
    epoch: Annotated[int, Field(ge=EPOCH_LEAST, le=9_999)] | None = None
    keys: Annotated[int, Field(ge=1, le=KEYS_MAX)]
    rows: Annotated[int, Field(ge=1, le=KEYS_MAX)]
    first: Instant = Field(alias="from")
    until: Instant
    reason: TicketReason
    attested: Attested | None = None
    at: Instant

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        at, first, until = parse_instant(self.at), parse_instant(self.first), parse_instant(self.until)
        most = timedelta(days=DAYS_MAX)
        if not first < until <= first + most or not at <= first <= at + most:
            raise ValueError("it begins within thirty days of its asking and ends within thirty days of its beginning")
        if (self.epoch is None) is (self.purpose is EvaluationPurpose.EPOCH):
            raise ValueError("a ticket for a change of the epoch, and no other, names the epoch that it leads to")
        return self

    @property
    def key_id(self) -> str | None:
        """Of a change of the epoch, the one key that it is for; None of any other."""
        return None if self.epoch is None else f"{self.selector_class}/e{self.epoch}"

    def digest(self) -> str:
        """SHA-256("rtr/ticket/v1" 00 RFC 8785 of the claims), in base64url: what is signed by those who agree."""
        return b64(domain_hash("rtr/ticket/v1", dumps_plain(document(self))))


class TicketSignature(Document):
    """An evaluator agrees: the claims of `rtr-ticket-signature+jws`.

    Attributes:
        aud: the country that asked.
        ticket, digest: the one ticket, as it was.
        by: `node` by itself within the ceiling of a day, or a `person` of that country.
        person: who, opaque; of a person only.
    """

    iss: Partition
    aud: Partition
    ticket: Id
    digest: Hash
    by: Literal["node", "person"]
    person: ActorReference | None = None
    at: Instant

    @model_validator(mode="after")
    def _by_somebody_else(self) -> Self:
        if self.iss is self.aud:
            raise ValueError("nobody signs a ticket of their own")
        if (self.person is None) is (self.by == "person"):
            raise ValueError("a person, and no node, is named")
        return self


class TicketAsked(Document):
    """Body of `POST /evaluate/v1/tickets`: a ticket, with what others have signed of it so far."""

    ticket: CompactJws
    signatures: Annotated[tuple[CompactJws, ...], Field(max_length=len(Partition))] = ()


class TicketAnswer(Document):
    """How it stands with a ticket at one evaluator.

    Attributes:
        state: `waiting` for a person there.
        reason: of a refusal, the code that a person gave; of what waits, that of why no node signs it by itself.
        signature: where it is signed.
        counts: this evaluator has three good signatures of it, and takes keys on it.
        used: keys that it evaluated on it.
    """

    ticket: Id
    state: Literal["waiting", "signed", "refused"]
    reason: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z_]{1,39}$|^[a-z][a-z-]{1,39}$")] | None = None
    signature: CompactJws | None = None
    counts: bool
    used: Count

    @model_validator(mode="after")
    def _signed_shows_it(self) -> Self:
        if (self.signature is None) is (self.state == "signed"):
            raise ValueError("what is signed comes with its signature")
        return self


class ShownTo(Document):
    """A ticket that was shown in a country's name, as an evaluator has it."""

    ticket: Id
    digest: Hash


class TicketsShown(Document):
    """Answer of `GET /evaluate/v1/tickets`: the newest that were shown in the name of who asks.

    None that ended more than two days ago.
    """

    tickets: Annotated[tuple[ShownTo, ...], Field(max_length=TICKETS_MAX)] = ()


def by_country(signatures: Iterable[TicketSignature]) -> dict[Partition, TicketSignature]:
    """One signature a country: a person's before its node's."""
    found: dict[Partition, TicketSignature] = {}
    for one in signatures:
        if one.iss not in found or one.by == "person":
            found[one.iss] = one
    return found
