"""The longest list that a country may come to is signed, sent and read as any other."""

from __future__ import annotations

from register.keys import jws as door
from schemas.codes import Partition
from schemas.exchange.lists import ACTORS_MAX, ORGANISATIONS_MAX, ActorList, OrganisationList
from schemas.exchange.wire import Typ, document
from sync.protocol.documents.listed import read_list
from sync.trust import LIST_CHARS_MAX, trust_of
from tests.simulator.fakes import a_roster, rosters_of, sign_kid
from tests.unit.exchange.protocol.test_real_keys import SIGNING

AW, CW = Partition.AW, Partition.CW
LONGEST = "CW-" + "A" * 60
AT = "2026-11-30T10:00:00.000Z"
DAYS = {"begins": "2025-01-01", "ends": "2026-12-31"}
TRUST = trust_of(AW, rosters_of(a_roster(signing={sign_kid(c): key.public().raw() for c, key in SIGNING.items()})), CW)


def signed(claims: dict[str, object]) -> bytes:
    return door.sign(claims, typ=Typ.LIST, kid=sign_kid(CW), key=SIGNING[CW]).encode()


def test_as_many_actors_as_may_be_let_in_fit_into_one_list_whatever_their_organisations_are_called() -> None:
    rows = [{"actor": f"{n:032x}", "organisation": LONGEST, **DAYS} for n in range(ACTORS_MAX)]
    jws = signed({"iss": "CW", "kind": "actors", "number": 2**40, "at": AT, "rows": rows})
    assert len(jws) <= LIST_CHARS_MAX
    assert len(read_list(jws, TRUST, ActorList, new=True).rows) == ACTORS_MAX


def test_as_many_organisations_as_may_be_let_in_are_read() -> None:
    rows = [{"organisation": f"CW-{n}", "kind": "police", "units": [], **DAYS} for n in range(ORGANISATIONS_MAX)]
    found = read_list(
        signed({"iss": "CW", "kind": "organisations", "number": 7, "at": AT, "rows": rows}), TRUST, OrganisationList,
        new=True,
    )  # fmt: skip
    assert len(document(found)["rows"]) == ORGANISATIONS_MAX
