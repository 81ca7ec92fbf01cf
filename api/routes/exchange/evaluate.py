"""The evaluator's addresses: blinded batches in, evaluated elements with proofs out; lists; and tickets."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api.http.caller import Registered
from api.routes.exchange.partner import PartnerCall, SignedCall
from register.core import Register
from register.domain.access.caller import partner
from register.domain.exchange.limits import Allowances, lower_limits
from register.pseudonyms.evaluation import ShareSet
from register.services.exchange.evaluate_batch import evaluate_batch
from register.services.exchange.take_tickets import list_shown
from schemas import canonical
from schemas.canonical import DocumentRefused, dumps_plain
from schemas.exchange.evaluation import EvaluationRequest
from schemas.exchange.lists import Opening
from schemas.exchange.signed_evaluation import SignedEvaluation
from schemas.exchange.tickets import TicketAnswer, TicketAsked, TicketsShown
from schemas.exchange.wire import document, read
from sync.evaluators import PATH
from sync.lists import MEDIA_TYPE as LIST_TYPE
from sync.lists import AskersLists
from sync.protocol.documents.roster import Rosters
from sync.protocol.refusals import Malformed
from sync.pulling.answered import PATH as ANSWERED_PATH
from sync.pulling.answered import signed_piece
from sync.pulling.counted import PATH as COUNTS_PATH
from sync.pulling.counted import signed_counts
from sync.pulling.opened import PATH as OPENED_PATH
from sync.pulling.opened import opened_piece
from sync.pulling.tickets import PATH as TICKETS_PATH
from sync.pulling.tickets import look_at_shown, take_shown, tickets_of

BODY_MAX: Final = 262_144
"""Bytes of a request: a thousand elements take about 46,000."""

router = APIRouter(tags=["evaluator"])


@router.post(
    PATH,
    response_model=SignedEvaluation,
    openapi_extra={"requestBody": {"content": {"application/json": {"schema": EvaluationRequest.model_json_schema()}}}},
)
def evaluate(request: Request, register: Registered, call: SignedCall) -> Response:
    """Evaluate what a partner's node has signed; the same question again is harmless and costs no quota."""
    shares: ShareSet = request.app.state.shares
    askers: AskersLists = request.app.state.askers
    rosters: Rosters = request.app.state.rosters()
    asked = _read_form(call)
    # A role of its own: it reaches the schema `evaluator` and no partition.
    caller = partner(register.partition, call.partner, function="evaluator")
    answer = evaluate_batch(
        register,
        caller,
        shares,
        asked,
        jti=call.jti,
        allowances=_find_allowances(register, rosters),
        # From what is held, without a word to the partner, which could hold this place. Another's list says nothing
        # for the partner; who names another country is refused for that.
        listed=askers.listed(call.partner, asked.body.organisation, asked.body.actor),
        find_ticket=tickets_of(register, request.app.state.rosters),
    )
    return Response(dumps_plain(answer.model_dump(mode="json")), media_type="application/json")


@router.get(ANSWERED_PATH + "/{day}", response_class=Response, responses={200: {"content": {LIST_TYPE: {}}}})
def answered(
    register: Registered, call: SignedCall, day: date, after: Annotated[UUID | None, Query()] = None
) -> Response:
    """What this evaluator granted the partner on a day of UTC that is over: request ids and counts, signed."""
    caller = partner(register.partition, call.partner, function="evaluator")
    piece = signed_piece(register, caller, call.partner, day, country=call.partner, after=after, jti=call.jti)
    return Response(piece, media_type=LIST_TYPE)


@router.get(COUNTS_PATH + "/{day}", response_class=Response, responses={200: {"content": {LIST_TYPE: {}}}})
def counts(register: Registered, call: SignedCall, day: date) -> Response:
    """What this evaluator granted on a day of UTC that is over, by country, book and class: signed, for any partner."""
    caller = partner(register.partition, call.partner, function="evaluator")
    told = signed_counts(register, caller, call.partner, day, jti=call.jti)
    return Response(told, media_type=LIST_TYPE)


@router.post(
    OPENED_PATH,
    response_class=Response,
    responses={200: {"content": {LIST_TYPE: {}}}},
    openapi_extra={"requestBody": {"content": {"application/json": {"schema": Opening.model_json_schema()}}}},
)
def open_ids(request: Request, register: Registered, call: SignedCall) -> Response:
    """Open the request ids of a country's day to a partner that shows that one evaluator granted much alone."""
    try:
        canonical.loads(call.body, BODY_MAX)
        opening = read(Opening, call.body)
    except DocumentRefused as refusal:
        raise Malformed(f"{call.partner} sent a body that is refused: {refusal}") from refusal
    caller = partner(register.partition, call.partner, function="evaluator")
    piece = opened_piece(register, caller, call.partner, request.app.state.rosters(), opening, jti=call.jti)
    return Response(piece, media_type=LIST_TYPE)


@router.post(
    TICKETS_PATH,
    response_model=TicketAnswer,
    openapi_extra={"requestBody": {"content": {"application/json": {"schema": TicketAsked.model_json_schema()}}}},
)
def show_ticket(request: Request, register: Registered, call: SignedCall) -> Response:
    """Take a partner's ticket, with what others signed of it: signed, refused, or waiting for a person here."""
    rosters: Rosters = request.app.state.rosters()
    answer = take_shown(
        register,
        partner(register.partition, call.partner, function="evaluator"),
        call.partner,
        rosters,
        call.body,
        allowances=_find_allowances(register, rosters),
        shares=request.app.state.shares,
        jti=call.jti,
    )
    return Response(dumps_plain(document(answer)), media_type="application/json")


@router.get(TICKETS_PATH, response_model=TicketsShown)
def list_tickets(register: Registered, call: SignedCall) -> Response:
    """Which tickets were shown here in the partner's own name, so that it learns of one that it did not ask for."""
    caller = partner(register.partition, call.partner, function="evaluator")
    found = list_shown(register, caller, call.partner, jti=call.jti)
    return Response(dumps_plain(document(found)), media_type="application/json")


@router.get(TICKETS_PATH + "/{ticket_id}", response_model=TicketAnswer)
def look_at_ticket(request: Request, register: Registered, call: SignedCall, ticket_id: UUID) -> Response:
    """How it stands with a ticket that the partner showed before."""
    caller = partner(register.partition, call.partner, function="evaluator")
    rosters: Rosters = request.app.state.rosters()
    answer = look_at_shown(register, caller, call.partner, rosters, ticket_id, jti=call.jti)
    return Response(dumps_plain(document(answer)), media_type="application/json")


def _find_allowances(register: Register, rosters: Rosters) -> Allowances:
    return Allowances(lower_limits(rosters.newest.limits, register.settings.pseudonyms.lower))


def _read_form(call: PartnerCall) -> EvaluationRequest:
    try:
        canonical.loads(call.body, BODY_MAX)
        return EvaluationRequest.model_validate_json(call.body)
    except DocumentRefused as refusal:
        raise Malformed(f"{call.partner} sent a body that is refused: {refusal}") from refusal
    except ValidationError as error:
        found = [{**e, "loc": ("body", *e["loc"])} for e in error.errors(include_url=False, include_input=False)]
        raise RequestValidationError(found) from None
