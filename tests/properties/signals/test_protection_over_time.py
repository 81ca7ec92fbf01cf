"""Over random facts and orders of events nothing live at a partner is made of what a protected person owns.

Nor of what belongs to whoever told a record, nor of what a witness owns; in whichever record of the country it stands,
unless the register unit has said of it there that it may go. A person recognised in another record, by a document or
by name and birth date, is one of them there as a whole.

Asked after every event and before the worker has its turn: what a fact takes back stands in the fact's transaction.
The test keeps beside each record what its protected persons own, by rules of its own: the keys of each of them alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from register.domain.access.caller import Caller, Task
from register.domain.desk.victim import AlreadyOnLadder, VictimId
from register.domain.signals.protecting.finding import DECISIONS
from register.domain.signals.signal import SignalId
from register.pseudonyms.matchkeys import MatchKey, blind_index
from register.pseudonyms.signal_keys import subject_keys
from register.services.desk.keep_intakes import record_intake
from register.services.desk.keep_victims import put_on_ladder, withdraw_victim
from register.services.signals.change_signal import amend_signal
from register.services.signals.protecting.decide_findings import list_findings
from register.services.signals.record_signal import record_signal
from schemas.codes import FindingDecision, Partition
from schemas.desk.intake import IntakeIn
from schemas.desk.record import TakeBackIn
from schemas.desk.victim import VictimIn
from schemas.signals.changes import AmendIn
from schemas.signals.signal import SignalIn
from tests.support.forms import a_form
from tests.support.found import say
from tests.support.told import live_blinds, share_all
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW
ONE_PERSON = {"document", "person.p1"}
PROTECTED = {"VICTIM_POTENTIAL", "WITNESS"}
STATUS = {"status": "PRESUMED", "form": "SEX", "decided_on": "2025-06-02", "reason": "She told of her debt."}
_rounds = count(1)


@pytest.fixture(scope="module")
def two() -> Iterator[World]:
    with world(countries=(AW, CW)) as made:
        yield made


# A value is a number that stands for one thing in this round; a few only, so that records share them.
numbers = st.integers(0, 2)
values = st.tuples(st.sampled_from(["PHONE", "PASSPORT"]), numbers)
subjects = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["SUSPECT", "SUSPECT", "EMPLOYER", "COMPANION", "VICTIM_POTENTIAL", "WITNESS"]),
        "name": numbers,
        "born": st.sampled_from([1980, 1990, 2012]),
        "values": st.lists(values, max_size=2, unique=True),
    }
)
loose = st.tuples(values, st.sampled_from(["of_nobody", "of_nobody", "of_reporter"]))
forms = st.tuples(st.lists(subjects, min_size=1, max_size=2), st.lists(loose, max_size=1))
which = st.integers(0, 5)
events = st.one_of(
    st.tuples(st.just("record"), forms),
    st.tuples(st.just("share")),
    st.tuples(st.just("amend"), which, forms),
    st.tuples(st.just("ladder"), which, st.integers(1, 2)),
    st.tuples(st.just("interview"), which, numbers),
    st.tuples(st.just("off"), which),
    st.tuples(st.just("decide"), which, st.sampled_from(["KEEP", "WITHHOLD"])),
)


@dataclass
class Story:
    """What happened in one round, and what the test holds to be protected."""

    world: World
    round: int
    signals: list[SignalId] = field(default_factory=list)
    forms: dict[SignalId, SignalIn] = field(default_factory=dict)
    protected: dict[SignalId, set[int]] = field(default_factory=dict)
    owned: dict[SignalId, set[MatchKey]] = field(default_factory=dict)
    victims: list[VictimId] = field(default_factory=list)
    told: dict[SignalId, set[MatchKey]] = field(default_factory=dict)

    @property
    def unit(self) -> Caller:
        return self.world.caller("AW-JIUMM", Task.SUBMIT, Task.REGISTER, Task.ENRICH, actor="unit")

    def key(self) -> str:
        return str(self.world[AW].clock.new_id())

    def parts(self, drawn: Any) -> dict[str, Any]:
        people, loose = drawn
        return {
            "subjects": [
                {
                    "n": n,
                    "role": one["role"],
                    "kind": "person",
                    "name": self.name(one["name"]),
                    "birth": {"year": one["born"], "month": 3, "day": 20},
                    "selectors": [self.value(v) for v in one["values"]],
                }
                for n, one in enumerate(people, start=1)
            ],
            "selectors": [{**self.value(v), whose: True} for v, whose in loose],
        }

    def name(self, number: int) -> str:
        # More of them where one fails; three letters a digit, and names that share no remainder
        rounds = "".join("abcdefghij"[int(digit)] * 3 * 2**place for place, digit in enumerate(f"{self.round:03}"))
        return f"{('Una', 'Keko', 'Tria')[number]} Prueba{rounds}"

    def value(self, value: tuple[str, int]) -> dict[str, Any]:
        kind, number = value
        if kind == "PHONE":
            return {"type": kind, "value": f"+297 {5000 + self.round:04} {number:03}"}
        return {"type": kind, "value": f"ZT{self.round:03}{number:04}", "country": "VE"}

    def take(self, event: tuple[Any, ...]) -> None:
        match event:
            case ("share",):
                share_all(self.world[AW])
            case ("record", drawn):
                made = record_signal(self.world[AW], self.unit, a_form(**self.parts(drawn)), self.key())
                self.signals.append(SignalId(made.id))
                self.looked(SignalId(made.id), made.form)
            case ("off", index) if index >= len(self.victims):
                pass
            case ("amend" | "ladder" | "interview", index, *_) if index >= len(self.signals):
                pass
            case ("amend", index, drawn):
                about = self.signals[index]
                with self.world[AW].work(self.unit) as work:
                    version = work.signals.reports.get(about).version
                change = AmendIn.model_validate({"changes": self.parts(drawn), "reason": "Looked again."})
                self.looked(about, amend_signal(self.world[AW], self.unit, about, change, version=version).form)
            case ("ladder", index, n):
                self.ladder(self.signals[index], n)
            case ("interview", index, number):
                self.interview(self.signals[index], self.name(number))
            case ("decide", index, decision):
                self.decide(index, decision)
            case ("off", index):
                back = TakeBackIn(reason="Another person.")
                withdraw_victim(self.world[AW], self.unit, self.victims.pop(index), back, version=1)

    def ladder(self, about: SignalId, n: int) -> None:
        if n not in {s.n for s in self.forms[about].subjects}:
            return
        form = {"signal": about, "subject": n, "sex": "FEMALE", "age_band": "30-39", "status": STATUS}
        try:
            made = put_on_ladder(self.world[AW], self.unit, VictimIn.model_validate(form), self.key())
        except AlreadyOnLadder:
            return
        self.victims.append(VictimId(made.id))
        self.protected[about].add(n)
        self.looked(about, self.forms[about])

    def interview(self, about: SignalId, name: str) -> None:
        form = {"held_on": "2025-06-02", "sex": "FEMALE", "age_band": "30-39", "signal": about, "name": name}
        made = record_intake(self.world[AW], self.unit, IntakeIn.model_validate(form), self.key())
        victim = {"intake": made.id, "sex": "FEMALE", "age_band": "30-39", "status": STATUS}
        put_on_ladder(self.world[AW], self.unit, VictimIn.model_validate(victim), self.key())
        self.protected[about] |= {s.n for s in self.forms[about].subjects if s.name == name}
        self.looked(about, self.forms[about])

    def decide(self, index: int, decision: str) -> None:
        """Say it to one of the findings about a value that wait."""
        page = list_findings(self.world[AW], self.unit, decided=False, cursor=None, limit=50)
        fits = {asked for asked, decisions in DECISIONS.items() if decision in decisions}
        here = [one for one in page.items if one.signal in self.signals and one.finding in fits]
        if index < len(here):
            say(self.world, self.unit, here[index], decision, "OTHER_HOLDER" if decision == "KEEP" else None)

    def looked(self, about: SignalId, form: SignalIn) -> None:
        """Note what the persons own whom the test holds to be protected: for the life of the record, by number."""
        self.forms[about] = form
        known = self.protected.setdefault(about, set())
        known |= {s.n for s in form.subjects if s.role in PROTECTED or (s.birth and s.birth.year == 2012)}
        alone = form.model_copy(update={"subjects": (), "selectors": tuple(x for x in form.selectors if x.of_reporter)})
        self.told.setdefault(about, set()).update(k.key for k in subject_keys(alone, AW))
        for s in form.subjects:
            if s.n in known:
                alone = form.model_copy(update={"subjects": (s,), "selectors": ()})
                self.owned.setdefault(about, set()).update(k.key for k in subject_keys(alone, AW))

    def recognise(self) -> None:
        """Whoever has what identifies a protected person is that person, as a whole, in each record; and so on."""
        found = True
        while found:
            found = False
            everywhere = {k for owned in self.owned.values() for k in owned if k.family in ONE_PERSON}
            for about, form in self.forms.items():
                for s in form.subjects:
                    alone = form.model_copy(update={"subjects": (s,), "selectors": ()})
                    has = {k.key for k in subject_keys(alone, AW)}
                    owned = self.owned.setdefault(about, set())
                    if has & everywhere and not has <= owned:
                        self.protected[about].add(s.n)
                        owned |= has
                        found = True

    def check(self) -> None:
        """Nothing that is live is made of what they own, or is anything of a person who is one of them."""
        self.recognise()
        everywhere = {k for owned in self.owned.values() for k in owned if k.family in ONE_PERSON}
        secret = self.world[AW].keys.blind_index
        for about in self.signals:
            alone = self.owned.get(about, set()) | self.told[about]
            theirs = {blind_index(secret, k) for k in alone | everywhere}
            leaves = live_blinds(self.world[AW], about, CW)
            assert not theirs & leaves
            others = [*self.owned.values(), *self.told.values()]
            elsewhere = {blind_index(secret, k) for owned in others for k in owned} - theirs
            assert not (elsewhere & leaves) - self.kept(about), "what waits, or was said to stay"

    def kept(self, about: SignalId) -> set[bytes]:
        """Of what values of a record the unit has said that they may go, and of none of them anything else."""
        with self.world[AW].work(self.unit) as work:
            found = work.signals.findings.of_signal(about)
        said = {(f.question.subject_n, f.question.blind, f.decision) for f in found}
        kept = {(n, blind) for n, blind, decision in said if decision is FindingDecision.KEEP}
        return {blind for n, blind in kept if {d for m, b, d in said if (m, b) == (n, blind)} == {FindingDecision.KEEP}}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.lists(forms, min_size=2, max_size=2), after=st.lists(events, min_size=2, max_size=6))
@example(
    # A report that protects nobody by itself links a child's document to a name under which something is shared.
    first=[
        ([{"role": "SUSPECT", "name": 0, "born": 2012, "values": [("PASSPORT", 0)]}], []),
        ([{"role": "SUSPECT", "name": 0, "born": 1980, "values": []}], []),
    ],
    after=[("record", ([{"role": "COMPANION", "name": 0, "born": 1980, "values": [("PASSPORT", 0)]}], [])), ("share",)],
)
def test_nothing_live_was_made_of_what_a_protected_person_owns(two: World, first: list[Any], after: list[Any]) -> None:
    story = Story(two, next(_rounds))
    for event in [("record", one) for one in first] + [("share",), *after]:
        story.take(event)
        story.check()
    share_all(two[AW])
    story.check()


def test_the_story_itself_shares_something(two: World) -> None:
    """Else the property above would hold of a register that shares nothing."""
    story = Story(two, next(_rounds))
    his = {"role": "SUSPECT", "name": 0, "born": 1980, "values": [("PHONE", 0), ("PASSPORT", 0)]}
    hers = {"role": "COMPANION", "name": 1, "born": 1990, "values": [("PHONE", 1)]}
    story.take(("record", ([his, hers], [])))
    story.take(("share",))
    assert len(live_blinds(two[AW], story.signals[0], CW)) == 5
    story.take(("ladder", 0, 2))
    assert len(live_blinds(two[AW], story.signals[0], CW)) == 3
