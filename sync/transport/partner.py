"""HTTP to partners: signed, bounded in time and size, to the addresses of the roster and to no others.

One request is one signature with a `jti` of its own; nothing is repeated here, since only the use case knows whether
a repeat is harmless. No redirect is followed, no proxy of the environment is used, no answer is unpacked.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore2

from register.clock import Clock
from register.core import Register
from register.errors import PartnerError
from register.settings import PartnerSettings
from register.tls import trusted
from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import Partition
from schemas.exchange.wire import Typ, document
from sync.protocol.documents.request import Call, request_claims
from sync.protocol.documents.roster import Rosters
from sync.protocol.ports import Signer
from sync.transport.deadline import AddressNotAllowed, connections, whole_within
from sync.transport.reach import Reach
from sync.trust import NodeSigner

SCHEME: Final = "RTR"
"""Of the header `Authorization: RTR <jwt>` that signs a request."""
ANSWER_BYTES_MAX: Final = 1024 * 1024
"""Unless the caller says otherwise; pages say so."""
_PROBLEM_BYTES_MAX: Final = 65_536
_CODE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+){0,9}", re.ASCII)
_NOT_PACKED: Final = ("", "identity")
_SUCCESS: Final = 2
_NO_ANSWER: Final = (
    httpcore2.NetworkError,
    httpcore2.TimeoutException,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
)


class PartnerUnreachable(PartnerError):
    """A partner's node gave no answer, or one that cannot be read."""

    code = "partner-unreachable"
    advice = "Nothing to do: it is tried again. If it lasts, call the partner's operator."

    def __init__(self, partner: Partition, why: str) -> None:
        super().__init__(f"node of {partner}: {why}", country=partner)
        self.partner = partner


class PartnerAddressUnsafe(PartnerUnreachable):
    """A roster gives a partner an address that this production node does not connect to; nothing was sent."""

    code = "partner-address-unsafe"
    advice = (
        "Look where the partner's address in the roster leads: it has to be https, and public unless "
        "`sync.partner_networks` names its network. If it is not the partner's, tell the coordinators."
    )


class PartnerRefused(PartnerError):
    """A partner's node refused a request; `said` is the code that its operator sees too.

    Attributes:
        status: of HTTP.
        said: the partner's code, or `unexplained` where it gave none.
        told: the details it gave for programs; the partner's words, so to be checked before use.
    """

    code = "partner-refused"
    advice = "Look up the code that the message names; the partner's operator sees the same one."

    def __init__(self, partner: Partition, status: int, said: str, told: Mapping[str, Any]) -> None:
        super().__init__(f"node of {partner} refused: {said} ({status})", country=partner, status=status, said=said)
        self.partner, self.status, self.said, self.told = partner, status, said, told


class NoSuchPartner(PartnerError):
    """The newest roster lists no node of this country."""

    code = "no-such-partner"
    advice = "Nothing is sent to it until a roster lists it again."


@dataclass(frozen=True, slots=True)
class PartnerAnswer:
    """A success, whole."""

    status: int
    media_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Way:
    """Over what and where to connect, whom to name, and the path under which the roster has the partner's node."""

    connections: httpcore2.ConnectionPool
    url: str
    host: str
    prefix: str


class PartnerHttp:
    """This node's way to the nodes of its partners; may be used from several threads. Close it when done."""

    def __init__(
        self,
        own: Partition,
        *,
        signer: Signer,
        rosters: Callable[[], Rosters],
        clock: Clock,
        via: Mapping[Partition, PartnerSettings] | None = None,
        timeout_s: float = 10.0,
        reach: Reach | None = None,
    ) -> None:
        """Take what it needs.

        Args:
            own: the country that sends.
            signer: with this node's key.
            rosters: gives those known now.
            clock: for the times in signatures.
            via: by partner, an address to connect to instead of the roster's.
            timeout_s: for a request as a whole: name, connection, headers and body together.
            reach: which of the roster's addresses are connected to; all of them without.
        """
        self.own, self._signer, self._rosters, self._clock = own, signer, rosters, clock
        self._via, self._timeout_s = via or {}, timeout_s
        self._reach = reach
        self._to_roster = connections(trusted(), reach.allows if reach is not None else None)
        self._to_via = connections(trusted())

    @classmethod
    def of(cls, register: Register, rosters: Callable[[], Rosters]) -> PartnerHttp:
        """The way of one country's register, by its settings."""
        settings = register.settings
        return cls(
            register.partition,
            signer=NodeSigner(register.keys),
            rosters=rosters,
            clock=register.clock,
            via=settings.partner.get(register.partition),
            timeout_s=settings.sync.timeout_s,
            reach=Reach.of(settings.sync.partner_networks) if settings.env == "production" else None,
        )

    def get(
        self, partner: Partition, path: str, *, nonce: str | None = None, bytes_max: int = ANSWER_BYTES_MAX
    ) -> PartnerAnswer:
        """Ask for something; see `_send`. The nonce, where given, is the one that a head must repeat."""
        return self._send(partner, Call("GET", path), nonce=nonce, bytes_max=bytes_max)

    def post(
        self, partner: Partition, path: str, body: bytes, *, media_type: str = "application/json"
    ) -> PartnerAnswer:
        """Send something; see `_send`."""
        return self._send(partner, Call("POST", path, body), media_type=media_type)

    def close(self) -> None:
        """Give connections back."""
        self._to_roster.close()
        self._to_via.close()

    def _send(
        self,
        partner: Partition,
        call: Call,
        *,
        nonce: str | None = None,
        bytes_max: int = ANSWER_BYTES_MAX,
        media_type: str = "application/json",
    ) -> PartnerAnswer:
        """Send one signed request and return the answer to it.

        Raises:
            NoSuchPartner, PartnerAddressUnsafe: nothing was sent.
            PartnerUnreachable: no answer in time, or one too large; it may have been served.
            PartnerRefused: with the partner's code.
        """
        way = self._way(partner)
        headers: dict[bytes | str, bytes | str] = {
            "Authorization": f"{SCHEME} {self._signature(partner, way.prefix, call, nonce)}",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Host": way.host,
            "User-Agent": "rtr",
        }
        if call.method == "POST":
            headers["Content-Type"] = media_type
        # Named once more beside the deadline, so that whoever waits for a free connection has a limit as well.
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self._timeout_s)
        try:
            with (
                whole_within(self._timeout_s),
                way.connections.stream(
                    call.method,
                    way.url + call.path,
                    headers=headers,
                    content=call.body if call.method == "POST" else None,
                    extensions={"timeout": limits},
                ) as answer,
            ):
                good = answer.status // 100 == _SUCCESS
                said = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
                if said.get(b"content-encoding", "") not in _NOT_PACKED:
                    raise PartnerUnreachable(partner, "a packed answer, which was not asked for")
                body = _read_body(partner, answer, bytes_max if good else _PROBLEM_BYTES_MAX)
        except AddressNotAllowed as error:
            raise PartnerAddressUnsafe(
                partner, "its name in the roster leads to an address that is no partner's"
            ) from error
        except _NO_ANSWER as error:
            raise PartnerUnreachable(partner, f"no answer ({type(error).__name__})") from error
        if not good:
            raise _read_refusal(partner, answer.status, body)
        return PartnerAnswer(answer.status, said.get(b"content-type", ""), body)

    def _way(self, partner: Partition) -> _Way:
        member = self._rosters().member(partner)
        if member is None or partner is self.own:
            raise NoSuchPartner(f"the newest roster lists no partner {partner}", country=partner)
        if self._reach is not None and (why_not := self._reach.why_not(member.url)):
            raise PartnerAddressUnsafe(partner, why_not)
        listed = urlsplit(member.url)
        via = self._via.get(partner, PartnerSettings()).via
        pool = self._to_via if via else self._to_roster
        return _Way(pool, (via or member.url).rstrip("/"), listed.netloc, listed.path.rstrip("/"))

    def _signature(self, partner: Partition, prefix: str, call: Call, nonce: str | None) -> str:
        claims = request_claims(
            self.own,
            partner,
            Call(call.method, prefix + call.path, call.body),
            now=self._clock.now(),
            nonce=nonce or secrets.token_urlsafe(24),
            jti=str(self._clock.new_id()),
            roster=self._rosters().newest.number,
        )
        return self._signer.sign(Typ.REQUEST, document(claims)).decode("ascii")


def _read_body(partner: Partition, answer: httpcore2.Response, bytes_max: int) -> bytes:
    held = bytearray()
    for piece in answer.iter_stream():
        held += piece
        if len(held) > bytes_max:
            raise PartnerUnreachable(partner, f"an answer of more than {bytes_max} bytes")
    return bytes(held)


def _read_refusal(partner: Partition, status: int, body: bytes) -> PartnerRefused:
    """Read a problem document as leniently as is safe: a newer node may say more than we know."""
    try:
        problem = canonical.loads(body, _PROBLEM_BYTES_MAX)
    except DocumentRefused:
        problem = None
    said: Any = problem.get("code") if isinstance(problem, dict) else None
    told: Any = problem.get("details") if isinstance(problem, dict) else None
    known = isinstance(said, str) and _CODE.fullmatch(said) is not None
    return PartnerRefused(partner, status, said if known else "unexplained", told if isinstance(told, dict) else {})
