"""What stands with a name and is none: an age, a word for a child, and words for a victim, a witness, a reporter.

Also those that stand with a number or an address (`said_of_a_value`), and an age in an account: one list of words.

Officers write into the field of a name what they know of somebody. The words themselves are left out where names are
compared (`said` in `register/pseudonyms/normalise/lists/names.json`).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_DATE: Final = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NUMBER: Final = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_AGES: Final = re.compile(
    r"(?:(?<=[,(\[/–-])|(?<=\ben)|(?<=\by)|(?<=\band))\s*(\d{1,2})(?!\d)"
    r"(?=\s*(?:$|[,)\]/]|en\b|y\b|and\b|i\b|jaar|jr|años|aña|years?\b|yrs?\b|y/o))",
    re.IGNORECASE,
)
"""Numbers that can only be ages: behind a comma or in brackets, with nothing counted behind them."""
_CHILD: Final = re.compile(
    r"\b(?:child(?:ren)?|kids?|minors?|underage|baby|babies|infants?|toddlers?|teen(?:ager)?s?|pupils?"
    r"|school ?(?:girl|boy)|minderjarigen?|minderjarige?|kleuters?|peuters?|meisjes?|tieners?|kind(?:eren|je|jes)?"
    r"|leerling(?:e|en)?|scholier(?:e|en)?|menor(?:es de edad)?|niñ[oa]s?|beb[eé]s?|adolescentes?"
    r"|alumn[oa]s?|estudiantes?|mucha(?:nan)?"
    r"|girls?|little boys?|minderj|amv(?:'?s|'?ers?)?|nna|meiden|meidjes?|jong(?:etjes?|ens)|zoon(?:tjes?)"
    r"|docht(?:ertjes?)|(?:zus|broer)jes?|ni[nñ]it[oa]s?|hermanit[oa]s?|jovencit[oa]s?|muchachit[oa]s?|chiquill[oa]s?"
    r"|hijit[oa]s?|mineure?s?|enfants?|fillettes?|gar[cç]onnets?|timoun(?:yo)?|ti ?(?:fi|gason)|crian[cç]as?"
    r"|menin[oa]s?|menor(?:es)? de idade)\b"
    r"|\bu-?18\b|<\s?18\b|(?:^|[\s(\[,;])-18\b(?![./-]\d)"
    r"|\b(?:under|below|onder(?: de)?|menor(?:es)? de|bajo|sub)[ -]?18\b"
    r"|(?:[(\[,;/]|\s[-–—])\s*m\.?j\.?\s*(?:$|[)\],;/])",
    re.IGNORECASE,
)
"""Words that officers write for a name they do not know; hardly any of them is a name in the five countries."""
TO_SEVENTEEN: Final = (
    r"twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf|dertien|veertien|vijftien|zestien|zeventien"
    r"|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|diecis[eé]is|diecisiete"
    r"|kuater|sinku|shete|nuebe|di[eè]s(?:un|dos|tres|[ck]uater|[cs]in[ck][uo]|seis|shete)?"
    r"|dois|tr[eê]s|quatro|sete|oito|nove|dez|onze|doze|treze|[cq]u?atorze|quinze|dez[ae]sseis|dez[ae]ssete"
    r"|deux|trois|quatre|cinq|sept|huit|neuf|dix(?:-sept)?|douze|treize|seize"
    r"|twa|kat|senk|sis|s[eè]t|uit|n[eè]f|onz|douz|tr[eè]z|kat[oò]z|kenz|s[eè]z|dis[eè]t"
)
"""Two to seventeen in Dutch, English, Spanish, Papiamento, Portuguese, French and Haitian Creole."""
_AGE_IN_WORDS: Final = re.compile(
    rf"(?<!y )(?<!i )(?<!e )(?<!-)(?<!t[yei] )\b(?:{TO_SEVENTEEN})[ -]?"
    r"(?:jaar|jarig|jr\b|years?\b|años?\b|anos\b|a[nñ]a\b|ans?\b|lane\b)",
    re.IGNORECASE,
)
"""Not behind tens: treinta y cinco años, thirty-five years."""
_STUDENT: Final = re.compile(r"\bstudent(?:e|en|es|s)?\b", re.IGNORECASE)
_ROLE: Final = re.compile(
    r"\b(?:slachtoffers?|v[ií]c?timas?|v[ií]ktima(?:nan)?|victims?|getuigen?|testig[oau]s?|testigunan|witness(?:es)?"
    r"|meldster|reporters?|denunciantes?|informante?s?|zwanger|pregnant|embarazada|opvang|safe ?house"
    r"|klikspa(?:a|ne)n|verklikkers?|snitch(?:es)?|sopl[oó]n(?:a|as|es)?|chivat[oa]s?"
    r"|tipgevers?|tipgeefsters?|tipsters?|belsters?|klokkenluid(?:er|ster)s?|whistle-? ?blowers?|aangevers?"
    r"|aangeefsters?|gedupeerden?|overlevenden?|survivors?|sobrevivientes?|complainants?|querellantes?"
    r"|vict|slachtofferopvang"
    r"|bewoonsters?|bedenktijd|reflection period|per[ií]odo de reflexi[oó]n|ik ?zelf|mijzelf|myself|yo mism[oa]"
    r"|anoniem (?:te )?blijven|anonieme (?:melder|tip)|(?:remain|stay) anonymous"
    r"|(?:quedar|permanecer|seguir|ser|keda) an[oóôò]nim[oua]|rester anonyme"
    r"|(?:die|who|qui[eé]n|que|ku|kien|ken|ki|qui) (?:belde|gebeld heeft|called|phoned|llam[oó]|a yama"
    r"|te rele|a appel[eé]|ligou)"
    r"|viktim(?:yo)?|sivivan|temwen|plenyan|sobreviventes?|testemunhas?|gr[aá]vidas?|victimes?|survivante?s?"
    r"|t[eé]moins?|plaignante?s?|enceinte)\b",
    re.IGNORECASE,
)


_ALSO_NAMES: Final = r"(?:melders?|shelter|refugio|bellers?|caller)"
"""Words for the same that people are called, too: `said_aside` in `names.json`."""
_SET_OFF: Final = re.compile(
    rf"(?:(?:[(\[{{\"“”,;:/]|\s[-–—])\s*{_ALSO_NAMES}\s*(?:$|[)\]}}\"“”,;:/]|[-–—]\s))"
    rf"|^\s*{_ALSO_NAMES}\s*(?:[:;/]|[-–—]\s)",
    re.IGNORECASE,
)
_BARE: Final = re.compile(rf"\b{_ALSO_NAMES}\b", re.IGNORECASE)
_WHOSE: Final = re.compile(
    r"\b(?:haar|hare|zij|hers?|herself|she|ella|suy[oa]|dj[eé]|meid|vrouw(?:en)?|dames?|girls?|wom[ae]n"
    r"|lad(?:y|ies)|chicas?"
    r"|mujer(?:es)?|muh[eé](?:nan)?|moeder|mama|mam[aá]|mam|vader|papa|pap[aá]|ouders?|zus(?:je|ter|sen)?"
    r"|broer(?:tje|s)?"
    r"|dochter(?:tje|s)?|zoon(?:tje)?|zoons|tante|oom|oma|opa|nicht(?:je)?|neef(?:je)?|familie(?:lid|leden)?|mother|mom"
    r"|mum|mommy|father|dad|parents?|sisters?|brothers?|daughters?|sons?|aunt|uncle|cousins?"
    r"|grand(?:mother|father|ma|pa)"
    r"|family|relatives?|madre|padres?|herman[oa]s?|hij[oa]s?|t[ií][oa]s?|abuel[oa]s?|prim[oa]s?"
    r"|sobrin[oa]s?|familia(?:r(?:es)?)?"
    r"|se[nñ]or(?:a|ita)s?|madanm|fanm|manman|s[eè] (?:li|m|mwen|pa)|fr[eè]|pitit|kouzin|tonton|tant"
    r"|fanmi|pa li|li menm"
    r"|elle|sienne|m[eè]re|p[eè]re|s(?:oe|œ)ur|fr[eè]re|fille|fils|oncle|femme|famille"
    r"|ela|dela|m[aã]e|pai|irm(?:[aã]|[aã]o)s?|filh[oa]s?|mulher(?:es)?|senhora"
    r"|kaptiv?[ef]?|captives?|cautiv[oa]s?|gevangene"
    r"|su (?:cel(?:ular)?|tel[eé]fono|m[oó]vil|n[uú]mero|correo|telefon|number|whatsapp|pasaporte"
    r"|c[eé]dula|pasp?oo?rt|e?mail)"
    r"|mai|tata|ruman(?:nan)?|yiu(?:nan)?|wel[ao]|famia(?:nan)?"
    r"|tipgevers?|tipster|bron|source|fuente|beller|caller|aangever|aangeefster|anoniem|anonymous|an[oó]nim[oa])\b",
    re.IGNORECASE,
)
"""Words beside a value for whoever it is of: she, a relative, whoever told it. Beside a name they say nothing of it."""
_NOT_SHARED: Final = re.compile(
    r"\b(?:niet (?:te )?(?:delen|doorgeven|bellen|noemen)"
    r"|(?:do not|don['’]?t|not to be|never) (?:be )?(?:shared?|called|call)"
    r"|not share|no (?:compartir|divulgar|llamar)|no (?:kompart[ií]|yama)|vertrouwelijk|geheim|confidential"
    r"|confidencial|konfidensial)\b",
    re.IGNORECASE,
)
_TOLD_AGE: Final = re.compile(
    r"(?:\b(?P<before>[^\W\d_]+)\s+)?(?<![\d.,:/+-])(?P<age>\d{1,2})\s*-?\s*"
    r"(?:jaar(?:\s+(?:oud|jong))?|jarig(?:e|en)?|years?[\s-]+old|years?|yrs?(?:\s+old)?|y/?o|años?|aña(?:nan)?)\b"
    r"(?:\s+(?P<behind>[^\W\d_]+))?"
    r"|\b(?:edad|leeftijd|age|aged|edat)\s*(?:[:=]|de|di|van|of|is|ta)?\s*(?P<stated>\d{1,2})(?!\d)",
    re.IGNORECASE,
)
DURATIONS_BEFORE: Final = (
    "al sinds na sedert hace desde for since after voor over ruim elke every cada por durante during gedurende binnen "
    "within despues después last laatste"
)
DURATIONS_BEHIND: Final = (
    "geleden ago lang long atrás atras pasa pasá gevangenis gevangenisstraf celstraf cel jail prison prisión prision "
    "cárcel carcel ervaring experience experiencia gewerkt contract contrato later garantie"
)
_FOR_SO_LONG: Final = frozenset(DURATIONS_BEFORE.split())
_SO_LONG: Final = frozenset(DURATIONS_BEHIND.split())
"""Before and behind a number of years: how long something took, and nobody's age."""
ADULT_AT: Final = 18
"""Years (convention on the rights of the child, 1)."""


def says_child(name: str, *, at_school: bool) -> bool:
    """Whether a word for a child or a child's age in words stands with a name; at a school, also a word for students.

    There students are children.
    """
    text = unicodedata.normalize("NFKC", name)
    in_words = _CHILD.search(text) is not None or _AGE_IN_WORDS.search(text) is not None
    return in_words or (at_school and _STUDENT.search(text) is not None)


def says_age(name: str) -> bool:
    """Whether what can be nothing else than an age under 18 stands with a name, were it a company's or a group's."""
    return any(int(age) < ADULT_AT for age in _AGES.findall(_DATE.sub(" ", unicodedata.normalize("NFKC", name))))


def says_birth(name: str, born_from: int, born_to: int) -> bool:
    """Whether a year of birth between two, or any number that may be an age under 18, stands with one person's name.

    `Lola, ca 15`, `girl of 12`, `Kim - 15`: people write ages in too many ways to list them.
    """
    text = unicodedata.normalize("NFKC", name)
    years = any(born_from <= int(year) <= born_to for year in _YEAR.findall(text))
    return years or any(int(number) < ADULT_AT for number in _NUMBER.findall(_DATE.sub(" ", text)))


def tells_age(text: str) -> bool:
    """Whether an age under 18 is told in digits with a word for an age: "15 jaar", "17yo", "edad 15"; no duration."""
    return any(
        int(found["age"] or found["stated"]) < ADULT_AT
        for found in _TOLD_AGE.finditer(unicodedata.normalize("NFKC", text))
        if (found["before"] or "").casefold() not in _FOR_SO_LONG and (found["behind"] or "").casefold() not in _SO_LONG
    )


def says_role(name: str) -> bool:
    """Whether a word stands with a name that says that it is a victim's, a witness's or a reporter's."""
    text = unicodedata.normalize("NFKC", name)
    return _ROLE.search(text) is not None or _SET_OFF.search(text) is not None


def may_say_role(name: str) -> bool:
    """Whether a word stands in a name that may say so, or be the name: "Jan Melder"."""
    return _BARE.search(unicodedata.normalize("NFKC", name)) is not None


def says_whose(text: str) -> bool:
    """Whether a word beside a value says that it is hers, a relative's, or whoever told it's."""
    return _WHOSE.search(unicodedata.normalize("NFKC", text)) is not None


def not_to_share(text: str) -> bool:
    """Whether it is written beside a name or a value that it is not to be shared, or to be called."""
    return _NOT_SHARED.search(unicodedata.normalize("NFKC", text)) is not None
