"""Key stores of tests: of the product's format, and quick to open.

A key store notes in its file what guessing its passphrase costs: with the product's number 32 MiB and about 60 ms a
try, which tests pay thousands of times for passphrases that protect nothing. What the product makes is proved in
`tests/unit/register/keys/test_keystore.py`, in a process of its own.
"""

from __future__ import annotations

from register.keys import keystore


def make_cheap() -> None:
    """Let key stores that this process makes from now on open at once, here and in any other process."""
    keystore.SCRYPT_LOG2_N = 4
