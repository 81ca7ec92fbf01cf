"""How the exchange stands, in sentences: what it means, what to do, whom to call.

Pure: from the status that the API gives too, to findings; each has a sentence, what to do, and whether anybody has to.
Codes are kept beside the words, for the operator who is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from api.web.frame.languages import N_, Text
from register.domain.exchange.log import ORIGIN_BEHIND, ORIGIN_RESTORED, StandsStill
from schemas.codes import Partition
from sync.status import RECEIPT_OF_TOMORROW, ExchangeStatus, FromPartner, PartnerStatus, ToPartner

CALL_AFTER: Final = timedelta(days=1)
"""What goes by itself and has not for so long needs somebody."""
NUMBERS_SHOWN: Final = 6
OVERDUE_COUNTED: Final = 100
"""The status counts no further."""


class State(IntEnum):
    """How it stands with a partner; the higher, the more it needs somebody."""

    NEVER = 0
    WELL = 1
    ON_ITS_WAY = 2
    NEEDS_YOU = 3


STATES: Final = {
    State.NEVER: N_("Not exchanged yet"),
    State.WELL: N_("All is well"),
    State.ON_ITS_WAY: N_("On its way: nothing to do"),
    State.NEEDS_YOU: N_("Needs you"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to know; `says` may use the places count, least and at.

    Attributes:
        state: `ON_ITS_WAY` where nobody has to do anything, else `NEEDS_YOU`.
        why: the reason, where there is one of several.
        do: what to do, and whom to call.
        count: how many; `capped` where there may be more.
        at: since when, or when last.
        numbers: of the entries it is about, the first few.
        code: for the operator.
        rule: of the MoU that it rests on.
    """

    state: State
    says: Text
    do: Text
    why: Text | None = None
    count: int = 0
    capped: bool = False
    at: datetime | None = None
    numbers: tuple[int, ...] = ()
    code: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One partner in words."""

    partner: Partition
    state: State
    findings: tuple[Finding, ...]
    status: PartnerStatus


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole in one look: the partners that need somebody first, those that do not take part last."""

    partners: tuple[Told, ...]
    index_waiting: int

    @property
    def state(self) -> State:
        """The worst that any partner is in; a partner that has not joined changes nothing unless none has."""
        worst = max((told.state for told in self.partners), default=State.NEVER)
        return max(worst, State.ON_ITS_WAY) if self.index_waiting else worst

    def of(self, state: State) -> tuple[Partition, ...]:
        """The partners in this state."""
        return tuple(told.partner for told in self.partners if told.state is state)


def describe_overview(status: ExchangeStatus, now: datetime) -> Overview:
    """Say how it stands; `now` tells what has lasted too long."""
    told = sorted((_describe_partner(one, now) for one in status.partners), key=lambda one: -one.state)
    return Overview(tuple(told), status.index_waiting)


def says_still(one: StandsStill) -> Text:
    """A log that goes on no more, in a sentence with a place for the partner."""
    if one.ours:
        return _RESTORED_SHORT if one.code == ORIGIN_RESTORED else _STOPPED_SHORT
    return _SET_BACK_SHORT if one.code == ORIGIN_BEHIND else _HALTED_SHORT


def _describe_partner(status: PartnerStatus, now: datetime) -> Told:
    got, sent = status.received, status.sent
    if not _has_ever_exchanged(status) and got.last_error is None:
        return Told(status.partner, State.NEVER, tuple(_kept_ready(sent)), status)
    findings = (*_find_received_faults(got, now), *_find_sent_faults(sent, _judge_since(got.last_success_at, now)))
    state = max((finding.state for finding in findings), default=State.WELL)
    ordered = sorted(findings, key=lambda finding: -finding.state)
    return Told(status.partner, state, tuple(ordered), status)


def _has_ever_exchanged(status: PartnerStatus) -> bool:
    return status.received.last_success_at is not None or status.sent.last_receipt_at is not None


def _kept_ready(sent: ToPartner) -> Iterator[Finding]:
    if ready := sent.tip + sent.waiting:
        yield Finding(
            state=State.ON_ITS_WAY,
            says=N_("Entries kept ready for this partner: %(count)s."),
            do=N_("Nothing: the partner fetches them once it takes part."),
            count=ready,
        )


def _find_received_faults(got: FromPartner, now: datetime) -> Iterator[Finding]:
    if got.halted is not None:
        yield Finding(
            state=State.NEEDS_YOU,
            says=N_("We take in nothing more from this partner: it signed two different versions of what it told us."),
            do=N_(
                "Call the partner's coordinator by telephone, and tell your operator. The proof is kept here. What we have of this partner stays and grows old."  # noqa: E501 - one message
            ),
            code=got.halted,
        )
    elif got.set_back_at is not None:
        yield Finding(
            state=State.NEEDS_YOU,
            says=N_("This partner no longer has all that it told us: its register was restored from an older copy."),
            do=N_(
                "Call the partner's coordinator by telephone, and tell your operator. What we have of this partner stays as it is, and what it withdrew stays withdrawn."  # noqa: E501 - one message
            ),
            at=got.set_back_at,
            code=ORIGIN_BEHIND,
        )
    elif got.last_error is not None:
        yield _describe_failure(got.last_error, got, now)
    elif got.stale and not got.behind:
        yield Finding(
            state=_judge_since(got.last_success_at, now),
            says=N_("Nothing fresh was heard from this partner since %(at)s."),
            do=N_("If it lasts for more than an hour, tell your operator: our own fetching may have stopped."),
            at=got.last_success_at,
        )
    if got.behind and got.halted is None:
        yield Finding(
            state=_judge_since(got.last_success_at, now),
            says=N_("Entries of this partner that have not arrived here yet: %(count)s."),
            do=N_("Nothing: they are fetched by themselves. If the number stays for a day, tell your operator."),
            count=got.behind,
        )
    yield from _list_refused_entries([(q.seq, q.code, q.rule) for q in got.quarantine], here=True)
    if got.unconfirmed:
        yield Finding(
            state=State.ON_ITS_WAY,
            says=N_("Withdrawn by this partner, and still in our search index: %(count)s."),
            do=N_("Nothing: what was withdrawn is destroyed here already, and the index follows by itself."),
            count=got.unconfirmed,
        )


def _describe_failure(code: str, got: FromPartner, now: datetime) -> Finding:
    says, do, patient = _FAILED.get(code, _OTHER_FAILURE)
    lasted = got.last_success_at is not None and now - got.last_success_at > CALL_AFTER
    if patient and lasted:
        do = N_("It has lasted for more than a day: call the partner's coordinator, and tell your operator.")
    state = State.ON_ITS_WAY if patient and not lasted else State.NEEDS_YOU
    return Finding(state=state, says=says, do=do, at=got.last_error_at, code=code)


def _find_sent_faults(sent: ToPartner, unheard: State) -> Iterator[Finding]:
    reasons = sent.not_converged
    if sent.stopped == ORIGIN_RESTORED:
        yield Finding(
            state=State.NEEDS_YOU,
            says=N_(
                "We tell this partner nothing more: our own register was restored from an older copy, and this partner has had more from us than it remembers."  # noqa: E501 - one message
            ),
            do=N_(
                "Tell your operator at once. Nothing at the partner is undone, and what is decided here waits. What was withdrawn or corrected here after the copy was made looks as if that had not been done."  # noqa: E501 - one message
            ),
            at=sent.stopped_at,
            code=sent.stopped,
        )
    elif sent.stopped is not None:
        yield Finding(
            state=State.NEEDS_YOU,
            says=N_(
                "We tell this partner nothing more: it has confirmed something else than this register remembers. Probably one of the two was restored from an older copy."  # noqa: E501 - one message
            ),
            do=N_("Tell your operator at once. Nothing is lost: what is decided waits here."),
            at=sent.stopped_at,
            code=sent.stopped,
        )
    elif "other-log" in reasons or "roots-differ" in reasons:
        yield Finding(
            state=State.NEEDS_YOU,
            says=N_("What this partner holds of ours is not what we told it."),
            do=N_("Tell your operator, and call the partner's coordinator: the two compare what they hold."),
            code="roots-differ" if "roots-differ" in reasons else "other-log",
        )
    if sent.held_back:
        yield Finding(
            state=State.NEEDS_YOU,
            says=N_(
                "Taken back or changed here since %(at)s, and still as it was at this partner: %(count)s. Whoever is protected since can still be found there."  # noqa: E501 - one message
            ),
            do=N_(
                "Reach this country by telephone at once, say which references, and let it take them out by hand. Tell your operator."  # noqa: E501 - one message
            ),
            count=sent.held_back,
            at=sent.held_back_since,
            code="removals-held-back",
        )
    if RECEIPT_OF_TOMORROW in reasons:
        yield Finding(
            state=State.NEEDS_YOU,
            says=N_("This partner's newest confirmation says that it was given later than it came: %(at)s."),
            do=N_(
                "Tell your operator, and call the partner's coordinator: its clock is wrong, or somebody confirms by hand what its register does not."  # noqa: E501 - one message
            ),
            at=sent.last_receipt_at,
            code=RECEIPT_OF_TOMORROW,
        )
    if sent.retracts_refused:
        yield Finding(
            state=State.NEEDS_YOU,
            says=N_("Withdrawn by us, and refused by this partner: %(count)s. No register may refuse a withdrawal."),
            do=N_("Call the partner's coordinator now: what we withdrew can still be found there. Tell your operator."),
            count=len(sent.retracts_refused),
            numbers=sent.retracts_refused[:NUMBERS_SHOWN],
            code="withdrawals-refused",
        )
    if sent.overdue:
        yield Finding(
            state=State.NEEDS_YOU,
            says=N_("Withdrawn by us, and not confirmed by this partner in time: %(least)s%(count)s."),
            do=N_("Call the partner's coordinator: what we withdrew may still be seen there."),
            count=len(sent.overdue),
            capped=len(sent.overdue) >= OVERDUE_COUNTED,
        )
    if (still := sent.open_retracts - len(sent.overdue)) > 0:
        yield Finding(
            state=State.ON_ITS_WAY,
            says=N_("Withdrawn by us, and not confirmed by this partner yet: %(count)s."),
            do=N_("Nothing yet: the time for it has not passed."),
            count=still,
        )
    others = [(seq, code, None) for seq, code in sent.refused if seq not in sent.retracts_refused]
    yield from _list_refused_entries(others, here=False)
    if sent.waiting:
        yield Finding(
            state=State.ON_ITS_WAY,
            says=N_("Decided for this partner, and not sent yet: %(count)s."),
            do=N_("Nothing: it goes by itself. If the number stays for an hour, tell your operator."),
            count=sent.waiting,
        )
    if "behind" in reasons or "no-receipt" in reasons:
        yield Finding(
            state=unheard,  # receipts come when there is news, so the newest one may be old without any harm
            says=N_("Entries of ours that this partner has not confirmed yet: %(count)s."),
            do=N_("Nothing: it confirms when it fetches. If it lasts for more than a day, call its coordinator."),
            count=sent.tip - sent.acknowledged_to,
        )


def _list_refused_entries(entries: Sequence[tuple[int, str, str | None]], *, here: bool) -> Iterator[Finding]:
    """One finding for each reason, since one reason often refuses many."""
    reasons: dict[tuple[str, str | None], list[int]] = {}
    for seq, code, rule in entries:
        reasons.setdefault((code, rule), []).append(seq)
    for (code, rule), numbers in reasons.items():
        yield Finding(
            state=State.NEEDS_YOU,
            says=_REFUSED_HERE if here else _REFUSED_THERE,
            why=REFUSED.get(code, N_("Refused for another reason.")),
            do=_WHERE_HERE if here else _WHERE_THERE,
            count=len(numbers),
            numbers=tuple(numbers[:NUMBERS_SHOWN]),
            code=code,
            rule=rule,
        )


def _judge_since(at: datetime | None, now: datetime) -> State:
    return State.NEEDS_YOU if at is not None and now - at > CALL_AFTER else State.ON_ITS_WAY


_RESTORED_SHORT: Final = N_(
    "%(partner)s: nothing more is told to it, since our own register was restored from an older copy."
)
_STOPPED_SHORT: Final = N_("%(partner)s: nothing more is told to it, since its receipts contradict our register.")
_SET_BACK_SHORT: Final = N_(
    "%(partner)s: its register was restored from an older copy. What we have of it stays as it is."
)
_HALTED_SHORT: Final = N_("%(partner)s: nothing more is taken in from it, since it told us two different versions.")
_REFUSED_HERE: Final = N_("This partner told us what we may not hold: %(count)s.")
_REFUSED_THERE: Final = N_("We told this partner what it may not hold: %(count)s.")
_WHERE_HERE: Final = N_(
    "It is looked at again by itself, and the partner sees the same reason. If it stays, talk it over with the partner's coordinator."  # noqa: E501 - one message
)
_WHERE_THERE: Final = N_(
    "The partner refused it and looks at it again by itself. Mend the record, or talk it over with the partner's coordinator."  # noqa: E501 - one message
)
REFUSED: Final = {
    "refused-by-rule": N_("A rule of the agreement does not allow it to be held."),
    "unknown-edition": N_("It was shared under an edition of the rules that the receiver does not have."),
    "foreign-reference": N_("It carries the reference of another country: nobody passes on another's record."),
    "unit-not-listed": N_("Whom it says to ask is not in the list of units that its country has signed."),
    "protected-person": N_("It holds a pseudonym of a victim or another person whose keys are never shared."),
    "retention-passed": N_("The day until which it may be kept has passed."),
    "retention-too-long": N_("It asks to be kept for longer than any record may be."),
    "epoch-unknown": N_("It holds a pseudonym made under a key that the receiver does not know."),
    "ext-too-large": N_("It brings more beside the agreed form than may be kept."),
    "code-unknown": N_("It uses words of the agreement's lists that the receiver does not know, or that do not fit."),
    "day-impossible": N_("It names a day, month or year that no report can have."),
    "count-impossible": N_("It counts more persons or pseudonyms than a report can have, or one of them twice."),
    "pseudonym-unknown": N_("It holds a pseudonym of a kind, or made by rules, that the receiver does not know."),
    "version-jump": N_("Its version is further from the one before than any register counts."),
    "schema-unknown": N_("It is written in a newer form than the receiver reads."),
    "schema-invalid": N_("It is not in the form that was agreed."),
    "body-unreadable": N_("It cannot be read."),
    "entry-too-large": N_("It is too large."),
    "critical-unknown": N_("It comes with a condition that the receiver does not know, so it is not used."),
    "signed-by-another": N_("It was not signed by the country whose figures it tells."),
    "label-audience": N_("It is not meant for this receiver."),
    "consent-unfit": N_("The prosecutor's consent beside it is not signed well, or not for this record."),
    "approval-missing": N_("The exit gate of its country has to approve it, and no approval came with it."),
    "approval-by-node": N_("Only its register says that it was approved; the receiver's rules ask for the signature."),
    "approval-unproven": N_("The signature of its approval does not hold."),
    "approval-key-unknown": N_("Its approval is signed with a key that is not listed for approvals."),
    "approval-key-inactive": N_("Its approval is signed with a key that no longer counts."),
    "approval-country": N_("Its approval is signed with another country's key."),
    "approval-keeper": N_("Its approval is not of the organisation that keeps that country's exit gate."),
    "approval-object": N_("Its approval was given for another record."),
    "approval-class": N_("Its approval was given for another class of records, or the receiver's rules take none."),
    "approval-alone": N_("Its approval was given for a class, and it needs one of its own."),
    "approval-long": N_("Its approval was given for a class, for longer than the receiver's rules take."),
    "approval-content": N_("Its approval was given for something else than this record as it is now."),
    "approval-purpose": N_("Its approval was given for another purpose."),
    "approval-recipient": N_("Its approval is not for this receiver."),
    "approval-early": N_("The first day of its approval is still to come."),
    "approval-expired": N_("The last day of its approval is over."),
}
"""Why an entry was refused, by code; the rule says it better where one is named."""

_Failure = tuple[Text, Text, bool]
_TRUST: Final[_Failure] = (
    N_("The proof of who speaks did not hold: a key, a signature or the list of members does not fit."),
    N_("Tell your operator today, with the code. Nothing was taken in."),
    False,
)
_VERSIONS: Final[_Failure] = (
    N_("One of the two registers is too old to understand the other."),
    N_("Ask both operators which one has to be updated. Nothing is lost: it waits."),
    False,
)
_OTHER_FAILURE: Final[_Failure] = (
    N_("The last fetching failed: what came could not be used, and nothing of it was taken in."),
    N_("Tell your operator, with the code. It is tried again by itself."),
    False,
)
_FAILED: Final[dict[str, _Failure]] = {
    "partner-unreachable": (
        N_("The last attempt to reach this partner failed: the line is down, or its register is."),
        N_("Nothing: it is tried again by itself."),
        True,
    ),
    "out-of-sequence": (
        N_("The last fetching came in the wrong order."),
        N_("Nothing: it is tried again by itself."),
        True,
    ),
    "clock-skew": (
        N_("The clocks of the two registers differ too much."),
        N_("Ask your operator to look at our clock, and the partner's coordinator to have theirs looked at."),
        False,
    ),
    **dict.fromkeys(
        (
            "bad-signature",
            "unknown-key",
            "key-not-active",
            "key-revoked",
            "roster-unknown",
            "roster-fell",
            "roster-refused",
            "no-such-partner",
            "wrong-issuer",
            "wrong-audience",
            "seal-broken",
        ),
        _TRUST,
    ),
    **dict.fromkeys(("version-unsupported", "no-common-version"), _VERSIONS),
}
