"""What an approval would let out, in words; every code of the record is shown, and nothing else than the record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from api.cli.frame.forms import label
from api.cli.frame.terminal import Table
from schemas import canonical
from schemas.exchange.wire import ExtractRecord, content_of, read

if TYPE_CHECKING:
    from schemas.signals.approvals import ApprovalAskedOut

_LISTS = (
    ("forms of exploitation", "exploitation_forms", "exploitation_form"),
    ("acts", "acts", "act"),
    ("means", "means", "means"),
    ("elements of smuggling", "smuggling_elements", "smuggling_element"),
    ("recruitment", "recruitment", "recruitment_method"),
)
_ONES = (
    ("sector", "sector", "sector"),
    ("location", "location_type", "location_type"),
    ("movement", "movement", "movement"),
)


def in_words(asked: ApprovalAskedOut) -> list[str | Table]:
    """The record that would leave, on what ground, to whom it may go.

    Raises:
        DocumentRefused: it is no record.
    """
    record = read(ExtractRecord, canonical.dumps(asked.record))
    rows: list[tuple[str, str]] = [
        ("on", f"{record.reference}, version {asked.version}"),
        ("type", label("signal_type", record.signal_type)),
        ("months", f"{record.period.first} to {record.period.last}"),
    ]
    rows += [(name, _join_labels(code_list, getattr(record, member))) for name, member, code_list in _LISTS]
    rows += [(name, _join_labels(code_list, [getattr(record, member)])) for name, member, code_list in _ONES]
    rows += [
        ("indicators", ", ".join(f"{label('indicator_group', i.group)} ({i.strength})" for i in record.indicators)),
        ("persons seen", _describe_persons_seen(record)),
        *((f"person or company {one.n}", _describe_subject(record, one.n)) for one in record.subjects),
        ("values of nobody", _count_tokens(record, 0)),
        ("whom they ask", f"{record.contact.unit} ({', '.join(record.contact.routes)})"),
        ("purpose", label("purpose", asked.purpose)),
        ("legal basis", asked.legal_basis),
        ("visibility, handling", f"{asked.visibility}, {asked.handling}"),
        ("may go to", ", ".join(asked.partners) or "nobody"),
        ("content", content_of(record)),
    ]
    return [Table("What would leave, pseudonymised; name and story stay here", ("", ""), [r for r in rows if r[1]])]


def _join_labels(code_list: str, codes: Iterable[str | None]) -> str:
    return ", ".join(label(code_list, code) for code in codes if code is not None)


def _describe_subject(record: ExtractRecord, n: int) -> str:
    one = next(s for s in record.subjects if s.n == n)
    return f"{label('subject_role', one.role)}; {_count_tokens(record, n) or 'no values'}"


def _count_tokens(record: ExtractRecord, n: int) -> str:
    """Of which kinds values are compared, and how many of each: what a token was made of cannot be read from it."""
    counted = Counter(token.family for token in record.tokens if token.n == n)
    return ", ".join(f"{count} x {family}" for family, count in sorted(counted.items()))


def _describe_persons_seen(record: ExtractRecord) -> str:
    seen = record.persons_seen
    return "" if seen is None else f"{seen.adults} adults, {seen.children} children"
