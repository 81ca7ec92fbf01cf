"""Pages that really search: Aruba with an engine, extracts of all partners in its mirror, and each kind of answer.

What is asked about decides what comes: `PHONE` is a hit of Curaçao and of Aruba itself, too common in the
Netherlands, nothing in the Caribbean Netherlands, and Sint Maarten is not asked, since it takes requests only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import resources
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.partition import others
from register.mou import edition as editions
from register.store.search.search_keys import DF_MAX
from rtr_trial.embedded.engines.osmem import EmbeddedOsmem
from schemas.codes import Partition
from schemas.search.question import AskedSubject
from schemas.signals.parts import Birth, SelectorIn
from tests.integration.search.asking.scene import Scene, Switch
from tests.support.exchange.limited import Limited
from tests.support.web.pages import MovedClock, Pages, pages
from tests.support.world import World

AW, BQ, CW, NL, SX = Partition.AW, Partition.BQ, Partition.CW, Partition.NL, Partition.SX
PHONE: Final = "+297 000 0142"
COMMON: Final = "+31 6 00000199"
MANY: Final = "+599 9 500 0177"
NOBODYS: Final = "+297 000 0100"
NAME: Final = "Zeno Testman"
_ZENO: Final = {"name": NAME, "birth": Birth(year=1979, month=4, day=3)}


@dataclass
class SearchPages:
    """Both countries, served; Aruba's searches find something."""

    pages: Pages
    scene: Scene
    limits: Limited
    records: dict[str, UUID] = field(default_factory=dict)

    def again(self) -> None:
        """Everything works and everything is fresh."""
        self.scene.engine.down = False
        self.scene.world.down.clear()
        self.limits.full.clear()
        self.scene.aruba.breaker.succeeded()
        for mirror in self.scene.mirrors.values():
            mirror.fresh()

    def cut_off(self, country: Partition) -> None:
        """What Aruba holds of a country is more than that country still has, after a restore."""
        mirror = self.scene.mirrors[country]
        mirror.head(tip=mirror.seq - 1, applied_to=mirror.seq, at=self.scene.clock.now(), behind=True)

    def stale(self, country: Partition, hours: int = 30) -> None:
        """What Aruba holds of a country is so many hours old."""
        mirror = self.scene.mirrors[country]
        mirror.head(tip=mirror.seq, applied_to=mirror.seq, at=self.scene.clock.now() - timedelta(hours=hours))


@contextmanager
def search_pages() -> Iterator[SearchPages]:
    """Serve pages with an engine behind Aruba's while the block lasts."""
    made: list[tuple[Scene, Limited]] = []
    with ExitStack() as closing:
        server = closing.enter_context(EmbeddedOsmem(production=False))

        def prepare(world: World, clock: MovedClock) -> Mapping[Partition, Register]:
            scene = Scene.on(world, clock, Switch(server.url))
            closing.callback(scene.engine.close)
            limits = Limited(scene.aruba.evaluators)
            scene.aruba = replace(scene.aruba, edition=requests_only_of_sint_maarten(), evaluators=limits)
            made.append((scene, limits))
            return {AW: scene.aruba}

        served = closing.enter_context(pages(prepare))
        found = SearchPages(served, *made[0])
        _fill(found)
        found.again()
        yield found


def requests_only_of_sint_maarten() -> editions.Edition:
    """The rules of the demo, but that nobody searches in Sint Maarten: it takes requests."""
    text = (resources.files("register.mou") / "editions" / "demo.toml").read_text(encoding="utf-8")
    changed = text.replace("countries = []", 'countries = ["SX"]', 1)
    assert changed != text
    return editions.read(changed.encode())


def _phone(value: str) -> SelectorIn:
    return SelectorIn(type="PHONE", value=value)


def _fill(found: SearchPages) -> None:
    scene, records = found.scene, found.records
    both = AskedSubject(selectors=(_phone(PHONE),), **_ZENO)
    warned = {"handling": {"code": "H3", "conditions": ["NO_CONTACT", "NO_COURT"]}, "contested": True}
    records["person"] = scene.hold(CW, both)
    records["phone"] = scene.hold(CW, AskedSubject(selectors=(_phone(PHONE),)), visibility="V2", **warned)
    records["odd"] = scene.hold(
        CW, AskedSubject(selectors=(_phone(PHONE),)), record={"sector": "NEW_CODE", "summary": None}
    )
    for _ in range(5):
        scene.hold(CW, AskedSubject(selectors=(_phone(MANY),)))
    scene.hold(NL, AskedSubject(selectors=(_phone(MANY),)))
    scene.hold_many(NL, AskedSubject(selectors=(_phone(COMMON),)), DF_MAX + 1)
    person = {"n": 1, "role": "SUSPECT", "kind": "person", "name": NAME, "birth": {"year": 1979, "month": 4, "day": 3}}
    scene.record(subjects=[{**person, "selectors": [{"type": "PHONE", "value": PHONE}]}])
    scene.settle()


def everybody() -> list[Partition]:
    """Aruba's partners, in the order of the answer."""
    return list(others(AW))
