"""Between a word on statistics as it travels and as it is kept; and what speaks against keeping one.

Whose signature it carries has been checked by whoever hands it in.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.statistics.rows import SaidRow
from register.statistics.catalogue import default_catalogue
from register.statistics.release.admission import find_misshape, is_of_other_rules
from register.statistics.release.contribution import Contribution, ContributionRefused
from register.statistics.release.statements import (
    Statement,
    canonical_of,
    digest_of,
    number_of,
    place_of,
    read_statement,
)
from register.statistics.rules.rules import REVISIONS_MAX
from schemas import canonical
from schemas.codes import Partition
from schemas.statistics.entry import CONTRIBUTION_TYP, StatementKind, StatisticsEntry

FOREIGN: Final = "foreign-contribution"
SECOND_DRAW: Final = "drawn-again"
TOO_OFTEN: Final = "too-many-revisions"


def place_text(statement: Statement) -> str:
    """Of what it is, as the store names it: `notifications-by-source/1/2023`."""
    return "|".join(place_of(statement))


def refusal_of(
    entry: StatisticsEntry, origin: Partition, known: Callable[[StatementKind, str, int], str | None]
) -> str | None:
    """Say by its code what speaks against keeping a word of `origin`; None where nothing does.

    Args:
        entry: signed by `origin`.
        origin: whose log brought it.
        known: hash of the word that is kept already, by kind, place and number.
    """
    try:
        statement = read_statement(entry.kind, entry.document)
    except ContributionRefused as refusal:
        return refusal.code
    if canonical_of(statement) != canonical.dumps(entry.document):
        # A member that we do not read could hold anything, for instance a true figure.
        return ContributionRefused.code
    if statement.country is not origin:
        return FOREIGN
    if isinstance(statement, Contribution) and (code := _find_unsoundness(statement)) is not None:
        return code
    before = known(entry.kind, place_text(statement), number_of(statement))
    return SECOND_DRAW if before not in (None, digest_of(statement)) else None


def _find_unsoundness(part: Contribution) -> str | None:
    """What would stop every node's release of a table, and is none of what our rules make, is not kept at all.

    Of a table that is not registered here, or is defined otherwise there, the form cannot be judged: it is kept, and
    stays out of releases until both sides have the same definition.
    """
    if part.revision > REVISIONS_MAX:
        return TOO_OFTEN
    definition = default_catalogue().tables.get(part.table_id)
    if definition is None or definition.version != part.version or is_of_other_rules(definition, part):
        return None
    return ContributionRefused.code if find_misshape(definition, part) is not None else None


def said_row(entry: StatisticsEntry, origin: Partition, about: UUID, at: datetime) -> SaidRow:
    """The row that keeps a word."""
    return _build_row(read_statement(entry.kind, entry.document), entry.signature, origin, about, at)


def signed_row(register: Register, statement: Statement) -> SaidRow:
    """The row of an own word, signed by this node."""
    signature = register.keys.sign_beside(canonical_of(statement), CONTRIBUTION_TYP)
    return _build_row(statement, signature, register.partition, register.clock.new_id(), register.clock.now())


def statement_of(kind: StatementKind, row: SaidRow) -> Statement:
    """The word that a row keeps."""
    return read_statement(kind, json.loads(row.body))


def entry_of(kind: StatementKind, row: SaidRow) -> StatisticsEntry:
    """The body under which a kept word travels."""
    return StatisticsEntry(kind=kind, document=json.loads(row.body), signature=row.signature)


def _build_row(statement: Statement, signature: str, origin: Partition, about: UUID, at: datetime) -> SaidRow:
    return SaidRow(
        origin=origin,
        place=place_text(statement),
        number=number_of(statement),
        body=canonical_of(statement),
        digest=digest_of(statement),
        signature=signature,
        object=about,
        at=at,
    )
