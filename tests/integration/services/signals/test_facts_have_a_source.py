"""Each fact that a rule reads can be set in the product, and each rule of sending can be met and failed there.

A rule whose fact nothing sets is a gate without a door: the prosecutor's consent and named recipients were such.
What no door sets yet is named below with why; a fact or rule that is neither reached nor named is red, and so is a
name that has become untrue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from functools import partial
from typing import Any, Final

import pytest

from api.cli.signals.approve import approval_of
from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.mou.edition import load
from register.mou.facts import RecordFacts
from register.mou.record import decide_all
from register.mou.rules.table import TABLE, Publishing, Sending
from register.pseudonyms.signal_keys import subject_keys
from register.services.signals.approving.approve_signal import approve_signal, confirm_signal, consent_to_provision
from register.services.signals.approving.ask_approval import ask_approval
from register.services.signals.approving.keep_approval import hand_in_approval
from register.services.signals.approving.keep_consent import ask_consent, hand_in_consent
from register.services.signals.change_signal import amend_signal, move_signal, withdraw_signal
from register.services.signals.protecting.assess_protection import assess_signal
from register.services.signals.record_signal import record_signal
from register.services.signals.share_signal import lease_signals, share_signal
from schemas.codes import Partition, SignalState
from schemas.signals.approvals import SignedApprovalIn
from schemas.signals.changes import AmendIn, WithdrawIn
from sync.trust import consent_under
from tests.support.exchange.keepers import a_keeper, proven_with, rosters_with, signed_by
from tests.support.forms import a_form
from tests.support.world import World, world

AW, BQ, NL = Partition.AW, Partition.BQ, Partition.NL
WHY = "Weighed."
ISLAND: Final = {AW: "AW", BQ: "BONAIRE", NL: "NL"}
PHONE = {"type": "PHONE", "value": "+297 000 0901"}
CHILD = {"n": 1, "role": "COMPANION", "kind": "person", "name": "Ana Ficticia", "minor": True, "selectors": [PHONE]}
VICTIM = {"n": 1, "role": "VICTIM_POTENTIAL", "kind": "person", "name": "Eva Ficticia", "selectors": [PHONE]}
SUSPECT = {"n": 1, "role": "SUSPECT", "kind": "person", "selectors": [PHONE]}
WITNESS = {"n": 1, "role": "WITNESS", "kind": "person", "selectors": [PHONE | {"value": "+297 000 0902"}]}

NO_DOOR_YET: Final[Mapping[str, str]] = {
    "contested": "requests of the person concerned are not built (lifecycle.md)",
    "onward": "nobody forwards another's record: the exchange has no way to",
}
"""Facts that no door sets, and why a rule may read them all the same."""

BY_CONSTRUCTION: Final[Mapping[str, str]] = {
    "OWNER-1": "only the owner's house decides about its records",
    "RECIPIENT-1": "partners alone are decided about",
    "BASIS-1": "met by the form's own list of the country; a foreign basis is a fault of the profile",
    "QUALITY-1": "evaluation and verification are in every profile",
    "ORIGIN-1": "the way of obtaining is in every profile",
    "THEME-1": "a theme record without a crime class is not taken in",
    "PERSON-1": "each role has its category",
    "CONTESTED-1": NO_DOOR_YET["contested"],
    "HANDLING-2": NO_DOOR_YET["onward"],
    "RETAIN-1": "fails by the calendar alone",
    "REQUEST-1": "fails by the edition alone",
    "COVENANT-1": "fails by the node's settings alone",
}
"""Rules of sending that no signal made through the services fails, and why."""


@pytest.fixture(scope="module")
def three() -> Iterator[World]:
    with world(countries=(AW, BQ, NL)) as made:
        yield made


Act = Callable[[World, SignalId], object]


def amended(**changes: Any) -> Act:
    told = AmendIn.model_validate({"changes": changes, "reason": WHY})
    return lambda w, s: amend_signal(w[NL], w.caller("NL-LE", Task.REGISTER, actor="unit"), s, told, version=1)


def confirmed(w: World, s: SignalId) -> object:
    return confirm_signal(w[NL], w.caller("NL-LE", Task.REGISTER, actor="other"), s, WHY, version=1)


def approved(w: World, s: SignalId) -> object:
    keeper = w.caller("NL-LE", Task.CONSENT, actor="desk")
    return approve_signal(w[NL], keeper, s, WHY, version=1, recipients=frozenset({AW}))


def consented(w: World, s: SignalId) -> object:
    return consent_to_provision(w[NL], w.caller("NL-OM", Task.PROSECUTE, actor="om"), s, WHY, version=1)


def closed(w: World, s: SignalId) -> object:
    unit = w.caller("NL-LE", Task.REGISTER, actor="unit")
    return move_signal(w[NL], unit, s, SignalState.NO_FURTHER_ACTION, WHY, version=1)


def signed(w: World, s: SignalId) -> object:
    """The approval of the gate's keeper with the signature of his organisation."""
    confirmed(w, s)
    for lease in lease_signals(w[NL], 100):
        share_signal(w[NL], lease)
    key, keeper = a_keeper("NL-LE", "police"), w.caller("NL-LE", Task.CONSENT, actor="keeper")
    asked = ask_approval(w[NL], keeper, s)
    handed = signed_by(key, asked, w[NL].clock.new_id())
    return hand_in_approval(w[NL], keeper, s, handed, proven_with(key), version=asked.version)


def consent_signed(w: World, s: SignalId) -> object:
    """The prosecutor's consent with the signature of his organisation, to some partners."""
    confirmed(w, s)
    for lease in lease_signals(w[NL], 100):
        share_signal(w[NL], lease)
    key, om = a_keeper("NL-OM", "prosecution"), w.caller("NL-OM", Task.PROSECUTE, actor="om")
    asked = ask_consent(w[NL], om, s)
    claims = approval_of(asked, f"{w[NL].clock.new_id()}", to=["AW"], until=None)
    handed = SignedApprovalIn(approval=key.sign(claims, consents=True), reason=WHY)
    prove = partial(consent_under, rosters=rosters_with(key))
    return hand_in_consent(w[NL], om, s, handed, prove, version=asked.version)


def withdrawn(w: World, s: SignalId) -> object:
    back = WithdrawIn.model_validate({"code": "withdrawn", "reason": WHY})
    return withdraw_signal(w[NL], w.caller("NL-LE", Task.REGISTER, actor="unit"), s, back, version=1)


def nothing(_: World, __: SignalId) -> None:
    """As it was registered."""


LIVES: Final[tuple[tuple[str, dict[str, Any], Act], ...]] = (
    ("NL-KMAR", {}, nothing),
    ("NL-IND", {}, nothing),
    ("AW-DIMAS", {}, nothing),
    ("BQ-LABOUR", {}, nothing),
    ("NL-KMAR", {}, confirmed),
    ("NL-KMAR", {}, approved),
    ("NL-KMAR", {}, signed),
    ("NL-KMAR", {}, closed),
    ("NL-KMAR", {}, withdrawn),
    ("NL-KMAR", {"legal_basis": "WPG10A"}, consented),
    ("NL-KMAR", {"legal_basis": "WPG10A"}, consent_signed),
    ("NL-KMAR", {"legal_basis": "WPG10A"}, nothing),
    ("NL-KMAR", {"legal_basis": "WPG10B", "crime_class": "TRAFFICKING"}, nothing),
    ("NL-KMAR", {"legal_basis": "WPG10B", "crime_class": "TRAFFICKING"}, amended(legal_basis="WPG8")),
    ("NL-KMAR", {"legal_basis": "WPG13"}, nothing),
    ("NL-IND", {"legal_basis": "WPG8"}, nothing),
    ("NL-KMAR", {"purpose": "ADMINISTRATIVE"}, nothing),
    ("NL-KMAR", {"single_approval": True}, nothing),
    ("NL-KMAR", {"visibility": "V3"}, nothing),
    ("NL-KMAR", {"handling": {"code": "H3", "conditions": ["EXPIRY"], "expires": "2025-06-02"}}, nothing),
    ("NL-KMAR", {"handling": {"code": "H3", "conditions": ["NAMED_RECIPIENTS"]}}, nothing),
    ("NL-KMAR", {"handling": {"code": "H3", "conditions": ["NAMED_RECIPIENTS"]}}, approved),
    ("NL-KMAR", {"handling": {"code": "H3", "conditions": ["NO_CONTACT"]}}, nothing),
    ("NL-KMAR", {"evaluation": {"scheme": "4x4", "source": "A", "information": "1"}}, nothing),
    ("NL-KMAR", {"subjects": [CHILD], "selectors": []}, nothing),
    ("NL-KMAR", {"subjects": [VICTIM], "selectors": [PHONE]}, nothing),
    ("NL-KMAR", {"subjects": [VICTIM, {**SUSPECT, "n": 2}], "selectors": []}, amended(subjects=[{**SUSPECT, "n": 2}])),
    ("NL-KMAR", {"subjects": [SUSPECT], "selectors": []}, nothing),
    ("NL-KMAR", {"subjects": [WITNESS], "selectors": []}, nothing),
    ("NL-KMAR", {"subjects": [], "selectors": [PHONE], "source": "VICTIM"}, nothing),
    ("NL-KMAR", {"subjects": [], "selectors": [], "nothing_known": True}, nothing),
)  # fmt: skip
"""Who records what, and what is then done with it: enough that each fact is met both ways."""


@pytest.fixture(scope="module")
def facts(three: World) -> list[RecordFacts]:
    return [_lived(three, *life) for life in LIVES]


def _lived(three: World, organisation: str, parts: dict[str, Any], act: Act) -> RecordFacts:
    by = three.caller(organisation, Task.SUBMIT, actor="officer")
    register = three[by.partition]
    place = {"island": ISLAND[by.partition], "location_type": "STREET"}
    made = record_signal(register, by, a_form(place=place, **parts), str(register.clock.new_id()))
    act(three, SignalId(made.id))
    with register.work(three.worker(by.partition)) as work:
        signal = work.signals.reports.get(SignalId(made.id))
        keys = subject_keys(signal.form, by.partition)
        return assess_signal(register, work, signal, work.access.organisations.get(organisation), keys).facts


def test_every_fact_that_a_rule_reads_is_set_by_a_door(facts: list[RecordFacts]) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for one in facts:
        for member in fields(one):
            seen[member.name].add(repr(getattr(one, member.name)))
    never = {name for name, values in seen.items() if len(values) < 2}
    # Days move by the calendar, not by a door; a covenant is the country's, by its settings.
    assert never - {"last_verified_on", "covenant_ref", "retain_until", "acquisition"} == set(NO_DOOR_YET)


def test_every_rule_of_sending_can_be_met_and_failed_through_the_doors(facts: list[RecordFacts]) -> None:
    edition, today = load("demo"), facts[0].last_verified_on
    assert today is not None
    failed: set[str] = set()
    for one in facts:
        for decision in decide_all(one, edition, today=today).values():
            failed |= set() if decision.allowed else set(decision.rules)
    sent = [any(d.allowed for d in decide_all(one, edition, today=today).values()) for one in facts]
    ruling = {rule for rule, entry in TABLE.items() if Sending in entry.judges}
    obliging = {"HANDLING-1", "HANDLING-5"}
    assert any(sent)
    assert ruling - failed - obliging == set(BY_CONSTRUCTION) & ruling - failed
    assert not failed & {rule for rule, why in BY_CONSTRUCTION.items() if why}, "a name that has become untrue"


def test_retention_ends_what_no_door_ends(facts: list[RecordFacts]) -> None:
    one = facts[0]
    assert one.retain_until is not None
    late = decide_all(one, load("demo"), today=one.retain_until + timedelta(days=1))
    assert all("RETAIN-1" in decision.rules for decision in late.values())


def test_rules_on_keys_are_reached_too(facts: list[RecordFacts]) -> None:
    """Of a child, of a victim, and beside one: a rule that withholds a key is named where all are withheld."""
    today = facts[0].last_verified_on
    assert today is not None
    named = {r for one in facts for d in decide_all(one, load("demo"), today=today).values() for r in d.rules}
    assert named & {rule for rule, entry in TABLE.items() if Publishing in entry.judges}
