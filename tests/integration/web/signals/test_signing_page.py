"""The exit gate at the pages: fetched as a file, signed elsewhere, pasted back; and withdrawn.

A node set to production takes no token of a program, so this is the keeper's way in there.
"""

from __future__ import annotations

from uuid import UUID

from schemas.codes import Partition
from schemas.signals.approvals import ApprovalAskedOut
from schemas.signals.out import SignalOut
from tests.integration.web.conftest import At
from tests.integration.web.ours import present, recorded
from tests.integration.web.walk import send
from tests.support.exchange.keepers import a_keeper, signed_by
from tests.support.exchange.neighbours import Neighbours
from tests.support.web.pages import AW, Browserless, Pages

UNLISTED = a_keeper("AW-KPA", "prosecution")


def marked(served: Pages, near: Neighbours) -> SignalOut:
    """A report whose reporter asked for a decision of the prosecutor, with its pseudonyms."""
    signal = recorded(served, single_approval=True)
    near.share()
    return signal


def fetched(gate: Browserless, signal: UUID) -> ApprovalAskedOut:
    file = gate.get(f"/ours/{signal}/sign/asked")
    assert file.status_code == 200, file.text
    assert file.headers["content-disposition"].startswith("attachment")
    return ApprovalAskedOut.model_validate_json(file.text)


def allowed(served: Pages, signal: UUID) -> set[Partition]:
    return {one.recipient for one in present(served, signal).sharing if one.allowed}


def test_keeper_fetches_signs_and_gives_the_approval_and_withdraws_it(served: Pages, near: Neighbours, at: At) -> None:
    signal, gate = marked(served, near), at("aw-gate")
    assert allowed(served, signal.id) == set()
    asked = fetched(gate, signal.id)
    compact = signed_by(a_keeper("AW-OM", "prosecution"), asked, served[AW].register.clock.new_id()).approval
    broken = "\n".join(compact[at : at + 64] for at in range(0, len(compact), 64))
    given = send(gate, f"/ours/{signal.id}/sign", {"approval": broken, "reason": "Weighed.", "version": "1"})
    assert given.headers["location"] == f"/ours/{signal.id}?done=sign"
    near.share()
    assert allowed(served, signal.id) == set(Partition) - {AW}
    back = send(gate, f"/ours/{signal.id}/unapprove", {"reason": "Another turn.", "version": "2"})
    assert back.headers["location"] == f"/ours/{signal.id}?done=unapprove"
    assert allowed(served, signal.id) == set()
    assert "Approval withdrawn; taken back from partners" in gate.get(f"/ours/{signal.id}").text


def test_what_is_not_signed_by_the_keepers_key_is_told_at_the_field_and_changes_nothing(
    served: Pages, near: Neighbours, at: At
) -> None:
    signal, gate = marked(served, near), at("aw-gate")
    other = signed_by(UNLISTED, fetched(gate, signal.id), served[AW].register.clock.new_id()).approval
    for typed in (other, "e30.e30.AAAA", "no approval at all", ""):
        page = send(gate, f"/ours/{signal.id}/sign", {"approval": typed, "reason": "Weighed.", "version": "1"})
        assert page.status_code == 200
        assert 'href="#approval"' in page.text
    assert present(served, signal.id).version == 1


def test_nobody_but_the_keeper_fetches_what_would_leave(served: Pages, near: Neighbours, at: At) -> None:
    signal = marked(served, near)
    for name in ("aw-unit", "aw-officer", "aw-searcher"):
        assert at(name).get(f"/ours/{signal.id}/sign/asked").status_code in {403, 404}
        assert at(name).get(f"/ours/{signal.id}/sign").status_code in {403, 404}
