"""Steps 1 and 2: the registers are open, and the keys of the five need three to be of use."""

from __future__ import annotations

from itertools import combinations
from typing import Final

from register.domain.partition import PARTITIONS
from register.keys.home import open_keys
from register.pseudonyms.client import Token, pseudonymise
from register.pseudonyms.epochs import CLASSES, EPOCHS
from register.pseudonyms.evaluators import InProcess
from register.pseudonyms.oprf import share_document
from register.pseudonyms.query_keys import query_keys
from rtr_trial.demo.scene import Scene
from rtr_trial.demo.stage.order import EDITION
from rtr_trial.demo.telling import Step, same, true
from schemas.canonical import b64
from schemas.codes import LegalBasis, Partition
from schemas.exchange.evaluation import Asking, EvaluationPurpose
from schemas.search.question import AskedSubject
from schemas.signals.parts import SelectorIn

NEEDED: Final = 3
_NOBODY: Final = b64(bytes(32))


def registers_open(scene: Scene, step: Step) -> None:
    """Every country's register says that it is ready, for whom, and by which rules."""
    units = {country: scene.unit(country) for country in scene.countries}
    me = {country: unit.me() for country, unit in units.items()}
    ready = {country: unit.ready() for country, unit in units.items()}
    number = "Five registers open" if len(units) == len(PARTITIONS) else "One register open"
    step.say(
        f"{number}: {scene.names(units)}",
        same("every register is ready", {c for c, r in ready.items() if r.ready}, set(units)),
        same("each answers for its own country", {c: m.country for c, m in me.items()}, {c: c for c in units}),
        same("the rules in force", {m.edition for m in me.values()}, {EDITION}),
    )
    if len(units) < len(PARTITIONS):
        step.say(f"not open here: {scene.names(set(PARTITIONS) - set(units))}; nobody answers at their addresses")


def keys_made(scene: Scene, step: Step) -> None:
    """The keys made by all five give one pseudonym to any three countries, and none to fewer."""
    settings = scene.machine.settings
    sets = [share_document.read_all(c, open_keys(settings, c).shares()) for c in PARTITIONS]
    keys = query_keys(AskedSubject(selectors=(SelectorIn(type="PHONE", value="+297 000 0199"),)), Partition.AW)

    def tokens(together: tuple[Partition, ...]) -> set[bytes]:
        own, *_ = together
        found = pseudonymise(
            keys,
            InProcess(own, sets, down=set(PARTITIONS) - set(together)),
            request=Asking(
                request_id=scene.clock.new_id(),
                country=own,
                purpose=EvaluationPurpose.SEARCH,
                organisation=f"{own}-DEMO",
                actor=_NOBODY,
                legal_basis=LegalBasis.AW_NONPOLICE,
                case_reference=_NOBODY,
            ),
            epochs=EPOCHS,
            secret=bytes(32),
            issued=scene.clock.now(),
            on_fault=lambda _country, _fault: None,
        )
        return {one.value for one in found if isinstance(one, Token)}

    by_size = {size: [tokens(c) for c in combinations(PARTITIONS, size)] for size in (1, 2, NEEDED)}
    of_three = set().union(*by_size[NEEDED])
    step.say(
        f"Keys made by all five, {NEEDED} needed to compute a pseudonym; no country alone can open one",
        same("one key for each class", len(scene.machine.ceremony), len(CLASSES)),
        true("all ten threes make the same pseudonym", len(of_three) == len(keys) and all(by_size[NEEDED])),
        same("pseudonyms that two make", sum(map(len, by_size[2])), 0),
        same("pseudonyms that one makes", sum(map(len, by_size[1])), 0),
    )
