"""The documents of RTR Sync 1, field by field as two countries exchange them (sync/README.md, step 2 and 4).

Closed: a name that is not here is refused, but for `ext.optional` (kept as received) and `ext.critical` (not understood
means not applied). Reading is from bytes (`read`), so that what is checked is what was hashed. No rule of the MoU is
judged here, no signature checked, no time compared.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, NamedTuple, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import (
    CrimeClass,
    Handling,
    HandlingCondition,
    LegalBasis,
    Partition,
    PersonCategory,
    Purpose,
    RetractReason,
    Visibility,
)

ENVELOPE_VERSION: Final = 1
SCHEMA_VERSION: Final = "1.0"
MEDIA_TYPE: Final = "application/vnd.rtr.page"

PAGE_ENTRIES_MAX: Final = 1_000
PAGE_BYTES_MAX: Final = 4 * 1024 * 1024  # of the plaintext block
BODY_BYTES_MAX: Final = 256 * 1024
STUB_BYTES_MAX: Final = 1024
EXT_BYTES_MAX: Final = 2 * 1024  # of `ext.optional`, which is kept as received and read by nobody here
RETRACTED_DONE_MAX: Final = 1_000
QUARANTINED_MAX: Final = 500
REQUEST_SECONDS_MAX: Final = 120


class Typ(StrEnum):
    """What a signed thing is: the `typ` of its JWS header (wire.md 2)."""

    PAGE = "rtr-page+jws"
    HEAD = "rtr-head+jws"
    RECEIPT = "rtr-receipt+jws"
    ROSTER = "rtr-roster+jws"
    APPROVAL = "rtr-approval+jws"
    GATE_APPROVAL = "rtr-gate-approval+jws"
    CONSENT = "rtr-provision-consent+jws"
    REQUEST = "rtr-request+jwt"
    LIST = "rtr-list+jws"
    TICKET = "rtr-ticket+jws"
    TICKET_SIGNATURE = "rtr-ticket-signature+jws"


def _hash(text: str) -> str:
    canonical.unb64(text, canonical.HASH_BYTES)
    return text


def _instant(text: str) -> str:
    parse_instant(text)
    return text


_UUID7 = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)

Hash = Annotated[str, StringConstraints(min_length=43, max_length=43), AfterValidator(_hash)]
Id = Annotated[str, StringConstraints(pattern=_UUID7)]
Instant = Annotated[str, StringConstraints(max_length=24), AfterValidator(_instant)]
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_]{0,39}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Kid = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._/-]{1,80}$")]
Nonce = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
TypeName = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z]+)*$", max_length=40)]
SchemaName = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})$")]
Count = Annotated[int, Field(ge=0, le=canonical.MAX_INTEGER)]
Number = Annotated[int, Field(ge=1, le=canonical.MAX_INTEGER)]
Codes = Annotated[tuple[Code, ...], Field(max_length=50)]
OrganisationCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-[A-Za-z0-9._-]{1,60}$")]
CompactJws = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$", max_length=4_096)
]


class Document(BaseModel):
    """A closed document: no coercion, no unknown name."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, validate_by_name=True, validate_by_alias=True)


D = TypeVar("D", bound=Document)


def read(model: type[D], data: bytes) -> D:
    """Return the document in `data`, by the names of the wire only. Parse untrusted bytes with `canonical.loads` first.

    Raises:
        DocumentRefused: code `schema-invalid`; the message names the fields, never their content.
    """
    try:
        return model.model_validate_json(data, by_alias=True, by_name=False)
    except ValidationError as refusal:
        where = sorted({".".join(str(part) for part in error["loc"][:3]) or "document" for error in refusal.errors()})
        raise DocumentRefused("schema-invalid", f"{model.__name__}: {', '.join(where[:5])}") from refusal


def document(value: Document) -> dict[str, Any]:
    """Return a document as JSON values under the names of the wire; what is absent stays absent."""
    return value.model_dump(mode="json", by_alias=True, exclude_none=True)


def instant(at: datetime) -> str:
    """Return an aware time as RFC 3339 in UTC with milliseconds (cut, not rounded)."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """Return the time that `instant` wrote.

    Raises:
        ValueError: another form, or no time of any calendar.
    """
    if not _INSTANT.fullmatch(text):
        raise ValueError("not RFC 3339 in UTC with milliseconds")
    return datetime.fromisoformat(text)


# --- entries -----------------------------------------------------------------------------------------------------


class Stub(Document):
    """What of an entry stays for ever and carries the chain. It names no person and no content.

    Attributes:
        version: counts per (object, recipient), so that gaps tell nothing.
        schema_: `schema` on the wire: version of the body, chosen when it was drafted.
        commitment: salted hash of the body.
    """

    seq: Number
    id: Id
    type: TypeName
    object: Id
    version: Number
    schema_: SchemaName = Field(alias="schema")
    commitment: Hash


class Evaluation(Document):
    """Source and information as given at entry, never converted (domain.md 2)."""

    scheme: Code
    source: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,2}$")]
    information: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,2}$")]


class HandlingLabel(Document):
    """How the receiver may use the record."""

    code: Handling
    conditions: Annotated[tuple[HandlingCondition, ...], Field(max_length=5)] = ()
    expires: date | None = None


class Label(Document):
    """On what ground, for whom and how long: what `may_hold` judges.

    Attributes:
        audience: this recipient only; empty is nobody.
        edition: hash of the edition of the MoU rules under which the origin decided.
        gate: `node` where no more than the origin's node says that the keeper of its exit gate approved: node and
            keeper share a machine, or the edition itself approved. Absent beside a signed approval, and where the
            origin needed none.
    """

    purpose: Purpose
    legal_basis: LegalBasis
    crime_class: CrimeClass | None = None
    source_profile: Code
    acquisition: Code
    evaluation: Evaluation
    handling: HandlingLabel
    visibility: Visibility
    audience: Annotated[tuple[Partition, ...], Field(max_length=1)]
    onward: bool
    edition: Hash
    rules: Annotated[tuple[Text, ...], Field(max_length=50)]
    gate: Literal["node"] | None = None
    covenant_ref: Text
    contested: bool
    last_verified_on: date
    review_by: date
    retain_until: date


class Period(Document):
    """The months a record speaks of, both included."""

    first: Month = Field(alias="from")
    last: Month = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError("a period ends before it begins")
        return self


class Indicator(Document):
    """One indicator group with its strength."""

    group: Code
    strength: Literal["W", "M", "S"]


class PersonsSeen(Document):
    """How many persons were seen, where that was counted."""

    adults: Annotated[int, Field(ge=0, le=10_000)]
    children: Annotated[int, Field(ge=0, le=10_000)]


class SubjectExtract(Document):
    """A subject by number: role and category, nothing that describes.

    Attributes:
        n: its place among those that are told, and not its number in the report: a gap would tell of who is not.
    """

    n: Annotated[int, Field(ge=1, le=32)]
    role: Code
    category: PersonCategory
    kind: Code


class TokenExtract(Document):
    """A pseudonym, and what it was made of (pseudonyms.md 2).

    Attributes:
        n: the subject it belongs to; 0 for the record itself.
        use: how a document was used.
    """

    family: Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.p[0-9])?$", max_length=20)]
    version: Number
    epoch: Number
    token: Hash
    n: Annotated[int, Field(ge=0, le=32)]
    use: Code | None = None


class Contact(Document):
    """Whom to ask, and by which routes."""

    unit: Text
    routes: Annotated[tuple[Code, ...], Field(max_length=10)]


class ExtractRecord(Document):
    """A shared extract: coded and pseudonymised, with no name, selector, narrative or exact date.

    Attributes:
        reference: as the owner prints it, e.g. `CW-2026-0417`; the number is drawn, not counted.
        summary: absent or null until the release of summaries exists.
    """

    reference: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-[0-9]{4}-[A-Z0-9]{1,12}$")]
    signal_type: Code
    reporting_class: Code
    period: Period
    exploitation_forms: Codes
    acts: Codes
    means: Codes
    smuggling_elements: Codes
    recruitment: Codes
    indicators: Annotated[tuple[Indicator, ...], Field(max_length=50)]
    sector: Code | None = None
    location_type: Code | None = None
    movement: Code | None = None
    persons_seen: PersonsSeen | None = None
    subjects: Annotated[tuple[SubjectExtract, ...], Field(max_length=32)]
    tokens: Annotated[tuple[TokenExtract, ...], Field(max_length=33 * 24)]
    summary: None = None
    contact: Contact

    @model_validator(mode="after")
    def _numbers_fit(self) -> Self:
        numbers = {subject.n for subject in self.subjects}
        if len(numbers) != len(self.subjects):
            raise ValueError("two subjects with one number")
        if any(token.n and token.n not in numbers for token in self.tokens):
            raise ValueError("a token of a subject that is not in the record")
        return self


class Ext(Document):
    """Where later versions put what this one does not know."""

    optional: dict[str, Any] = Field(default_factory=dict)
    critical: dict[str, Any] = Field(default_factory=dict)


class IndicatorPut(Document):
    """Body of `indicator.put`.

    Attributes:
        approval: the keeper's word that exactly this record, or the records of its class, may leave
            (`rtr-gate-approval+jws`, `GateApproval`). It stands beside the record, whose hash it may name, and never in
            it.
        consent: the prosecutor's, to the provision of exactly this record (`rtr-provision-consent+jws`, the claims of
            an approval of one record), where its legal basis asks for one and it was signed.
    """

    label: Label
    record: ExtractRecord
    approval: CompactJws | None = None
    consent: CompactJws | None = None
    ext: Ext = Field(default_factory=Ext)

    @model_validator(mode="after")
    def _approved_in_one_way(self) -> Self:
        if self.approval is not None and self.label.gate is not None:
            raise ValueError("a signed approval, or the node's word: not both")
        return self


class IndicatorRetract(Document):
    """Body of `indicator.retract`; the stub decides where the body cannot be read."""

    reason: RetractReason


def encode_body(body: IndicatorPut | IndicatorRetract) -> bytes:
    """Return the canonical bytes of a body: what is committed to, stored and sent."""
    values = document(body)
    # Only `ext` may hold floats and names outside ASCII: all else is guaranteed by the schema.
    foreign = isinstance(body, IndicatorPut) and (body.ext.optional or body.ext.critical)
    return canonical.dumps(values) if foreign else canonical.dumps_plain(values)


# --- signed claims (wire.md 2) -------------------------------------------------------------------------------------


class LogClaims(Document):
    """What every signed thing about a log names."""

    v: Number
    iss: Partition
    aud: Partition
    inc: Number
    roster: Number


class PageHeader(LogClaims):
    """Claims of a page: no time and no expiry, at least one entry.

    Attributes:
        prev: entry hash before the first entry.
        last: entry hash of the last entry.
        entries: SHA-256 of the plaintext block.
    """

    first_seq: Number = Field(alias="from")
    last_seq: Number = Field(alias="to")
    prev: Hash
    last: Hash
    entries: Hash

    @model_validator(mode="after")
    def _has_entries(self) -> Self:
        if not 0 <= self.last_seq - self.first_seq < PAGE_ENTRIES_MAX:
            raise ValueError("a page holds 1 to 1,000 entries")
        return self


class Head(LogClaims):
    """Claims of a head: how far the log goes at a moment, said to one request."""

    tip_seq: Count
    tip_hash: Hash
    at: Instant
    nonce: Nonce
    editions: Annotated[tuple[Hash, ...], Field(max_length=20)]


class QuarantineNote(Document):
    """One entry that the receiver did not apply, and why."""

    seq: Number
    code: Slug


class Receipt(LogClaims):
    """Claims of a receipt: numbered from 1 and chained.

    Attributes:
        prev_receipt: SHA-256 of the compact JWS of receipt n-1; the genesis of receipts where n is 1.
        live_root: null where the receiver knew that more pages were waiting; always there at the tip.
        retracted_done: seqs whose removal the index confirmed since receipt n-1; the rest comes in the next.
        quarantined: all now, up to 500: enough to know that there are some, and a receipt stays small.
        stale: how many entries of this log came with a version that was not above the stored one.
    """

    n: Number
    prev_receipt: Hash
    applied_to: Count
    last: Hash
    live_root: Hash | None = None
    retracted_done: Annotated[tuple[Number, ...], Field(max_length=RETRACTED_DONE_MAX)]
    quarantined: Annotated[tuple[QuarantineNote, ...], Field(max_length=QUARANTINED_MAX)]
    stale: Count
    at: Instant

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for seqs in (self.retracted_done, tuple(note.seq for note in self.quarantined)):
            if any(seq > self.applied_to for seq in seqs) or any(a >= b for a, b in pairwise(seqs)):
                raise ValueError("numbers rise, and none is above applied_to")
        return self


class GivenReceipt(Document):
    """The newest receipt that a node gave of one incarnation of the asker's log: a compact JWS."""

    inc: Number
    receipt: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$", max_length=1_048_576)]


class GivenReceipts(Document):
    """Answer to `GET /sync/v1/receipts/latest`: one for each incarnation, by number."""

    receipts: Annotated[tuple[GivenReceipt, ...], Field(max_length=1_000)]


class RequestClaims(Document):
    """Claims of the JWT that signs one request.

    Attributes:
        htm: method. htu: path with query, as sent. body: SHA-256 of the body (of nothing, where there is none).
    """

    iss: Partition
    aud: Partition
    htm: Literal["GET", "POST"]
    htu: Annotated[str, StringConstraints(pattern=r"^/[!-~]{0,1000}$")]
    body: Hash
    nonce: Nonce
    jti: Id
    roster: Number
    iat: Number
    exp: Number

    @model_validator(mode="after")
    def _short_lived(self) -> Self:
        if not 0 < self.exp - self.iat <= REQUEST_SECONDS_MAX:
            raise ValueError("exp lies 1 to 120 seconds after iat")
        return self


class KeyState(StrEnum):
    """Whether a key may sign (active), once could (retired), or must not be believed any more (revoked)."""

    ACTIVE = "active"
    RETIRED = "retired"
    REVOKED = "revoked"


class ProtocolRange(Document):
    """What a member reads: lowest and highest envelope version and body schema."""

    envelope: tuple[Number, Number]
    body: tuple[SchemaName, SchemaName]


class Member(Document):
    """One country in a roster."""

    country: Partition
    url: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]{1,300}$")]
    tls_sha256: Hash | None = None
    protocol: ProtocolRange


class NodeKey(Document):
    """A key of a country: its node's, or that of an organisation that keeps its exit gate.

    Attributes:
        use: `approve` only signs approvals of the gate, and nothing else signs them.
        x: raw public key (Ed25519 to sign and to approve, X25519 to seal).
        organisation, kind: whose approval key it is. The kind stands here, where three coordinators approved it: what
            a node says of its own organisations could make any of them a prosecutor.
    """

    kid: Kid
    country: Partition
    use: Literal["sign", "seal", "approve"]
    x: Hash
    state: KeyState
    organisation: OrganisationCode | None = None
    kind: Slug | None = None

    @model_validator(mode="after")
    def _approves_for_an_organisation(self) -> Self:
        named = self.organisation is not None and self.kind is not None
        if named is not (self.use == "approve") or (self.organisation is None) is not (self.kind is None):
            raise ValueError("an approval key, and no other, names its organisation and the kind of it")
        if self.organisation is not None and not self.organisation.startswith(f"{self.country}-"):
            raise ValueError("an organisation of another country")
        return self


class CoordinatorKey(Document):
    """A key of a national coordinator, who approves rosters."""

    kid: Kid
    country: Partition
    x: Hash
    state: KeyState


class Book(StrEnum):
    """What keys are evaluated for: each kind of work has limits of its own.

    `kept` is a part of `registrations`: what is declared to stay at home, of which no partner ever sees a pseudonym.
    """

    SEARCHES = "searches"
    REGISTRATIONS = "registrations"
    KEPT = "kept"


class LimitRow(Document):
    """How many keys a country may have evaluated, by all evaluators together; the figure of thirty days binds.

    Attributes:
        selector_class: a class that has keys, `other` for each one without a row, or `all` for their sum.
        five_minutes: at most in any five minutes.
        day: at most in a day of UTC.
        thirty_days: at most in any thirty days.
        organisation_day: of `day`, at most for one organisation.
        actor_day: of `day`, at most for one person or program.
    """

    book: Book
    selector_class: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,12}$")]
    five_minutes: Number
    day: Number
    thirty_days: Number
    organisation_day: Number
    actor_day: Number

    @model_validator(mode="after")
    def _no_part_above_the_whole(self) -> Self:
        if not self.five_minutes <= self.day <= self.thirty_days:
            raise ValueError("a shorter time allows more than a longer one")
        if not self.actor_day <= self.organisation_day <= self.day:
            raise ValueError("a part allows more than the whole")
        return self


class Limits(Document):
    """What evaluators allow a country: agreed by all, so that a dishonest one gains nothing by asking elsewhere.

    Attributes:
        parts: each evaluator allows one of so many parts. Two evaluators beside the asker make a token and four are
            there, so with 2 parts all of them together allow what is agreed, without talking to each other; 3 where
            two countries that work together are to be borne.
        new_actors_a_day: persons and programs not seen for thirty days, of one country at one evaluator.
        ticket_keys_a_day: of one country, on tickets that nodes signed by themselves.
    """

    parts: Literal[2, 3]
    new_actors_a_day: Number
    ticket_keys_a_day: Number
    rows: Annotated[tuple[LimitRow, ...], Field(min_length=2, max_length=64)]

    @model_validator(mode="after")
    def _nothing_unlimited(self) -> Self:
        named = [(row.book, row.selector_class) for row in self.rows]
        if len(set(named)) != len(named):
            raise ValueError("a class has two rows in one book")
        if not {(book, "other") for book in Book} <= set(named):
            raise ValueError("each book has a row `other`: no class is without a limit")
        return self


class Roster(Document):
    """Who takes part, with which keys, from when. Its identity is the SHA-256 of its canonical bytes.

    Attributes:
        prev: hash of roster number-1; absent in roster 1.
        editions: hashes of the editions in force.
        stop_file: hash of the list of values that are no values, of which no country makes a key.
        limits: what evaluators allow each country.
    """

    number: Number
    prev: Hash | None = None
    members: Annotated[tuple[Member, ...], Field(min_length=1, max_length=5)]
    node_keys: Annotated[tuple[NodeKey, ...], Field(max_length=200)]
    coordinator_keys: Annotated[tuple[CoordinatorKey, ...], Field(max_length=200)]
    editions: Annotated[tuple[Hash, ...], Field(max_length=20)]
    stop_file: Hash
    limits: Limits
    valid_from: Instant

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        kids = [key.kid for key in self.node_keys] + [key.kid for key in self.coordinator_keys]
        countries = [member.country for member in self.members]
        if len(set(kids)) != len(kids) or len(set(countries)) != len(countries):
            raise ValueError("a key id or a country stands twice")
        if (self.prev is None) != (self.number == 1):
            raise ValueError("every roster but the first names the one before it")
        return self


class Approval(Document):
    """One coordinator's word for a roster: its number and hash."""

    number: Number
    roster: Hash


class RecordClass(Document):
    """Which records an approval of a class is for (domain.md 7): those of a country with these terms in their label.

    Attributes:
        edition: hash of the edition of the MoU rules under which they leave.
    """

    country: Partition
    legal_basis: LegalBasis
    visibility: Visibility
    edition: Hash


class GateApproval(Document):
    """The keeper's word that one record, as it is, or the records of a class may leave to these countries.

    The claims of `rtr-gate-approval+jws`, signed by an approval key of the keeper's organisation. What a receiver then
    knows: a key that the roster lists for that organisation approved exactly this; not that the person read it. Of a
    class nobody read the record. Under `rtr-provision-consent+jws` the same claims are the prosecutor's consent to the
    provision of one record: neither stands for the other.

    Attributes:
        approval: id of this approval, made by whoever signs.
        keeper: the organisation that keeps the gate, as the roster lists it beside the key.
        task: by which the person approves.
        actor: the person, opaque; the keeper's country alone can tell who it is.
        object: the extract that it is for, and no other; with `content`, or `class` in place of both.
        content: hash of the record part of the body (`content_of`).
        class_: `class` on the wire: the records that it is for.
        recipients: the countries that it is for, each once.
        given: its first day, on the calendar of the keeper's country.
        expires: its last day, on the calendar of whoever looks: at the owner's it is taken back, here it is hidden.
    """

    approval: Id
    keeper: OrganisationCode
    task: Code
    actor: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    object: Id | None = None
    content: Hash | None = None
    class_: RecordClass | None = Field(default=None, alias="class")
    purpose: Purpose
    recipients: Annotated[tuple[Partition, ...], Field(min_length=1, max_length=4)]
    given: date
    expires: date

    @model_validator(mode="after")
    def _runs_for_some_countries(self) -> Self:
        if self.expires < self.given or len(set(self.recipients)) != len(self.recipients):
            raise ValueError("it ends before it begins, or names a country twice")
        return self

    @model_validator(mode="after")
    def _is_for_one_record_or_a_class(self) -> Self:
        of_class = self.class_ is not None
        if (self.object is None) is not of_class or (self.content is None) is not of_class:
            raise ValueError("it is for one record and its content, or for a class")
        return self


def approval_in(compact: str) -> GateApproval:
    """Return what a signed approval says; its signature was checked by whoever kept it, and is not here.

    Raises:
        DocumentRefused: it says nothing of the kind.
    """
    payload = canonical.unb64(compact.split(".")[1])
    canonical.loads(payload, len(payload))
    return read(GateApproval, payload)


def signed_until(put: IndicatorPut) -> date | None:
    """The last day on which every signed yes beside a record counts; None where there is none."""
    signed = (approval_in(one).expires for one in (put.approval, put.consent) if one is not None)
    return min(signed, default=None)


def content_of(record: ExtractRecord) -> str:
    """Return what an approval says of a record: SHA-256 of its canonical bytes, in base64url."""
    return canonical.b64(hashlib.sha256(canonical.dumps_plain(document(record))).digest())


# --- framing (wire.md 1) -------------------------------------------------------------------------------------------


class PageAnswer(NamedTuple):
    """What an answer to a pull carries: two compact JWS and the sealed block. No page: both empty."""

    head: bytes
    page: bytes
    sealed: bytes


_LENGTH = struct.Struct(">I")


def frame(answer: PageAnswer) -> bytes:
    """Return the bytes of `application/vnd.rtr.page`: each part after its length in four bytes, big-endian."""
    return b"".join(_LENGTH.pack(len(part)) + part for part in answer)


def unframe(data: bytes) -> PageAnswer:
    """Return the parts of a page answer.

    Raises:
        DocumentRefused: code `bad-frame`; a part is cut off, something follows, or a page comes without its block.
    """
    parts: list[bytes] = []
    at = 0
    for _ in PageAnswer._fields:
        if at + _LENGTH.size > len(data):
            raise DocumentRefused("bad-frame", "the answer ends before its parts do")
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size + length
        parts.append(data[at - length : at])
    answer = PageAnswer(*parts)
    if at != len(data) or not answer.head or bool(answer.page) != bool(answer.sealed):
        raise DocumentRefused("bad-frame", "the answer is not a head, a page or none, and its block")
    return answer


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry of a block, as bytes: what was hashed and committed to, not yet read.

    Attributes:
        stub: canonical bytes.
        body: canonical bytes at the sender; at the receiver any bytes whatever. None where it is gone or absent.
        salt: 32 bytes beside a body.
        gone: the sender says that the object has since been retracted or superseded.
    """

    stub: bytes
    body: bytes | None = None
    salt: bytes | None = None
    gone: bool = False

    def __post_init__(self) -> None:
        if (self.body is None) != (self.salt is None) or (self.gone and self.body is not None):
            raise ValueError("a body has a salt, and is not gone")


# A line says how long its body is and the body follows it, so that nothing in a body can move the parts of its entry or
# of the next: what no honest origin writes costs its own entry only. Of a line there is one spelling (RFC 8785).
_LINE = re.compile(
    rb'\{(?:"body":(?P<body>0|[1-9][0-9]{0,6}),"salt":"(?P<salt>[A-Za-z0-9_-]{43})",|(?P<gone>"gone":true,))?'
    rb'"stub":(?P<stub>\{[^{}\n]*\})\}\n'
)


def encode_block(lines: Iterable[EntryLine]) -> bytes:
    """Return the plaintext block: the entries one after another, as `encode_line` writes them."""
    return b"".join(map(encode_line, lines))


def encode_line(line: EntryLine) -> bytes:
    """Return one entry as it stands in a block.

    RFC 8785 of {body, salt, stub}, {gone, stub} or {stub} and a line feed, where `body` is the length of the body in
    bytes; the body follows as it is, with a line feed of its own.
    """
    if line.body is not None and line.salt is not None:
        salt = canonical.b64(line.salt).encode("ascii")
        return b'{"body":%d,"salt":"%s","stub":%s}\n%s\n' % (len(line.body), salt, line.stub, line.body)
    return (b'{"gone":true,"stub":' if line.gone else b'{"stub":') + line.stub + b"}\n"


def decode_block(block: bytes) -> Sequence[EntryLine]:
    """Return the entries of a block, bodies unread.

    Raises:
        DocumentRefused: code `bad-block`; larger than a page may be, empty, or not framed as entries to its end.
    """
    if not 0 < len(block) <= PAGE_BYTES_MAX:
        raise DocumentRefused("bad-block", f"no entries of at most {PAGE_BYTES_MAX} bytes in all")
    lines: list[EntryLine] = []
    at = 0
    while at < len(block):
        match = _LINE.match(block, at)
        if match is None:
            raise DocumentRefused("bad-block", "a line is not {body, salt, stub}, {gone, stub} or {stub}")
        at = match.end()
        body = salt = None
        if match["salt"] is not None:
            salt = canonical.unb64(match["salt"].decode("ascii"), canonical.SALT_BYTES)
            end = at + int(match["body"])
            if block[end : end + 1] != b"\n":
                raise DocumentRefused("bad-block", "a body does not end where its line says")
            body, at = block[at:end], end + 1
        lines.append(EntryLine(stub=match["stub"], body=body, salt=salt, gone=match["gone"] is not None))
    return lines
