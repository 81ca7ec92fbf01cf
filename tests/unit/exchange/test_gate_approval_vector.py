"""An approval to the byte, for whoever builds a node of their own: what is hashed, what is signed, what comes out."""

from __future__ import annotations

import hashlib

from register.keys import jws
from register.keys.jwk import PrivateKey
from schemas import canonical
from schemas.exchange.wire import GateApproval, Typ, approval_in, content_of, document, read
from tests.simulator.builders import a_put

KEY = PrivateKey.from_raw(hashlib.sha256(b"made up for BQ-OM-approve-1").digest())
CONTENT = "v9JClp3lAA5EnDrwCBBbud0xCIPxqf_99WUQxaMklX0"
CLAIMS = (
    b'{"actor":"00000000000000000000000000000000","approval":"01900000-0000-7000-8000-00000000004d",'
    b'"content":"FHPQ0ffy6D8ShiaNzh4bF5oaV1MvZjw2aI28epRd2aI","expires":"2026-05-30","given":"2026-03-01",'
    b'"keeper":"BQ-OM","object":"01900000-0000-7000-8000-000000000001","purpose":"INVESTIGATE",'
    b'"recipients":["AW","NL"],"task":"PROSECUTE"}'
)
HEADER = "eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoiQlEtT00tYXBwcm92ZS0xIiwidHlwIjoicnRyLWdhdGUtYXBwcm92YWwrandzIn0"
SIGNATURE = "fw1_PDQLdjrG6_K26KXgZiblmkAUrFPqIhM_HGgjbkysCgdxYgAuirjUj0izisM4l0LzzpPJd7HzA2ooRgHMAw"


def test_content_is_the_hash_of_the_canonical_record_part_and_of_nothing_around_it() -> None:
    put = a_put()
    by_hand = hashlib.sha256(canonical.dumps(document(put)["record"])).digest()
    assert content_of(put.record) == canonical.b64(by_hand) == CONTENT
    assert content_of(a_put(visibility="V2").record) == CONTENT


def test_approval_has_these_bytes_and_this_signature() -> None:
    claims = read(GateApproval, CLAIMS)
    assert canonical.dumps(document(claims)) == CLAIMS
    compact = jws.sign(CLAIMS, typ=Typ.GATE_APPROVAL, kid="BQ-OM-approve-1", key=KEY)
    assert compact == f"{HEADER}.{canonical.b64(CLAIMS)}.{SIGNATURE}"
    assert approval_in(compact) == claims
