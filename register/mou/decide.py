"""May it be sent, held, seen, may it be asked and whom; by which rules, and why not.

Five pure functions over one rule table, for the sender, the receiver, the search and the page that explains. They
ask every rule that has a say and do not stop at the first objection: who is refused learns all that stands in the
way. They read no clock and no record: facts come in as values, `today` is the day in the country that decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from register.mou.edition import Edition, Rule
from register.mou.facts import AskerFacts, GateWord, Label, RecordFacts, Terms
from register.mou.keys import publishable_keys
from register.mou.rules.gate import Gates
from register.mou.rules.label import IN_FORCE, KNOWN
from register.mou.rules.table import Asking, Holding, Putting, Question, Seeing, SeeingOwn, Sending, Verdict
from register.mou.rules.use import Shown
from schemas.codes import Partition

REFUSED = "refused-by-rule"
UNKNOWN_EDITION = "unknown-edition"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one question.

    Attributes:
        allowed: nothing is allowed that no rule allows.
        because: if refused, every rule that refuses; if allowed, the rules that the permission rests on.
        obligations: the rules that whoever gets the record must heed; empty if refused.
        edition: hash of the edition that decided.
        code: why not, for programs: "" if allowed, else `refused-by-rule` or `unknown-edition`.
        gate: (may_send) by whose word it passes the exit gate; goes along, so that its receiver can check it.
        shows: (may_see) the fields of the extract that may be shown; empty if refused and for one's own record,
            of which all that the person is authorised for may be shown.
    """

    allowed: bool
    because: tuple[Rule, ...]
    obligations: tuple[Rule, ...]
    edition: str
    code: str = ""
    gate: GateWord | None = None
    shows: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of `because`, in the edition's order; on permission the `rules` of the label."""
        return tuple(rule.id for rule in self.because)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What users are told: of a refusal the reasons, of a permission the obligations."""
        return tuple(rule.says for rule in (self.obligations if self.allowed else self.because))

    @property
    def ways(self) -> tuple[str, ...]:
        """What would allow it, one sentence for each refusing rule; empty if it is allowed."""
        return () if self.allowed else tuple(rule.allows for rule in self.because)

    @property
    def assumed(self) -> bool:
        """Whether any rule behind the answer is still assumed."""
        return any(rule.assumed for rule in self.because + self.obligations)


def may_send(record: RecordFacts, recipient: Partition, edition: Edition, *, today: date) -> Decision:
    """Decide whether the owner may send the extract of a record to a partner."""
    keys = publishable_keys(record, edition)
    withheld_by = keys.rules if keys.nothing_left else frozenset[str]()
    decision = _decide_question(Sending(record, recipient, today, withheld_by, keys.nobody_else), edition, today)
    if not decision.allowed:
        return decision
    word = edition.given("GATE-1", Gates).word(record, today)
    return Decision(True, decision.because, decision.obligations, decision.edition, gate=word)


def may_hold(label: Label, me: Partition, own: Edition, theirs: Edition | None, *, today: date) -> Decision:
    """Decide whether a received extract may be kept: if legal under the edition in its label *and* under our own.

    `theirs` is the edition that the label names. Where it is None, or another one than the label names, nothing is
    held, with the code `unknown-edition`: the extract waits in quarantine until the edition is here.
    """
    if theirs is None or not theirs.goes_by(label.edition):
        return Decision(False, (own.rules[KNOWN],), (), own.hash, code=UNKNOWN_EDITION)
    question = Holding(label, me, today)
    ours = _decide_question(question, own, today)
    if theirs.digest == own.digest:
        return ours
    other = _decide_question(question, theirs, today)
    if ours.allowed and other.allowed:
        # Obligations of both bind; where both have a rule, our own words count.
        return Decision(True, ours.because, _join_rules(ours.obligations, other.obligations), own.hash)
    refusals = (() if ours.allowed else ours.because), (() if other.allowed else other.because)
    return Decision(False, _join_rules(*refusals), (), own.hash, code=REFUSED)


def may_see(asker: AskerFacts, record: Terms, edition: Edition, *, today: date) -> Decision:
    """Decide whether a hit on this record may be shown to the asker, and which of its fields.

    The record is a received extract (its label will do) or an own record. Approvals and quality, which only matter
    when a record is sent, are not asked for again; whether it may still be shared and shown, is.
    """
    if asker.partition is record.owner:
        return _decide_question(SeeingOwn(record, today, asker), edition, today)
    decision = _decide_question(Seeing(record, asker.partition, today, asker), edition, today)
    if not decision.allowed:
        return decision
    shows = edition.given("VISIBILITY-2", Shown).shown[record.visibility]
    return Decision(True, decision.because, decision.obligations, decision.edition, shows=shows)


def may_ask(asker: AskerFacts, target: Partition, edition: Edition, *, today: date) -> Decision:
    """Decide whether a country is asked at all. If not, its answer is "not asked", with the rule: never "nothing"."""
    return _decide_question(Asking(asker, target, today), edition, today)


def may_put(asker: AskerFacts, edition: Edition, *, today: date) -> Decision:
    """Decide whether the question may be put at all: what whoever is asked, and the own register, have in common."""
    return _decide_question(Putting(asker, today), edition, today)


def _decide_question(question: Question, edition: Edition, today: date) -> Decision:
    refuse: list[Rule] = [] if edition.in_force(today) else [edition.rules[IN_FORCE]]
    carry: list[Rule] = []
    oblige: list[Rule] = []
    for rule, judge in edition.judges_of[type(question)]:
        verdict = judge(rule.given, question)
        match verdict:
            case Verdict.SILENT:
                pass
            case Verdict.RESTS_ON:
                carry.append(rule)
            case Verdict.OBLIGES:
                oblige.append(rule)
            case Verdict.REFUSES:
                refuse.append(rule)
            case _:
                assert_never(verdict)
    if refuse:
        return Decision(False, tuple(refuse), (), edition.hash, code=REFUSED)
    return Decision(True, tuple(carry), tuple(oblige), edition.hash)


def _join_rules(first: tuple[Rule, ...], second: tuple[Rule, ...]) -> tuple[Rule, ...]:
    known = {rule.id for rule in first}
    return first + tuple(rule for rule in second if rule.id not in known)
