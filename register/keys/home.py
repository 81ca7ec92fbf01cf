"""Where a process finds a country's secrets on disk: files under `home`, readable by their owner only."""

from __future__ import annotations

import secrets
from pathlib import Path

from register.clock import SystemClock
from register.domain.partition import day_in
from register.domain.running.month_keys import keys_ahead
from register.errors import OperatorError
from register.keys.apart import refuse_passphrase_beside
from register.keys.files import locked, write_whole
from register.keys.keystore import KeyStore
from register.keys.node import FIRST_SECRETS, NodeKeys
from register.settings import Settings
from schemas.codes import Partition


class SecretMissing(OperatorError):
    """A secret that this process needs is not where the settings say."""

    code = "secret-missing"
    advice = (
        "Run `rtr db migrate` for a database password; mount a key store, or restore it from its own backup. "
        "`rtr keys init` is for a country that never had one."
    )


class PassphraseLost(OperatorError):
    """A key store is there without the passphrase that opens it; a new one would not."""

    code = "passphrase-lost"
    advice = "Put the passphrase back from its own backup; without it the key store must be restored with its own."


def open_keys(settings: Settings, country: Partition) -> NodeKeys:
    """Open a country's keys.

    Raises:
        PassphraseBesideKeys: in production, both are on one file system.
        SecretMissing, KeyStoreError: names what is wrong.
    """
    return NodeKeys(country, open_store(settings, country))


def open_store(settings: Settings, country: Partition) -> KeyStore:
    """Open a country's key store; raises as `open_keys`."""
    store, file = keystore_path(settings, country), passphrase_file(settings, country)
    refuse_passphrase_beside(settings, store, file)
    return KeyStore(store, _read_secret(file).encode(), country)


def make_keys(settings: Settings, country: Partition) -> NodeKeys:
    """Make a country's key store and its passphrase where there is neither; return its keys.

    A new one holds all that is made once and the months' keys for years ahead, so that its first copy has them. One
    that is there stays as it is: what it lacks may be what rows rest on. The passphrase is on disk before anything is
    sealed under it: a process that is killed between leaves a passphrase, and the next one goes on with it.

    Raises:
        PassphraseBesideKeys: in production, both would be on one file system; nothing was made.
        PassphraseLost: a key store is there, and what opens it is not; nothing was changed.
        KeyStoreError: the two do not belong together.
    """
    file, store = passphrase_file(settings, country), keystore_path(settings, country)
    refuse_passphrase_beside(settings, store, file)
    with locked(file):
        if not (file.exists() and file.read_bytes().strip()):
            if store.exists():
                raise PassphraseLost(f"{store.name} is there, and {file.name} is missing or empty")
            write_whole(file, secrets.token_urlsafe(32).encode())
    first = (*FIRST_SECRETS, *keys_ahead(day_in(country, SystemClock().now())))
    return NodeKeys(country, KeyStore.create(store, _read_secret(file).encode(), country, first=first))


def keystore_path(settings: Settings, country: Partition) -> Path:
    """The file of a country's key store."""
    return settings.home / "keys" / f"{country.lower()}.keystore"


def passphrase_file(settings: Settings, country: Partition) -> Path:
    """The file of the passphrase that opens a country's key store."""
    name = passphrase_name(country)
    return Path(settings.passphrase_folder) / name if settings.passphrase_folder else settings.secret(name)


def passphrase_name(country: Partition) -> str:
    """The name of the secret that opens a country's key store."""
    return f"{country.lower()}.keystore.passphrase"


def read_engine_password(settings: Settings) -> str | None:
    """The password of the engine's user, from the file that the settings name; None where they name none.

    Raises:
        SecretMissing: there is no such file, it is empty, or others can read it.
    """
    named = settings.engine.password_file
    if not named:
        return None
    file = Path(named)
    try:
        open_to_others, secret = file.stat().st_mode & 0o077, file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError:
        open_to_others, secret = 0, ""
    if not secret:
        raise SecretMissing(f"`engine.password_file`: there is no password in {file}")
    if open_to_others:
        raise SecretMissing(f"`engine.password_file`: {file} can be read by others; make it owner-only (chmod 600)")
    return secret


def read_secret(settings: Settings, name: str) -> str:
    """Return a secret from its file.

    Raises:
        SecretMissing: there is no such file, or it is empty.
    """
    return _read_secret(settings.secret(name))


def _read_secret(file: Path) -> str:
    try:
        secret = file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        secret = ""
    if not secret:
        raise SecretMissing(f"the secret {file.name} is missing from {file.parent}")
    return secret
