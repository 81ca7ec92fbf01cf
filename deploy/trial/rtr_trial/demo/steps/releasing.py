"""Step 10: five countries round their own figures of 2023, and every node makes the same release of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from api.client.errors import NotFoundAnswer
from register.domain.partition import FACTS
from rtr_trial.demo.made_up.data import DemoSignal
from rtr_trial.demo.made_up.regional_data import YEAR, notifications_of_2023
from rtr_trial.demo.scene import ORDER, Scene
from rtr_trial.demo.steps.counting import STATISTICIAN
from rtr_trial.demo.telling import Step, same, true
from schemas.codes import Partition
from schemas.signals.out import SignalOut
from schemas.statistics.releases import CellOut, ReleaseOut

BY_TYPE: Final = "notifications-by-type"
BY_SOURCE: Final = "notifications-by-source"
TABLES: Final = (BY_TYPE, BY_SOURCE)
COUNTERS: Final = {Partition.AW: STATISTICIAN} | {c: f"{c.lower()}-coordinator" for c in ORDER if c is not Partition.AW}
"""Who contributes for each country: its statistics, or its coordinator in the working group."""
APPROVERS: Final = ("aw-taskforce", "aw-working-group")
REGION: Final = "CARIBBEAN"
_ATTACKS: Final = ("A1", "A2", "A3", "A4", "A5", "A6", "A7")
_BASE: Final = 3
_WAIT_S: Final = 60.0
_SHORT: Final = 12
_ROWS: Final = {"HT": "trafficking", "MS": "smuggling", "OTHER": "other", "ALL": "total"}


def release_of_2023(scene: Scene, step: Step) -> None:
    """Contributions are made, travel, and become one release; then it is attacked, approved by two and frozen."""
    period = str(YEAR)
    _enter(scene, step)
    for country in scene.countries:
        for table in TABLES:
            scene.as_(COUNTERS[country]).regional.contribute(table, period)
    wanted = len(TABLES) * len(scene.countries)
    arrived = scene.wait("Contributions on their way", lambda: _arrived(scene, wanted), most_s=_WAIT_S)
    made = {c: scene.as_(COUNTERS[c]).regional.draft("W", BY_TYPE, period) for c in scene.countries}
    one = made[Partition.AW]
    step.say(
        f"Each country rounds its table under its own key and sends it signed; the five nodes make the release of "
        f"{period} from them, hash {one.digest[:_SHORT]} on {len(made)} of {len(made)}",
        same("contributions everywhere", arrived, (wanted * len(scene.countries),) * 2),
        same("one hash", {release.digest for release in made.values()}, {one.digest}),
    )
    _show(step, one, scene)
    _withheld(scene, step, period)
    _life(scene, step, one)


def area_name(area: str, coverage: Iterable[Partition]) -> str:
    """An area as a line calls it; a sum by who is in it, since a country whose rows are too thin is not."""
    if area != REGION:
        return FACTS[Partition(area)].name
    return f"{' + '.join(coverage)} together"


def _enter(scene: Scene, step: Step) -> None:
    def send(one: DemoSignal) -> SignalOut:
        return scene.as_(one.organisation.lower()).submit_signal(one.form)

    told = notifications_of_2023()
    answers = scene.each("Entering notifications of 2023", told, send)
    by = Counter(one.organisation[:2] for one in answers)
    step.say(
        f"Notifications of {YEAR} of the other four, not among the 110; counted here because we made them up: "
        + ", ".join(f"{c} {by[c]}" for c in ORDER if c is not Partition.AW),
        same("entered", len(answers), len(told)),
        same("by country", dict(by), dict(Counter(one.organisation[:2] for one in told))),
    )


def _arrived(scene: Scene, wanted: int) -> tuple[int, int]:
    counts = [len(scene.as_(COUNTERS[c]).regional.contributions().items) for c in scene.countries]
    return sum(counts), wanted * len(counts)


def _show(step: Step, one: ReleaseOut, scene: Scene) -> None:
    exact = scene.expected.report_2023.signal_type
    aruba = {cell.row: cell for cell in _of(one, "AW")}
    step.say(
        f"Working group, notifications by type; each figure may be up to {_BASE - 1} beside the true one, a sum more",
        same("printed in threes", {c.value % _BASE for c in one.cells if c.value is not None}, {0}),
        true(
            "Aruba's printed figures lie within their reach of the true ones",
            all(abs((aruba[row].value or 0) - n) <= aruba[row].reach for row, n in exact.items()),
        ),
        true("Aruba's rows add up", sum(c.value or 0 for r, c in aruba.items() if r != "ALL") == aruba["ALL"].value),
    )
    totals = {cell.area: cell.value or 0 for cell in one.cells if cell.row == "ALL"}
    summed = same("the sum is of whom it names", totals[REGION], sum(totals[c.value] for c in one.coverage))
    for area in ("AW", "CW", "SX", "BQ", REGION, "NL"):
        line = f"  {area_name(area, one.coverage):<22}{_words(_of(one, area))}"
        step.say(line, *([summed] if area == REGION else []))


def _withheld(scene: Scene, step: Step, period: str) -> None:
    """By source the islands are too thin: what is withheld, by which rule, and what would make it pass."""
    one = scene.as_(STATISTICIAN).regional.draft("W", BY_SOURCE, period)
    hidden = [cell for cell in one.cells if cell.marker == "c"]
    areas = list(dict.fromkeys(cell.area for cell in hidden))
    why = one.withheld[0]
    instead = ", ".join(f"{i.country} {i.table}" for i in one.instead)
    own = scene.as_(COUNTERS[Partition.SX]).regional.contribute(BY_SOURCE, period)
    thin = own.refusals["W"][0]
    step.say(
        f"By source {len(hidden)} of {len(one.cells)} figures withheld ({', '.join(areas)}); read instead: {instead}",
        same("withheld by", [r.rule for r in one.withheld], ["R5"]),
        same("where", set(areas), {"SX", "BQ", REGION}),
        same("the owner's reason", thin.rule, "R3"),
        true("a coarser table is named for Sint Maarten", any(i.country is Partition.SX for i in one.instead)),
    )
    step.say(f"  the working group is told  {why.rule}: {why.says} What would pass: {why.would_pass}")
    step.say(f"  Sint Maarten's own statistician alone is told  {thin.rule}: {thin.says}")


def _life(scene: Scene, step: Step, one: ReleaseOut) -> None:
    drafter = scene.as_(STATISTICIAN).regional
    attacked = drafter.attack(one.digest)
    found = {a.attack: a for a in attacked.attacks or ()}
    for key in APPROVERS:
        scene.as_(key).regional.approve(one.digest)
    frozen = drafter.freeze(one.digest)
    others = [c for c in scene.countries if c is not Partition.AW]
    done, _ = scene.wait("The other nodes verify", lambda: (_verified(scene, others, one.digest), len(others)),
                         most_s=_WAIT_S)  # fmt: skip
    tried, told = (sum(getattr(a, name) for a in found.values()) for name in ("attacked", "recovered"))
    step.say(
        f"Attacks A1 to A7 with all that is known: {tried} tries, {told} figures worked out; "
        f"approved by {frozen.approvals} persons, frozen and signed; {done} other nodes make the same bytes",
        same("attacks", tuple(sorted(found)), _ATTACKS),
        same("worked out", told, 0),
        same("state and approvals", (frozen.state, frozen.approvals), ("frozen", len(APPROVERS))),
        same("verified elsewhere", done, len(others)),
    )


def _verified(scene: Scene, countries: Iterable[Partition], digest: str) -> int:
    """On how many nodes Aruba's word has arrived and the release holds."""
    held = 0
    for country in countries:
        try:
            found = scene.as_(COUNTERS[country]).regional.verify(digest)
        except NotFoundAnswer:
            continue
        held += found.holds and Partition.AW in found.agree
    return held


def _of(one: ReleaseOut, area: str) -> list[CellOut]:
    return [cell for cell in one.cells if cell.area == area]


def _words(cells: list[CellOut]) -> str:
    return ", ".join(f"{_ROWS[c.row]} {c.marker if c.value is None else c.value}" for c in cells)
