"""Decoding of RFC 9496, 4.3.1 in plain integers, step by step: slow, not constant time, for comparison only."""

from __future__ import annotations

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def refusal(encoded: bytes) -> str | None:
    """Why 32 bytes encode no element, or None if they do."""
    s = int.from_bytes(encoded, "little")
    if s >= P:
        return "non-canonical"
    if _is_negative(s):
        return "negative"
    ss = s * s % P
    u1, u2 = (1 - ss) % P, (1 + ss) % P
    v = (-(D * u1 * u1) - u2 * u2) % P
    was_square, root = _inverse_sqrt(v * u2 * u2 % P)
    den_x = root * u2 % P
    den_y = root * den_x * v % P
    x = _absolute(2 * s * den_x % P)
    y = u1 * den_y % P
    if not was_square:
        return "non-square"
    if _is_negative(x * y % P):
        return "negative xy"
    return "y is zero" if y == 0 else None


def _is_negative(value: int) -> bool:
    return value % 2 == 1


def _absolute(value: int) -> int:
    return P - value if _is_negative(value) else value


def _inverse_sqrt(v: int) -> tuple[bool, int]:
    """SQRT_RATIO_M1(1, v)."""
    r = pow(v, 3, P) * pow(pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * r * r % P
    if check == P - 1 or check == -SQRT_M1 % P:
        r = r * SQRT_M1 % P
    return check in (1, P - 1), _absolute(r)
