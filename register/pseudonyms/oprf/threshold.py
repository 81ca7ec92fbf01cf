"""Shares of a key, 3 of 5: Shamir's sharing with Feldman's commitments, over ristretto255.

Share i is the value at i of a secret polynomial of degree two; i is the country's fixed index, never zero. All
arithmetic on shares stays in libsodium. It shares and combines; who deals to whom, and how it is checked, is
`ceremony`. No whole key is ever put together here: tokens are combined from evaluated elements instead.
"""

from __future__ import annotations

import functools
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from register.domain.partition import FACTS, PARTITIONS
from register.pseudonyms.errors import InvalidInput
from register.pseudonyms.oprf.group import Element, RandomBytes, Scalar, ristretto255, small_scalar
from schemas.codes import Partition

THRESHOLD = 3

Polynomial = tuple[Scalar, ...]
"""THRESHOLD secret coefficients, the constant term (the secret) first."""
Commitments = tuple[Element, ...]
"""THRESHOLD elements: each coefficient times the generator."""


@dataclass(frozen=True, slots=True)
class PublicShares:
    """What everybody among the five may know of one key.

    Attributes:
        key_id: class and epoch, for instance `phone/e1`.
        generation: counts refreshes; shares of two generations never mix.
        joint: the secret key times the generator; no proof exists under it.
        shares: each country's share times the generator; proofs are checked against these.
        transcript: SHA-256 of the ceremony that made the key, which all five have signed.
    """

    key_id: str
    generation: int
    joint: Element
    shares: Mapping[Partition, Element]
    transcript: bytes


@dataclass(frozen=True, slots=True)
class KeyShare:
    """One country's secret share of one key, with what is public of the key."""

    country: Partition
    share: Scalar = field(repr=False)
    public: PublicShares


def random_polynomial(random_bytes: RandomBytes = secrets.token_bytes) -> Polynomial:
    """Draw a fresh secret and the coefficients that hide it."""
    group = ristretto255()
    return tuple(group.random_scalar(random_bytes) for _ in range(THRESHOLD))


def polynomial_for(secret: Scalar, random_bytes: RandomBytes = secrets.token_bytes) -> Polynomial:
    """Hide a given secret, as published vectors need; keys in use come from a ceremony."""
    group = ristretto255()
    return (group.scalar(secret), *(group.random_scalar(random_bytes) for _ in range(THRESHOLD - 1)))


def share_of(polynomial: Polynomial, country: Partition) -> Scalar:
    """Evaluate the polynomial at the country's index (Horner)."""
    group = ristretto255()
    at = small_scalar(FACTS[country].share)
    value = polynomial[-1]
    for coefficient in reversed(polynomial[:-1]):
        value = group.scalar_add(group.scalar_multiply(value, at), coefficient)
    return value


def commit(polynomial: Polynomial) -> Commitments:
    """Bind the dealer to the polynomial without showing it."""
    return tuple(ristretto255().multiply_base(coefficient) for coefficient in polynomial)


def public_share_of(commitments: Commitments, country: Partition) -> Element:
    """What the share of that country must be, times the generator, by the commitments alone."""
    group = ristretto255()
    at = small_scalar(FACTS[country].share)
    value = commitments[-1]
    for commitment in reversed(commitments[:-1]):
        value = group.add(group.multiply(at, value), commitment)
    return value


def sum_of(elements: Iterable[Element]) -> Element:
    """Add up at least one element."""
    return functools.reduce(ristretto255().add, elements)


def lagrange(countries: Iterable[Partition]) -> Mapping[Partition, Scalar]:
    """The weights with which the shares of exactly these three countries give the key.

    Raises:
        InvalidInput: it is not three different countries.
    """
    return _lagrange(tuple(sorted(countries)))


@functools.cache
def _lagrange(countries: tuple[Partition, ...]) -> Mapping[Partition, Scalar]:
    if len(countries) != THRESHOLD or len(set(countries)) != THRESHOLD:
        raise InvalidInput(f"expected {THRESHOLD} different countries, got {len(countries)}")
    group = ristretto255()
    at = {country: small_scalar(FACTS[country].share) for country in countries}
    weights = {}
    for country in countries:
        weight = small_scalar(1)
        for other in countries:
            if other is not country:
                difference = group.scalar_subtract(at[other], at[country])
                weight = group.scalar_multiply(
                    weight, group.scalar_multiply(at[other], group.scalar_invert(difference))
                )
        weights[country] = weight
    return weights


def combine(evaluated: Mapping[Partition, Element], factor: Scalar) -> Element:
    """Factor * (the element evaluated under the whole key), from three countries' evaluations of it.

    Args:
        evaluated: by exactly three countries, each proven or one's own.
        factor: the inverse of the blind; folded into the weights, which saves a multiplication.
    """
    group = ristretto255()
    weights = lagrange(evaluated)
    return sum_of(
        group.multiply(group.scalar_multiply(weights[country], factor), element)
        for country, element in evaluated.items()
    )


def split(key_id: str, secret: Scalar, random_bytes: RandomBytes = secrets.token_bytes) -> Sequence[KeyShare]:
    """Share a known secret among the five, for published vectors and tests: whoever calls this knows the key."""
    polynomial = polynomial_for(secret, random_bytes)
    commitments = commit(polynomial)
    shares = {country: public_share_of(commitments, country) for country in PARTITIONS}
    public = PublicShares(key_id, 0, commitments[0], shares, bytes(32))
    return [KeyShare(country, share_of(polynomial, country), public) for country in PARTITIONS]
