"""`Client`: one country's register for a program, one method a thing it can do.

Answers are checked models. A change names the version it was made on; a signal carries an Idempotency-Key, so that
it is stored once however often it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack
from urllib.parse import quote
from uuid import UUID

import httpx2
from pydantic import TypeAdapter

from api.client.answers import HistoryLine, Me, OrganisationLine, Ready
from api.client.bodies import checked, if_match, to_json
from api.client.connection import Connection, Request, Retry
from api.client.errors import BadAnswer, OperatorAnswer, RegisterUnreachable
from api.client.records import Records
from api.client.regional import Regional
from api.client.tokens import SignIn
from register.clock import Clock
from schemas.casework.request import RequestAmendIn, RequestIn, RequestOut, RequestSummary, RequestWithdrawIn
from schemas.codes import SignalState
from schemas.exchange.partners import PartnersOut
from schemas.form import Form, Page
from schemas.running.to_do import ToDoOut
from schemas.search.question import Ground, HitMarkIn, HitRow, HitsPage, SearchIn, SearchOut
from schemas.signals.approvals import ApprovalAskedOut, SignedApprovalIn, WaitingApprovalOut
from schemas.signals.changes import AmendIn, ApproveIn, ReclassifyIn, ReferIn, WithdrawIn
from schemas.signals.out import SignalOut, SignalSummary, WithdrawnUnread
from schemas.signals.sharing import SharingOut
from schemas.signals.signal import SignalIn
from schemas.statistics.owner import OwnerStatistics

_SIGNAL: TypeAdapter[SignalOut] = TypeAdapter(SignalOut)
_WITHDRAWN: TypeAdapter[SignalOut | WithdrawnUnread] = TypeAdapter(SignalOut | WithdrawnUnread)
_SIGNALS: TypeAdapter[Page[SignalSummary]] = TypeAdapter(Page[SignalSummary])
_HISTORY: TypeAdapter[list[HistoryLine]] = TypeAdapter(list[HistoryLine])
_SHARING: TypeAdapter[list[SharingOut]] = TypeAdapter(list[SharingOut])
_WAITING: TypeAdapter[list[WaitingApprovalOut]] = TypeAdapter(list[WaitingApprovalOut])
_ASKED: TypeAdapter[ApprovalAskedOut] = TypeAdapter(ApprovalAskedOut)
_SEARCH: TypeAdapter[SearchOut] = TypeAdapter(SearchOut)
_HITS: TypeAdapter[HitsPage] = TypeAdapter(HitsPage)
_HIT: TypeAdapter[HitRow] = TypeAdapter(HitRow)
_REQUEST: TypeAdapter[RequestOut] = TypeAdapter(RequestOut)
_REQUESTS: TypeAdapter[Page[RequestSummary]] = TypeAdapter(Page[RequestSummary])
_PARTNERS: TypeAdapter[PartnersOut] = TypeAdapter(PartnersOut)
_STATISTICS: TypeAdapter[OwnerStatistics] = TypeAdapter(OwnerStatistics)
_TO_DO: TypeAdapter[Page[ToDoOut]] = TypeAdapter(Page[ToDoOut])
_ME: TypeAdapter[Me] = TypeAdapter(Me)
_ORGANISATIONS: TypeAdapter[list[OrganisationLine]] = TypeAdapter(list[OrganisationLine])
_READY: TypeAdapter[Ready] = TypeAdapter(Ready)
_NOT_READY = frozenset((503,))


class Filters(TypedDict, total=False):
    """What a list may be narrowed to: codes of their lists, an organisation's code, and days as YYYY-MM-DD.

    `sort` is `newest`, or `waiting` for the register unit.
    """

    kind: str
    state: str
    type_assessed: str
    type_registered: str
    island: str
    source: str
    channel: str
    urgency: str
    organisation: str
    received_from: str
    received_to: str
    sort: str


class Client:
    """A way to one country's register; safe to share between threads, to be closed when done.

    Args:
        base_url: of the register: https, or http on the loopback.
        token: gives an access token whenever one is needed, or says where to sign in.
        clock: for tests; the machine's otherwise.
        retry: how often and how patiently.
        timeout_s: for each attempt.
        pause: waits so many seconds between two attempts; for tests.

    Every method raises `ProblemAnswer` (by family), `RegisterUnreachable` or `BadAnswer`, and with a `SignIn` also
    `SignInRefused` or `ProviderUnreachable`.
    """

    def __init__(
        self,
        base_url: str,
        token: Callable[[], str] | SignIn,
        *,
        clock: Clock | None = None,
        retry: Retry | None = None,
        timeout_s: float = 10.0,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self._connection = Connection(base_url, token, clock=clock, retry=retry, timeout_s=timeout_s, pause=pause)
        self.records = Records(self._connection)
        """Intakes, the victim ladder, trainings, answers to referrals, and findings."""

    # -- signals

    def new_key(self) -> str:
        """A fresh Idempotency-Key, for a caller who wants to know it before he sends."""
        return str(self._connection.clock.new_id())

    def submit_signal(self, form: SignalIn, key: str | None = None) -> SignalOut:
        """Register a signal; the answer previews who may receive what, and by which rule.

        Args:
            form: the eight questions and whatever else is known.
            key: the Idempotency-Key; a fresh one if None. Repeats within the call use the same.

        Raises:
            RegisterUnreachable, BadAnswer, OperatorAnswer: it may or may not have been stored;
                `details["idempotency_key"]` is the key to send the same form with again.
        """
        return checked(_SIGNAL, self._post_once("/v1/signals", form, key))

    def signal(self, which: UUID | str) -> SignalOut:
        """Read a signal by its id or by the reference that people use."""
        found = _as_id(which)
        path = f"/v1/signals/{found}" if found else f"/v1/signals/by-reference/{quote(str(which), safe='')}"
        return checked(_SIGNAL, self._get(path))

    def signals(self, *, page_size: int = 100, **filters: Unpack[Filters]) -> Iterator[SignalSummary]:
        """All signals of the own country that fit, newest first; pages are fetched as they are needed.

        Args:
            page_size: 1 to 200 at a time.
            filters: equal to these codes.
        """
        wanted = {name: str(code) for name, code in filters.items()}
        cursor: str | None = None
        while True:
            params = {**wanted, "limit": str(page_size), **({"cursor": cursor} if cursor else {})}
            page = checked(_SIGNALS, self._get("/v1/signals", params))
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def history(self, signal_id: UUID) -> list[HistoryLine]:
        """A signal's timeline, oldest first, with what partners were told and acknowledged."""
        return checked(_HISTORY, self._get(f"/v1/signals/{signal_id}/history"))

    def sharing(self, signal_id: UUID) -> list[SharingOut]:
        """Who may have the extract of a signal, by which rule, and who has it by its own receipts."""
        return checked(_SHARING, self._get(f"/v1/signals/{signal_id}/sharing"))

    # -- changes: sent once, since a repeat would be refused for the version that the first one made

    def amend(self, signal_id: UUID, change: AmendIn, *, version: int) -> SignalOut:
        """Correct or complete a signal; what the amendment does not name stays."""
        # Unset and null differ: null takes a part away.
        body = change.model_dump_json(exclude_unset=True)
        path = f"/v1/signals/{signal_id}"
        sent = Request(method="PATCH", path=path, repeatable=False, body=body, headers=if_match(version))
        return checked(_SIGNAL, self._connection.call(sent))

    def reclassify(self, signal_id: UUID, change: ReclassifyIn, *, version: int) -> SignalOut:
        """Assess the type anew; the type as registered stays."""
        return self._change(signal_id, "reclassifications", change, version)

    def step(self, signal_id: UUID, state: SignalState, reason: str, *, version: int) -> SignalOut:
        """Take a signal one step on in the workflow."""
        return self._change(signal_id, "steps", {"state": str(state), "reason": reason}, version)

    def refer(self, signal_id: UUID, referral: ReferIn, *, version: int) -> SignalOut:
        """Refer a signal to another organisation, beside whatever runs already."""
        return self._change(signal_id, "referrals", referral, version)

    def organisations(self) -> list[OrganisationLine]:
        """The organisations of the own country, by code: to whom a signal can be referred."""
        return checked(_ORGANISATIONS, self._get("/v1/organisations"))

    def approve(self, signal_id: UUID, yes: ApproveIn, *, version: int) -> SignalOut:
        """Approve, as the keeper of the exit gate, that a record leaves as it now is."""
        return self._change(signal_id, "approval", yes, version)

    def waiting_approvals(self) -> list[WaitingApprovalOut]:
        """The signals that wait for the caller's approval and nothing else, those waiting longest first."""
        return checked(_WAITING, self._get("/v1/approvals"))

    def asked_approval(self, signal_id: UUID) -> ApprovalAskedOut:
        """What an approval of a signal would be given for, exactly as it would leave."""
        return checked(_ASKED, self._get(f"/v1/signals/{signal_id}/approval"))

    def hand_in_approval(self, signal_id: UUID, signed: SignedApprovalIn, *, version: int) -> SignalOut:
        """Hand in an approval that the caller's organisation signed."""
        return self._change(signal_id, "signed-approval", signed, version)

    def withdraw_approval(self, signal_id: UUID, reason: str, *, version: int) -> SignalOut:
        """Take back, as the keeper of the exit gate, that a record may leave."""
        return self._change(signal_id, "approval-withdrawal", {"reason": reason}, version)

    def consent(self, signal_id: UUID, reason: str, *, version: int) -> SignalOut:
        """Consent, as the prosecutor, to the provision of a record."""
        return self._change(signal_id, "consent", {"reason": reason}, version)

    def asked_consent(self, signal_id: UUID) -> ApprovalAskedOut:
        """What the prosecutor's consent would be given for, exactly as it would leave."""
        return checked(_ASKED, self._get(f"/v1/signals/{signal_id}/consent"))

    def hand_in_consent(self, signal_id: UUID, signed: SignedApprovalIn, *, version: int) -> SignalOut:
        """Hand in a consent that the prosecutor's organisation signed."""
        return self._change(signal_id, "signed-consent", signed, version)

    def withdraw_consent(self, signal_id: UUID, reason: str, *, version: int) -> SignalOut:
        """Take back the prosecutor's consent to a provision."""
        return self._change(signal_id, "consent-withdrawal", {"reason": reason}, version)

    def lift_approval(self, signal_id: UUID, reason: str, *, version: int) -> SignalOut:
        """Say, as the keeper of the exit gate, that a record needs no approval of its own."""
        return self._change(signal_id, "lifting", {"reason": reason}, version)

    def withdraw(self, signal_id: UUID, withdrawal: WithdrawIn, *, version: int) -> SignalOut | WithdrawnUnread:
        """Withdraw a signal everywhere, also where its content does not open any more."""
        path = f"/v1/signals/{signal_id}/withdrawal"
        return checked(_WITHDRAWN, self._post(path, withdrawal, repeatable=False, headers=if_match(version)))

    # -- across the countries

    def search(self, question: SearchIn) -> SearchOut:
        """Ask whether somebody or something is known anywhere; every question is logged, so it is not repeated."""
        return checked(_SEARCH, self._post("/v1/searches", question, repeatable=False, headers={}))

    def to_do(self, *, page_size: int = 100) -> Iterator[ToDoOut]:
        """What waits for the caller, the most urgent first; pages are fetched as needed."""
        cursor: str | None = None
        while True:
            params = {"limit": str(page_size), **({"cursor": cursor} if cursor else {})}
            page = checked(_TO_DO, self._get("/v1/to-do", params))
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def hits(self, ground: Ground, *, signal: UUID | None = None) -> Iterator[HitRow]:
        """Received extracts that share a key with an own signal, newest first; pages are fetched as needed.

        Each page is logged like a search, on the ground given; `signal` asks for those on one signal alone.
        """
        cursor: str | None = None
        while True:
            page = self.hits_page(ground, signal=signal, cursor=cursor)
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def hits_page(
        self, ground: Ground, *, signal: UUID | None = None, cursor: str | None = None, limit: int = 50
    ) -> HitsPage:
        """One page of them, 1 to 200 rows; its `next` is the cursor of the page after it, None on the last one."""
        params = {
            "limit": str(limit),
            **({"signal": str(signal)} if signal else {}),
            **({"cursor": cursor} if cursor else {}),
        }
        stated = {"RTR-Purpose": ground.purpose, "RTR-Legal-Basis": ground.legal_basis, "RTR-Case": ground.case}
        sent = Request(method="GET", path="/v1/hits", repeatable=True, params=params, headers=stated)
        return checked(_HITS, self._connection.call(sent))

    def mark_hit(self, hit_id: UUID, form: HitMarkIn, ground: Ground, *, version: int) -> HitRow:
        """Say what was done about a hit; `version` is the one that the list named."""
        body = form.model_dump_json(exclude_none=True)
        stated = {"RTR-Purpose": ground.purpose, "RTR-Legal-Basis": ground.legal_basis, "RTR-Case": ground.case}
        path = f"/v1/hits/{hit_id}/marks"
        headers = {**if_match(version), **stated}
        sent = Request(method="POST", path=path, repeatable=False, body=body, headers=headers)
        return checked(_HIT, self._connection.call(sent))

    # -- requests to the owners of what was found

    def draft_request(self, form: RequestIn, key: str | None = None) -> RequestOut:
        """Draft a request for the content of a shared extract; nothing is sent by it. `key` as for a signal."""
        return checked(_REQUEST, self._post_once("/v1/requests", form, key))

    def request(self, which: UUID | str) -> RequestOut:
        """Read a request by its id or by the reference on its printed page."""
        found = _as_id(which)
        path = f"/v1/requests/{found}" if found else f"/v1/requests/by-reference/{quote(str(which), safe='')}"
        return checked(_REQUEST, self._get(path))

    def requests(self) -> Iterator[RequestSummary]:
        """The own organisation's requests, newest first; pages are fetched as needed."""
        params: dict[str, str] = {}
        while True:
            page = checked(_REQUESTS, self._get("/v1/requests", params))
            yield from page.items
            if page.next is None:
                return
            params = {"cursor": page.next}

    def amend_request(self, request_id: UUID, change: RequestAmendIn, *, version: int) -> RequestOut:
        """Change a draft; what the change does not name stays."""
        body = change.model_dump_json(exclude_none=True)
        path = f"/v1/requests/{request_id}"
        sent = Request(method="PATCH", path=path, repeatable=False, body=body, headers=if_match(version))
        return checked(_REQUEST, self._connection.call(sent))

    def withdraw_request(self, request_id: UUID, withdrawal: RequestWithdrawIn, *, version: int) -> RequestOut:
        """Take a draft back."""
        path = f"/v1/requests/{request_id}/withdrawal"
        return checked(_REQUEST, self._post(path, withdrawal, repeatable=False, headers=if_match(version)))

    def partners(self) -> PartnersOut:
        """How the exchange stands with each partner, both ways."""
        return checked(_PARTNERS, self._get("/v1/partners"))

    # -- figures, and the register itself

    def owner_statistics(self, year: int) -> OwnerStatistics:
        """The own country's notifications of a year, exact."""
        return checked(_STATISTICS, self._get("/v1/statistics/owner", {"year": str(year)}))

    @property
    def regional(self) -> Regional:
        """Contributions and regional releases."""
        return Regional(self._connection)

    def me(self) -> Me:
        """Who the register takes us for."""
        return checked(_ME, self._get("/v1/me"))

    def ready(self) -> Ready:
        """Whether the node can serve people; a node that cannot is an answer here, not an error."""
        return checked(_READY, self._get("/ready", also=_NOT_READY))

    def close(self) -> None:
        """Give the connections back."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _get(
        self, path: str, params: Mapping[str, str] | None = None, also: frozenset[int] = frozenset()
    ) -> httpx2.Response:
        return self._connection.call(Request(method="GET", path=path, repeatable=True, params=params or {}, also=also))

    def _post(
        self, path: str, body: Form | Mapping[str, Any], *, repeatable: bool, headers: Mapping[str, str]
    ) -> httpx2.Response:
        text = to_json(body)
        return self._connection.call(
            Request(method="POST", path=path, repeatable=repeatable, body=text, headers=headers)
        )

    def _post_once(self, path: str, body: Form, key: str | None) -> httpx2.Response:
        key = key or self.new_key()
        try:
            return self._post(path, body, repeatable=True, headers={"Idempotency-Key": key})
        except (RegisterUnreachable, BadAnswer, OperatorAnswer) as error:
            error.details["idempotency_key"] = key
            raise

    def _change(self, signal_id: UUID, what: str, body: Form | Mapping[str, Any], version: int) -> SignalOut:
        path = f"/v1/signals/{signal_id}/{what}"
        return checked(_SIGNAL, self._post(path, body, repeatable=False, headers=if_match(version)))


def _as_id(which: UUID | str) -> UUID | None:
    if isinstance(which, UUID):
        return which
    try:
        return UUID(which)
    except ValueError:
        return None
