"""A way to partners on which a test stands in between: it may keep, swap, change or lose what passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from schemas.codes import Partition
from schemas.exchange.wire import PageAnswer, frame, unframe
from sync.receiver import Receiver
from sync.transport.partner import PartnerAnswer, PartnerHttp, PartnerUnreachable
from tests.integration.exchange.net import Node


class Between(PartnerHttp):
    """The node's own way to partners, with somebody in between.

    Attributes:
        change: what is done to each answer to a pull.
        seen: the answers to pulls, as they came.
        cut: whether receipts are lost on their way.
    """

    def __init__(self, node: Node) -> None:
        inner = node.http
        super().__init__(
            inner.own,
            signer=inner._signer,
            rosters=node.rosters,
            clock=node.register.clock,
        )
        self.change: Callable[[PageAnswer], PageAnswer] = lambda answer: answer
        self.seen: list[PageAnswer] = []
        self.cut = False

    def get(
        self, partner: Partition, path: str, *, nonce: str | None = None, bytes_max: int = 1 << 20
    ) -> PartnerAnswer:
        """Ask, and change what comes back to a pull."""
        answer = super().get(partner, path, nonce=nonce, bytes_max=bytes_max)
        if "/lists/" in path:
            return answer
        parts = unframe(answer.body)
        self.seen.append(parts)
        return replace(answer, body=frame(self.change(parts)))

    def post(
        self, partner: Partition, path: str, body: bytes, *, media_type: str = "application/json"
    ) -> PartnerAnswer:
        """Send, or lose it."""
        if self.cut:
            raise PartnerUnreachable(partner, "cut")
        return super().post(partner, path, body, media_type=media_type)


def receiver_between(node: Node) -> tuple[Receiver, Between]:
    """A receiver of this node behind somebody in between."""
    between = Between(node)
    return Receiver(node.register, between, node.rosters), between


def flipped(data: bytes, at: int) -> bytes:
    """The same bytes with one bit of one of them turned."""
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
