"""Where a country's secrets lie: one file, sealed under a passphrase by scrypt, readable by its owner only.

A secret has a name such as `kek/2031-11` or `share/phone/e1`. Each is sealed on its own with its name as associated
data, so that two secrets cannot change places, and carries a key check value: opening with another passphrase or
another file's secret is noticed, not tried. Several processes of one country may use the file at once: writes go
through a lock and an atomic rename, and every use looks whether the file is still the one that was read, so that a
secret which one process destroys is gone from all of them at once.

A key store says whose it is, in clear and inside what is sealed: another country's in its place is told as that.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from register.errors import DoesNotOpen, OperatorError
from register.keys.files import locked, write_whole

_FORMAT = 2
_NONCE = 12
_LOG2_N_MAX = 20
SECRET_BYTES = 32
SCRYPT_LOG2_N = 15
"""32 MiB and about 60 ms: once a start, and once again a guess for whoever stole the file."""


class KeyStoreError(OperatorError):
    """The key store is missing, unreadable, too open, or does not open with this passphrase."""

    code = "key-store"
    advice = (
        "Check `keys` under `home` and the passphrase file; restore the key store from its own backup if it was lost."
    )


class KeyStoreDamaged(KeyStoreError):
    """The file of the key store is empty, cut off or changed: it is none any more, or a secret in it is not."""

    code = "key-store-damaged"
    advice = "Put back the newest copy of the key store; nothing is written to the damaged one, and no row was changed."


class KeyStoreForeign(KeyStoreError):
    """The key store in this place is somebody else's."""

    code = "key-store-foreign"
    advice = "Put back the newest copy of this country's own key store, and take the other one to where it belongs."


class UnknownSecret(KeyStoreError, DoesNotOpen):
    """The key store has no secret of this name."""

    code = "unknown-secret"
    advice = (
        "Run `rtr doctor`: it says whether the key store is older than the database, then put back its newest copy. "
        "For missing shares hold `rtr keys ceremony`."
    )


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
        whose: who it must be of; None where anybody's will do.

    Raises:
        KeyStoreDamaged, KeyStoreForeign, KeyStoreError: names what is wrong.
    """

    def __init__(self, path: Path, passphrase: bytes, whose: str | None = None) -> None:
        self._path, self._whose = path, whose
        if not path.is_file():
            raise KeyStoreError(f"there is no key store at {path.name}")
        if path.stat().st_mode & 0o077:
            raise KeyStoreError(f"{path.name} can be read by others; make it owner-only (chmod 600)")
        seen = self._read()
        self._refuse_foreign(seen.document["of"])
        self._key = _derive(passphrase, seen.document)
        self._refuse_other(seen.document)
        self._seen = seen

    @classmethod
    def create(cls, path: Path, passphrase: bytes, whose: str | None = None, *, first: Iterable[str] = ()) -> KeyStore:
        """Make a key store, or open the one that is there already.

        Args:
            path: the file.
            passphrase: as of the class.
            whose: who it is, or must be, of.
            first: names of secrets, 32 bytes each, that a new one holds from its very first moment.
        """
        if len(passphrase) < 16:  # noqa: PLR2004 - stated in the class
            raise KeyStoreError("the passphrase of a key store has at least 16 bytes")
        with locked(path):
            if not path.exists():
                _write(path, _fresh(passphrase, whose or "", first))
        return cls(path, passphrase, whose)

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
                raise KeyStoreDamaged(f"the secret {name!r} was changed or is another's") from None
        return seen.opened[name]

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret under a name; replaces what was there."""
        with self._changing() as document:
            document["secrets"][name] = _seal(self._key, name, secret)

    def get_or_make(self, name: str) -> bytes:
        """Return a secret, made from fresh randomness if it is new; two processes get the same one.

        Only for what nothing hangs on yet: a secret that is gone from an old copy is made anew as readily.
        """
        try:
            return self.get(name)
        except UnknownSecret:
            self.make([name])
            return self.get(name)

    def make(self, names: Iterable[str]) -> None:
        """Make the secrets of these names that are not there, 32 bytes each, in one writing."""
        with self._changing() as document:
            for name in names:
                if name not in document["secrets"]:
                    document["secrets"][name] = _seal(self._key, name, secrets.token_bytes(SECRET_BYTES))

    def check_of(self, name: str) -> str | None:
        """The check value of a secret; None where there is none of this name."""
        return check_value(self.get(name)) if name in self._now().document["secrets"] else None

    def names(self, prefix: str = "") -> list[str]:
        """The names of the secrets, sorted."""
        return sorted(n for n in self._now().document["secrets"] if n.startswith(prefix))

    def destroy(self, name: str) -> None:
        """Forget a secret: what was sealed under it cannot be opened again."""
        with self._changing() as document:
            document["secrets"].pop(name, None)

    def _open(self, name: str, entry: dict[str, str]) -> bytes:
        try:
            blob, kcv = base64.b64decode(entry["sealed"]), entry["kcv"]
            secret = AESGCM(self._key).decrypt(blob[:_NONCE], blob[_NONCE:], name.encode())
            holds = hmac.compare_digest(check_value(secret), kcv)
        except (KeyError, TypeError, ValueError):
            raise KeyStoreDamaged(f"{name!r} in {self._path.name} is no sealed secret") from None
        if not holds:
            raise KeyStoreDamaged(f"the key check value of {name!r} does not hold")
        return secret

    def _refuse_foreign(self, of: str) -> None:
        if self._whose is not None and of != self._whose:
            raise KeyStoreForeign(f"{self._path.name} is the key store of {of or 'nobody'}, not of {self._whose}")

    def _refuse_other(self, document: dict[str, Any]) -> None:
        """Do nothing where a document opens with the key of this process, and is whose it says to be."""
        self._refuse_foreign(document["of"])
        try:
            sealed = self._open("check", document["check"])
        except InvalidTag:
            raise KeyStoreError(f"{self._path.name} does not open with this passphrase") from None
        if sealed != _check_of(document["of"]):
            raise KeyStoreForeign(f"{self._path.name} says that it is of {document['of']!r}, and was made for another")

    def _now(self) -> _Seen:
        """The file as it is now; read again only if it is another than the one last seen."""
        if self._seen.mark != self._mark():
            seen = self._read()
            self._refuse_other(seen.document)
            self._seen = seen
        return self._seen

    def _read(self) -> _Seen:
        # The mark first: a file that changes in between is taken for the older one, and read again at the next use.
        mark = self._mark()
        try:
            content = self._path.read_bytes()
        except OSError as error:
            raise KeyStoreError(f"{self._path.name} cannot be read ({type(error).__name__})") from None
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            what = "empty" if not content.strip() else "no JSON"
            raise KeyStoreDamaged(
                f"{self._path.name} is {what}, so it is not a key store of format {_FORMAT}"
            ) from None
        if not _is_key_store(document):
            raise KeyStoreDamaged(f"{self._path.name} is not a key store of format {_FORMAT}")
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
            # Before anything is written: what lies there may have been put there in this very moment.
            self._refuse_other(document)
            yield document
            _write(self._path, document)


def check_value(secret: bytes) -> str:
    """Tell secrets apart without telling anything of them: eight bytes of a keyed hash."""
    return hmac.new(secret, b"rtr-key-check-value", hashlib.sha256).hexdigest()[:16]


def _fresh(passphrase: bytes, of: str, first: Iterable[str]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "format": _FORMAT,
        "of": of,
        "salt": _b64(secrets.token_bytes(16)),
        "log2_n": SCRYPT_LOG2_N,
    }
    key = _derive(passphrase, document)
    made = {name: _seal(key, name, secrets.token_bytes(SECRET_BYTES)) for name in first}
    return document | {"check": _seal(key, "check", _check_of(of)), "secrets": made}


def _check_of(of: str) -> bytes:
    return b"rtr-key-store\x00" + of.encode()


def _is_key_store(document: Any) -> bool:
    """Whether it has the members of a key store, each of its kind."""
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        return False
    kinds = {"of": str, "salt": str, "log2_n": int, "check": dict, "secrets": dict}
    return (
        all(isinstance(document.get(name), kind) for name, kind in kinds.items())
        # More would ask for more memory than there is.
        and 1 <= document["log2_n"] <= _LOG2_N_MAX
        and all(isinstance(entry, dict) for entry in document["secrets"].values())
    )


def _derive(passphrase: bytes, document: dict[str, Any]) -> bytes:
    n = 1 << int(document["log2_n"])
    try:
        salt = base64.b64decode(document["salt"])
    except ValueError:
        raise KeyStoreDamaged("the salt of the key store is none") from None
    return hashlib.scrypt(passphrase, salt=salt, n=n, r=8, p=1, maxmem=128 * n * 8 * 2, dklen=32)


def _seal(key: bytes, name: str, secret: bytes) -> dict[str, str]:
    nonce = secrets.token_bytes(_NONCE)
    return {"sealed": _b64(nonce + AESGCM(key).encrypt(nonce, secret, name.encode())), "kcv": check_value(secret)}


def _write(path: Path, document: dict[str, Any]) -> None:
    write_whole(path, json.dumps(document, indent=1, sort_keys=True).encode())


def _b64(blob: bytes) -> str:
    return base64.b64encode(blob).decode()
