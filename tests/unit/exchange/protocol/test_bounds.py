"""What no honest origin can send is refused with a code; what one of a day's widest forms gives is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from register.domain.access.organisation import RETENTION_DAYS
from register.domain.partition import day_in
from register.mou.edition import load
from register.pseudonyms.matchkeys import FAMILIES
from schemas import canonical
from schemas.codes import Partition, code_list
from schemas.exchange.bounds import BoundCode, why_not
from schemas.exchange.wire import IndicatorPut, document, read
from schemas.signals.signal import LOOSE_SELECTORS_MAX
from sync.judgement import HoldCode, may_hold_here
from tests.simulator.builders import a_put, an_id
from tests.simulator.fakes import a_roster, rosters_of

TODAY = date(2026, 2, 1)
LONGEST_KEPT = max(RETENTION_DAYS.values())
SUBJECT = {"n": 1, "role": "GUARANTOR", "category": "IN_RELATION", "kind": "person"}
FITS: dict[str, Any] = {
    "acts": ["RECRUITMENT"] if "RECRUITMENT" in code_list("act") else list(code_list("act").codes[:1]),
    "indicators": [{"group": code_list("indicator_group").codes[0], "strength": "M"}],
    "exploitation_forms": [code_list("exploitation_form").codes[0]],
    "subjects": [SUBJECT],
    "contact": {"unit": "A unit", "routes": ["police", "legal"]},
}


def token(number: int = 1, **changes: Any) -> dict[str, Any]:
    made = {"family": "phone", "version": 1, "epoch": 1, "token": canonical.b64(number.to_bytes(32)), "n": 1}
    return made | changes


def a_body(record: dict[str, Any] | None = None, label: dict[str, Any] | None = None) -> IndicatorPut:
    """A body that an honest origin can send, but for these members."""
    body = document(a_put())
    body["record"] |= FITS | {"tokens": [token()]} | (record or {})
    body["label"] |= {"acquisition": "OWN_TASK", "rules": ["SHARED-1"]} | (label or {})
    return read(IndicatorPut, canonical.dumps(body))


def judged(put: IndicatorPut) -> BoundCode | None:
    return why_not(put, families=FAMILIES, their_day=TODAY)


def test_what_an_honest_origin_sends_is_within_bounds() -> None:
    assert judged(a_body()) is None


RECORDS: dict[str, tuple[dict[str, Any], BoundCode]] = {
    "a role of no list": ({"subjects": [SUBJECT | {"role": "KING"}]}, BoundCode.CODE_UNKNOWN),
    "a category of another role": ({"subjects": [SUBJECT | {"category": "INVOLVED"}]}, BoundCode.CODE_UNKNOWN),
    "a kind of no list": ({"subjects": [SUBJECT | {"kind": "robot"}]}, BoundCode.CODE_UNKNOWN),
    "a signal type of no list": ({"signal_type": "XX"}, BoundCode.CODE_UNKNOWN),
    "a reporting class of another type": ({"reporting_class": "XX"}, BoundCode.CODE_UNKNOWN),
    "an act of no list": ({"acts": ["DANCE"]}, BoundCode.CODE_UNKNOWN),
    "a means of no list": ({"means": ["DANCE"]}, BoundCode.CODE_UNKNOWN),
    "an exploitation form of no list": ({"exploitation_forms": ["DANCE"]}, BoundCode.CODE_UNKNOWN),
    "a smuggling element of no list": ({"smuggling_elements": ["DANCE"]}, BoundCode.CODE_UNKNOWN),
    "a recruitment of no list": ({"recruitment": ["DANCE"]}, BoundCode.CODE_UNKNOWN),
    "the same code twice": ({"acts": FITS["acts"] * 2}, BoundCode.CODE_UNKNOWN),
    "an indicator of no list": ({"indicators": [{"group": "DANCE", "strength": "M"}]}, BoundCode.CODE_UNKNOWN),
    "an indicator twice": (
        {"indicators": [FITS["indicators"][0], FITS["indicators"][0] | {"strength": "S"}]}, BoundCode.CODE_UNKNOWN,
    ),
    "a sector of no list": ({"sector": "DANCE"}, BoundCode.CODE_UNKNOWN),
    "a location type of no list": ({"location_type": "MOON"}, BoundCode.CODE_UNKNOWN),
    "a movement of no list": ({"movement": "DANCE"}, BoundCode.CODE_UNKNOWN),
    "a route of no list": ({"contact": {"unit": "A unit", "routes": ["pigeon"]}}, BoundCode.CODE_UNKNOWN),
    "no route": ({"contact": {"unit": "A unit", "routes": []}}, BoundCode.CODE_UNKNOWN),
    "a period to the year 9999": ({"period": {"from": "2026-01", "to": "9999-12"}}, BoundCode.DAY_IMPOSSIBLE),
    "a period of the year 0": ({"period": {"from": "0000-01", "to": "2026-01"}}, BoundCode.DAY_IMPOSSIBLE),
    "a period of next month": ({"period": {"from": "2026-01", "to": "2026-03"}}, BoundCode.DAY_IMPOSSIBLE),
    "a reference of the year 9999": ({"reference": "CW-9999-1"}, BoundCode.DAY_IMPOSSIBLE),
    "a family of none": ({"tokens": [token(family="horoscope")]}, BoundCode.PSEUDONYM_UNKNOWN),
    "a part of a class that has none": ({"tokens": [token(family="phone.p1")]}, BoundCode.PSEUDONYM_UNKNOWN),
    "rules of version 99": ({"tokens": [token(version=99)]}, BoundCode.PSEUDONYM_UNKNOWN),
    "the use of a telephone": ({"tokens": [token(use="OWN")]}, BoundCode.PSEUDONYM_UNKNOWN),
    "a use of no list": ({"tokens": [token(family="document", use="DANCE")]}, BoundCode.PSEUDONYM_UNKNOWN),
    "792 pseudonyms of one person": ({"tokens": [token(n) for n in range(792)]}, BoundCode.COUNT_IMPOSSIBLE),
    "one more than a person has": ({"tokens": [token(n) for n in range(25)]}, BoundCode.COUNT_IMPOSSIBLE),
    "more of nobody than a form takes": (
        {"tokens": [token(n, n=0) for n in range(LOOSE_SELECTORS_MAX * 3 + 1)]}, BoundCode.COUNT_IMPOSSIBLE,
    ),
    "a pseudonym twice": ({"tokens": [token(), token()]}, BoundCode.COUNT_IMPOSSIBLE),
    "more persons than a form counts": ({"persons_seen": {"adults": 2_001, "children": 0}}, BoundCode.COUNT_IMPOSSIBLE),
}  # fmt: skip
LABELS: dict[str, tuple[dict[str, Any], BoundCode]] = {
    "an acquisition of none": ({"acquisition": "STOLEN"}, BoundCode.CODE_UNKNOWN),
    "a scheme of no list": (
        {"evaluation": {"scheme": "9x9", "source": "A", "information": "1"}}, BoundCode.CODE_UNKNOWN,
    ),
    "a source of another scheme": (
        {"evaluation": {"scheme": "4x4", "source": "Z9", "information": "1"}}, BoundCode.CODE_UNKNOWN,
    ),
    "a rule in prose": ({"rules": ["call me on 555 1234"]}, BoundCode.CODE_UNKNOWN),
    "a rule twice": ({"rules": ["SHARED-1", "SHARED-1"]}, BoundCode.CODE_UNKNOWN),
    "verified in the future": (
        {"last_verified_on": "2026-03-01", "review_by": "2026-04-01"}, BoundCode.DAY_IMPOSSIBLE,
    ),
    "verified in the year 1": ({"last_verified_on": "0001-01-01", "review_by": "0001-02-01"}, BoundCode.DAY_IMPOSSIBLE),
    "reviewed in the year 9999": ({"review_by": "9999-01-01"}, BoundCode.DAY_IMPOSSIBLE),
    "a handling that ends in the year 9999": (
        {"handling": {"code": "H1", "expires": "9999-01-01"}}, BoundCode.DAY_IMPOSSIBLE,
    ),
}  # fmt: skip


def at_most(number: int, n: int = 1) -> dict[str, Any]:
    return {"record": {"tokens": [token(i, n=n) for i in range(number)]}}


def seen(adults: int, children: int) -> dict[str, Any]:
    return {"record": {"persons_seen": {"adults": adults, "children": children}}}


def spoken(begins: str, ends: str) -> dict[str, Any]:
    return {"record": {"period": {"from": begins, "to": ends}}}


def verified(on: str, review_by: str) -> dict[str, Any]:
    return {"label": {"last_verified_on": on, "review_by": review_by}}


def expires(on: str) -> dict[str, Any]:
    return {"label": {"handling": {"code": "H1", "expires": on}}}


LAST: dict[str, tuple[dict[str, Any], dict[str, Any], BoundCode]] = {
    "pseudonyms of a person": (at_most(24), at_most(25), BoundCode.COUNT_IMPOSSIBLE),
    "pseudonyms of nobody": (
        at_most(LOOSE_SELECTORS_MAX * 3, 0), at_most(LOOSE_SELECTORS_MAX * 3 + 1, 0), BoundCode.COUNT_IMPOSSIBLE,
    ),
    "adults": (seen(2_000, 0), seen(2_001, 0), BoundCode.COUNT_IMPOSSIBLE),
    "children": (seen(0, 2_000), seen(0, 2_001), BoundCode.COUNT_IMPOSSIBLE),
    "first month": (spoken("1900-01", "2026-01"), spoken("1899-12", "2026-01"), BoundCode.DAY_IMPOSSIBLE),
    "last month": (spoken("2026-01", "2026-02"), spoken("2026-01", "2026-03"), BoundCode.DAY_IMPOSSIBLE),
    "first reference": (
        {"record": {"reference": "CW-2000-1"}}, {"record": {"reference": "CW-1999-1"}}, BoundCode.DAY_IMPOSSIBLE,
    ),
    "last reference": (
        {"record": {"reference": "CW-2026-1"}}, {"record": {"reference": "CW-2027-1"}}, BoundCode.DAY_IMPOSSIBLE,
    ),
    "first look": (
        verified("2000-01-01", "2000-02-01"), verified("1999-12-31", "2000-02-01"), BoundCode.DAY_IMPOSSIBLE,
    ),
    "last look, by a clock that is a day ahead": (
        verified("2026-02-02", "2026-03-01"), verified("2026-02-03", "2026-03-01"), BoundCode.DAY_IMPOSSIBLE,
    ),
    "next look": (
        verified("2026-01-10", "2027-01-11"), verified("2026-01-10", "2027-01-12"), BoundCode.DAY_IMPOSSIBLE,
    ),
    "first end": (expires("1900-01-01"), expires("1899-12-31"), BoundCode.DAY_IMPOSSIBLE),
    "last end": (expires("2199-12-31"), expires("2200-01-01"), BoundCode.DAY_IMPOSSIBLE),
}  # fmt: skip


@pytest.mark.parametrize("case", LAST)
def test_the_last_that_a_form_gives_is_taken_and_one_more_is_refused_with_its_code(case: str) -> None:
    fits, over, code = LAST[case]
    assert judged(a_body(**fits)) is None
    assert judged(a_body(**over)) is code


@pytest.mark.parametrize("case", RECORDS)
def test_record_that_no_form_gives_is_refused_with_its_code(case: str) -> None:
    changes, code = RECORDS[case]
    assert judged(a_body(record=changes)) == code


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (-1, HoldCode.RETENTION_PASSED),
        (0, None),
        (LONGEST_KEPT + 1, None),  # it may be tomorrow already where the record was made
        (LONGEST_KEPT + 2, HoldCode.RETENTION_TOO_LONG),
    ],
)
def test_an_extract_is_held_on_its_last_day_and_for_no_longer_than_any_record_may_be(
    days: int, code: HoldCode | None
) -> None:
    at = datetime(2026, 2, 1, 12, tzinfo=UTC)
    today = day_in(Partition.AW, at)
    put = a_body(label={"retain_until": f"{today + timedelta(days=days)}"})
    rosters = rosters_of(a_roster())
    judge = may_hold_here(Partition.AW, Partition.CW, load("demo"), at, {put.record.contact.unit}, rosters)
    of_time = {HoldCode.RETENTION_PASSED, HoldCode.RETENTION_TOO_LONG}
    assert of_time & {judge(put, an_id(1)).code} == ({code} if code else set())


@pytest.mark.parametrize(("version", "code"), [(2**15 - 1, "pseudonym-unknown"), (2**15, "epoch-unknown")])
def test_a_pseudonym_of_a_number_that_no_row_here_holds_is_told_before_it_is_looked_for(
    version: int, code: str
) -> None:
    at = datetime(2026, 2, 1, 12, tzinfo=UTC)
    put = a_body(record={"tokens": [token(version=version)]}, label={"retain_until": "2026-03-01"})
    rosters = rosters_of(a_roster())
    judge = may_hold_here(Partition.AW, Partition.CW, load("demo"), at, {put.record.contact.unit}, rosters)
    assert judge(put, an_id(1)).code == code


@pytest.mark.parametrize("case", LABELS)
def test_label_that_no_profile_gives_is_refused_with_its_code(case: str) -> None:
    changes, code = LABELS[case]
    assert judged(a_body(label=changes)) == code
