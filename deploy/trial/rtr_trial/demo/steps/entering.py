"""Step 3: the services enter their signals, and two of them are looked at closely."""

from __future__ import annotations

from collections import Counter
from typing import Final

from rtr_trial.demo.made_up.data import DemoSignal
from rtr_trial.demo.scene import ORDER, Scene
from rtr_trial.demo.telling import Step, holds_in, same, true
from schemas.codes import Partition
from schemas.exchange.wire import IndicatorPut
from schemas.signals.changes import ReclassifyIn
from schemas.signals.out import SignalOut
from schemas.signals.signal import SignalIn

ANSWERS: Final = 8
ASKS: Final = "is this trafficking too?"
WORKS_OFF: Final = "must work off 2,500"
_STAYS: Final = frozenset({"name", "account", "value", "selectors", "locality", "birth"})
"""Members of a form that the form of an extract has no place for."""


def signals_entered(scene: Scene, step: Step) -> None:
    """All signals are sent by the services' own clients and found again in the register of each country."""

    def send(one: DemoSignal) -> SignalOut:
        return scene.as_(one.organisation.lower()).submit_signal(one.form)

    wanted = scene.signals
    answers = scene.each("Entering signals", wanted, send)
    scene.sent = {one.key: answer for one, answer in zip(wanted, answers, strict=True)}
    listed = [found.reference for country in scene.countries for found in scene.unit(country).signals(page_size=200)]
    kinds = Counter(one.kind for one in answers)
    services = {one.organisation for one in answers}
    lost = {one.reference for one in answers} - set(listed)
    whole = len(scene.countries) == len(ORDER)
    counts = scene.expected.counts
    kinds_wanted: Counter[str] = Counter(one.form.kind for one in wanted)
    if whole:
        kinds_wanted = Counter(notification=counts.notifications, submission=counts.submissions)
    services_wanted = counts.services if whole else len({one.organisation for one in wanted})
    step.say(
        f"{kinds['notification']} notifications and {kinds['submission']} submissions entered through the API by "
        f"{len(services)} services, {len(lost)} lost",
        same("notifications and submissions", dict(kinds), dict(kinds_wanted)),
        same("services", len(services), services_wanted),
        same("lost", lost, set()),
        same("in the registers, each once", Counter(listed), Counter(one.reference for one in answers)),
    )
    _airport(scene, step)
    if Partition.CW in scene.countries:
        _boat(scene, step)


def _airport(scene: Scene, step: Step) -> None:
    expected = scene.expected.airport
    one, form = scene.sent[expected.signal], scene.signal(expected.signal).form
    uses = {s.use for subject in one.form.subjects for s in subject.selectors if s.use is not None}
    step.say(
        f'Airport: Immigration Aruba, {ANSWERS} answers -> {one.reference} "look-alike, passport not the bearer\'s"',
        same("the organisation", one.organisation, "AW-IMIGRACION"),
        holds_in("its name", "Immigration", scene.organisation(one.organisation).name),
        same("answers", sum(answered(one.form)), ANSWERS),
        same("where", one.form.place.location_type, "AIRPORT"),
        same("use of the passport", uses, {"LOOKALIKE"}),
        true("kept as it was sent", one.form == form),
    )
    goes_to = {s.recipient for s in one.sharing if s.allowed}
    rules = sorted({rule for s in one.sharing if s.allowed for rule in s.rules})
    unit = scene.unit(Partition.AW).me()
    next_name = scene.organisation(unit.organisation or "").name
    step.say(
        f"  stays in Aruba: name, story.  May go: extract to {' '.join(str(c) for c in ORDER if c in goes_to)} "
        f"(rule {', '.join(rules)}).  Next: {expected.next}.",
        same("members of an extract that could hold a name or a story", _places() & _STAYS, set()),
        same("may go to", goes_to, set(expected.goes_to)),
        true("by named rules", bool(rules), rules),
        holds_in("who is next", "register unit", " ".join(one.next_steps)),
        holds_in("the register unit is", expected.next, next_name),
        true("and may register", "REGISTER" in unit.tasks, unit.tasks),
    )


def _boat(scene: Scene, step: Step) -> None:
    expected = scene.expected.reclassified
    one = scene.sent[expected.signal]
    seen = one.form.persons_seen
    step.say(
        f'Boat: Coast Guard Curaçao, {seen.adults if seen else 0} people, entered as smuggling; "{WORKS_OFF}" '
        "-> asks: trafficking too?",
        same("the organisation", one.organisation, "CW-CG"),
        holds_in("its name", "Coast Guard, Curaçao", scene.organisation(one.organisation).name),
        same("people", seen.adults if seen else 0, 9),
        same("entered as", one.type_registered, expected.was),
        holds_in("the account", WORKS_OFF, one.form.account),
        true("the cue is given", expected.cue in one.form.smuggling_elements, one.form.smuggling_elements),
        holds_in("what is asked", ASKS, " ".join(one.questions)),
    )
    unit = scene.as_(expected.by)
    before = Counter(found.reference for found in unit.signals(page_size=200))
    changed = unit.reclassify(
        one.id, ReclassifyIn(signal_type=expected.becomes, reason=expected.reason), version=one.version
    )
    scene.sent[expected.signal] = changed
    after = Counter(found.reference for found in unit.signals(page_size=200))
    reasons = {line.reason for line in unit.history(one.id) if line.what == "reclassified"}
    step.say(
        "  changed to mixed by KPC, reason kept, still one case in the count",
        same("changed by", unit.me().organisation, "CW-KPC"),
        same("assessed as", changed.type_assessed, expected.becomes),
        same("as registered", changed.type_registered, expected.was),
        same("reason", reasons, {expected.reason}),
        same("cases of this reference", after[one.reference], 1),
        same("cases in Curaçao", after.total(), before.total()),
    )


def answered(form: SignalIn) -> tuple[bool, ...]:
    """Which of the eight questions a form answers."""
    return (
        bool(form.urgency),
        bool(form.account),
        bool(form.period),
        bool(form.place),
        bool(form.signal_type),
        bool(form.source),
        bool(form.channel),
        bool(form.subjects or form.selectors or form.nothing_known),
    )


def _places() -> set[str]:
    """Every member that the form of an extract has, at any depth."""
    schema = IndicatorPut.model_json_schema()
    tables = [schema, *schema.get("$defs", {}).values()]
    return {name for table in tables for name in table.get("properties", {})}
