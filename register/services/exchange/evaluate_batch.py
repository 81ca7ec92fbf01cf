"""Evaluate a partner's blinded batch: checked, counted and logged first, computed after.

One signed request is one replay row, one quota transaction, one log leaf and one receipt. The transaction holds no
scalar multiplication: a crash after it has cost quota, but the repeat of the same question is free, and needs neither
room nor the ticket that it was granted on: it is computed again, so only so many are in a minute. Who sent the request
was found out before, from its signature.

What one country can have evaluated is limited by what the five agreed on in the roster. Its organisations are those of
its own signed list, and so are its actors, under pseudonyms: both layers hold against its users, and only the first,
the country's, against the node itself, which can sign whatever list it likes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, TypeAlias, assert_never
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.exchange.honest import NoHonestQuestion, check_honest
from register.domain.exchange.limits import Allowances
from register.domain.exchange.quotas import Full, Layer, TooMany
from register.domain.exchange.tickets import Presented, TicketUnknown, check_use
from register.errors import PartnerError, RegisterError
from register.keys import jws
from register.keys.node import NodeKeys
from register.logs import logger
from register.pseudonyms.errors import (
    ActorFull,
    CountryFull,
    NewActorsFull,
    OrganisationFull,
    OverQuota,
    RepeatsFull,
    TicketDayFull,
    TicketUsedUp,
    TooManyKeys,
    WrongGeneration,
)
from register.pseudonyms.evaluation import ShareSet, evaluate
from register.pseudonyms.evaluators import InProcess
from register.pseudonyms.oprf import share_document
from register.pseudonyms.oprf.group import ristretto255
from register.settings import PseudonymSettings
from register.store.exchange.evaluating.evaluations import Claim, Question
from schemas.canonical import b64, domain_hash, dumps_plain
from schemas.codes import Partition
from schemas.exchange.evaluation import Declared, EvaluationBody, EvaluationPurpose, EvaluationRequest
from schemas.exchange.signed_evaluation import RECEIPT_TYP, SignedEvaluation
from schemas.exchange.wire import Book

LEEWAY: Final = timedelta(seconds=300)
"""How far two clocks may differ, as for every signed request."""
ListedAs = Literal["listed", "ended", "unknown"]
"""What a signed list of the asking country says of somebody today."""
_FULL: Final[Mapping[Layer, type[OverQuota]]] = {
    Layer.COUNTRY: CountryFull,
    Layer.ORGANISATION: OrganisationFull,
    Layer.ACTOR: ActorFull,
    Layer.NEW_ACTORS: NewActorsFull,
    Layer.REPEATS: RepeatsFull,
    Layer.TICKET: TicketUsedUp,
    Layer.OF_NODES: TicketDayFull,
}
FindTicket: TypeAlias = Callable[[Partition, UUID], Presented]
"""Of a country and an id, the ticket that has its signatures here; raises `TicketUnknown` or a `TicketRefused`."""


@dataclass(frozen=True, slots=True)
class Listed:
    """How the asking country's signed lists have who asks.

    Attributes:
        actor: as one of that organisation.
    """

    organisation: ListedAs
    actor: ListedAs


class WrongRequester(PartnerError):
    """A request for evaluation names another country than the one that signed it."""

    code = "evaluation-wrong-requester"
    advice = "A country asks for itself only: name it in `country` and sign with its key."


class EvaluationOutOfTime(PartnerError):
    """A request for evaluation has expired, or was issued in the future."""

    code = "evaluation-out-of-time"
    advice = "Ask again with fresh times; the same request id and body cost no quota a second time."


class OrganisationNotListed(PartnerError):
    """A request names an organisation that the asking country's signed list does not have, or only as ended."""

    code = "evaluation-organisation-unknown"
    advice = "Name an organisation of your signed list `organisations`; one that has ended asks nothing any more."


class ActorNotListed(PartnerError):
    """A request names somebody whom the asking country's signed list does not have for the organisation, or no more."""

    code = "evaluation-actor-unknown"
    advice = "Name an actor of your signed list `actors`; one whose authorisation has ended asks nothing any more."


class RequestIdReused(PartnerError):
    """A request id came before with another body."""

    code = "evaluation-id-reused"
    advice = "Nothing was evaluated, and it was alarmed. Make a fresh id for each question, keep it for its repeats."


def own_shares(keys: NodeKeys) -> ShareSet:
    """Return this country's key shares, from its key store; read them once a process."""
    return share_document.read_all(keys.country, keys.shares())


def own_evaluator(keys: NodeKeys) -> InProcess:
    """Return this country as its own evaluator, for the client's side; it can ask no other."""
    return InProcess(keys.country, [own_shares(keys)])


def no_ticket(country: Partition, ticket: UUID) -> Presented:
    """The way to tickets of an evaluator that has none."""
    raise TicketUnknown(f"no ticket {ticket} of {country} was shown to this evaluator")


def evaluate_batch(
    register: Register,
    caller: Caller,
    shares: ShareSet,
    request: EvaluationRequest,
    *,
    jti: UUID,
    allowances: Allowances,
    listed: Listed,
    find_ticket: FindTicket = no_ticket,
) -> SignedEvaluation:
    """Evaluate all batches of a request under this country's shares, and sign what was done.

    Args:
        register: of the country that evaluates.
        caller: the partner whose signature was found good, with the function `evaluator`.
        shares: of the same country.
        request: as its form allows; times, quotas and elements are checked here.
        jti: of the signed request that carried it.
        allowances: this evaluator's part of what the five agreed on.
        listed: how the partner's signed lists have the organisation and the actor that are named.
        find_ticket: the ticket that is named, where one is.

    Raises:
        WrongRequester, RequestReplayed: nothing was kept.
        NoHonestQuestion: by its kind; alarmed, and nothing was counted.
        OrganisationNotListed, ActorNotListed, EvaluationOutOfTime, TooManyKeys, UnknownKey, WrongGeneration,
            InvalidElement: nothing was counted.
        TicketUnknown, TicketRefused: by its kind why the ticket is not for this; nothing was counted. A question that
            was granted before is answered whatever has become of its ticket.
        RequestIdReused: alarmed.
        OverQuota: by its kind who has no room left; names the time of the next slot.
    """
    body = request.body
    if caller.actor != f"partner:{body.country}":
        raise WrongRequester(f"{caller.actor} signed a request that names {body.country}")
    digest = body.digest()
    fault = _find_fault(register, shares, request, listed)
    ticket = None if fault is not None else _ticket_for(request, find_ticket, register)
    outcome: Claim | RegisterError
    with register.work(caller) as work:
        work.exchange.evaluations.remember_sending(body.country, jti, digest)
        if isinstance(ticket, RegisterError):
            # An answer that was lost is asked for again, perhaps after the ticket has ended.
            fault = None if work.exchange.evaluations.knows(body.country, body.request_id) else ticket
            ticket = None
        if fault is None:
            claim = work.exchange.evaluations.claim(_build_question(body, digest, allowances, ticket))
            outcome = _decide_outcome(register, body, claim, on_ticket=ticket is not None)
        else:
            outcome = fault
        work.exchange.evaluations.note(_build_leaf(request, digest, outcome))
    if isinstance(outcome, RegisterError):
        _log_refusal(register, body, outcome)
        raise outcome
    answer = evaluate(shares, request, at=outcome.at)
    keys = register.keys
    claims = dumps_plain(answer.receipt.model_dump(mode="json"))
    receipt = jws.sign(claims, typ=RECEIPT_TYP, kid=keys.kid, key=keys.signing)
    return SignedEvaluation(batches=answer.batches, receipt=receipt)


def _ticket_for(
    request: EvaluationRequest, find_ticket: FindTicket, register: Register
) -> Presented | RegisterError | None:
    """The ticket that is named, or why it is not for what is asked; None where none is named."""
    body, named = request.body, request.ticket
    if named is None:
        return None
    try:
        found = find_ticket(body.country, named)
        key_ids = [batch.key_id for batch in body.batches]
        check_use(found.ticket, body.country, body.purpose, key_ids, register.clock.now())
    except RegisterError as refused:
        return refused
    return found


def _find_fault(
    register: Register, shares: ShareSet, request: EvaluationRequest, listed: Listed
) -> RegisterError | None:
    """What is wrong with a request by itself, whatever was asked before."""
    try:
        _check_time(request, register.clock.now())
        check_honest(request.body, on_ticket=request.ticket is not None)
        _check_listed(request.body, listed)
        _check_size(request.body, register.settings.pseudonyms)
        _check_batches(shares, request)
    except RegisterError as fault:
        return fault
    return None


def _check_time(request: EvaluationRequest, now: datetime) -> None:
    if not request.issued - LEEWAY <= now <= request.expires + LEEWAY:
        said = now.astimezone(UTC).isoformat(timespec="milliseconds")
        raise EvaluationOutOfTime(f"issued {request.issued.isoformat()}; here it is {said}", ours=said)


def _check_listed(body: EvaluationBody, listed: Listed) -> None:
    # Reports of an organisation that has ended, or of somebody who has left, still wait for their pseudonyms; nobody
    # searches in these names any more.
    refused = {"unknown", "ended"} if body.purpose is EvaluationPurpose.SEARCH else {"unknown"}
    if listed.organisation in refused:
        raise OrganisationNotListed(f"the signed list of {body.country} does not have this organisation today")
    if listed.actor in refused:
        raise ActorNotListed(f"the signed list of {body.country} does not have this actor of it today")


def _check_size(body: EvaluationBody, settings: PseudonymSettings) -> None:
    if body.count > settings.batch_max:
        raise TooManyKeys(f"{body.count} keys in one request; at most {settings.batch_max}", most=settings.batch_max)


def _check_batches(shares: ShareSet, request: EvaluationRequest) -> None:
    for batch in request.body.batches:
        held, said = shares.public(batch.key_id).generation, request.generations[batch.key_id]
        if held != said:
            raise WrongGeneration(
                f"key {batch.key_id}: expected share generation {held}, got {said}", key_id=batch.key_id
            )
        for element in batch.elements:
            ristretto255().element(element)


def _build_question(body: EvaluationBody, digest: bytes, allowances: Allowances, ticket: Presented | None) -> Question:
    return Question(
        requester=body.country,
        organisation=body.organisation,
        actor=body.actor,
        request_id=body.request_id,
        body_hash=digest,
        keys=_count_keys(body),
        books=_list_books(body),
        allowances=allowances,
        ticket=ticket,
    )


def _list_books(body: EvaluationBody) -> tuple[Book, ...]:
    """Searches have a book of their own; what is registered counts in one, and what is kept of it in two.

    A change of the epoch has none: it is asked on a ticket only, and nothing else is taken from it.
    """
    if body.purpose is EvaluationPurpose.EPOCH:
        return ()
    if body.purpose is EvaluationPurpose.SEARCH:
        return (Book.SEARCHES,)
    return (Book.REGISTRATIONS, Book.KEPT) if body.declared is Declared.KEEP else (Book.REGISTRATIONS,)


def _count_keys(body: EvaluationBody) -> Mapping[str, int]:
    """How many keys of each selector class are asked for, over all epochs."""
    found: Counter[str] = Counter()
    for batch in body.batches:
        found[_class_of(batch.key_id)] += len(batch.elements)
    return found


def _class_of(key_id: str) -> str:
    return key_id.partition("/")[0]


def _decide_outcome(
    register: Register, body: EvaluationBody, claim: Claim, *, on_ticket: bool
) -> Claim | RegisterError:
    match claim.verdict:
        case "granted" | "repeated":
            return claim
        case "reused":
            return RequestIdReused(f"{body.country} used request id {body.request_id} for another body before")
        case "over-quota":
            return _over_quota(register, body, claim)
        case "too-many":
            return _too_many(claim, on_ticket=on_ticket)
        case _:
            assert_never(claim.verdict)


def _over_quota(register: Register, body: EvaluationBody, claim: Claim) -> RegisterError:
    full: Full | None = claim.full
    if full is None:
        raise ValueError("a question over quota says which")
    refusal = _FULL[full.layer](register.partition, full.retry_at)
    refusal.details |= {
        "retry_after_s": int((full.retry_at - claim.at).total_seconds()) + 1,
        "book": full.book or next(iter(_list_books(body)), None),
        "selector_class": full.selector_class,
        "limit": full.figure,
    }
    return refusal


def _too_many(claim: Claim, *, on_ticket: bool) -> TooManyKeys:
    """What would never pass, whenever it is sent again: no 429, which says "later"."""
    found: TooMany | None = claim.too_many
    if found is None:
        raise ValueError("a question that never fits says what would")
    says = f"too many keys of {found.selector_class} in one request; at most {found.most}"
    if on_ticket:
        says += (
            " on this ticket or without: send them in parts, or ask for a ticket that persons of three countries sign"
        )
    return TooManyKeys(says, most=found.most)


def _build_leaf(request: EvaluationRequest, digest: bytes, outcome: Claim | RegisterError) -> dict[str, Any]:
    """What the log says of a request: never a selector or a token; the blinded batch by its hash."""
    body, refused = request.body, isinstance(outcome, RegisterError)
    named = {} if request.ticket is None else {"ticket": str(request.ticket)}
    if isinstance(outcome, Claim) and outcome.on_ticket:
        named["counted"] = "on-ticket"
    batches = dumps_plain([batch.model_dump(mode="json") for batch in body.batches])
    return {
        "action": "batch.refused" if refused else "batch.evaluated",
        "requester": body.country,
        "organisation": body.organisation,
        "actor": body.actor,
        "request_id": str(body.request_id),
        "purpose": body.purpose,
        "declared": body.declared,
        "basis": body.legal_basis,
        "keys": {batch.key_id: len(batch.elements) for batch in body.batches},
        "batch": b64(domain_hash("rtr/evaluate/batch/v1", batches)),
        "body": b64(digest),
        "decision": outcome.code if isinstance(outcome, RegisterError) else outcome.verdict,
        **named,
    }


def _log_refusal(register: Register, body: EvaluationBody, refusal: RegisterError) -> None:
    """An alarm where somebody plays with ids, or asks what no honest node does; a warning else."""
    log = logger()
    tell, event = (
        (log.error, "evaluator.alarm")
        if isinstance(refusal, RequestIdReused | NoHonestQuestion)
        else (log.warning, "evaluator.refused")
    )
    tell(
        event,
        country=register.partition.value,
        partner=body.country.value,
        request_id=str(body.request_id),
        keys=body.count,
        code=refusal.code,
    )
