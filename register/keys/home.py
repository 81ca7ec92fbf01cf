"""Where a process finds a country's secrets on disk: files under `home`, readable by their owner only."""

from __future__ import annotations

from pathlib import Path

from register.errors import OperatorError
from register.keys.keystore import KeyStore
from register.keys.node import NodeKeys
from register.settings import Settings
from schemas.codes import Partition


class SecretMissing(OperatorError):
    """A secret that this process needs is not where the settings say."""

    code = "secret-missing"
    advice = "Run `rtr db migrate` for database passwords and `rtr keys init` for key stores, or mount the secrets."


def open_keys(settings: Settings, country: Partition) -> NodeKeys:
    """Open a country's keys.

    Raises:
        SecretMissing, KeyStoreError: names what is wrong.
    """
    passphrase = read_secret(settings, passphrase_name(country)).encode()
    return NodeKeys(country, KeyStore(keystore_path(settings, country), passphrase))


def keystore_path(settings: Settings, country: Partition) -> Path:
    """The file of a country's key store."""
    return settings.home / "keys" / f"{country.lower()}.keystore"


def passphrase_name(country: Partition) -> str:
    """The name of the secret that opens a country's key store."""
    return f"{country.lower()}.keystore.passphrase"


def read_secret(settings: Settings, name: str) -> str:
    """Return a secret from its file.

    Raises:
        SecretMissing: there is no such file, or it is empty.
    """
    try:
        secret = settings.secret(name).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        secret = ""
    if not secret:
        raise SecretMissing(f"the secret {name} is missing from {settings.home / 'secrets'}")
    return secret
