"""How strongly two subjects look like one, from which of their match keys are equal.

Pure and symmetric: sets of opaque tokens in, evidence out; no token is ever looked into. One call compares one
subject with one subject, so nothing can be added up across the subjects of a record. Who may see a hit, and
whether it is read again before it is shown, is decided elsewhere.

Rules (search.md 4): an attribute takes its best level among the families that agree; a family absent on either
side counts 0; one that is present on both sides and equal in none counts against what it says, all of it together,
unless agreeing families speak for each part of it; a token that too many records carry is not scored, and does not
count against either.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from operator import itemgetter
from typing import Final, TypeVar

from register.matching.evidence import Evidence, Scored, Strength
from register.matching.weights import AttributeKind, Family, Weights
from schemas.codes import Partition

ELSEWHERE_MAX: Final = 7
"""How many records of a country count towards the commonness of a value for others: three together hide nothing."""

T = TypeVar("T", bound=Hashable)
K = TypeVar("K")


def score(
    query_families: Mapping[str, AbstractSet[T]],
    hit_families: Mapping[str, AbstractSet[T]],
    df: Mapping[T, int],
    weights: Weights,
) -> Scored:
    """Compare one subject of a query with one subject of a record.

    Args:
        query_families: family -> tokens of the asker's subject (several where a selector has several readings).
        hit_families: family -> tokens of the record's subject. A family that the record is known to have, but
            whose tokens are not at hand, is given with those found equal, or with an empty set.
        df: token -> distinct records of this mirror that carry it, as `count_carriers` counts; 1 where it is missing.
        weights: the table.

    Returns:
        The strength, its evidence, and the families left out as too common. Swapping the first two arguments
        changes nothing.

    Cost: a few microseconds.
    """
    best: dict[str, Evidence] = {}
    agreeing: list[Family] = []
    against: list[Family] = []
    common: list[str] = []
    for name, family in weights.families.items():
        ours = query_families.get(name)
        if ours is None:
            continue
        theirs = hit_families.get(name)
        if theirs is None:
            continue
        shared = ours & theirs
        if not shared:
            against.append(family)
            continue
        rarest = min([df.get(token, 1) for token in shared])
        if rarest > weights.too_common_over:
            common.append(name)
            said = family.common
        else:
            agreeing.append(family)
            said = family.agreeing[max(rarest, 1)]
        for one in said:
            known = best.get(one.attribute)
            if known is None or one.bits > known.bits:
                best[one.attribute] = one
    spoken_for = set(best)
    for family in against:
        if not spoken_for.issuperset({one.attribute for one in family.common}):
            for one in family.against:
                best.setdefault(one.attribute, one)
    evidence = tuple(sorted(best.values(), key=lambda one: weights.order[one.attribute]))
    bits = sum([one.bits for one in evidence])
    return Scored(
        strength=_decide_strength(agreeing, bits, weights),
        bits=bits,
        evidence=evidence,
        too_common=tuple(common),
        weights=weights.version,
    )


def count_carriers(by_origin: Mapping[Partition, int], sides: Collection[Partition]) -> int:
    """How many records carry a token, as it counts against a match of records of these countries.

    Of each other country at most `ELSEWHERE_MAX` count: else who may register in one country makes a value too common
    for all by entering it again and again, and hides what the others know of it, also from themselves.

    Args:
        by_origin: records of each country that carry it.
        sides: whose records are compared: the owner of what is found, and of what it is compared with, if a record.
    """
    return sum(n if origin in sides else min(n, ELSEWHERE_MAX) for origin, n in by_origin.items())


def rank(
    query_families: Mapping[str, AbstractSet[T]],
    hits: Mapping[K, Mapping[str, AbstractSet[T]]],
    df: Mapping[T, int],
    weights: Weights,
) -> list[tuple[K, Scored]]:
    """Score each (record, subject) by itself; those that are a hit, strongest first.

    Args:
        query_families: as for `score`.
        hits: one entry a (record, subject), with that subject's families.
        df: as for `score`.
        weights: the table.
    """
    scored = ((key, score(query_families, families, df, weights)) for key, families in hits.items())
    found = [(key, one, (one.strength.rank, one.bits)) for key, one in scored if one.is_hit]
    return [(key, one) for key, one, _ in sorted(found, key=itemgetter(2), reverse=True)]


def _decide_strength(agreeing: Collection[Family], bits: float, weights: Weights) -> Strength:
    """The strongest word that holds; each of them can only be gained by more agreement, never lost."""
    if not agreeing:
        return Strength.NONE
    agreed = _list_agreed_attributes(agreeing)
    kinds = {weights.kinds[attribute] for attribute in agreed}
    word = _by_bits(bits, weights) if _may_stand(agreeing, weights) else Strength.NONE
    if AttributeKind.DOCUMENT in kinds and (word is not Strength.VERY_STRONG or len(agreed) == 1):
        return Strength.SAME_DOCUMENT
    if AttributeKind.NUMBER in kinds and (word.rank < Strength.STRONG.rank or len(agreed) == 1):
        return Strength.SAME_NUMBER
    return word


def _list_agreed_attributes(agreeing: Iterable[Family]) -> set[str]:
    return {evidence.attribute for family in agreeing for evidence in family.common}


def _may_stand(agreeing: Collection[Family], weights: Weights) -> bool:
    """Whether these families may make a hit: one that is not weak, or two weak ones that are independent."""
    if any(not family.weak for family in agreeing):
        return True
    names = {family.name for family in agreeing}
    return any(pair <= names for pair in weights.independent)


def _by_bits(bits: float, weights: Weights) -> Strength:
    if bits >= weights.very_strong:
        return Strength.VERY_STRONG
    if bits >= weights.strong:
        return Strength.STRONG
    if bits >= weights.possible:
        return Strength.POSSIBLE
    return Strength.NONE
