"""Every rule of the MoU can be met and failed over HTTP: by routes that people and their programs have, and no other.

Made from the table of rules: a rule that is added without a way in is red, and so is a reason why one has none that has
become untrue. What the worker does between two requests it does here at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final

import pytest

from register.domain.access.caller import Task
from register.mou.edition import load
from register.mou.rules.table import TABLE, Putting, Sending
from schemas.codes import Partition
from tests.integration.http.doors import Doors, a_key, a_request, form, question
from tests.integration.http.doors import doors as opened
from tests.support.told import share_all

AW, NL = Partition.AW, Partition.NL
WHY: Final = {"reason": "Weighed."}
PHONE: Final = {"type": "PHONE", "value": "+297 000 0911"}
SUSPECT: Final = {"n": 1, "role": "SUSPECT", "kind": "person", "selectors": [PHONE]}
CHILD: Final = {"n": 1, "role": "COMPANION", "kind": "person", "name": "Ana Ficticia", "minor": True,
                "selectors": [PHONE]}  # fmt: skip
VICTIM: Final = {"n": 1, "role": "VICTIM_POTENTIAL", "kind": "person", "name": "Eva Ficticia", "selectors": [PHONE]}
WITNESS: Final = {"n": 1, "role": "WITNESS", "kind": "person", "name": "Iris Ficticia", "selectors": [PHONE]}


def letters(*tasks: Task) -> str:
    return "".join(task.letter for task in tasks)


PERSONAS: Final[Mapping[str, tuple[str, str]]] = {
    "border": ("NL-KMAR", letters(Task.SUBMIT, Task.READ_OWN)),
    "office": ("NL-IND", letters(Task.SUBMIT, Task.READ_OWN)),
    "asks": ("NL-IND", letters(Task.SEARCH_SHARED)),
    "unit": ("NL-LE", letters(Task.REGISTER, Task.ENRICH)),
    "second": ("NL-LE", letters(Task.REGISTER)),
    "desk": ("NL-LE", letters(Task.CONSENT)),
    "prosecutor": ("NL-OM", letters(Task.PROSECUTE)),
}


@dataclass(frozen=True)
class Act:
    """One request about the signal: by whom, where, with what."""

    persona: str
    path: str
    body: Mapping[str, Any]
    method: str = "POST"


def amended(**changes: Any) -> Act:
    return Act("unit", "", {"changes": changes} | WHY, "PATCH")


@dataclass(frozen=True)
class Way:
    """A signal as it is registered, and what is then done: before or after, and not both, the rule refuses it."""

    parts: Mapping[str, Any]
    then: Act
    by: str = "border"


CONFIRMED: Final = Act("second", "/confirmation", WHY)
SENDING: Final[Mapping[str, Way]] = {
    "WPG10B-1": Way({"legal_basis": "WPG10B", "crime_class": "TRAFFICKING"}, amended(legal_basis="WPG8")),
    "WPG10A-1": Way({"legal_basis": "WPG10A"}, Act("prosecutor", "/consent", WHY)),
    "SHARED-1": Way({"legal_basis": "WPG13"}, amended(legal_basis="WPG8")),
    "BASIS-2": Way({"legal_basis": "WPG8"}, amended(legal_basis="NONPOLICE_GDPR"), by="office"),
    "PURPOSE-1": Way({"purpose": "ADMINISTRATIVE"}, amended(purpose="INVESTIGATE")),
    "VISIBILITY-1": Way({"visibility": "V3"}, amended(visibility="V1")),
    "HANDLING-3": Way(
        {"handling": {"code": "H3", "conditions": ["EXPIRY"], "expires": "2025-06-02"}},
        amended(handling={"code": "H0"}),
    ),
    "HANDLING-4": Way(
        {"handling": {"code": "H3", "conditions": ["NAMED_RECIPIENTS"]}},
        Act("desk", "/approval", WHY | {"recipients": ["AW"]}),
    ),
    "AUDIENCE-1": Way({}, Act("desk", "/approval", WHY | {"recipients": ["AW"]})),
    # Of its own values: the mark passes on to every report that shares them.
    "GATE-1": Way({"single_approval": True, "subjects": [SUSPECT]}, Act("desk", "/approval", WHY)),
    "CONFIRM-1": Way({"visibility": "V0"}, CONFIRMED),
    "STATE-1": Way({}, Act("unit", "/steps", WHY | {"state": "NO_FURTHER_ACTION"})),
    "WITHDRAWN-1": Way({}, Act("unit", "/withdrawal", WHY | {"code": "withdrawn"})),
    "MINOR-1": Way({"subjects": [SUSPECT]}, amended(subjects=[CHILD])),
    "KEYS-1": Way({"subjects": [VICTIM], "selectors": []}, amended(subjects=[VICTIM, SUSPECT | {"n": 2, "selectors": [
        PHONE | {"value": "+297 000 0912"}]}])),
    "KEYS-2": Way({"subjects": [SUSPECT], "selectors": []}, amended(subjects=[CHILD])),
    "KEYS-3": Way({"subjects": [SUSPECT], "selectors": []}, amended(subjects=[WITNESS])),
    "KEYS-4": Way({"subjects": [SUSPECT], "selectors": []}, amended(subjects=[VICTIM])),
    "KEYS-6": Way(
        {"subjects": [VICTIM], "selectors": [PHONE | {"value": "+297 000 0913"}]},
        amended(subjects=[VICTIM, SUSPECT | {"n": 2, "selectors": [PHONE | {"value": "+297 000 0913"}]}], selectors=[]),
    ),
}  # fmt: skip
"""Rules that refuse to send, each with a way on which it does and does not."""
OBLIGING: Final[Mapping[str, Way]] = {
    "HANDLING-1": Way({"handling": {"code": "H1"}}, amended(handling={"code": "H0"})),
    "HANDLING-2": Way({"handling": {"code": "H2"}}, amended(handling={"code": "H0"})),
    "HANDLING-5": Way({"handling": {"code": "H3", "conditions": ["NO_CONTACT"]}}, amended(handling={"code": "H0"})),
}
"""Rules whose sentence goes with what is sent."""
ASKED: Final[Mapping[str, tuple[str, dict[str, Any], dict[str, Any]]]] = {
    "ASK-3": ("asks", {"legal_basis": "AW_NONPOLICE"}, {}),
    "ASK-4": ("asks", {"legal_basis": "WPG8"}, {}),
    "ASK-5": ("asks", {"purpose": "INVESTIGATE"}, {}),
}
"""Rules on who asks: the persona, what the question then says wrongly, and rightly."""
RIGHT: Final = {"purpose": "COORDINATE", "legal_basis": "NONPOLICE_GDPR"}
AT_THE_DOOR: Final[Mapping[str, tuple[dict[str, Any], str]]] = {
    "THEME-1": ({"legal_basis": "WPG10B"}, "crime-class-needed"),
    "PERSON-1": ({"subjects": [SUSPECT | {"role": "SOMEBODY"}]}, "invalid-request"),
}
"""Rules that no signal fails since the door refuses it, with what it says; each signal that is taken in meets them."""
NO_WAY: Final[Mapping[str, str]] = {
    "EDITION-1": "fails by the calendar and the edition alone",
    "EDITION-2": "judged of what a partner sends",
    "LABEL-1": "judged of what a partner sends",
    "OWNER-1": "only the owner's house decides about its records",
    "RECIPIENT-1": "partners alone are decided about",
    "BASIS-1": "a basis that is no law of the country is a fault of the profile, not of a form",
    "QUALITY-1": "evaluation and verification are in every profile",
    "ORIGIN-1": "the way of obtaining is in every profile",
    "RETAIN-1": "fails by the calendar alone",
    "COVENANT-1": "fails by the node's settings alone",
    "CONTESTED-1": "requests of the person concerned are not built (lifecycle.md)",
    "KEYS-5": "withholds keys one by one and refuses no record by itself",
    "ASK-1": "the form of a question has its purpose, basis and case",
    "PURPOSE-2": "judged of what a partner shared, when it is shown",
    "VISIBILITY-2": "judged of what a partner shared, when it is shown",
    "OWN-1": "a country's own people see its own records",
}
"""Rules that nothing over HTTP fails, and why."""
APART: Final = frozenset({"KEYS-7", "ASK-2", "ASK-6", "REQUEST-1"})
"""Rules with a test of their own below: of two records, of a person without the task, of another edition."""


_numbers = count(1000)


@pytest.fixture(scope="module")
def nl() -> Iterator[Doors]:
    with opened(NL, AW, PERSONAS) as found:
        yield found


def own_number(parts: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The same with a phone of its own: one that is a victim's in another signal would wait for the register unit."""
    found: dict[str, Any] = json.loads(json.dumps(parts).replace(PHONE["value"], f"+297 001 {number:04}"))
    return found


def registered(nl: Doors, way: Way) -> dict[str, Any]:
    number = next(_numbers)
    parts = {"place": {"island": "NL", "location_type": "STREET"}, "selectors": []} | own_number(way.parts, number)
    answer = nl.send("POST", "/v1/signals", way.by, form(**parts), Idempotency_Key=a_key())
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made | {"number": number}


def done(nl: Doors, signal: Mapping[str, Any], act: Act) -> None:
    path = f"/v1/signals/{signal['id']}"
    version = nl.send("GET", path, "unit").json()["version"]
    answer = nl.send(
        act.method, path + act.path, act.persona, own_number(act.body, signal["number"]), If_Match=f'"{version}"'
    )
    assert answer.status_code == 200, answer.text


def sharing(nl: Doors, signal: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is decided for each partner, once the worker has."""
    share_all(nl.register)
    answer = nl.send("GET", f"/v1/signals/{signal['id']}/sharing", "unit")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def refusing(found: list[dict[str, Any]]) -> set[str]:
    return {rule for one in found if not one["allowed"] for rule in one["rules"]}


def test_every_rule_has_a_way_or_a_reason_why_it_has_none() -> None:
    named = [*SENDING, *OBLIGING, *ASKED, *AT_THE_DOOR, *NO_WAY, *APART]
    assert sorted(named) == sorted(TABLE)
    judged = {kind: {rule for rule, entry in TABLE.items() if kind in entry.judges} for kind in (Sending, Putting)}
    assert {*SENDING, *OBLIGING} <= judged[Sending]
    assert set(ASKED) <= judged[Putting]


@pytest.mark.parametrize("rule", [rule for rule in TABLE if rule in SENDING])
def test_rule_of_sending_is_met_and_failed_by_what_people_do(nl: Doors, rule: str) -> None:
    signal = registered(nl, SENDING[rule])
    found = sharing(nl, signal)
    done(nl, signal, SENDING[rule].then)
    found += sharing(nl, signal)
    # Of one partner at one moment it is failed, and of one it is met: an approval may be for some of them only.
    assert {rule in refusing([one]) for one in found} == {True, False}, found
    assert not refusing(found) & {*NO_WAY, *AT_THE_DOOR}, "a reason that has become untrue"


@pytest.mark.parametrize("rule", [rule for rule in TABLE if rule in OBLIGING])
def test_obligation_goes_with_what_is_sent_and_ends_with_what_asked_for_it(nl: Doors, rule: str) -> None:
    says = nl.register.edition.rules[rule].says

    def told() -> bool:
        return any(says in one["sentences"] for one in sharing(nl, signal) if one["allowed"])

    signal = registered(nl, OBLIGING[rule])
    before = told()
    done(nl, signal, OBLIGING[rule].then)
    done(nl, signal, CONFIRMED)
    assert (before, told()) == (True, False)


@pytest.mark.parametrize("rule", [rule for rule in TABLE if rule in ASKED])
def test_rule_on_who_asks_refuses_a_question_and_lets_another_pass(nl: Doors, rule: str) -> None:
    persona, wrong, right = ASKED[rule]
    refused = nl.send("POST", "/v1/searches", persona, question(**RIGHT | wrong))
    assert (refused.status_code, refused.json()["code"]) == (403, "question-refused")
    assert rule in refused.json()["detail"]
    assert nl.send("POST", "/v1/searches", persona, question(**RIGHT | right)).status_code == 200


@pytest.mark.parametrize("rule", [rule for rule in TABLE if rule in AT_THE_DOOR])
def test_what_a_rule_would_refuse_of_every_partner_is_refused_at_the_door(nl: Doors, rule: str) -> None:
    parts, code = AT_THE_DOOR[rule]
    body = form(place={"island": "NL", "location_type": "STREET"}) | parts
    answer = nl.send("POST", "/v1/signals", "border", body, Idempotency_Key=a_key())
    assert answer.status_code == 422
    assert answer.json()["code"] == code, answer.text


def test_value_that_is_a_victims_elsewhere_waits_for_the_register_unit(nl: Doors) -> None:
    """KEYS-7: of two records, so the unit's word on what was found lets it go."""
    plate = {"type": "PLATE", "value": "00-XX-77", "country": "NL"}
    registered(nl, Way({"subjects": [VICTIM | {"name": "Mara Ficticia", "selectors": [plate]}]}, CONFIRMED))
    signal = registered(nl, Way({"subjects": [SUSPECT | {"selectors": [plate]}]}, CONFIRMED))
    assert "KEYS-7" in refusing(sharing(nl, signal))
    items = nl.send("GET", "/v1/findings", "unit").json()["items"]
    found = next(one for one in items if one["signal"] == signal["id"])
    said = nl.send(
        "POST", f"/v1/findings/{found['id']}/decisions", "unit",
        {"decision": "KEEP", "reason": "SHARED_BY_MANY"}, If_Match=f'"{found["version"]}"',
    )  # fmt: skip
    assert said.status_code == 200, said.text
    assert "KEYS-7" not in refusing(sharing(nl, signal))


def test_nobody_searches_without_the_task(nl: Doors) -> None:
    """ASK-2: the door refuses before any rule is asked."""
    assert nl.send("POST", "/v1/searches", "office", question(**RIGHT)).status_code == 403
    assert nl.send("POST", "/v1/searches", "asks", question(**RIGHT)).status_code == 200


def test_edition_decides_which_country_is_asked_and_by_which_route_content_is_requested(nl: Doors) -> None:
    """REQUEST-1 and ASK-6, which the demonstration lets pass and the strict edition fails."""

    def asked() -> tuple[bool, bool]:
        search = nl.send("POST", "/v1/searches", "asks", question(**RIGHT))
        draft = nl.send("POST", "/v1/requests", "asks", a_request(**RIGHT), Idempotency_Key=a_key())
        return "REQUEST-1" in search.text, "ASK-6" in draft.text

    ours = nl.app.state.register
    assert asked() == (False, False)
    nl.app.state.register = replace(ours, edition=load("strict"))
    try:
        assert asked() == (True, True)
    finally:
        nl.app.state.register = ours
