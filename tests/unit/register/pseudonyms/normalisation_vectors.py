"""Makes the files `schemas/codes/normalisation/*.json`: value -> canonical -> x -> output -> token.

The files are for whoever writes another program that has to match; a test holds them equal to this one. After a
change of a canonicaliser (which needs a new version of it) write them again:

    python -m tests.unit.register.pseudonyms.normalisation_vectors
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from register.pseudonyms.errors import SelectorRefused
from register.pseudonyms.matchkeys import MatchKey, Selector, derive
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.company import Company
from register.pseudonyms.normalise.document import Document
from register.pseudonyms.normalise.email import Email
from register.pseudonyms.normalise.handle import Handle
from register.pseudonyms.normalise.iban import Account
from register.pseudonyms.normalise.person import Birth, Person
from register.pseudonyms.normalise.phone import Phone
from register.pseudonyms.normalise.plate import Plate
from register.pseudonyms.normalise.vessel import Vessel
from register.pseudonyms.oprf.voprf import VOPRF
from tests.unit.register.pseudonyms.support import published_key

FOLDER = Path(__file__).parents[4] / "schemas" / "codes" / "normalisation"

_BORN = Birth(1979, 4, 3)

SELECTORS: dict[str, Sequence[Selector]] = {
    "phone": (
        Phone("+1 721 555 0142"),
        Phone("1721 555 0142"),
        Phone("555 0142", "SX"),
        Phone("+297 000 0142"),
        Phone("000-0142", "AW"),
        Phone("00297 000 0142", "NL"),
        Phone("+5999 000 0142"),
        Phone("9 000 0142", "CW"),
        Phone("000 0142", "CW"),
        Phone("000 0142", "BQ"),
        Phone("+599 555 0142"),
        Phone("+31 6 0000 0142"),
        Phone("06 0000 0142", "NL"),
        Phone("06 0000 0142", "BQ"),
        Phone("+31 (0)6 0000 0142"),
        Phone("000 0142"),
        Phone("０００ ０１４２", "AW"),
        Phone("0142", "AW"),
        Phone("call me"),
        Phone("(+297) 000 0142", "CW"),
        Phone("0297-0000142", "AW"),
        Phone("000 0142 (whatsapp)", "AW"),
        Phone("000 0142 / 000 0143", "AW"),
        Phone("90000142.0", "CW"),
        Phone("https://wa.me/59990000142"),
        Phone("000 0000", "AW"),
    ),
    "email": (
        Email("Zeno.Testman@Example.ORG"),
        Email("zeno+shop@example.org"),
        Email("Zeno.Test.Man+shop@GoogleMail.com"),
        Email("zeno+shop@outlook.com"),
        Email("zeno@bücher.example"),
        Email("zeno@xn--bcher-kva.example"),
        Email("zeno＠example.org"),
        Email("zeno at example.org"),
        Email("Zeno Testman <zeno@example.org>"),
        Email("mailto:zeno@example.org"),
        Email("none@none.com"),
    ),
    "document": (
        Document("NL", "PASSPORT", "ZZ0000017"),
        Document("AW", "PASSPORT", "zz 0000-017"),
        Document("NL", "PASSPORT", "ZZOOOOOI7"),
        Document("NL", "PERSONAL_NUMBER", "1112.22.333"),
        Document("NL", "PERSONAL_NUMBER", "BSN 10000008"),
        Document("NL", "ID_CARD", "ZZ0000017"),
        Document("VE", "ID_CARD", "V-18.234.567"),
        Document("VE", "PERSONAL_NUMBER", "18234567"),
        Document("VE", "ID_CARD", "V-18234567-2"),
        Document("VE", "ID_CARD", "E-01234567"),
        Document("CO", "ID_CARD", "CC 1.012.345.678"),
        Document("CO", "PASSPORT", "ZT7770001<4"),
        Document("CO", "PASSPORT", "AR123456 exp 2030"),
        Document("DO", "ID_CARD", "000-0000001-0"),
        Document("HT", "PERSONAL_NUMBER", "00-00-99-1979-04-00003"),
        Document("AN", "PASSPORT", "N0000017"),
        Document("AN", "ID_CARD", "1979040301"),
        Document("XXX", "PASSPORT", "ZZ0000017"),
        Document("CW", "RESIDENCE_PERMIT", "B 0001/26"),
        Document("XX", "PASSPORT", "ZZ0000017"),
        Document("NL", "PASSPORT", "?"),
        Document("VE", "PASSPORT", "0000000"),
        Document("VE", "PASSPORT", "ONBEKEND"),
        Document("CO", "ID_CARD", "1012345678.0"),
        Document("CO", "ID_CARD", "1.0123E+9"),
    ),
    "plate": (
        Plate("CW", "V-12·34"),
        Plate("BQ", "v 1234"),
        Plate("AW", "A 00001"),
        Plate("NL", "00-xx-00"),
        Plate("CW", "no plate"),
        Plate("CW", "1234-V"),
        Plate("CW", "unknown"),
    ),
    "handle": (
        Handle("Instagram", "@Zeno_Testman"),
        Handle("IG", "https://www.instagram.com/zeno_testman/?hl=en"),
        Handle("Facebook", "Zeno.Testman"),
        Handle("fb", "facebook.com/zenotestman"),
        Handle("facebook", "https://facebook.com/profile.php?id=100000000000142"),
        Handle("TikTok", "zeno", account_id="7000000000000000142"),
        Handle("Telegram", "t.me/zeno"),
        Handle("Telegram", "zeno testman"),
        Handle("Instagram", "https://www.instagram.com/p/CxAbC123/"),
        Handle("Facebook", "https://www.facebook.com/groups/made.up/"),
        Handle("LinkedIn", "https://www.linkedin.com/in/zeno-testman/"),
        Handle("TikTok", "https://vm.tiktok.com/ZM0000000/"),
        Handle("Other", "Madeup: zeno"),
    ),
    "iban": (
        Account("NL91 ABNA 0417 1643 00"),
        Account("iban: nl91abna0417164300"),
        Account("NL9l ABNA O417 1643 OO"),
        Account("DE89-3704-0044-0532-0130-00"),
        Account("NL91 ABNA 0417 1643 01"),
        Account("0142 0142 01"),
        Account("onbekend"),
        Account("NL91ABNA0417164300 / DE89370400440532013000"),
    ),
    "vessel": (
        Vessel("MV Prueba, IMO 9074729"),
        Vessel("9074729"),
        Vessel("IMO no. 9O74729, MMSI 306 000 142, call sign PJ-2345"),
        Vessel("306000142"),
        Vessel("roepletters PJ2345"),
        Vessel("IMO 9074728"),
        Vessel("MMSI 142000142"),
        Vessel("Prueba II"),
        Vessel("PJ2345"),
        Vessel("IMO 0000000"),
    ),
    "company": (
        Company("AW", "H01420.0"),
        Company("AW", "h-1420"),
        Company("CW", "14215 (0)"),
        Company("NL", "KvK 1234142"),
        Company("NL", "01234142"),
        Company("VE", "RIF J-07013380-5"),
        Company("VE", "J7013380"),
        Company("CO", "NIT 900.142.142-1"),
        Company("CO", "213.123.432-1"),
        Company("CO", "2131234321"),
        Company("DO", "RNC 1-01-85004-3"),
        Company("SX", "00000"),
        Company("SX", "N.V."),
        Company("XX", "142"),
    ),
    "person": (
        Person("Zeno Testman", _BORN),
        Person("Testmán, Zenó", _BORN),
        Person("Mr. Zeno TESTMAN", _BORN),
        Person("Jan van der Proef", Birth(1980, 12, 31)),
        Person("Proef, Jan v.d.", Birth(1980, 12, 31)),
        Person("María José García-Prueba y Ñáñez", Birth(1991, 1, 1)),
        Person("Øyvind Łukasz Æbelø", Birth(1991, 1, 1)),
        Person("Jan Proef", Birth(1980), "VE"),
        Person("Jan Proef", None, "ve"),
        Person("Jan Proef", Birth(1980, 12, 31), "VE"),
        Person("Jan Proef"),
        Person("N.N.", _BORN),
        Person("NN Vrouw", _BORN),
        Person("Zeno Onbekend", _BORN),
        Person("Zeno Testman", Birth(1900, 1, 1), "VE"),
        Person("Zeno Testman", None, "XXA"),
        Person("Zeno Testman", None, "XXX"),
        Person("Jan \U0001fae8", _BORN),
        Person("Ma. Belén Prueba", _BORN),
        Person("ZENO\u200bTESTMAN", _BORN),
        Person("Zen\u043e T\u0435stman", _BORN),
    ),
}


def document(selector_class: str) -> dict[str, Any]:
    """The vectors of one class."""
    return {
        "about": (
            "What every program of the register makes of a value. canonical: the fields after the version; "
            "x: the function's input; output: VOPRF(ristretto255-SHA512) of RFC 9497; token: its first 32 bytes. "
            "Made-up values only. refused: the code of the error, where there is no canonical form."
        ),
        "class": selector_class,
        "test_key": {"source": "RFC 9497, A.1.2, skSm: public, never used for real data", "hex": published_key().hex()},
        "vectors": [_vector(selector, mode) for selector in SELECTORS[selector_class] for mode in Mode],
    }


def text(selector_class: str) -> str:
    """The file of one class."""
    return json.dumps(document(selector_class), ensure_ascii=False, indent=1) + "\n"


def _vector(selector: Selector, mode: Mode) -> dict[str, Any]:
    given = {name: value for name, value in asdict(selector).items() if value is not None}
    try:
        return {"mode": mode.value, "value": given, "keys": [_key(key) for key in derive(selector, mode=mode)]}
    except SelectorRefused as refusal:
        return {"mode": mode.value, "value": given, "refused": refusal.code}


def _key(key: MatchKey) -> dict[str, Any]:
    output = VOPRF.evaluate(published_key(), key.input).hex()
    return {
        "family": key.family,
        "version": key.version,
        "canonical": list(key.values),
        "x": key.input.hex(),
        "output": output,
        "token": output[:64],
    }


if __name__ == "__main__":
    for one in SELECTORS:
        (FOLDER / f"{one}.json").write_text(text(one), encoding="utf-8")
