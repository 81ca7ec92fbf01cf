"""The evaluator's side, its documents, and the blinds."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import ValidationError

from register.pseudonyms.client import Blinds
from register.pseudonyms.errors import InvalidElement, InvalidInput, UnknownKey, WrongGeneration
from register.pseudonyms.evaluation import ShareSet, evaluate, evaluate_unproven
from register.pseudonyms.oprf.group import ORDER, Element
from register.pseudonyms.oprf.voprf import VOPRF
from schemas.canonical import domain_hash
from schemas.codes import Partition
from schemas.exchange.evaluation import Batch, EvaluationAnswer, EvaluationBody, EvaluationPurpose, EvaluationRequest
from tests.unit.register.pseudonyms.support import AT, SECRET, asking, five_sets

NL = Partition.NL
KEY_IDS = ("phone/e1", "person/e1")
BLINDED = tuple(VOPRF.hash_to_group(bytes([n])) for n in range(3))


def _request(**changes: Any) -> EvaluationRequest:
    batches = changes.pop("batches", tuple(Batch(key_id=key_id, elements=BLINDED) for key_id in KEY_IDS))
    body = EvaluationBody(**asking().model_dump(), batches=batches)
    fields: dict[str, Any] = {
        "body": body,
        "issued": AT,
        "expires": AT + timedelta(seconds=60),
        "generations": {batch.key_id: 0 for batch in batches},
    }
    return EvaluationRequest(**fields | changes)


def _nl() -> ShareSet:
    return next(held for held in five_sets(*KEY_IDS) if held.country is NL)


def test_every_batch_is_evaluated_and_proven_under_the_countrys_share() -> None:
    answer = evaluate(_nl(), _request(), at=AT)
    for batch in answer.batches:
        assert list(batch.elements) == evaluate_unproven(_nl(), batch.key_id, BLINDED)
        public = _nl().public(batch.key_id).shares[NL]
        assert VOPRF.verify(public, BLINDED, [Element(element) for element in batch.elements], batch.proof)


def test_receipt_says_how_much_for_whom_and_what_for() -> None:
    request = _request()
    receipt = evaluate(_nl(), request, at=AT).receipt
    assert (receipt.iss, receipt.aud, receipt.count, receipt.purpose) == (NL, Partition.AW, 6, EvaluationPurpose.SEARCH)
    assert (receipt.request_id, receipt.body, receipt.at) == (request.body.request_id, request.body.digest(), AT)


def test_repeat_gives_the_same_elements() -> None:
    first, second = (evaluate(_nl(), _request(), at=AT) for _ in range(2))
    assert [batch.elements for batch in first.batches] == [batch.elements for batch in second.batches]
    assert first.receipt == second.receipt


def test_key_without_a_share_is_refused() -> None:
    with pytest.raises(UnknownKey):
        evaluate(_nl(), _request(batches=(Batch(key_id="plate/e1", elements=BLINDED),)), at=AT)


def test_other_generation_of_shares_is_refused() -> None:
    with pytest.raises(WrongGeneration):
        evaluate(_nl(), _request(generations={"phone/e1": 0, "person/e1": 1}), at=AT)


@pytest.mark.parametrize("element", [bytes(32), b"\1" + bytes(31), b"\xff" * 32])
def test_no_element_is_evaluated_if_one_is_none(element: bytes) -> None:
    with pytest.raises(InvalidElement):
        evaluate(_nl(), _request(batches=(Batch(key_id="phone/e1", elements=(*BLINDED, element)),)), at=AT)


def test_share_set_takes_one_countrys_shares_only() -> None:
    with pytest.raises(InvalidInput):
        ShareSet.of(Partition.SX, _nl().shares.values())


def test_documents_come_back_from_json_as_they_went() -> None:
    request = _request()
    answer = evaluate(_nl(), request, at=AT)
    assert EvaluationRequest.model_validate_json(request.model_dump_json()) == request
    assert EvaluationAnswer.model_validate_json(answer.model_dump_json()) == answer


def test_digest_is_over_the_canonical_body_alone() -> None:
    request = _request()
    body = json.loads(request.model_dump_json())["body"]
    assert request.body.digest() == domain_hash("rtr/evaluate/v1", rfc8785.dumps(body))
    later = _request(issued=AT + timedelta(hours=1), expires=AT + timedelta(hours=1, seconds=5))
    assert later.body.digest() == request.body.digest()


@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": "epoch", "declared": "publish"},
        {"purpose": "epoch", "declared": "keep"},
        {"actor": "person:18"},
        {"country": "CW"},
        {"legal_basis": "NONPOLICE_GDPR"},
    ],
)
def test_digest_covers_every_statement_of_the_asker(changes: dict[str, str]) -> None:
    body = EvaluationBody(**{**asking().model_dump(), **changes}, batches=_request().body.batches)
    assert body.digest() != _request().body.digest()


def test_digest_tells_what_is_published_from_what_is_kept() -> None:
    said = {**asking().model_dump(), "purpose": "register"}
    kept, published = (
        EvaluationBody(**{**said, "declared": one}, batches=_request().body.batches).digest()
        for one in ("keep", "publish")
    )
    assert kept != published


@pytest.mark.parametrize(
    ("purpose", "declared"),
    [("register", None), ("epoch", None), ("search", "publish"), ("search", "keep"), ("register", "perhaps")],
)
def test_what_is_registered_is_declared_and_nothing_else(purpose: str, declared: str | None) -> None:
    with pytest.raises(ValidationError):
        EvaluationBody(
            **{**asking().model_dump(), "purpose": purpose, "declared": declared}, batches=_request().body.batches
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"expires": AT + timedelta(seconds=121)},
        {"expires": AT},
        {"issued": AT.replace(tzinfo=None)},
        {"generations": {"phone/e1": 0}},
        {"generations": {"phone/e1": 0, "person/e1": 0, "plate/e1": 0}},
        {"extra": 1},
    ],
    ids=["long", "expired", "naive", "missing generation", "foreign generation", "unknown member"],
)
def test_request_out_of_bounds_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _request(**changes)


@pytest.mark.parametrize(
    "batches",
    [
        (),
        (Batch(key_id="phone/e1", elements=BLINDED),) * 2,
        tuple(Batch(key_id=f"phone/e{epoch}", elements=BLINDED[:1] * 501) for epoch in (1, 2)),
    ],
    ids=["none", "same key twice", "more than a thousand"],
)
def test_batches_out_of_bounds_are_refused(batches: tuple[Batch, ...]) -> None:
    with pytest.raises(ValidationError):
        EvaluationBody(**asking().model_dump(), batches=batches)


@pytest.mark.parametrize("key_id", ["phone", "phone/e0", "phone/1", "Phone/e1", "phone/e1/x", "person.p1/e1"])
def test_key_id_is_class_and_epoch(key_id: str) -> None:
    with pytest.raises(ValidationError):
        Batch(key_id=key_id, elements=BLINDED)


@pytest.mark.parametrize("text", ["A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + "B", "A" * 42 + "+", 7])
def test_bytes_have_one_spelling(text: object) -> None:
    with pytest.raises(ValidationError) as refused:
        Batch.model_validate({"key_id": "phone/e1", "elements": [text]})
    assert "AAAA" not in str(refused.value)


def test_request_id_is_of_version_7() -> None:
    with pytest.raises(ValidationError):
        asking().model_validate({**asking().model_dump(), "request_id": "01920000-0000-4000-8000-000000000001"})


def test_schema_describes_bytes_as_text() -> None:
    element = Batch.model_json_schema()["properties"]["elements"]["items"]
    assert element == {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"}


@pytest.mark.parametrize(("position", "key_id"), [(0, "phone/e1"), (1, "phone/e1"), (999, "person/e12")])
def test_blind_is_hkdf_of_secret_position_and_key_id(position: int, key_id: str) -> None:
    info = b"rtr-blind-v1" + position.to_bytes(4, "big") + key_id.encode()
    wide = HKDF(algorithm=SHA512(), length=64, salt=b"", info=info).derive(SECRET)
    expected = (int.from_bytes(wide, "little") % ORDER).to_bytes(32, "little")
    assert Blinds(SECRET).blind(position, key_id) == expected


def test_short_request_secret_is_refused() -> None:
    with pytest.raises(InvalidInput):
        Blinds(bytes(31))
