"""One world for the first hour of three people: five countries that exchange, Aruba's pages with an engine behind them.

Everything is real: evaluators, logs, receipts, the engine, sign-in by password, and a regional release that was
attacked, approved and frozen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Final

from register.core import Register
from register.services.statistics.releases.stored import Held
from register.services.statistics.statements.send_words import send_words
from rtr_trial.embedded.engines.osmem import EmbeddedOsmem
from schemas.codes import Partition
from schemas.signals.out import SignalOut
from tests.integration.search.asking.scene import Scene, Switch
from tests.integration.statistics.scene import BY_SOURCE, draft, freeze, give
from tests.integration.statistics.scene import notify as notify_country
from tests.integration.web.ours import recorded
from tests.support.exchange.neighbours import Neighbours, neighbours
from tests.support.web.pages import AW, MovedClock, Pages, pages
from tests.support.web.search_pages import requests_only_of_sint_maarten
from tests.support.world import World

NAME: Final = "Zeno Testman"
PHONE: Final = "+297 000 0142"
_SUSPECT: Final = {
    "n": 1, "role": "SUSPECT", "kind": "person", "name": NAME, "nationality": "NL",
    "birth": {"year": 1979, "month": 4, "day": 3}, "selectors": [{"type": "PHONE", "value": PHONE}],
}  # fmt: skip


@dataclass
class Hour:
    """Five countries, of which Aruba and Curaçao have pages.

    Attributes:
        own: a report of Aruba that Curaçao has, and that something of Curaçao's matches.
        release: a frozen regional release.
    """

    pages: Pages
    scene: Scene
    near: Neighbours
    own: SignalOut
    release: Held

    def settle(self) -> None:
        """Let the workers and the exchange do all that waits."""
        _settle(self.near, self.scene)


@contextmanager
def first_hour() -> Iterator[Hour]:
    """Serve such pages while the block lasts."""
    made: list[Scene] = []
    with ExitStack() as closing:
        engine = closing.enter_context(EmbeddedOsmem(production=False))

        def prepare(world: World, clock: MovedClock) -> Mapping[Partition, Register]:
            scene = Scene.on(world, clock, Switch(engine.url))
            closing.callback(scene.engine.close)
            world.registers[AW] = scene.aruba
            # Whoever searches is told that Sint Maarten takes requests only; what is exchanged goes by the demo's
            # rules, since partners take none that they do not know.
            scene.aruba = replace(scene.aruba, edition=requests_only_of_sint_maarten())
            made.append(scene)
            return {AW: scene.aruba}

        served = closing.enter_context(pages(prepare, countries=tuple(Partition)))
        near = closing.enter_context(neighbours(served.world))
        own = recorded(served, subjects=[_SUSPECT], account="Two women behind the bar have no papers of their own.")
        street = {"island": "CW", "location_type": "STREET"}
        recorded(served, "CW-ADMISSION", "cw-desk", place=street, subjects=[_SUSPECT])
        for node in near.nodes.values():
            notify_country(node)
            give(node, BY_SOURCE)
            send_words(node.register)
        notify_country(near.nodes[AW], year=2022, only=4)
        _settle(near, made[0])
        release = freeze(near.nodes[AW], draft(near.nodes[AW], BY_SOURCE))
        yield Hour(served, made[0], near, own, release)


def _settle(near: Neighbours, scene: Scene) -> None:
    for _ in range(2):  # a receipt of the first round is taken in the second
        near.settle()
    scene.settle()
