"""What an honest origin can send in a shared extract, field by field, beyond the form that `wire` gives each.

`wire` keeps a body from being something else; this keeps it from saying what no form, no code list and no calendar here
can have brought about: else a dishonest origin could lead a search, a figure or a person's eyes with what nobody
entered. A later version may know more codes than this one: its extracts wait in quarantine until this node knows them.
Pure; no rule of the MoU is judged here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Final

from schemas.codes import code_list
from schemas.exchange.wire import ExtractRecord, IndicatorPut, Label, TokenExtract
from schemas.signals.parts import PERSONS_SEEN_MAX, SELECTORS_MAX
from schemas.signals.signal import LOOSE_SELECTORS_MAX

KEYS_A_VALUE: Final = 3
"""Keys that a value of nobody's may have: a vessel's three numbers, an account's number and name (assumed)."""
REVIEW_MAX: Final = timedelta(days=366)
"""An owner looks again within a year of when it last did."""
FIRST_YEAR: Final = 2000
"""No register is older, and no reference (assumed)."""
_FORM_BEGINS: Final = "1900-01"
_EXPIRES: Final = date(1900, 1, 1), date(2199, 12, 31)
_ACQUISITION: Final = frozenset({"OWN_TASK", "TOLD"})
_RULE: Final = re.compile(r"[A-Z][A-Z0-9]{0,30}(-[A-Z0-9]{1,20}){1,4}", re.ASCII)
_LISTS: Final = {
    "exploitation_forms": "exploitation_form",
    "acts": "act",
    "means": "means",
    "smuggling_elements": "smuggling_element",
    "recruitment": "recruitment_method",
}


class BoundCode(StrEnum):
    """Why an extract that is in the agreed form is still none that an honest origin sends."""

    CODE_UNKNOWN = "code-unknown"  # a word that is in no list here, is said twice, or does not go with another
    DAY_IMPOSSIBLE = "day-impossible"  # a day, month or year that no form takes, or that is still to come
    COUNT_IMPOSSIBLE = "count-impossible"  # more persons or pseudonyms than a form gives, or one of them twice
    PSEUDONYM_UNKNOWN = "pseudonym-unknown"  # of a family, or of a version of its rules, that is not known here


def why_not(put: IndicatorPut, *, families: Mapping[str, int], their_day: date) -> BoundCode | None:
    """Return the code of what no honest origin sends; None where there is nothing of it.

    Args:
        put: in the agreed form.
        families: each family of pseudonyms with the version of its rules.
        their_day: today on the origin's calendar.
    """
    record = put.record
    if not (_words_fit(record) and _label_fits(put.label)):
        return BoundCode.CODE_UNKNOWN
    if not (_days_fit(record, put.label, their_day)):
        return BoundCode.DAY_IMPOSSIBLE
    if not all(_is_known(token, families) for token in record.tokens):
        return BoundCode.PSEUDONYM_UNKNOWN
    return None if _counts_fit(record) else BoundCode.COUNT_IMPOSSIBLE


def _words_fit(record: ExtractRecord) -> bool:
    one = (("sector", record.sector), ("location_type", record.location_type), ("movement", record.movement))
    return (
        record.signal_type in _codes("signal_type")
        and record.reporting_class == _reporting(record.signal_type)
        and all(_are_of(getattr(record, field), name) for field, name in _LISTS.items())
        and all(code is None or code in _codes(name) for name, code in one)
        and _are_of([sign.group for sign in record.indicators], "indicator_group")
        and all(
            subject.kind in _codes("subject_kind") and _categories().get(subject.role) == subject.category
            for subject in record.subjects
        )
        and bool(record.contact.routes)
        and _are_of(record.contact.routes, "request_route")
    )


def _label_fits(label: Label) -> bool:
    evaluation = label.evaluation
    return (
        label.acquisition in _ACQUISITION
        and (evaluation.source, evaluation.information) in _evaluations(evaluation.scheme)
        and len(set(label.handling.conditions)) == len(label.handling.conditions)
        and len(set(label.rules)) == len(label.rules)
        and all(map(_RULE.fullmatch, label.rules))
    )


def _days_fit(record: ExtractRecord, label: Label, their_day: date) -> bool:
    # A day more: what was made on the first minute of theirs must not depend on whose clock is a little behind.
    newest = their_day + timedelta(days=1)
    expires = label.handling.expires
    return (
        record.period.first >= _FORM_BEGINS
        and record.period.last <= f"{newest:%Y-%m}"
        and FIRST_YEAR <= int(record.reference[3:7]) <= newest.year
        and date(FIRST_YEAR, 1, 1) <= label.last_verified_on <= newest
        and label.review_by <= label.last_verified_on + REVIEW_MAX
        and (expires is None or _EXPIRES[0] <= expires <= _EXPIRES[1])
    )


def _is_known(token: TokenExtract, families: Mapping[str, int]) -> bool:
    used = token.use is None or (token.family == "document" and token.use in _codes("document_use"))
    return used and families.get(token.family) == token.version


def _counts_fit(record: ExtractRecord) -> bool:
    seen = record.persons_seen
    if seen is not None and max(seen.adults, seen.children) > PERSONS_SEEN_MAX:
        return False
    if len({(token.n, token.family, token.token) for token in record.tokens}) != len(record.tokens):
        return False
    most = {0: LOOSE_SELECTORS_MAX * KEYS_A_VALUE}
    return all(count <= most.get(n, SELECTORS_MAX) for n, count in Counter(t.n for t in record.tokens).items())


def _are_of(values: Iterable[str], name: str) -> bool:
    """Whether all are codes of a list, each once."""
    given = tuple(values)
    return len(set(given)) == len(given) and _codes(name).issuperset(given)


@cache
def _codes(name: str) -> frozenset[str]:
    return frozenset(code_list(name).codes)


@cache
def _reporting(signal_type: str) -> str:
    return code_list("signal_type").reporting(signal_type) or "OTHER"


@cache
def _categories() -> Mapping[str, str]:
    roles = code_list("subject_role")
    return {role: str(roles[role].extra["person_category"]) for role in roles.codes}


@cache
def _evaluations(scheme: str) -> frozenset[tuple[str, str]]:
    if scheme not in _codes("evaluation_scheme"):
        return frozenset()
    said = code_list("evaluation_scheme")[scheme].extra
    return frozenset((source, information) for source in said["source"] for information in said["information"])
