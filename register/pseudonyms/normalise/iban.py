"""Bank accounts, family `iban`: the international number, once its check digits fit.

A number that no country's banks could have given out is kept and has no key: a digit in it is wrong, and two records
with the same wrong digit prove nothing. Accounts of the islands have no IBAN; of the Netherlands an old one is a row
of digits. Both are kept, and have no key yet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from stdnum import iban as number_of

from register.pseudonyms.errors import CheckFails, NotComparedYet, TwoValues
from register.pseudonyms.normalise.canonical import Canonical, Mode
from register.pseudonyms.normalise.folding import digits_of, fold
from register.pseudonyms.normalise.stop import is_filler, refuse_none_in_words
from register.pseudonyms.normalise.typed import tidy

VERSION = 1
FAMILY = "iban"

_LABEL: Final = re.compile(
    r"(?:(?:iban|rekeningnummer|rekening|bankrekening|account|cuenta|cuenta bancaria|number|nummer|numero|nr|no|a/c)"
    r"[\s.:#]*)+(?=[a-z]{2}[0-9olis]{2})"
)
_SEPARATORS: Final = re.compile(r"[\s.\-–_]+")
_SHAPE: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_TWO: Final = re.compile(
    r"[a-z]{2}[0-9]{2}[a-z0-9 ]{11,}(?:[/;&+,]|\b(?:of|or|o|en|and|y|i)\b)\s*[a-z]{2}[0-9]{2}\s?[a-z0-9]{4}"
)
_LOOK_ALIKE: Final = str.maketrans("OILSB", "01158")
_COUNTRY: Final = 2
_CHECK: Final = 4


@dataclass(frozen=True, slots=True)
class Account:
    """A bank account as typed."""

    text: str = field(repr=False)


def canonical(account: Account, _mode: Mode) -> list[Canonical]:
    """The one canonical form of an account: its IBAN, without separators.

    Raises:
        CheckFails: it has the shape of an IBAN, and its digits do not fit together.
        NotComparedYet: it is no IBAN.
        SaysNone: a word for "none".
        TwoValues: two accounts.
    """
    refuse_none_in_words(account.text)
    text = digits_of(fold(tidy(account.text)))
    if _TWO.search(text):
        raise TwoValues("these are two accounts; type one, and add the other by itself")
    text = text[found.end() :] if (found := _LABEL.match(text)) else text
    compact = _SEPARATORS.sub("", text).upper()
    compact = compact[:_COUNTRY] + compact[_COUNTRY:_CHECK].translate(_LOOK_ALIKE) + compact[_CHECK:]
    if _SHAPE.fullmatch(compact) is None or is_filler(compact[_CHECK:]):
        raise NotComparedYet("the account is kept; only an IBAN can be found by other countries yet")
    for reading in (compact, _digits_put_right(compact)):
        if number_of.is_valid(reading):
            return [Canonical(FAMILY, (reading,))]
    raise CheckFails("the check digits of this IBAN do not fit: a letter or digit in it is wrong")


def _digits_put_right(compact: str) -> str:
    """The number with digits where its country has digits only and somebody read letters: O for 0, l for 1."""
    structure = number_of._ibandb.info(compact)[0][1].get("bban", "")  # noqa: SLF001 - the registry has no other door
    kinds = "".join(kind * int(times) for times, kind in re.findall(r"([1-9][0-9]*)!([nac])", structure))
    rest = compact[_CHECK:]
    if len(kinds) != len(rest):
        return compact
    put = (c.translate(_LOOK_ALIKE) if kind == "n" else c for c, kind in zip(rest, kinds, strict=True))
    return compact[:_CHECK] + "".join(put)
