"""The story, step by step: plays it, measures it, and says what is not part of it yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2

from register.domain.partition import PARTITIONS
from register.errors import RegisterError
from rtr_trial.demo.scene import Scene
from rtr_trial.demo.stage.order import EDITION
from rtr_trial.demo.steps.alone import asked_alone, partners_will_join
from rtr_trial.demo.steps.asking import coordinator_asks
from rtr_trial.demo.steps.counting import report_of_2023
from rtr_trial.demo.steps.cutting import cable_cut
from rtr_trial.demo.steps.entering import signals_entered
from rtr_trial.demo.steps.exchanging import exchanged
from rtr_trial.demo.steps.looking import planted_names_looked_for
from rtr_trial.demo.steps.opening import keys_made, registers_open
from rtr_trial.demo.steps.releasing import release_of_2023
from rtr_trial.demo.steps.withdrawing import signal_withdrawn
from rtr_trial.demo.telling import Step

FIRST_LINE: Final = (
    f'Regional Theme Register, demo. Made-up people. Rules: edition "{EDITION}", all marked "assumed". '
    "One machine holds all keys."
)
NOT_BUILT: Final = (
    "released hits on blind records (V3)",
    "leads that grow out of weak signals, such as the four of the house on Bonaire",
    "sending and answering the request that is drafted after a hit",
)
"""Parts of the story that do not exist yet; nothing stands in for them."""

Act = Callable[[Scene, Step], None]
WHOLE: Final[tuple[Act, ...]] = (
    registers_open,
    keys_made,
    signals_entered,
    exchanged,
    coordinator_asks,
    signal_withdrawn,
    cable_cut,
    planted_names_looked_for,
    report_of_2023,
    release_of_2023,
)
ALONE: Final[tuple[Act, ...]] = (
    registers_open,
    keys_made,
    signals_entered,
    asked_alone,
    report_of_2023,
    partners_will_join,
)


@dataclass(slots=True)
class Told:
    """A story that was played.

    Attributes:
        wanted: how many steps it has.
        seconds: from the start of the machine to its end.
    """

    wanted: int
    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether every step showed what it must."""
        return len(self.steps) == self.wanted and all(step.holds for step in self.steps)

    def last_lines(self) -> Iterator[str]:
        """How it ended, and what is not built."""
        yield f"Not built yet, and not imitated: {'; '.join(NOT_BUILT)}."
        if self.holds:
            yield f"All {self.wanted} steps showed what they must, in {self.seconds:.0f} s."
            return
        failed = [check for step in self.steps for check in step.failed]
        yield f"{sum(step.holds for step in self.steps)} of {self.wanted} steps showed what they must."
        for step in self.steps:
            for check in step.failed:
                yield f"  step {step.number}: {check.what}: expected {check.wanted!r}, came {check.got!r}"
            if step.broke:
                yield f"  step {step.number} broke off: {step.broke}"
        if not failed and len(self.steps) < self.wanted:
            yield f"  not played: steps {len(self.steps) + 1} to {self.wanted}"

    def document(self) -> dict[str, Any]:
        """The story for programs."""
        return {
            "demo": FIRST_LINE,
            "edition": EDITION,
            "holds": self.holds,
            "seconds": round(self.seconds, 3),
            "steps": [step.document() for step in self.steps],
            "steps_in_all": self.wanted,
            "not_built": list(NOT_BUILT),
        }


def play(scene: Scene, told: Callable[[Step], None]) -> Told:
    """Play the story of the open countries; a step that breaks off is the last.

    Args:
        scene: with the machine up.
        told: handed each step when it is over.
    """
    acts = WHOLE if set(scene.countries) == set(PARTITIONS) else ALONE
    story = Told(len(acts))
    for number, act in enumerate(acts, 1):
        step = Step(number)
        begun = scene.clock.monotonic()
        try:
            act(scene, step)
        except (RegisterError, httpx2.HTTPError) as error:
            step.broke = f"{error} ({getattr(error, 'code', type(error).__name__)})"
        step.seconds = scene.clock.monotonic() - begun + _setting_up(scene, act)
        story.steps.append(step)
        told(step)
        if step.broke is not None:
            break
    return story


def _setting_up(scene: Scene, act: Act) -> float:
    """The registers and their keys were made before the story begins; their time counts all the same."""
    if act is registers_open:
        return scene.machine.opened_s
    return scene.machine.ceremony_s if act is keys_made else 0.0
