"""An organisation's approval key: a key store of its own, on the keeper's machine and never on the node's.

It signs approvals of the exit gate and nothing else. The file is opened by the keeper's own passphrase; what of it is
public goes into the roster, with the organisation and its kind, which all five pin.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from register.errors import Conflict
from register.keys import jws
from register.keys.jwk import PrivateKey
from register.keys.keystore import KeyStore, KeyStoreError
from schemas.canonical import b64, dumps_plain
from schemas.codes import Partition
from schemas.exchange.wire import GateApproval, KeyState, NodeKey, Typ, document, read

_KEY: Final = "approve/key"
_LISTED: Final = "approve/listed"


class ApprovalKeyThere(Conflict):
    """There is a file of this name already; an approval key is never written over."""

    code = "approval-key-there"
    advice = "Name another file. To follow a key with a new one, give the new one the next `--number`."


def read_passphrase(file: Path) -> bytes:
    """The passphrase in a file, without the line's end.

    Raises:
        KeyStoreError: there is no such file, or others can read it.
    """
    try:
        too_open = file.stat().st_mode & 0o077
        found = file.read_bytes().strip()
    except OSError:
        raise KeyStoreError(f"there is no passphrase at {file.name}") from None
    if too_open:
        raise KeyStoreError(f"{file.name} can be read by others; make it owner-only (chmod 600)")
    return found


class ApprovalKey:
    """The key of one organisation, opened.

    Attributes:
        listed: its row in a roster.
    """

    def __init__(self, store: KeyStore) -> None:
        """Take an opened key store that `make` wrote; raises `UnknownSecret` of another one."""
        self._key = PrivateKey.from_raw(store.get(_KEY))
        self.listed: NodeKey = read(NodeKey, store.get(_LISTED))

    @classmethod
    def make(cls, path: Path, passphrase: bytes, *, organisation: str, kind: str, number: int = 1) -> ApprovalKey:
        """Make a key in a file of its own.

        Args:
            path: the file; there must be none.
            passphrase: the keeper's own, at least 16 bytes.
            organisation: whose it is, for instance `BQ-OM`.
            kind: of the organisation, by the code list `organisation_kind`.
            number: tells a key from the one before it.

        Raises:
            ApprovalKeyThere: the file is there.
            KeyStoreError: the passphrase is too short.
        """
        if path.exists():
            raise ApprovalKeyThere(f"{path} is there")
        store = KeyStore.create(path, passphrase, organisation)
        key = PrivateKey.from_raw(store.get_or_make(_KEY))
        row = NodeKey(
            kid=f"{organisation}-approve-{number}",
            country=Partition(organisation[:2]),
            use="approve",
            x=b64(key.public().raw()),
            state=KeyState.ACTIVE,
            organisation=organisation,
            kind=kind,
        )
        store.put(_LISTED, dumps_plain(document(row)))
        return cls(store)

    @classmethod
    def open(cls, path: Path, passphrase: bytes) -> ApprovalKey:
        """Open the file.

        Raises:
            KeyStoreError, UnknownSecret: it is missing, does not open with this passphrase, or holds no approval key.
        """
        return cls(KeyStore(path, passphrase))

    def sign(self, approval: GateApproval, *, consents: bool = False) -> str:
        """The signed approval, as it is handed in and travels to partners; or the consent of a prosecutor."""
        payload = dumps_plain(document(approval))
        typ = Typ.CONSENT if consents else Typ.GATE_APPROVAL
        return jws.sign(payload, typ=typ, kid=self.listed.kid, key=self._key)
