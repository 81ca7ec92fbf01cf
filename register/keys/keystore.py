"""Where a country's secrets lie: one file, sealed under a passphrase by scrypt, readable by its owner only.

A secret has a name such as `kek/2031-11` or `share/phone/e1`. Each is sealed on its own with its name as associated
data, so that two secrets cannot change places, and carries a key check value: opening with another passphrase or
another file's secret is noticed, not tried. Several processes of one country may use the file at once: writes go
through a lock and an atomic rename, and every use looks whether the file is still the one that was read, so that a
secret which one process destroys is gone from all of them at once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from register.errors import DoesNotOpen, OperatorError
from register.keys.files import locked, write_whole

_FORMAT = 1
_NONCE = 12
SCRYPT_LOG2_N = 15
"""32 MiB and about 60 ms: once a start, and once again a guess for whoever stole the file."""


class KeyStoreError(OperatorError):
    """The key store is missing, unreadable, too open, or does not open with this passphrase."""

    code = "key-store"
    advice = (
        "Check `keys` under `home` and the passphrase file; restore the key store from its own backup if it was lost."
    )


class UnknownSecret(KeyStoreError, DoesNotOpen):
    """The key store has no secret of this name."""

    code = "unknown-secret"
    advice = "Run `rtr keys show` to see what the key store holds and `rtr keys ceremony` for missing shares."


@dataclass(frozen=True, slots=True)
class _Seen:
    """The file as it was read, and what of it was opened; another file has another mark."""

    mark: tuple[int, int, int]
    document: dict[str, Any]
    opened: dict[str, bytes] = field(default_factory=dict)


class KeyStore:
    """The secrets of one country in one file.

    Args:
        path: the file; made by `create`.
        passphrase: at least 16 bytes, from the node's secrets.
    """

    def __init__(self, path: Path, passphrase: bytes) -> None:
        self._path = path
        if not path.is_file():
            raise KeyStoreError(f"there is no key store at {path.name}")
        if path.stat().st_mode & 0o077:
            raise KeyStoreError(f"{path.name} can be read by others; make it owner-only (chmod 600)")
        self._seen = self._read()
        self._key = _derive(passphrase, self._seen.document)
        try:
            self._open("check", self._seen.document["check"])
        except InvalidTag:
            raise KeyStoreError(f"{path.name} does not open with this passphrase") from None

    @classmethod
    def create(cls, path: Path, passphrase: bytes) -> KeyStore:
        """Make an empty key store, or open the one that is there already."""
        if len(passphrase) < 16:  # noqa: PLR2004 - stated in the class
            raise KeyStoreError("the passphrase of a key store has at least 16 bytes")
        with locked(path):
            if not path.exists():
                _write(path, _empty(passphrase))
        return cls(path, passphrase)

    def get(self, name: str) -> bytes:
        """Return a secret.

        Raises:
            UnknownSecret: there is none of this name.
        """
        seen = self._now()
        if name not in seen.opened:
            entry = seen.document["secrets"].get(name)
            if entry is None:
                raise UnknownSecret(f"the key store holds no secret {name!r}", name=name)
            try:
                seen.opened[name] = self._open(name, entry)
            except InvalidTag:
                raise KeyStoreError(f"the secret {name!r} was changed or is another's") from None
        return seen.opened[name]

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret under a name; replaces what was there."""
        with self._changing() as document:
            document["secrets"][name] = _seal(self._key, name, secret)

    def get_or_make(self, name: str, size: int = 32) -> bytes:
        """Return a secret, made from fresh randomness if it is new; two processes get the same one."""
        try:
            return self.get(name)
        except UnknownSecret:
            with self._changing() as document:
                if name not in document["secrets"]:
                    document["secrets"][name] = _seal(self._key, name, secrets.token_bytes(size))
            return self.get(name)

    def names(self, prefix: str = "") -> list[str]:
        """The names of the secrets, sorted."""
        return sorted(n for n in self._now().document["secrets"] if n.startswith(prefix))

    def destroy(self, name: str) -> None:
        """Forget a secret: what was sealed under it cannot be opened again."""
        with self._changing() as document:
            document["secrets"].pop(name, None)

    def _open(self, name: str, entry: dict[str, str]) -> bytes:
        blob = base64.b64decode(entry["sealed"])
        secret = AESGCM(self._key).decrypt(blob[:_NONCE], blob[_NONCE:], name.encode())
        if not hmac.compare_digest(check_value(secret), entry["kcv"]):
            raise KeyStoreError(f"the key check value of {name!r} does not hold")
        return secret

    def _now(self) -> _Seen:
        """The file as it is now; read again only if it is another than the one last seen."""
        if self._seen.mark != self._mark():
            self._seen = self._read()
        return self._seen

    def _read(self) -> _Seen:
        # The mark first: a file that changes in between is taken for the older one, and read again at the next use.
        mark = self._mark()
        document: dict[str, Any] = json.loads(self._path.read_bytes())
        if document.get("format") != _FORMAT:
            raise KeyStoreError(f"{self._path.name} is not a key store of format {_FORMAT}")
        return _Seen(mark, document)

    def _mark(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            raise KeyStoreError(f"there is no key store at {self._path.name} any more") from None
        return found.st_ino, found.st_mtime_ns, found.st_size

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        with locked(self._path):
            document = self._read().document
            yield document
            _write(self._path, document)


def check_value(secret: bytes) -> str:
    """Tell secrets apart without telling anything of them: eight bytes of a keyed hash."""
    return hmac.new(secret, b"rtr-key-check-value", hashlib.sha256).hexdigest()[:16]


def _empty(passphrase: bytes) -> dict[str, Any]:
    document: dict[str, Any] = {
        "format": _FORMAT,
        "salt": _b64(secrets.token_bytes(16)),
        "log2_n": SCRYPT_LOG2_N,
        "secrets": {},
    }
    return document | {"check": _seal(_derive(passphrase, document), "check", b"rtr-key-store")}


def _derive(passphrase: bytes, document: dict[str, Any]) -> bytes:
    n = 1 << int(document["log2_n"])
    salt = base64.b64decode(document["salt"])
    return hashlib.scrypt(passphrase, salt=salt, n=n, r=8, p=1, maxmem=128 * n * 8 * 2, dklen=32)


def _seal(key: bytes, name: str, secret: bytes) -> dict[str, str]:
    nonce = secrets.token_bytes(_NONCE)
    return {"sealed": _b64(nonce + AESGCM(key).encrypt(nonce, secret, name.encode())), "kcv": check_value(secret)}


def _write(path: Path, document: dict[str, Any]) -> None:
    write_whole(path, json.dumps(document, indent=1, sort_keys=True).encode())


def _b64(blob: bytes) -> str:
    return base64.b64encode(blob).decode()
