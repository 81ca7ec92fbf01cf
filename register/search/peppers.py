"""The host's secrets between a pseudonym and the index: keyed digests that only this host can make.

A thief of the index alone learns what nothing stands for. How often a token occurs, and which tokens belong to one
record, is not hidden from him. Not here: the secrets' home (register.keys) and the way back from a digest, which
does not exist: a digest is resolved by looking it up beside what it was made of.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NewType
from uuid import UUID

from schemas.codes import Partition

PepperedToken = NewType("PepperedToken", str)
Handle = NewType("Handle", str)

PEPPER_BYTES_MIN: Final = 32
_DIGEST: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, repr=False)
class Peppers:
    """Two secrets of a host, at least 32 bytes each and different.

    Attributes:
        token: hides the tokens. The same for all origins of a host, so a question is peppered once.
        identity: hides records and subjects. Apart from the first, so that knowing how questions are asked
            tells nothing of who is behind a document.

    Raises:
        ValueError: a secret is too short, or both are the same.
    """

    token: bytes
    identity: bytes

    def __post_init__(self) -> None:
        if min(len(self.token), len(self.identity)) < PEPPER_BYTES_MIN:
            raise ValueError(f"a pepper has at least {PEPPER_BYTES_MIN} bytes")
        if hmac.compare_digest(self.token, self.identity):
            raise ValueError("the two peppers of a host must differ")

    def peppered(self, token: bytes) -> PepperedToken:
        """What stands for a token in the index and in a query."""
        return PepperedToken(_compute_mac(self.token, b"token", token))

    def document_id(self, origin: Partition, record: UUID, subject: int, token: bytes) -> str:
        """The `_id` of a token's document: always the same, so a new version or withdrawal meets its own."""
        return _compute_mac(self.identity, b"document", origin.encode(), record.bytes, b"%d" % subject, token)

    def object_key(self, origin: Partition, record: UUID) -> str:
        """What the documents of one record have in common, so that all of them can be found and removed."""
        return _compute_mac(self.identity, b"object", origin.encode(), record.bytes)

    def handle(self, origin: Partition, record: UUID, subject: int, families: Iterable[str]) -> Handle:
        """The opaque id of a subject of a record with the families of tokens it has.

        `SearchIndex.match` returns handles and cannot resolve them: the caller keeps each beside the subject's rows
        in Postgres (`handles_of` gives them when the tokens are stored) and looks it up there under row security.
        A handle that is not found is no hit. Families are a set: order and repeats change nothing.
        """
        names = [name.encode() for name in sorted(set(families))]
        return Handle(_compute_mac(self.identity, b"handle", origin.encode(), record.bytes, b"%d" % subject, *names))


def is_digest(text: object) -> bool:
    """Whether this has the form of what `Peppers` makes: 43 characters of base64url. A raw token has not."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def _compute_mac(key: bytes, label: bytes, *parts: bytes) -> str:
    # Every part with its length before it: no two lists of parts give the same message.
    message = b"".join(len(part).to_bytes(4) + part for part in (b"rtr-search-1", label, *parts))
    digest = hmac.new(key, message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
