"""A service that goes on registering, correcting and withdrawing, whatever happens to its register meanwhile.

It does what a careful program does: every submission has its Idempotency-Key and is sent again under it until it is
acknowledged; a change whose answer was lost is looked at before it is made again. What was acknowledged is noted, and
is what the register is then held to.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

from api.client import Client
from register.errors import OperatorError, RegisterError
from schemas.codes import RetractReason
from schemas.signals.changes import AmendIn, WithdrawIn
from schemas.signals.out import SignalOut
from schemas.signals.signal import SignalIn
from tests.acceptance.two_countries.deployment import Site
from tests.support.forms import a_form

T = TypeVar("T")

PATIENCE_S: Final = 240.0
SERVICES: Final = {"AW": "aw-dimas", "CW": "cw-admission"}
_LOST: Final = frozenset({"idempotency-in-flight", "precondition-failed", "already-withdrawn"})
"""What a repeat may be answered with when the first attempt did arrive."""


@dataclass
class Told:
    """One signal.

    Attributes:
        number: the same number in both countries is the same person.
        phone: what its phone number is made of.
        shareable: whether the rules let its extract leave.
        id: once it was acknowledged.
        withdrawn: whether its withdrawal was acknowledged.
    """

    key: str
    number: int
    phone: int
    shareable: bool
    id: UUID | None = None
    withdrawn: bool = False


@dataclass
class Load:
    """What one country's service did.

    Attributes:
        answers: how often what went wrong, by code.
    """

    site: Site
    seed: int
    told: list[Told] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(f"{self.seed}/{self.site.country}")  # noqa: S311 - as in `kills`
        self._client: Client = self.site.client(SERVICES[self.site.country])

    @property
    def acknowledged(self) -> list[Told]:
        """Those that the register said it has."""
        return [one for one in self.told if one.id is not None]

    def submit(self, count: int = 1) -> None:
        """Register some more, every fifth of a kind that stays at home; return when all are acknowledged."""
        for _ in range(count):
            number = len(self.told)
            one = Told(f"load-{self.seed}-{self.site.country}-{number}", number, number, shareable=number % 5 != 4)
            self.told.append(one)
            one.id = self._until_done(partial(self._client.submit_signal, _form(self.site, one), one.key)).id

    def withdraw(self, *, shareable: bool | None = None) -> None:
        """Withdraw one that stands, if there is one (of that kind); return when that is acknowledged."""
        one = self._standing(shareable=shareable)
        if one is not None:
            wanted = WithdrawIn(reason="Reported twice by mistake.", code=RetractReason.WITHDRAWN)
            self._change(
                one,
                lambda now: now.withdrawn_at is not None,
                lambda now: self._client.withdraw(now.id, wanted, version=now.version),
            )
            one.withdrawn = True

    def correct(self) -> None:
        """Correct the phone number of one that stands: partners get another version with other pseudonyms."""
        one = self._standing()
        if one is not None:
            one.phone += 100_000
            form = _form(self.site, one)
            wanted = AmendIn.model_validate(
                {"reason": "Misread.", "changes": {"subjects": form.model_dump(mode="json", by_alias=True)["subjects"]}}
            )
            self._change(
                one,
                lambda now: now.form.subjects == form.subjects,
                lambda now: self._client.amend(now.id, wanted, version=now.version),
            )

    def some(self) -> None:
        """One step of what such a service does all day."""
        self.submit()
        drawn = self._random.random()
        if drawn < 0.15:
            self.withdraw()
        elif drawn < 0.3:
            self.correct()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _standing(self, *, shareable: bool | None = None) -> Told | None:
        found = [one for one in self.acknowledged if not one.withdrawn and shareable in {None, one.shareable}]
        return self._random.choice(found) if found else None

    def _change(self, one: Told, done: Callable[[SignalOut], bool], change: Callable[[SignalOut], object]) -> None:
        def attempt() -> None:
            now = self._client.signal(str(one.id))
            if not done(now):
                change(now)

        self._until_done(attempt)

    def _until_done(self, act: Callable[[], T]) -> T:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return act()
            except RegisterError as error:
                self.answers[error.code] += 1
                if not isinstance(error, OperatorError) and error.code not in _LOST:
                    raise
                assert time.monotonic() < deadline, f"{self.site.country} did not acknowledge: {dict(self.answers)}"
                time.sleep(0.1)


@contextmanager
def running(*loads: Load, pause_s: float) -> Iterator[None]:
    """Let the services work in the background while the block lasts; what they had begun is acknowledged after it."""
    ending = threading.Event()
    failed: list[BaseException] = []

    def work(load: Load) -> None:
        try:
            while not ending.wait(pause_s):
                load.some()
        except BaseException as error:  # noqa: BLE001 - told to the thread that waits
            failed.append(error)

    threads = [threading.Thread(target=work, args=(load,), name=f"load-{load.site.country}") for load in loads]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ending.set()
        for thread in threads:
            thread.join()
    if failed:
        raise failed[0]


def _form(site: Site, one: Told) -> SignalIn:
    person = {
        "n": 1,
        "role": "SUSPECT",
        "kind": "person",
        "name": "Pruebo Ficticio",
        "birth": {"year": 1950 + one.number // 300 % 50, "month": one.number % 12 + 1, "day": one.number % 25 + 1},
        "selectors": [{"type": "PHONE", "value": f"+297 0{one.phone:06d}"}],
    }
    place = {"island": site.country, "location_type": "STREET", "locality": "Dakota"}
    parts = {} if one.shareable else {"visibility": "V3"}
    return a_form(subjects=[person], selectors=[], place=place, **parts)
