"""What a leaf of the audit log may say: the declared facts of its action, all of them and no others."""

from __future__ import annotations

import re
from itertools import product

import pytest

from register.domain.access.admission import Outcome
from register.domain.running.audit_action import OPERATORS, AuditAction
from register.domain.signals.history import SignalEvent
from register.store.sealed_before import Marked


@pytest.mark.parametrize(
    ("facts", "private"),
    [
        ({"version", "fields", "name"}, {"reason"}),  # a name that nobody declared
        ({"version"}, {"reason"}),
        ({"version", "fields"}, None),
        ({"version", "fields"}, {"reason", "name"}),
        ({"version", "fields", "reason"}, {"reason"}),  # in plain what is to be sealed
    ],
)
def test_action_takes_nothing_that_it_does_not_declare_and_misses_nothing(
    facts: set[str], private: set[str] | None
) -> None:
    with pytest.raises(ValueError, match=r"a leaf of intake\.amended says too"):
        AuditAction.INTAKE_AMENDED.check(facts, private)


def test_action_takes_what_it_declares_with_or_without_what_may_be_left_out() -> None:
    AuditAction.INTAKE_AMENDED.check({"version", "fields"}, {"reason"})
    AuditAction.SAMPLE_TICKED.check({"verdict"}, None)
    AuditAction.SAMPLE_TICKED.check({"verdict"}, {"note"})


@pytest.mark.parametrize("action", AuditAction)
def test_action_has_words_and_one_place_for_each_of_its_facts(action: AuditAction) -> None:
    assert re.fullmatch(r"[a-z-]+\.[a-z_-]+", action.value)
    assert re.fullmatch(r"[A-Z].*\.", action.words)
    assert not action.facts.keys() & action.private.keys()
    assert action.name == re.sub("[^A-Z]", "_", action.value.upper())


def test_no_two_actions_have_the_same_words() -> None:
    assert len({action.words for action in AuditAction}) == len(AuditAction)


def test_actions_that_are_put_together_from_codes_are_all_there() -> None:
    changes = (outcome for outcome in Outcome if outcome is not Outcome.UNCHANGED)
    for what, outcome in product(("organisation", "unit", "authorisation"), changes):
        assert AuditAction.named(f"{what}.{outcome}")
    for place, verb in product(Marked, ("sealed-anew", "not-sealed")):
        assert AuditAction.named(f"{place}.{verb}")
    with pytest.raises(KeyError):
        AuditAction.named("organisation.unchanged")


def test_only_operators_actions_begin_as_theirs() -> None:
    """A restore looks by this beginning whether a log holds more than that the database was made."""
    for action in AuditAction:
        assert action.startswith(OPERATORS) == ("uid" in action.facts and action.words.startswith("An operator"))


def test_each_event_of_a_timeline_has_a_leaf_of_its_own() -> None:
    assert len({event.action for event in SignalEvent}) == len(SignalEvent)
    assert not SignalEvent.REFERRAL_ANSWERED.is_versioned
    assert SignalEvent.REFERRED.is_versioned
