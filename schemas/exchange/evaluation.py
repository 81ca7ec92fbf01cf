"""The documents of `POST /evaluate/v1/batches`: one country asks another to evaluate blinded elements.

What is asked, for what and for whom is the body, and its hash is what quotas, replays, the log and the receipt
stand on. The times and the share generations are outside of that hash: a request that is repeated later, or after a
refresh, is still the same request. Signatures, replays, quotas and the present time are not checked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from schemas.canonical import DocumentRefused, b64, domain_hash, dumps_plain, unb64
from schemas.codes import LegalBasis, Partition

KEYS_MAX = 1_000  # blinded elements in one request, over all key ids
LIFETIME_MAX = timedelta(seconds=120)
ELEMENT_BYTES = 32
PROOF_BYTES = 64
HASH_BYTES = 32

_UUID_VERSION = 7


class EvaluationPurpose(StrEnum):
    """Why keys are evaluated: to register a record, to answer a search, or to change the epoch."""

    REGISTER = "register"
    SEARCH = "search"
    EPOCH = "epoch"


class Declared(StrEnum):
    """What is to become of the pseudonyms of a registration, by the asker's own signed word.

    `publish`: some partner gets them with an extract, where all can see that they came; `keep`: they stay at home, as
    those of victims do, and nobody abroad ever sees what they were for.
    """

    PUBLISH = "publish"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Exactly:
    """Marks a field of exactly so many bytes: base64url without padding in JSON, `bytes` in Python."""

    length: int

    def decode(self, value: object) -> bytes:
        """Return the bytes; raise `not-bytes` for another length or another spelling."""
        try:
            data = unb64(value) if isinstance(value, str) else value
        except DocumentRefused:
            data = None
        if isinstance(data, bytes) and len(data) == self.length:
            return data
        words = {"length": self.length}
        raise PydanticCustomError("not-bytes", "Give {length} bytes as base64url without padding", words)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        writer = core_schema.plain_serializer_function_ser_schema(b64, when_used="json")
        return core_schema.no_info_plain_validator_function(self.decode, serialization=writer)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        letters = (4 * self.length + 2) // 3
        return {"type": "string", "pattern": f"^[A-Za-z0-9_-]{{{letters}}}$"}


def _uuid7(value: UUID) -> UUID:
    if value.version != _UUID_VERSION:
        raise PydanticCustomError("not-uuid7", "Give a UUID of version 7")
    return value


def _utc_ms(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Hash = Annotated[bytes, Exactly(HASH_BYTES)]
Element = Annotated[bytes, Exactly(ELEMENT_BYTES)]
Proof = Annotated[bytes, Exactly(PROOF_BYTES)]
KeyId = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,12}/e[1-9][0-9]{0,3}$")]
Opaque = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,62}$")]
RequestId = Annotated[UUID, AfterValidator(_uuid7)]
Instant = Annotated[AwareDatetime, PlainSerializer(_utc_ms, return_type=str, when_used="json")]
Generation = Annotated[int, Field(strict=True, ge=0, le=100_000)]


class _Document(BaseModel):
    """Closed and frozen; an error never repeats what was sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Asking(_Document):
    """Who asks, why, and on what ground: the part of a request that its use case knows.

    Attributes:
        request_id: made once for each piece of work and kept over its repeats.
        country: whose keys are evaluated; the signature of the request must be this country's.
        organisation: its code in the asking country.
        actor: opaque reference of the person or process; never a name.
        legal_basis: on what ground the record or question is processed.
        case_reference: HMAC-SHA-256 of the case number under a key of the asking country alone; 32 bytes.
        declared: of what is registered, and of nothing that is searched for.
    """

    request_id: RequestId
    country: Partition
    purpose: EvaluationPurpose
    organisation: Opaque
    actor: Opaque
    legal_basis: LegalBasis
    case_reference: Hash | None = None
    declared: Declared | None = None

    @model_validator(mode="after")
    def _declares_what_is_registered(self) -> Self:
        if (self.declared is None) is not (self.purpose is EvaluationPurpose.SEARCH):
            raise PydanticCustomError("declared", "Declare of a registration, and of nothing else, publish or keep")
        return self


class Batch(_Document):
    """Blinded elements under one key."""

    key_id: KeyId
    elements: tuple[Element, ...] = Field(min_length=1, max_length=KEYS_MAX)


class EvaluationBody(Asking):
    """What is asked. Key ids are distinct; all batches together hold at most 1,000 elements."""

    batches: tuple[Batch, ...] = Field(min_length=1, max_length=KEYS_MAX)

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if len({batch.key_id for batch in self.batches}) != len(self.batches):
            raise PydanticCustomError("key-id-twice", "Put all elements of one key id into one batch")
        if self.count > KEYS_MAX:
            raise PydanticCustomError("too-many-keys", "At most {most} elements a request", {"most": KEYS_MAX})
        return self

    @property
    def count(self) -> int:
        """How many elements are asked for: what quotas count."""
        return sum(len(batch.elements) for batch in self.batches)

    def digest(self) -> bytes:
        """SHA-256("rtr/evaluate/v1" 00 RFC 8785 of the body): 32 bytes."""
        return domain_hash("rtr/evaluate/v1", dumps_plain(self.model_dump(mode="json")))


class EvaluationRequest(_Document):
    """A body with what may differ between repeats of it.

    Attributes:
        issued: when this sending of it was made.
        expires: at most 120 seconds after `issued`.
        generations: for each key id of the body, the generation of shares whose proofs the asker can check.
        ticket: on which the keys count where the limits have no room. Beside the body, since a repeat is free and may
            come on another ticket or on none.
    """

    body: EvaluationBody
    issued: Instant
    expires: Instant
    generations: Mapping[KeyId, Generation]
    ticket: RequestId | None = None

    @model_validator(mode="after")
    def _short_lived(self) -> Self:
        if not self.issued < self.expires <= self.issued + LIFETIME_MAX:
            raise PydanticCustomError("lifetime", "A request expires at most 120 seconds after it was issued")
        return self

    @model_validator(mode="after")
    def _generations_are_named(self) -> Self:
        if set(self.generations) != {batch.key_id for batch in self.body.batches}:
            raise PydanticCustomError("generations", "Name the share generation of each key id, and of no other")
        return self


class EvaluatedBatch(_Document):
    """The elements of one batch under one share, in the same order, and one proof for all of them."""

    key_id: KeyId
    elements: tuple[Element, ...] = Field(min_length=1, max_length=KEYS_MAX)
    proof: Proof


class EvaluationReceipt(_Document):
    """What an evaluator attests when it has signed these claims: how much it computed for whom, not what.

    Attributes:
        iss: the evaluator.
        aud: the country that asked.
        request_id: as asked.
        body: digest of the body.
        count: elements evaluated.
        purpose: as asked.
        at: when it was evaluated first; a repeat gives the same.
    """

    iss: Partition
    aud: Partition
    request_id: RequestId
    body: Hash
    count: Annotated[int, Field(strict=True, ge=1, le=KEYS_MAX)]
    purpose: EvaluationPurpose
    at: Instant


class EvaluationAnswer(_Document):
    """What an evaluator answers; the batches are in the order of the request."""

    batches: tuple[EvaluatedBatch, ...] = Field(min_length=1, max_length=KEYS_MAX)
    receipt: EvaluationReceipt
