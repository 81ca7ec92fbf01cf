"""What the tests of this folder share: a published key in five shares, and a request in order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from register.pseudonyms.evaluation import ShareSet
from register.pseudonyms.matchkeys import MatchKey
from register.pseudonyms.oprf.group import Scalar, ristretto255
from register.pseudonyms.oprf.threshold import split
from schemas.codes import LegalBasis, Partition
from schemas.exchange.evaluation import Asking, EvaluationPurpose

AT = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
SECRET = bytes(range(32))
REQUEST_ID = UUID("01920000-0000-7000-8000-000000000001")
RFC = Path(__file__).with_name("rfc9497.json")


@cache
def rfc_suites() -> list[dict[str, Any]]:
    """The published vectors, one entry a mode."""
    suites: list[dict[str, Any]] = json.loads(RFC.read_text())["suites"]
    return suites


def published_key() -> Scalar:
    """The secret key of RFC 9497, A.1.2: everybody knows it, so nothing real may ever be evaluated with it."""
    return ristretto255().scalar(bytes.fromhex(rfc_suites()[1]["skSm"]))


@cache
def five_sets(*key_ids: str) -> tuple[ShareSet, ...]:
    """The published key shared among the five, under each of these key ids."""
    shares = [share for key_id in key_ids for share in split(key_id, published_key())]
    return tuple(ShareSet.of(country, [s for s in shares if s.country is country]) for country in Partition)


def asking(country: Partition = Partition.AW) -> Asking:
    """A search by a country, valid in every field."""
    return Asking(
        request_id=REQUEST_ID,
        country=country,
        purpose=EvaluationPurpose.SEARCH,
        organisation="JIUMM",
        actor="person:17",
        legal_basis=LegalBasis.AW_POLICE,
        case_reference=bytes(32),
    )


def phones(numbers: Iterable[int]) -> list[MatchKey]:
    """Match keys of fictional numbers."""
    return [MatchKey("phone", 1, (f"+297000{number:04d}",)) for number in numbers]
