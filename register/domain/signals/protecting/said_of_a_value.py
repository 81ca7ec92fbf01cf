"""What stands beside a number, an address or a document in its field, and whose name an address is made of.

What a class leaves out when it reads a value was typed by somebody who knew why: "594 7110 víctima". It is understood
by the words that stand with names (`said_of_a_name`), and by those that say whose a value is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from register.domain.signals.protecting.papers import zone_of
from register.domain.signals.protecting.said_of_a_name import (
    may_say_role,
    not_to_share,
    says_age,
    says_child,
    says_role,
    says_whose,
    tells_age,
)
from schemas.signals.parts import SelectorIn

_NAMED_ITSELF: Final = frozenset({"SOCIAL_HANDLE", "VESSEL", "PLATE"})
"""Values that have words of their own: what stands beside them stands in brackets."""
_WITHOUT_SERIES: Final = frozenset({"PHONE", "EMAIL"})
_SERIES_MAX: Final = 3
"""Letters of a series of documents, accounts or companies, which may stand before the digits."""
_LINK: Final = re.compile(r"\S*(?:://|\w\.[a-z]{2,}/)\S*", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[^\s<>()\[\],;]+@[^\s<>()\[\],;]+")
_SPACED: Final = re.compile(r"\s*@\s*|\s+\.\s*(?=\w+\s*$)")  # mari @ hotmail . com
_IN_BRACKETS: Final = re.compile(r"[(\[{]([^)\]}]*[^\W\d_][^)\]}]*)(?:[)\]}]|$)")
_WORDS: Final = re.compile(r"(?<![\w<])[^\W\d_]+(?:['’][^\W\d_]+)*(?![\w<])")
_OF_A_PAPER: Final = re.compile(
    r"\b(?:exp|expires?|expired|expiry|valid|until|geldig|verlopen|vervalt|vence|vencido|vto|valido|hasta"
    r"|issued|afgegeven|expedido|copy|kopie|copia|false|vals|falso|lost|stolen|gestolen|verloren|robado)\b.*",
    re.IGNORECASE,
)
_LABEL_WORDS: Final = (
    "tel telefoon telefoonnummer telephone telefono teléfono telefon phone mob mobile mobiel mobil movil móvil "
    "cel cell cellphone celular gsm fax whatsapp wa app signal viber telegram sms nr no nro num number nummer "
    "numero número thuis huis home casa kas werk work trabajo trabou kantoor office oficina zaak vast vaste "
    "landline line lijn linea prive privé privat private personal prepaid sim digicel setar chippie flow uts "
    "telcel ext toestel country code mail email e-mail correo adres address mailto cc bcc from to van aan "
    "passport paspoort pasaporte pasport passeport document documento doc id ci pp ppt cedula cédula sedula "
    "sédula ced bsn dni crib nuip trn cpf rut card kaart carte tarjeta licence rijbewijs licencia "
    "identiteitskaart identity iban rekening rekeningnummer account cuenta bank banco kvk coc rif nit rnc chamber "
    "commerce plate placa kenteken plaat imo mmsi call sign the de het el la un una een of or of en and y i"
)
_LABELS: Final = frozenset(_LABEL_WORDS.split())
_APART: Final = re.compile(r"[@/\s,;:<>()\[\]]+")
_PART: Final = re.compile(r"[^\W\d_]{3,}")
_PARTICLES: Final = frozenset({"van", "von", "der", "den", "des", "ten", "ter", "del", "las", "los", "dos", "das"})
_RARE: Final = 5
"""Letters of a part of a name that is hers also where it stands within another word; shorter ones are in many."""


def remark_beside(one: SelectorIn) -> str:
    """What was typed in the field of a value and is none of it: letters only, and what stands in brackets."""
    text = unicodedata.normalize("NFKC", one.value)
    if zone_of(text) is not None:
        return ""
    if one.type == "EMAIL":
        text = _SPACED.sub(lambda found: found[0].strip(), text)
        return " ".join(_ADDRESS.sub(" ", text).strip(" <>\"'").split())
    aside = " ".join(f"({found.strip()})" for found in _IN_BRACKETS.findall(text))
    if one.type in _NAMED_ITSELF:
        return aside
    bare = _IN_BRACKETS.sub(" ", _LINK.sub(" ", text))
    return " ".join([*_WORDS.findall(bare), *filter(None, [aside])])


def says_hers(one: SelectorIn) -> bool:
    """Whether what stands beside a value says that it is a victim's, a child's, a relative's or whoever told it's.

    Or that it is not to be shared, whosever it is.
    """
    said = remark_beside(one)
    return bool(said) and (
        says_role(said)
        or may_say_role(said)
        or says_child(said, at_school=True)
        or says_age(said)
        or tells_age(said)
        or says_whose(said)
        or not_to_share(said)
    )


def not_understood(one: SelectorIn) -> str | None:
    """What stands beside a value and nothing understands; None where there is nothing, or labels only."""
    said = remark_beside(one)
    if not said or says_hers(one):
        return None
    most = 1 if one.type in _WITHOUT_SERIES else _SERIES_MAX
    words = [x for x in _WORDS.findall(_OF_A_PAPER.sub(" ", said)) if x.casefold() not in _LABELS and len(x) > most]
    return said if words else None


def parts_of(name: str) -> frozenset[str]:
    """The words of a name that tell people apart, of three letters or more, without accents."""
    found = frozenset(_PART.findall(_strip_accents(name))) - _PARTICLES
    return frozenset(x for x in found if not (says_role(x) or says_child(x, at_school=True)))


def is_spelling_name(text: str, her: str, own: Iterable[str] = ()) -> bool:
    """Whether an address, an account or a company's name is made of somebody's name.

    Of two parts of it however they are joined, of one where that stands by itself or is long enough to be no other
    word: a victim's given name in an address of the report that names her is mostly hers.

    Args:
        text: as typed.
        her: the name.
        own: names of whoever has it: what they have in common with her says nothing.
    """
    theirs = parts_of(her).difference(*(parts_of(one) for one in own))
    for piece in _APART.split(_strip_accents(text)) if theirs else ():
        words = set(re.findall(r"[^\W\d_]+", piece))
        joined = "".join(x for x in piece if x.isalpha())
        within = {x for x in theirs if x in joined}
        if len(within) > 1 or any(x in words or len(x) >= _RARE for x in within):
            return True
    return False


def _strip_accents(text: str) -> str:
    return "".join(x for x in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(x))
