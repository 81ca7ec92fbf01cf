"""RFC 9497 for the suite ristretto255-SHA512: modes OPRF (0) and VOPRF (1), with batched proofs.

Step by step as printed there; the names of the steps are the RFC's. It has one key: the sharing of a key among
five countries is `threshold`, and who asks whom is `client`. The mode with public input (2) is not built.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from register.pseudonyms.errors import InvalidInput, InvalidScalar
from register.pseudonyms.oprf.group import SCALAR_BYTES, Element, RandomBytes, Scalar, ristretto255

INPUT_BYTES_MAX = 2**16 - 1
BATCH_MAX = 2**16 - 1
PROOF_BYTES = 2 * SCALAR_BYTES
SEED_BYTES = 32

_SUITE = b"ristretto255-SHA512"
_KEY_TRIES = 256


@dataclass(frozen=True, slots=True)
class Suite:
    """The functions of one mode; use the two instances below.

    Attributes:
        mode: 0 for OPRF, 1 for VOPRF; part of every separation tag, so the modes never share an output.
    """

    mode: int
    _context: bytes = field(init=False, repr=False)
    _to_group: bytes = field(init=False, repr=False)
    _to_scalar: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        context = b"OPRFV1-" + self.mode.to_bytes(1, "big") + b"-" + _SUITE
        object.__setattr__(self, "_context", context)
        object.__setattr__(self, "_to_group", b"HashToGroup-" + context)
        object.__setattr__(self, "_to_scalar", b"HashToScalar-" + context)

    def derive_key(self, seed: bytes, info: bytes) -> Scalar:
        """DeriveKeyPair (3.2.1): the secret key for a seed of 32 bytes; its public key is `multiply_base` of it."""
        if len(seed) != SEED_BYTES:
            raise InvalidInput(f"expected a seed of {SEED_BYTES} bytes, got {len(seed)}")
        message = seed + _frame_value(info)
        for counter in range(_KEY_TRIES):
            try:
                return ristretto255().hash_to_scalar(
                    message + counter.to_bytes(1, "big"), b"DeriveKeyPair" + self._context
                )
            except InvalidScalar:  # zero: the RFC counts on
                continue
        raise InvalidInput("no key can be derived from this seed")

    def hash_to_group(self, x: bytes) -> Element:
        """The element that stands for an input (first step of Blind and of Evaluate).

        Raises:
            InvalidInput: x is longer than 65,535 bytes.
            InvalidElement: x maps to the identity; cannot be provoked.
        """
        if len(x) > INPUT_BYTES_MAX:
            raise InvalidInput(f"expected an input of at most {INPUT_BYTES_MAX} bytes, got {len(x)}")
        return ristretto255().hash_to_element(x, self._to_group)

    def blind(self, x: bytes, blind: Scalar) -> Element:
        """Blind (3.3.1), with the blind given by the caller."""
        return ristretto255().multiply(blind, self.hash_to_group(x))

    def blind_evaluate(self, key: Scalar, blinded: Element) -> Element:
        """BlindEvaluate (3.3.1) of one element, without a proof."""
        return ristretto255().multiply(key, blinded)

    def finalize(self, x: bytes, blind: Scalar, evaluated: Element) -> bytes:
        """Finalize (3.3.1): 64 bytes, equal to `evaluate` of the same input. Check the proof before."""
        group = ristretto255()
        return self.output(x, group.multiply(group.scalar_invert(blind), evaluated))

    def output(self, x: bytes, unblinded: Element) -> bytes:
        """The last step of Finalize and of Evaluate: 64 bytes."""
        return hashlib.sha512(_frame_value(x) + _frame_value(unblinded) + b"Finalize").digest()

    def evaluate(self, key: Scalar, x: bytes) -> bytes:
        """Evaluate (3.3.1): the output for an input that the holder of the key knows; for tests and vectors."""
        return self.output(x, ristretto255().multiply(key, self.hash_to_group(x)))

    def prove(
        self,
        key: Scalar,
        public: Element,
        blinded: Sequence[Element],
        evaluated: Sequence[Element],
        *,
        random_bytes: RandomBytes = secrets.token_bytes,
    ) -> bytes:
        """GenerateProof (2.2.1): 64 bytes (challenge, response) that all elements were multiplied by one key.

        Args:
            key: the secret scalar.
            public: `multiply_base(key)`.
            blinded: what came in, 1 to 65,535 elements.
            evaluated: `key * blinded`, in the same order.
            random_bytes: source of the proof's nonce; a nonce used twice gives the key away.
        """
        return self.prove_with(key, public, blinded, evaluated, ristretto255().random_scalar(random_bytes))

    def prove_with(
        self, key: Scalar, public: Element, blinded: Sequence[Element], evaluated: Sequence[Element], nonce: Scalar
    ) -> bytes:
        """As `prove`, with the nonce given: only published vectors have a reason to."""
        group = ristretto255()
        weights = self._weights(public, blinded, evaluated)
        m = _weighted_sum(weights, blinded)
        z = group.multiply(key, m)  # ComputeCompositesFast: the prover knows the key
        challenge = self._challenge(public, m, z, group.multiply_base(nonce), group.multiply(nonce, m))
        return challenge + group.scalar_subtract(nonce, group.scalar_multiply(challenge, key))

    def verify(self, public: Element, blinded: Sequence[Element], evaluated: Sequence[Element], proof: bytes) -> bool:
        """VerifyProof (2.2.2): whether `evaluated` is `blinded` times the key that belongs to `public`.

        Raises:
            InvalidElement: an element among the arguments is none.
            InvalidScalar: the proof is not two scalars.
            InvalidInput: the batch is empty, too long, or of unequal lengths.
        """
        group = ristretto255()
        challenge, response = group.scalar(proof[:SCALAR_BYTES]), group.scalar(proof[SCALAR_BYTES:])
        weights = self._weights(public, blinded, evaluated)
        m = _weighted_sum(weights, blinded)
        z = _weighted_sum(weights, evaluated)
        t_2 = group.add(group.multiply_base(response), group.multiply(challenge, public))
        t_3 = group.add(group.multiply(response, m), group.multiply(challenge, z))
        return hmac.compare_digest(self._challenge(public, m, z, t_2, t_3), challenge)

    def _weights(self, public: Element, blinded: Sequence[Element], evaluated: Sequence[Element]) -> list[Scalar]:
        """The d_i of ComputeComposites: each binds the public key, its place and its pair."""
        if not 0 < len(blinded) <= BATCH_MAX or len(blinded) != len(evaluated):
            raise InvalidInput(f"expected 1 to {BATCH_MAX} pairs of elements")
        seed = hashlib.sha512(_frame_value(public) + _frame_value(b"Seed-" + self._context)).digest()
        head = _frame_value(seed)
        group = ristretto255()
        return [
            group.hash_to_scalar(
                b"".join((head, i.to_bytes(2, "big"), _frame_value(c), _frame_value(d), b"Composite")), self._to_scalar
            )
            for i, (c, d) in enumerate(zip(blinded, evaluated, strict=True))
        ]

    def _challenge(self, *elements: Element) -> Scalar:
        return ristretto255().hash_to_scalar(b"".join(map(_frame_value, elements)) + b"Challenge", self._to_scalar)


OPRF = Suite(0)
VOPRF = Suite(1)


def _frame_value(value: bytes) -> bytes:
    return len(value).to_bytes(2, "big") + value


def _weighted_sum(weights: Sequence[Scalar], elements: Sequence[Element]) -> Element:
    group = ristretto255()
    terms: Iterator[Element] = map(group.multiply, weights, elements)
    total = next(terms)
    for term in terms:
        total = group.add(total, term)
    return total
