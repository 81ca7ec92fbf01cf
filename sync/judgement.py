"""Whether a received extract may be held here: the rules of the MoU, and two facts that the label cannot vouch for.

The codes are those of quarantine; those of an approval are in `register.mou.rules.approval.ApprovalCode`, those of
what no honest origin sends in `schemas.exchange.bounds.BoundCode`, those of the protocol's own in
`protocol.entries.QuarantineCode`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Final

from register.domain.access.organisation import RETENTION_DAYS
from register.domain.partition import day_in
from register.errors import PartnerError
from register.keys.jws import UnknownKey
from register.mou import edition as editions
from register.mou.decide import REFUSED, UNKNOWN_EDITION, may_hold
from register.mou.edition import Edition
from register.mou.facts import SubjectFacts
from register.mou.keeping import looks_alone
from register.mou.keys import find_withholding_rules
from register.mou.label import label_of
from register.mou.rules.approval import ApprovalCode, Leaving, why_not
from register.mou.rules.basis import Consents
from register.mou.rules.gate import Gate, Gates
from register.pseudonyms.epochs import EPOCHS
from register.pseudonyms.matchkeys import FAMILIES
from schemas.codes import HandlingCondition, Partition, PersonCategory
from schemas.exchange import bounds
from schemas.exchange.wire import (
    GateApproval,
    IndicatorPut,
    Label,
    NodeKey,
    TokenExtract,
    content_of,
    signed_until,
)
from schemas.statistics.entry import StatisticsEntry
from sync.protocol.documents.roster import Rosters
from sync.protocol.ports import Judgement, MayHold, MayKeep
from sync.trust import approval_under, consent_under, signer_of

LONGEST_HELD: Final = timedelta(days=max(RETENTION_DAYS.values()) + 1)
"""From today; a day more, since it may be tomorrow already where the record was made."""
_STORED_MAX: Final = 2**15 - 1


class HoldCode(StrEnum):
    """Why an extract that can be read is not held."""

    REFUSED_BY_RULE = REFUSED  # a rule of the label's edition or of our own refuses it
    UNKNOWN_EDITION = UNKNOWN_EDITION  # the edition that its label names is not known here
    PROTECTED_PERSON = "protected-person"  # it has a pseudonym of somebody whose keys are never published
    FOREIGN_REFERENCE = "foreign-reference"  # it is named as another country's record: nobody forwards another's
    SIGNED_BY_ANOTHER = "signed-by-another"  # a word on statistics without a good signature of its country
    UNIT_NOT_LISTED = "unit-not-listed"  # whom it says to ask is in no list that its origin signed
    RETENTION_PASSED = "retention-passed"  # the day until which it may be held is over
    RETENTION_TOO_LONG = "retention-too-long"  # it asks to be held for longer than any record may be
    CONSENT_UNFIT = "consent-unfit"  # the prosecutor's signed consent beside it is not good, or not for this
    EPOCH_UNKNOWN = "epoch-unknown"  # a pseudonym of it is under a key of the five that is not known here


def may_hold_here(
    me: Partition, origin: Partition, own: Edition, at: datetime, units: Collection[str], rosters: Rosters
) -> MayHold:
    """Return the judge of what `origin` sends, by our own edition and those that labels name, on our day.

    Args:
        me: who receives it.
        origin: whose log it came in.
        own: our edition.
        at: now.
        units: of the origin, by its signed list.
        rosters: whose approval keys are believed.
    """
    today, their_day = day_in(me, at), day_in(origin, at)
    edition_of = cache(editions.by_hash)
    gate_of = _Gate(me, origin, own, rosters, today, their_day)

    @cache
    def decided(label: Label, until: date | None, *, approved: bool, consented: bool) -> Judgement:
        # Labels of one page are much alike, and nothing but the label and what was signed beside it is asked about.
        terms = label_of(label, origin, signed_until=until, approved=approved, consented=consented)
        decision = may_hold(terms, me, own, edition_of(label.edition), today=today)
        if decision.allowed:
            return Judgement(held=True)
        return Judgement(held=False, code=HoldCode(decision.code), rule=next(iter(decision.rules), None))

    @cache
    def withheld(role: str, category: PersonCategory) -> str | None:
        return next(iter(find_withholding_rules(SubjectFacts(n=1, role=role, category=category), own)), None)

    def judge(put: IndicatorPut, about: str) -> Judgement:
        if not put.record.reference.startswith(f"{origin}-"):
            return Judgement(held=False, code=HoldCode.FOREIGN_REFERENCE)
        # Else a node with good keys could lead our people to an address of its own making.
        if put.record.contact.unit not in units:
            return Judgement(held=False, code=HoldCode.UNIT_NOT_LISTED)
        if (refused := _why_not_kept(put.label, today)) is not None:
            return Judgement(held=False, code=refused)
        if not all(map(_is_known, put.record.tokens)):
            return Judgement(held=False, code=HoldCode.EPOCH_UNKNOWN)
        # By our own edition: whatever its origin thought, a victim's pseudonym is found by nobody here.
        keyed = {token.n for token in put.record.tokens}
        for subject in put.record.subjects:
            rule = withheld(subject.role, subject.category) if subject.n in keyed else None
            if rule is not None:
                return Judgement(held=False, code=HoldCode.PROTECTED_PERSON, rule=rule)
        impossible = bounds.why_not(put, families=FAMILIES, their_day=their_day)
        if impossible is not None:
            return Judgement(held=False, code=impossible)
        return gate_of.judge(put, about) or decided(
            put.label, signed_until(put), approved=put.approval is not None, consented=put.consent is not None
        )

    return judge


@dataclass(frozen=True, slots=True)
class _Gate:
    """The exit gate of an origin as its receiver sees it: by its own edition, and the keys of the roster."""

    me: Partition
    origin: Partition
    own: Edition
    rosters: Rosters
    today: date
    their_day: date

    @property
    def gates(self) -> Gates:
        return self.own.given("GATE-1", Gates)

    def judge(self, put: IndicatorPut, about: str) -> Judgement | None:
        """Return why a signed yes beside it does not count, or is missed; None where the rules say the rest."""
        return self._judge_approval(put, about) or self._judge_consent(put, about)

    def _judge_approval(self, put: IndicatorPut, about: str) -> Judgement | None:
        if put.approval is None:
            word = label_of(put.label, self.origin)
            nodes_word = self.gates.takes_nodes_word(self.origin)
            # Whom the handling names is named by the approval: without one it could be anybody.
            named = HandlingCondition.NAMED_RECIPIENTS in word.handling.conditions and not nodes_word
            if word.gate is not None and not nodes_word:
                return Judgement(held=False, code=ApprovalCode.NODES_WORD)
            if named or (word.gate is None and self.gates.needs_approval(word)):
                return Judgement(held=False, code=ApprovalCode.MISSING)
            return None
        code = self._why_not(put.approval, approval_under, self.gates.gates.get(self.origin), put, about)
        return None if code is None else Judgement(held=False, code=code)

    def _judge_consent(self, put: IndicatorPut, about: str) -> Judgement | None:
        if put.consent is None:
            return None
        gate = self.own.given("WPG10A-1", Consents).gate
        code = self._why_not(put.consent, consent_under, gate, put, about)
        return None if code is None else Judgement(held=False, code=HoldCode.CONSENT_UNFIT)

    def _why_not(
        self,
        compact: str,
        prove: Callable[[str, Rosters], tuple[GateApproval, NodeKey]],
        gate: Gate | None,
        put: IndicatorPut,
        about: str,
    ) -> ApprovalCode | None:
        try:
            approval, key = prove(compact, self.rosters)
        except PartnerError as refusal:
            return ApprovalCode.KEY_UNKNOWN if refusal.code == UnknownKey.code else ApprovalCode.UNPROVEN
        label = put.label
        leaving = Leaving(
            self.origin, about, content_of(put.record), label.purpose, frozenset({self.me}), label.legal_basis,
            label.visibility, label.edition, alone=looks_alone(label, put.record.subjects, self.own),
        )  # fmt: skip
        return why_not(approval, key, leaving, gate, today=self.today, given_by=self.their_day)


def _why_not_kept(label: Label, today: date) -> HoldCode | None:
    """Why it may not be kept on this day."""
    if label.retain_until < today:
        return HoldCode.RETENTION_PASSED
    return HoldCode.RETENTION_TOO_LONG if label.retain_until > today + LONGEST_HELD else None


def _is_known(token: TokenExtract) -> bool:
    """Whether a pseudonym is under a key that is in force here; whether its class is known is asked by `bounds`."""
    epoch = EPOCHS.get(token.family.partition(".")[0])
    return (epoch is None or token.epoch == epoch) and max(token.epoch, token.version) <= _STORED_MAX


def may_keep_here(origin: Partition, rosters: Rosters, why_not: Callable[[StatisticsEntry], str | None]) -> MayKeep:
    """Return the judge of what `origin` says about statistics.

    Args:
        origin: whose log it is.
        rosters: whose keys are believed.
        why_not: the code of what speaks against a word that is signed well; None where nothing does.
    """

    def judge(entry: StatisticsEntry) -> Judgement:
        try:
            signer = signer_of(entry, rosters, new=True)
        except PartnerError as refusal:
            return Judgement(held=False, code=refusal.code)
        if signer is not origin:
            return Judgement(held=False, code=HoldCode.SIGNED_BY_ANOTHER)
        code = why_not(entry)
        return Judgement(held=True) if code is None else Judgement(held=False, code=code)

    return judge
