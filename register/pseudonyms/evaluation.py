"""The evaluator's side: one country's shares applied to a blinded batch, with proofs.

Pure but for the proofs' nonces: who asks, whether he may, quotas, repeats, the log and the signature on the receipt
are decided and kept elsewhere. It sees blinded elements only, which tell it nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from register.pseudonyms.errors import InvalidInput, UnknownKey, WrongGeneration
from register.pseudonyms.oprf.group import Element, RandomBytes, ristretto255
from register.pseudonyms.oprf.threshold import KeyShare, PublicShares
from register.pseudonyms.oprf.voprf import VOPRF
from schemas.codes import Partition
from schemas.exchange.evaluation import Batch, EvaluatedBatch, EvaluationAnswer, EvaluationReceipt, EvaluationRequest


@dataclass(frozen=True, slots=True)
class ShareSet:
    """All key shares of one country, by key id."""

    country: Partition
    shares: Mapping[str, KeyShare]

    @classmethod
    def of(cls, country: Partition, shares: Iterable[KeyShare]) -> Self:
        """Gather the shares of one country.

        Raises:
            InvalidInput: a share belongs to another country.
        """
        held = {share.public.key_id: share for share in shares}
        if any(share.country is not country for share in held.values()):
            raise InvalidInput(f"expected shares of {country} only")
        return cls(country, held)

    def share(self, key_id: str) -> KeyShare:
        """The share of one key, or `UnknownKey`."""
        if (share := self.shares.get(key_id)) is None:
            raise UnknownKey(f"{self.country} holds no share of key {key_id}", key_id=key_id)
        return share

    def public(self, key_id: str) -> PublicShares:
        """What is public of one key, or `UnknownKey`."""
        return self.share(key_id).public


def evaluate(
    shares: ShareSet,
    request: EvaluationRequest,
    *,
    at: datetime,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> EvaluationAnswer:
    """Evaluate every batch under this country's share and prove it.

    Nothing is answered unless all of it can be. Costs two scalar multiplications an element.

    Args:
        shares: this country's.
        request: checked already as to its sender, time and quota.
        at: goes into the receipt; for a repeat, the time of the first evaluation.
        random_bytes: source of the proofs' nonces.

    Raises:
        UnknownKey: a key id without a share here.
        WrongGeneration: the asker stands on other shares of a key than this country.
        InvalidElement: an element is none; nothing is evaluated.
    """
    for key_id, generation in request.generations.items():
        held = shares.public(key_id).generation
        if held != generation:
            raise WrongGeneration(f"key {key_id}: expected share generation {held}, got {generation}", key_id=key_id)
    body = request.body
    return EvaluationAnswer(
        batches=tuple(_evaluate_one_batch(shares.share(batch.key_id), batch, random_bytes) for batch in body.batches),
        receipt=EvaluationReceipt(
            iss=shares.country,
            aud=body.country,
            request_id=body.request_id,
            body=body.digest(),
            count=body.count,
            purpose=body.purpose,
            at=at,
        ),
    )


def evaluate_unproven(shares: ShareSet, key_id: str, blinded: Sequence[Element]) -> list[Element]:
    """Evaluate under one's own share, for oneself: no proof is needed, half the cost."""
    share = shares.share(key_id).share
    return [VOPRF.blind_evaluate(share, element) for element in blinded]


def _evaluate_one_batch(share: KeyShare, batch: Batch, random_bytes: RandomBytes) -> EvaluatedBatch:
    blinded = [ristretto255().element(element) for element in batch.elements]
    evaluated = [VOPRF.blind_evaluate(share.share, element) for element in blinded]
    public = share.public.shares[share.country]
    proof = VOPRF.prove(share.share, public, blinded, evaluated, random_bytes=random_bytes)
    return EvaluatedBatch(key_id=batch.key_id, elements=tuple(evaluated), proof=proof)
