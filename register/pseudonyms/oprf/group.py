"""The group ristretto255 (RFC 9496) over libsodium: a small and strict layer, nothing of our own in the arithmetic.

Every call takes `bytes` of the exact length or raises; the identity, encodings that are not canonical, zero and
scalars not below the group order are refused on the way in and out. Scalars are secret unless said otherwise, so
they are only ever handled by libsodium, which runs in constant time. Calls release the interpreter's lock.
Does not know what is computed with it (see `voprf` and `threshold`).
"""

from __future__ import annotations

import ctypes
import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import NewType

from register.pseudonyms.errors import InvalidElement, InvalidInput, InvalidScalar
from register.pseudonyms.oprf import libsodium

Element = NewType("Element", bytes)
"""32 bytes: the canonical encoding of an element other than the identity."""
Scalar = NewType("Scalar", bytes)
"""32 bytes, little-endian: an integer from 1 to the group order less one."""
RandomBytes = Callable[[int], bytes]
"""Gives so many bytes from a cryptographic source."""

ELEMENT_BYTES = 32
SCALAR_BYTES = 32
UNIFORM_BYTES = 64
ORDER = 2**252 + 27742317777372353535851937790883648493

_IDENTITY = bytes(ELEMENT_BYTES)
_ZERO = bytes(SCALAR_BYTES)
_DST_BYTES_MAX = 255
_ORDER_TOP_BYTE = 0x10
_UNUSED_BIT = 0x80
_Z_PAD = bytes(128)  # one input block of SHA-512

_Out32 = ctypes.c_char * 32


class Ristretto255:
    """The operations, bound to one open libsodium."""

    def __init__(self, library: ctypes.CDLL) -> None:
        core = "crypto_core_ristretto255_"
        self._multiply = _bind_function(library, "crypto_scalarmult_ristretto255", 3)
        self._multiply_base = _bind_function(library, "crypto_scalarmult_ristretto255_base", 2)
        self._is_valid = _bind_function(library, core + "is_valid_point", 1)
        self._add = _bind_function(library, core + "add", 3)
        self._from_hash = _bind_function(library, core + "from_hash", 2)
        self._reduce = _bind_function(library, core + "scalar_reduce", 2)
        self._scalar_add = _bind_function(library, core + "scalar_add", 3)
        self._scalar_sub = _bind_function(library, core + "scalar_sub", 3)
        self._scalar_mul = _bind_function(library, core + "scalar_mul", 3)
        self._scalar_invert = _bind_function(library, core + "scalar_invert", 2)

    def element(self, encoded: bytes) -> Element:
        """Take 32 bytes from outside as an element, or raise `InvalidElement`."""
        _refuse_no_element(encoded)
        if self._is_valid(encoded) != 1:
            raise InvalidElement("expected a canonical ristretto255 element; these 32 bytes encode none")
        return Element(encoded)

    def multiply(self, scalar: Scalar, element: Element) -> Element:
        """Multiply an element. Cost: one scalar multiplication, about 50 microseconds."""
        _refuse_no_scalar(scalar)
        _refuse_no_element(element)
        out = _Out32()
        return _check_element(self._multiply(out, scalar, element), out.raw)

    def multiply_base(self, scalar: Scalar) -> Element:
        """Multiply the generator: the public element that belongs to a secret scalar."""
        _refuse_no_scalar(scalar)
        out = _Out32()
        return _check_element(self._multiply_base(out, scalar), out.raw)

    def add(self, one: Element, other: Element) -> Element:
        """Add two elements; `InvalidElement` if the sum is the identity."""
        _refuse_no_element(one)
        _refuse_no_element(other)
        out = _Out32()
        return _check_element(self._add(out, one, other), out.raw)

    def scalar(self, encoded: bytes) -> Scalar:
        """Take 32 bytes from outside as a scalar, or raise `InvalidScalar`."""
        _refuse_no_scalar(encoded)
        return Scalar(encoded)

    def reduce(self, wide: bytes) -> Scalar:
        """64 uniform bytes, little-endian, modulo the group order."""
        _refuse_length(wide, UNIFORM_BYTES)
        out = _Out32()
        self._reduce(out, wide)
        return self.scalar(out.raw)

    def random_scalar(self, random_bytes: RandomBytes = secrets.token_bytes) -> Scalar:
        """A fresh uniform scalar."""
        return self.reduce(random_bytes(UNIFORM_BYTES))

    def scalar_add(self, one: Scalar, other: Scalar) -> Scalar:
        """Add modulo the order."""
        return self._scalar_result(self._scalar_add, one, other)

    def scalar_subtract(self, one: Scalar, other: Scalar) -> Scalar:
        """Subtract the second modulo the order."""
        return self._scalar_result(self._scalar_sub, one, other)

    def scalar_multiply(self, one: Scalar, other: Scalar) -> Scalar:
        """Multiply modulo the order."""
        return self._scalar_result(self._scalar_mul, one, other)

    def scalar_invert(self, scalar: Scalar) -> Scalar:
        """Invert modulo the order."""
        return self._scalar_result(self._scalar_invert, scalar)

    def hash_to_element(self, message: bytes, dst: bytes) -> Element:
        """Map a message to an element nobody knows the logarithm of (RFC 9380 hash_to_ristretto255)."""
        out = _Out32()
        return _check_element(self._from_hash(out, expand_message(message, dst)), out.raw)

    def hash_to_scalar(self, message: bytes, dst: bytes) -> Scalar:
        """Map a message to a scalar (RFC 9497, 4.1)."""
        return self.reduce(expand_message(message, dst))

    def _scalar_result(self, function: Callable[..., int], *scalars: Scalar) -> Scalar:
        for scalar in scalars:
            _refuse_no_scalar(scalar)
        out = _Out32()
        function(out, *scalars)
        return self.scalar(out.raw)


def small_scalar(number: int) -> Scalar:
    """A small public number, such as a share's index, as a scalar."""
    return Scalar(number.to_bytes(SCALAR_BYTES, "little"))


def expand_message(message: bytes, dst: bytes) -> bytes:
    """expand_message_xmd with SHA-512 for exactly 64 bytes (RFC 9380, 5.3.1)."""
    if not 0 < len(dst) <= _DST_BYTES_MAX:
        raise InvalidInput(f"expected a separation tag of 1 to {_DST_BYTES_MAX} bytes, got {len(dst)}")
    dst_prime = dst + len(dst).to_bytes(1, "big")
    b_0 = hashlib.sha512(b"".join((_Z_PAD, message, UNIFORM_BYTES.to_bytes(2, "big"), b"\0", dst_prime))).digest()
    return hashlib.sha512(b_0 + b"\1" + dst_prime).digest()


class _Home:
    """Where the one instance of this process is kept."""

    instance: Ristretto255 | None = None


def ristretto255(runtime: Path | None = None) -> Ristretto255:
    """The group of this process; opened at the first call.

    Args:
        runtime: where the first call may unpack the wheel's library; later calls ignore it.

    Raises:
        LibraryMissing: no libsodium can be opened.
    """
    if _Home.instance is None:
        _Home.instance = Ristretto255(libsodium.load(runtime))  # twice in a race is harmless
    return _Home.instance


def _bind_function(library: ctypes.CDLL, name: str, arguments: int) -> Callable[..., int]:
    function = library[name]
    function.argtypes = [ctypes.c_char_p] * arguments
    function.restype = ctypes.c_int
    return function


def _refuse_length(value: bytes, expected: int) -> None:
    if type(value) is not bytes or len(value) != expected:
        raise InvalidInput(f"expected exactly {expected} bytes")


def _refuse_no_element(value: bytes) -> None:
    if type(value) is not bytes or len(value) != ELEMENT_BYTES:
        raise InvalidElement(f"expected exactly {ELEMENT_BYTES} bytes for an element")
    # libsodium up to 1.0.18 ignores the highest bit, and so takes two encodings for each element.
    if value[31] & _UNUSED_BIT:
        raise InvalidElement("expected a canonical ristretto255 element; these 32 bytes encode none")
    if value == _IDENTITY:
        raise InvalidElement("expected an element other than the identity")


def _refuse_no_scalar(value: bytes) -> None:
    if type(value) is not bytes or len(value) != SCALAR_BYTES:
        raise InvalidScalar(f"expected exactly {SCALAR_BYTES} bytes for a scalar")
    # The order is just above 2^252: a last byte below 0x10 settles it for all but one scalar in 2^128, so no
    # secret is ever turned into a Python integer, whose arithmetic takes a time that depends on its value.
    if value[31] >= _ORDER_TOP_BYTE and int.from_bytes(value, "little") >= ORDER:
        raise InvalidScalar("expected a scalar below the order of the group")
    if value == _ZERO:
        raise InvalidScalar("expected a scalar other than zero")


def _check_element(status: int, encoded: bytes) -> Element:
    if status != 0:
        raise InvalidElement("expected canonical ristretto255 elements and a result other than the identity")
    if encoded == _IDENTITY:
        raise InvalidElement("expected a result other than the identity")
    return Element(encoded)
