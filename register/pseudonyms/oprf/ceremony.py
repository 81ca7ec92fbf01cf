"""The ceremony in which five countries make one key that none of them ever holds.

Pure steps: what a country says in one step is made from what all five said in the steps before. Nobody can choose
a contribution after seeing the others' (they are committed to first), nobody can contribute what he does not know
(proof of the constant term), and nobody can deal a wrong share unseen (Feldman). Any fault raises a `Complaint`
that names the country: the ceremony ends, and a new one starts with a new nonce.

    begin -> Commit -> reveal -> Reveal -> deal -> Dealt -> finish -> KeyShare

Sending, sealing to a country and signing are the caller's. A key is active only when all five have signed the
same `transcript`: messages are per recipient, and nothing else makes all five see the same.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from register.domain.partition import FACTS, PARTITIONS
from register.errors import RegisterError
from register.pseudonyms.errors import Complaint, InvalidInput
from register.pseudonyms.oprf.group import SCALAR_BYTES, Element, RandomBytes, Scalar, ristretto255
from register.pseudonyms.oprf.threshold import (
    THRESHOLD,
    Commitments,
    KeyShare,
    Polynomial,
    PublicShares,
    commit,
    public_share_of,
    random_polynomial,
    share_of,
    sum_of,
)
from schemas.codes import Partition

Seal = Callable[[Partition, bytes], bytes]
"""Seals bytes so that only the named country's ceremony key opens them."""
Open = Callable[[bytes], bytes]
"""Opens what was sealed to this country; raises on anything else."""

NONCE_BYTES = 32

_LABEL = b"rtr/ceremony/v1"
_PROOF_DST = b"rtr-ceremony-v1-proof-of-constant-term"


@dataclass(frozen=True, slots=True)
class Session:
    """One attempt at one key. The nonce is fresh for each attempt and agreed beforehand, so nothing can be replayed."""

    key_id: str
    nonce: bytes

    def __post_init__(self) -> None:
        if len(self.nonce) != NONCE_BYTES:
            raise InvalidInput(f"expected a ceremony nonce of {NONCE_BYTES} bytes, got {len(self.nonce)}")

    @property
    def digest(self) -> bytes:
        """32 bytes that stand for this attempt in everything that is hashed or sealed."""
        return _hash_parts(b"session", self.key_id.encode(), self.nonce)


@dataclass(frozen=True, slots=True)
class Dealer:
    """One country's secret state during a ceremony; never sent, thrown away after `finish`."""

    session: Session
    country: Partition
    polynomial: Polynomial = field(repr=False)
    salt: bytes = field(repr=False)
    proof: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Commit:
    """Step 1: the hash of what will be revealed."""

    country: Partition
    digest: bytes


@dataclass(frozen=True, slots=True)
class Reveal:
    """Step 2: the commitments to the polynomial, and the proof that the constant term is known."""

    country: Partition
    commitments: Commitments
    proof: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class Dealt:
    """Step 3: one sealed share for each of the five, the dealer included; all five see all ciphertexts."""

    country: Partition
    sealed: Mapping[Partition, bytes]


Commits = Mapping[Partition, Commit]
Reveals = Mapping[Partition, Reveal]


def begin(
    session: Session, country: Partition, *, random_bytes: RandomBytes = secrets.token_bytes
) -> tuple[Dealer, Commit]:
    """Step 1: draw this country's polynomial and commit to it."""
    polynomial = random_polynomial(random_bytes)
    proof = _prove_constant_term(session, country, polynomial[0], random_bytes)
    dealer = Dealer(session, country, polynomial, random_bytes(NONCE_BYTES), proof)
    return dealer, Commit(country, _reveal_digest(session, _build_reveal(dealer)))


def reveal(dealer: Dealer, commits: Commits) -> Reveal:
    """Step 2: show the commitments, once all five have committed.

    Raises:
        InvalidInput: a country's commit is missing.
        Complaint: two countries sent the same commit.
    """
    _all_five(commits)
    seen: set[bytes] = set()
    for country, said in commits.items():
        if said.country is not country or said.digest in seen:
            raise Complaint(country, dealer.session.key_id, "repeated a commit that is not its own")
        seen.add(said.digest)
    return _build_reveal(dealer)


def deal(dealer: Dealer, commits: Commits, reveals: Reveals, seal: Seal) -> Dealt:
    """Step 3: check what all five revealed, then seal a share to each.

    Raises:
        Complaint: a reveal differs from its commit, is malformed, or its proof does not hold.
    """
    _check_reveals(dealer.session, commits, reveals)
    sealed = {
        country: seal(country, _share_message(dealer.session, dealer.country, country) + share)
        for country in PARTITIONS
        for share in (share_of(dealer.polynomial, country),)
    }
    return Dealt(dealer.country, sealed)


def finish(
    dealer: Dealer, commits: Commits, reveals: Reveals, dealt: Mapping[Partition, Dealt], open_sealed: Open
) -> KeyShare:
    """Step 4: open and check the five shares dealt to this country, and add them up.

    The result is to be wrapped by the country's key store, and used only after all five have signed
    `public.transcript`.

    Raises:
        Complaint: a share cannot be opened, is for another place, or does not fit its dealer's commitments.
    """
    session, own = dealer.session, dealer.country
    _check_reveals(session, commits, reveals)
    _all_five(dealt)
    group = ristretto255()
    total: Scalar | None = None
    for country in PARTITIONS:
        share = _open_share(session, country, own, dealt[country], open_sealed)
        if group.multiply_base(share) != public_share_of(reveals[country].commitments, own):
            raise Complaint(country, session.key_id, f"dealt {own} a share that does not fit its commitments")
        total = share if total is None else group.scalar_add(total, share)
    if total is None:
        raise InvalidInput("a ceremony has five countries")
    joined = tuple(sum_of(reveals[country].commitments[i] for country in PARTITIONS) for i in range(THRESHOLD))
    shares = {country: public_share_of(joined, country) for country in PARTITIONS}
    transcript = _hash_transcript(session, commits, reveals, dealt)
    return KeyShare(own, total, PublicShares(session.key_id, 0, joined[0], shares, transcript))


def _check_reveals(session: Session, commits: Commits, reveals: Reveals) -> None:
    _all_five(commits)
    _all_five(reveals)
    for country in PARTITIONS:
        said = reveals[country]
        if said.country is not country or _reveal_digest(session, said) != commits[country].digest:
            raise Complaint(country, session.key_id, "revealed something else than it committed to")
        if len(said.commitments) != THRESHOLD or not _proof_holds(session, said):
            raise Complaint(country, session.key_id, "did not prove that it knows its contribution")


def _proof_holds(session: Session, said: Reveal) -> bool:
    group = ristretto255()
    try:
        constant, *_ = (group.element(commitment) for commitment in said.commitments)
        challenge, response = group.scalar(said.proof[:SCALAR_BYTES]), group.scalar(said.proof[SCALAR_BYTES:])
        nonce = group.add(group.multiply_base(response), group.multiply(challenge, constant))
        return _derive_challenge(session, said.country, constant, nonce) == challenge
    except RegisterError:  # not elements, not scalars
        return False


def _prove_constant_term(session: Session, country: Partition, secret: Scalar, random_bytes: RandomBytes) -> bytes:
    """Schnorr's proof of the constant term: challenge and response, 64 bytes."""
    group = ristretto255()
    nonce = group.random_scalar(random_bytes)
    challenge = _derive_challenge(session, country, group.multiply_base(secret), group.multiply_base(nonce))
    return challenge + group.scalar_subtract(nonce, group.scalar_multiply(challenge, secret))


def _derive_challenge(session: Session, country: Partition, constant: Element, nonce: Element) -> Scalar:
    said = _hash_parts(b"proof", session.digest, country.encode(), constant, nonce)
    return ristretto255().hash_to_scalar(said, _PROOF_DST)


def _build_reveal(dealer: Dealer) -> Reveal:
    return Reveal(dealer.country, commit(dealer.polynomial), dealer.proof, dealer.salt)


def _reveal_digest(session: Session, said: Reveal) -> bytes:
    return _hash_parts(b"reveal", session.digest, said.country.encode(), said.salt, said.proof, *said.commitments)


def _share_message(session: Session, dealer: Partition, recipient: Partition) -> bytes:
    """What stands before a share: a share of another ceremony, dealer or recipient is not taken for this one."""
    return session.digest + bytes((FACTS[dealer].share, FACTS[recipient].share))


def _open_share(session: Session, dealer: Partition, own: Partition, dealt: Dealt, open_sealed: Open) -> Scalar:
    head = _share_message(session, dealer, own)
    if set(dealt.sealed) != set(PARTITIONS):
        raise Complaint(dealer, session.key_id, "did not deal to all five")
    try:
        message = open_sealed(dealt.sealed[own])
        if dealt.country is dealer and message.startswith(head):
            return ristretto255().scalar(message[len(head) :])
    except Exception as exc:
        # Whatever the opener raises, the dealer sent something that this country cannot open: the reason is his.
        raise Complaint(dealer, session.key_id, f"dealt {own} a share that cannot be opened") from exc
    raise Complaint(dealer, session.key_id, f"dealt {own} a share of another ceremony or place")


def _hash_transcript(session: Session, commits: Commits, reveals: Reveals, dealt: Mapping[Partition, Dealt]) -> bytes:
    """SHA-256 over all that was said in public: equal in all five countries or the key stays unused."""
    said: list[bytes] = [session.digest]
    for country in PARTITIONS:
        said += [commits[country].digest, _reveal_digest(session, reveals[country])]
        said += [_hash_parts(b"sealed", to.encode(), dealt[country].sealed[to]) for to in PARTITIONS]
    return _hash_parts(b"transcript", *said)


def _all_five(said: Mapping[Partition, object]) -> None:
    missing = [country for country in PARTITIONS if country not in said]
    if missing or len(said) != len(PARTITIONS):
        raise InvalidInput(f"the ceremony waits for {', '.join(missing) or 'five countries exactly'}")


def _hash_parts(what: bytes, *parts: bytes) -> bytes:
    framed = b"".join(len(part).to_bytes(4, "big") + part for part in (_LABEL, what, *parts))
    return hashlib.sha256(framed).digest()
