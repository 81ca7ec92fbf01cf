"""Made-up signals and questions for the benches: the same ones for the same seed. Nobody in them exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from schemas.codes import LegalBasis, Purpose
from schemas.search.question import AskedSubject, SearchIn
from schemas.signals.parts import Birth, SelectorIn
from schemas.signals.signal import SignalIn

_FIRST: Final = ("Aldo", "Bibi", "Ciro", "Delfi", "Elio", "Fina", "Gildo", "Hilma", "Ivo", "Jola", "Kiko", "Lenda")
_LAST: Final = ("Pruebo", "Ficticio", "Testman", "Voorbeeld", "Ehempel", "Verzonnen", "Muestra", "Proefman")
_SYLLABLES: Final = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo")
_NUMBERS: Final = 1_000_000
"""Phone numbers of Aruba that begin with a zero: as long as real ones, and given to nobody."""


@dataclass(frozen=True, slots=True)
class MadeUp:
    """One person who does not exist."""

    name: str
    birth: Birth
    phone: str

    def form(self, *, island: str) -> SignalIn:
        """A signal about the person, with the phone."""
        whole: dict[str, Any] = {
            "kind": "submission",
            "urgency": "NORMAL",
            "account": "Made up for a measurement: seen twice at a bus stop, with a man who answered for both.",
            "received_on": "2025-06-01",
            "period": {"from": "2025-05-31"},
            "place": {"island": island, "location_type": "STREET"},
            "signal_type": "MS",
            "source": "GOV_DEPT",
            "channel": "CONTROL_ACTION",
            "subjects": [
                {
                    "n": 1,
                    "role": "SUSPECT",
                    "kind": "person",
                    "name": self.name,
                    "birth": self.birth.model_dump(),
                    "selectors": [{"type": "PHONE", "value": self.phone}],
                }
            ],
            "indicators": [{"group": "TRAVEL", "strength": "W"}],
            "smuggling_elements": ["FEE_DEBT"],
        }
        return SignalIn.model_validate(whole)

    def asked(self) -> AskedSubject:
        """What a coordinator would ask."""
        return AskedSubject(name=self.name, birth=self.birth, selectors=(SelectorIn(type="PHONE", value=self.phone),))


def people(seed: int) -> Iterator[MadeUp]:
    """People without end, each with a phone of his own for the first million."""
    random = Random(seed)  # noqa: S311 - made-up people, the same again for the same seed
    phones = random.sample(range(_NUMBERS), _NUMBERS)
    for number in phones:
        middle = "".join(random.choice(_SYLLABLES) for _ in range(4)).capitalize()
        yield MadeUp(
            name=f"{random.choice(_FIRST)} {middle} {random.choice(_LAST)}",
            birth=Birth(year=random.randint(1950, 2005), month=random.randint(1, 12), day=random.randint(1, 28)),
            phone=f"+297 0{number // 10_000:02d} {number % 10_000:04d}",
        )


def question(subject: AskedSubject, *, number: int) -> SearchIn:
    """A question of Aruba's contact point."""
    return SearchIn(
        purpose=Purpose.COORDINATE,
        legal_basis=LegalBasis.AW_NONPOLICE,
        case=f"BENCH-{number}",
        subject=subject,
    )
