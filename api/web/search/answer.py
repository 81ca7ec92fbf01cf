"""What a search answers, in words for people: what agrees, how strong that is, and what may be done next.

A code of the answer is never shown bare; a test holds these tables to the weights and families that there are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from api.web.frame.languages import N_, Text
from schemas.codes import code_list
from schemas.search.question import Answer, CountryAnswer, EvidenceOut, HitOut

WHOLE_HITS: Final = 3
"""So many hits of a country are shown whole; the rest by one line each, or a page would never end."""

ANSWERS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        Answer.HIT: N_("Found"),
        Answer.NOTHING: N_("Nothing that may be shown"),
        Answer.NOT_ASKED: N_("Not asked"),
        Answer.TOO_COMMON: N_("Too common"),
        Answer.NOT_COMPUTED: N_("Not computed"),
    }
)

STRENGTHS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "possible": N_("Possible: it may be the same person"),
        "strong": N_("Strong: likely the same person"),
        "very-strong": N_("Very strong: very likely the same person"),
    }
)
_SAME: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "document": N_("Same document number"),
        "account": N_("Same bank account"),
        "phone": N_("Same phone number"),
        "email": N_("Same e-mail address"),
        "handle": N_("Same account name"),
        "plate": N_("Same number plate"),
        "vessel": N_("Same vessel"),
        "company": N_("Same company number"),
        "ticket": N_("Same ticket or booking"),
    }
)
_DIFFERENT: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "document": N_("Another document number"),
        "account": N_("Another bank account"),
        "phone": N_("Another phone number"),
        "email": N_("Another e-mail address"),
        "handle": N_("Another account name"),
        "plate": N_("Another number plate"),
        "vessel": N_("Another vessel"),
        "company": N_("Another company number"),
        "ticket": N_("Another ticket or booking"),
    }
)
EVIDENCE: Final[Mapping[str, Text]] = MappingProxyType(
    {
        **{f"{name}-equal": text for name, text in _SAME.items()},
        **{f"{name}-unequal": text for name, text in _DIFFERENT.items()},
        "surname-exact": N_("Same surname"),
        "surname-sound": N_("Surname that sounds the same"),
        "given-names-exact": N_("Same given names"),
        "given-names-sound": N_("Given names that sound the same"),
        "birth-date-exact": N_("Same birth date"),
        "birth-date-month-day": N_("Same birthday, day and month"),
        "birth-date-year": N_("Same year of birth"),
        "nationality-equal": N_("Same nationality"),
        "names-and-birth-date-unequal": N_("Name and birth date are not both the same as registered"),
        "names-and-nationality-unequal": N_("Name and nationality are not both the same as registered"),
    }
)

_THIS_MINUTE: Final = timedelta(minutes=1)
CANNOT_FIND: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "other-names": N_("who is registered with fewer, more or other names"),
        "with-birth-date": N_("who is registered with a birth date"),
        "other-birth-date": N_("who is registered with another birth date, or a part of it"),
        "without-nationality": N_("who is registered with a name and no whole birth date"),
        "no-birth-date-abroad": N_(
            "in other countries: who is registered with a name and no whole birth date, since a name and a nationality "
            "are too little there to show anybody"
        ),
        "name-not-asked": N_(
            "anybody by the name: add a whole birth date; a nationality is enough in your own register only"
        ),
        "value-not-asked": N_("anything by a value of a kind that is not compared yet"),
        "says-none": N_("anything by a value that says that it is not known"),
        "check-fails": N_("anything by a number whose digits do not fit together"),
        "issuer-unknown": N_("anything by a number whose issuing country is not named"),
    }
)
"""What a question cannot find, as the second half of a sentence."""

FAMILIES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "document": N_("document number"),
        "iban": N_("bank account"),
        "phone": N_("phone number"),
        "email": N_("e-mail address"),
        "handle": N_("account name"),
        "plate": N_("number plate"),
        "vessel": N_("vessel"),
        "company": N_("company number"),
        "ticket": N_("ticket or booking"),
        "person.p0": N_("name and nationality"),
        "person.p1": N_("name and birth date"),
        "person.p2": N_("sound of the name and birth date"),
        "person.p3": N_("sound of the name and year of birth"),
        "person.p4": N_("sound of the name and birthday"),
    }
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of "why this strength": what agrees or not, and by how much it counts."""

    says: Text
    bits: float


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit, and what the page says of it.

    Attributes:
        heading: its strength in words, or what is the same.
        agrees: what agrees, named.
        routes: by which requests for the content are taken, as far as this register knows the route.
        button: what a request about it needs to know, as the form carries it.
    """

    hit: HitOut
    heading: Text
    agrees: Sequence[Text]
    reasons: Sequence[Reason]
    routes: Sequence[str]
    button: str

    @property
    def is_number(self) -> bool:
        """Whether only a number is the same, which says nothing of who uses it."""
        return self.hit.strength == "same-number"

    @property
    def is_plain(self) -> bool:
        """Whether the heading names all that agrees already."""
        return [text.message for text in self.agrees] == [self.heading.message]


@dataclass(frozen=True, slots=True)
class ShownCountry:
    """What one country answered.

    Attributes:
        arriving: something it told is on its way, and its newest word is of this minute: that is not called old.
    """

    answer: CountryAnswer
    arriving: bool
    verdict: Text
    whole: Sequence[ShownHit]
    more: Sequence[ShownHit]


def show_country(answer: CountryAnswer, asked_at: datetime) -> ShownCountry:
    """One country's answer for the page."""
    hits = [_show_hit(hit) for hit in answer.hits]
    of_now = answer.stale_since is not None and asked_at - answer.stale_since < _THIS_MINUTE
    arriving = of_now and not answer.cut_off
    return ShownCountry(answer, arriving, ANSWERS[answer.answer], hits[:WHOLE_HITS], hits[WHOLE_HITS:])


def name_families(names: Sequence[str]) -> list[Text]:
    """What matched, named once each; a family nobody named yet is called a value."""
    named = {text.message: text for text in (FAMILIES.get(name, _VALUE) for name in names)}
    return list(named.values())


_VALUE: Final = N_("value")
_OTHER: Final = N_("Something else")


def _show_hit(hit: HitOut) -> ShownHit:
    reasons = [Reason(EVIDENCE.get(one.words, _OTHER), one.bits) for one in hit.evidence]
    agrees = [EVIDENCE.get(one.words, _OTHER) for one in hit.evidence if not one.words.endswith("-unequal")]
    routes = [route for route in hit.contact.routes if route in code_list("request_route")]
    button = {
        "record": str(hit.record),
        "owner": hit.owner,
        "reference": hit.reference,
        "unit": hit.contact.unit,
        "routes": routes,
    }
    return ShownHit(
        hit, _find_heading(hit), agrees, reasons, routes, json.dumps(button, ensure_ascii=False, separators=(",", ":"))
    )


def _find_heading(hit: HitOut) -> Text:
    if hit.strength in STRENGTHS:
        return STRENGTHS[hit.strength]
    return next((EVIDENCE[one.words] for one in hit.evidence if _is_same(one)), _OTHER)


def _is_same(one: EvidenceOut) -> bool:
    return one.attribute in _SAME and one.words == f"{one.attribute}-equal"
