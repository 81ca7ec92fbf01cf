"""What a story says of a child in it: by an age, a birth, or a word that says minor.

The words are those of the seven languages of `said_of_a_name`. What is found holds people until somebody has answered:
a question too many is cheap beside a child who is lost. Left out is what may as well be a length of time ("tiene diez
años aquí", "een vijfjarig contract"), an amount, an hour, a count or a house number.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from register.domain.signals.protecting.said_of_a_name import (
    DURATIONS_BEFORE,
    DURATIONS_BEHIND,
    TO_SEVENTEEN,
    tells_age,
)

_YOUNG: Final = (
    r"(?:meisje|jonge(?:n|tje)|kind(?:je)?|dochter(?:tje)?|zoon(?:tje)?|zusje|broertje|nichtje|neefje"
    r"|meid|tiener|leerling"
    r"|girl|boy|child|kid|daughter|son|sister|brother|niece|nephew|teenager|pupil"
    r"|ni[nñ][oa]|ni[nñ]it[oa]|chic[oa]|hij[oa]|hermanit[oa]|sobrin[oa]|muchach(?:it)?[oa]"
    r"|joven(?:cit[oa])?|adolescente"
    r"|menor|alumn[oa]|mucha(?: (?:muh[eé]|h[oò]mber))?|yiu(?: (?:muh[eé]|h[oò]mber))?|menin[oa]|filh[oa]|garot[oa]"
    r"|rapaz|crian[cç]a|fille|fillette|gar[cç]on(?:net)?|enfant|ti ?(?:fi|gason)|timoun)"
)
"""One child; of several ("meisjes van drie scholen") the number counts something else."""
_SOMEBODY: Final = (
    r"(?:vrouw|man|persoon|slachtoffer|woman|person|victim|mujer|hombre|persona|v[ií]ctima|femme|personne|mulher"
    r"|muh[eé]|h[oò]mber|v[ií]ktima)"
)
_OF: Final = r"[ ,]+(?:van|de|of|di|aged|que tiene|ku tin)[ ]+"
_YEARS: Final = r"[ -]?(?:jaar|jr|years?|yrs?|años?|anos?|a[nñ]a(?:nan)?|ans?|lane|an)\b"
_OLD: Final = (
    r"[ -]?(?:jarig(?:e|en)?|jaar (?:oud|jong)|years?[ -]olds?|años de edad|anos de idade|a[nñ]a (?:di|of) edat"
    r"|ans d['’]âge)\b"
)
_HAS: Final = r"(?:is|was|wordt|werd|tiene|ten[ií]a|cumpli[oó]|cumple|tin|tabatin|tabata|tem|tinha|avait|gen|turned)"
_STATED: Final = r"(?:edad|leeftijd|aged?|edat|idade|[aâ]ge)[ ]*(?:[:=]|de|di|van|of|is|ta)?[ ]*"
_ENDS: Final = r"(?=[ ]*(?:[.,;:!?)\n]|$|en\b|and\b|but\b|maar\b|when\b|toen\b|y\b))"
_FEW: Final = (
    r"(?:twee|drie|vier|vijf|two|three|four|five|dos|tres|cuatro|cinco|kuater|sinku|dois|tr[eê]s|quatro"
    r"|deux|trois|quatre"
    r"|cinq|twa|kat|senk)\b"
)
"""So many people, things or years there may be of anything."""
_THING: Final = (
    "contract contrato opleiding studie visum vergunning straf bestaan jubileum overeenkomst relatie huwelijk "
    "building car vehicle boat case company dispute debt coche carro caso deuda"
)
_AT_IT: Final = (
    "in na aki aquí acá hier here hasi ta de biba werkzaam actief getrouwd ouder jonger older younger casado casada "
    "married op bij con since sinds menos minder more"
)
"""Behind "is ten years" or "tiene diez años": what somebody did for so long, or by how much something differs."""


def _not_behind(words: str) -> str:
    return rf"(?![ -]+(?:(?:de|of|van|di|in) )?(?:{'|'.join(words.split())})\b)"


_AGE: Final = re.compile(
    rf"\b{_YOUNG}{_OF}(?:(?:{TO_SEVENTEEN}){_YEARS}|(?!{_FEW})(?:{TO_SEVENTEEN})\b)"
    rf"|\b{_SOMEBODY}{_OF}(?:{TO_SEVENTEEN}){_YEARS}{_not_behind(DURATIONS_BEHIND)}"
    rf"|(?<!y )(?<!i )(?<!e )(?<!-)(?<!t[yei] )\b(?:{TO_SEVENTEEN}){_OLD}{_not_behind(_THING)}"
    rf"|\b{_HAS} (?:nog )?(?:maar )?(?:solo )?(?:only )?(?!{_FEW})(?:{TO_SEVENTEEN}){_YEARS}"
    rf"{_not_behind(f'{DURATIONS_BEHIND} {_AT_IT}')}(?![ ]+\w+ndo\b)(?!(?<=os)[ ]+en\b)"
    rf"|\b{_STATED}(?:{TO_SEVENTEEN})\b"
    rf"|\b(?:she|he|who|zij|ze|hij) (?:is|was) (?:only |maar |nog maar )?(?:{TO_SEVENTEEN}){_ENDS}",
    re.IGNORECASE,
)

_N: Final = r"(?:(?<![\d.,:/+-])(?:1[0-7]|\d)(?![\d%]|[.,:/-]\d))"
"""A number of 0 to 17 in digits that is no part of a date, an hour or an amount."""
_CLEAR: Final = rf"(?:{_N}|(?!{_FEW})(?!(?:uit|onze|once|ten|kat|set|sis)\b)(?:{TO_SEVENTEEN})\b)"
"""Or in words that are none of another language here: "uit" is eight in Haitian Creole, and "from" in Dutch."""
_ABOUT: Final = (
    r"(?:(?:ca\.?|circa|ongeveer|zowat|bijna|nog|maar|pas|slechts|net|about|around|only|just|barely|almost|nearly"
    r"|apenas|solo|unos|como|casi|recien|aproximadamente|so|djis|mas|quase|a peine|seulement|environ|selman|age de"
    r"|de|van|of) )*"
)
_ENDING: Final = (
    r"(?=[ ]*(?:[.,;:!?)\]\n\"'”’/–—-]|$"
    r"|(?:en|and|but|maar|when|toen|y|o|of|or|et|e|i|ak|pero|ma|cuando|ora|mas|mais"
    r"|die|who|que|ku|qui|ki|uit|from|van|di|met|with|con)\b))"
)
"""Where what is said of somebody ends, or goes on with who they are: nothing is counted there."""
_COUNTED: Final = (
    r"(?![ ]*(?:[%€$]|(?:euros?|dollars?|usd|eur|awg|ang|florin\w*|gulden|pesos?|cent\w*|uur|uren|hours?|horas?|ora\w*"
    r"|heures?|minu\w*|min|sec\w*|dagen|dag|days?|dias?|jours?|we[e]?k\w*|seman\w*|siman\w*|semaines?|months?|maand\w*"
    r"|mes(?:es)?|luna\w*|mois|kilo\w*|kg|gram\w*|met(?:er|ro)s?|km|keer|times?|veces|bia|fois|x|schol\w*|schools"
    r"|ouders|parents|padres|broers|zussen|sisters|brothers|hermanos|people|mensen|personas|hende|clien\w*|klant\w*"
    r"|januari|februari|maart|april|mei|may|juni|juli|augustus|jan|feb|march|june|july|august|sept\w*|okt\w*|oct\w*"
    r"|nov\w*|dec\w*|enero|febrero|marzo|abril|mayo|junio|julio|agosto|graden|degrees|grados)\b))"
)
_GIRLS: Final = (
    r"(?:meisjes|jongens|meiden|girls|boys|ninas|ninos|daughters|sons|dochters|zonen|hijas|hijos|meninas|meninos"
    r"|muchachas|muchachos|filles|fillettes|garcons|sisters|zusjes|broertjes|pupils|leerlingen|alumnas)"
)
_ONE: Final = rf"(?:{_YOUNG}|nen[ae]|nin[oa]|schoolmeisje|jongetje|ti moun|pitit|bebe|baby)"
_IS: Final = (
    rf"(?:(?:she|he|who|i)(?: is| was| am|['’]?[sm])|{_ONE} (?:is|was|ta)|(?:zij|ze|hij|die) (?:is|was)|ik (?:ben|was))"
)
_TO_HAVE: Final = (
    r"(?:tiene|tenia|tengo|cumplio|cumple|tin|tabatin|tem|tinha|tenho|gen|genyen"
    r"|(?:elle|il|qui|fille|on) (?:a|avait|aurait)|j['’]ai)"
)
_LIVED: Final = (
    "vivio vive lived woonde lives trabajo trabaja traha worked works werkt aki aqui aca hier here there alli got "
    "kreeg in of van de di"
)
_NO_AGE_BEFORE: Final = "".join(
    rf"(?<!\b{word} )" for word in sorted({*DURATIONS_BEFORE.split(), *_LIVED.split()}) if word.isascii()
)
_LONG_AGO: Final = _not_behind(f"{DURATIONS_BEHIND} {_AT_IT}") + r"(?! \w+ndo\b)"
_YEAR_WORD: Final = r"[ -]?(?:jaar|jr|years?|yrs?|anos?|ana(?:nan)?|ans?(?! (?:hour|heure|hora))|lane)\b"
_PLACES: Final = (
    r"(?:straat|strt|weg|laan|plein|kamer|room|calle|kaya|avenida|avenue|street|road|house|huis|casa|unit|art|artikel"
    r"|article|nr|no|page|bijlage|bar|hotel)"
)
_TOLD: Final = re.compile(
    rf"\b(?:{_ONE}|{_GIRLS})(?: [a-z'’]+){{0,3}}?"
    rf"(?:,? (?:van|de|of|di|aged?|con|met|with|ku|que|ki|qui|gen|ak|tin|tiene)| ?[,(\[:–—-]) ?{_ABOUT}{_CLEAR}"
    rf"(?:{_YEAR_WORD}|{_COUNTED}{_ENDING}|(?= [a-z]+t\b))"
    rf"|\b{_ONE} (?:van|de|of|di|aged?) {_ABOUT}{_N}{_COUNTED}(?!-)"
    rf"|\b(?:{_ONE}|{_IS}|{_TO_HAVE}) {_ABOUT}{_CLEAR}(?:{_YEAR_WORD}{_LONG_AGO}|{_COUNTED}{_ENDING})"
    rf"|\b(?:ze|zij|hij|ik|die|{_ONE}) {_ABOUT}{_CLEAR} (?:is|was|ben|wordt|werd|te zijn)\b"
    rf"|\b(?:{_SOMEBODY}|dame|senora|lady) (?:van|de|of|di) {_ABOUT}{_N}{_COUNTED}{_ENDING}"
    rf"|{_NO_AGE_BEFORE}{_N}[ -]?(?:jr|anos?|ans)\b{_LONG_AGO}"
    rf"|(?<!y )(?<!i )(?<!e )(?<!-)(?<!t[yei] ){_NO_AGE_BEFORE}\b(?!{_FEW})(?:{TO_SEVENTEEN}){_YEARS}"
    rf"{_LONG_AGO}(?! en\b)",
    re.IGNORECASE,
)
"""A child, or who is or has so many, and a number, with years or where nothing is counted; and years by themselves."""
_NAMED: Final = re.compile(
    rf"\b(?!\w*(?i:{_PLACES})\b)[A-Z][a-z]+ ?(?:[(\[] ?(?:1[0-7]|[1-9]) ?[)\]]|, (?:1[0-7]|[6-9]),(?= [a-z]))"
)
"""A name, and a number by itself in brackets or between commas: "Lola (15)"."""
_WEEKDAY: Final = re.compile(
    r"\b(?:\w+dag|\w+day|lunes|martes|miercoles|jueves|viernes|sabado|domingo"
    r"|dia(?:luna|mars|rason|huebs|bierna|sabra|domingo)),? ?\d",
    re.IGNORECASE,
)
_UNDER: Final = (
    r"(?:\b(?:onder(?: de)?|jonger dan|under|below|younger than|less than|menor(?:es)? de|menos d[ei]|(?:de)?bajo de"
    r"|bou(?: di)?|moins de|abaixo de|anba|not yet|nog (?:net )?geen|no ha(?:n)? cumplido(?: los)?"
    r"|no tienen?(?: los)?|not even|ni siquiera)|<) ?"
)
_MINOR: Final = re.compile(
    rf"{_UNDER}(?:18|achttien|eighteen|dieciocho|diesocho|dezoito|dix-huit)\b{_COUNTED}"
    r"|\bminderjarig(?:e|en)?\b|\bminderj\b|\bunder[ -]?age\b|\bmenor(?:es)? d[ei] (?:edad|edat|idade)\b"
    r"|\b(?:una?|la|el|unos|unas|los|las|dos|tres|cuatro|es|soy|son|hay|uma|ta) menor(?:es)?\b"
    r"(?! (?:de|que|idea|duda|importancia)\b| (?!en\b)\w+ (?:de|que)\b)"
    r"|\b(?:a|the|this|one|is|was) minor\b(?= *(?:(?:girl|boy|child|victim|female)\b|[.,;:!?)]|$|(?:and"
    r"|who|from|in|works?|was|is)\b))|\bminors\b"
    r"|\btiener(?:s|tje|meisjes?|jongens?)?\b|\bteen(?:s|agers?|aged)?\b|\badolescent(?:e|es|s|en)?\b"
    r"|\bmineure?s?\b|\bti ?moun(?:yo)?\b|\benfants?\b|\bcriancas?\b|\bmuchanan\b|\bun mucha\b"
    r"|\bmucha (?:muhe|homber)\b|\b(?:zoon|dochter)tjes?\b"
    r"|\b(?:una?|la|el|las|los|dos|tres) (?:nin[oa]s?|nen[ae]s?)\b|\b(?:ninit[oa]|jovencit[oa]|muchachit[oa])s?\b"
    r"|\bchild(?:ren)?\b(?! (?:care|support|protection)\b|['’]s play)|\bkids?\b|\bkinderen\b|\bkindje\b"
    r"|\b(?:een|haar|hun|jong|klein|dat|dit|het|mijn) kind\b|\bbab(?:y|ies)\b|\bbebes?\b|\bbeibi(?:nan)?\b"
    r"|\btoddlers?\b|\binfants?\b|\bpeuters?\b|\bkleuters?\b|\bscholier(?:e|en)?\b|\bschool ?(?:girl|boy|meisje)s?\b"
    rf"|\b(?:\d{{1,2}}|(?:{TO_SEVENTEEN})) (?:jonge |young |kleine )?"
    r"(?:meisjes|girls|jongens|boys|jongetjes|meninas|ninas|ninos)\b",
    re.IGNORECASE,
)
"""Words that say minor by themselves. One girl does not: women are called so."""
_BORN: Final = re.compile(
    r"\b(?:geb\b\.?|geboren|geboorte(?:datum|jaar)|born|birth ?(?:date)?|d\.?o\.?b\b\.?|nacid[oa]|nacio?|nacimiento"
    r"|nasi(?:du)?|nasementu|nascid[oa]|nasceu|nascimento|nee?(?= (?:en|le) )|naissance|fet|nesans)(?!\w)[ :.]*"
    r"(?:(?:\d{1,2}(?:st|nd|rd|th|e)?,?|(?!since|sinds|desde|sedert|depuis)[a-z]+)[ ]+){0,6}?"
    r"(?:(?:\d{1,2}[./-])?\d{1,2}[./-])?(?:(?P<year>(?:19|20)\d\d)(?!\d)|(?<=\d[./-])(?P<short>\d\d)(?!\d))",
    re.IGNORECASE,
)


def tells_child(story: str, born_from: int, born_to: int) -> bool:
    """Whether a story tells of somebody under 18: by an age, by a birth between two years, or by a word for minors."""
    text = _folded(story)
    if tells_age(story) or tells_age_in_words(story) or _MINOR.search(text) is not None:
        return True
    if any(born_from <= _year_of(found, born_to) <= born_to for found in _BORN.finditer(text)):
        return True
    text = _WEEKDAY.sub(" ", text)
    return _TOLD.search(text) is not None or _NAMED.search(text) is not None


def tells_age_in_words(story: str) -> bool:
    """Whether an age under 18 is told in words: "una niña de trece años", "een meisje van dertien", "is vijftien jaar".

    A number without years counts with one child only ("girl of thirteen"), and where it ends what is said of somebody.
    """
    return _AGE.search(_plain(story)) is not None


def _year_of(found: re.Match[str], latest: int) -> int:
    """The year of a birth; of two digits the latest that has been."""
    if found["year"] is not None:
        return int(found["year"])
    year = latest - latest % 100 + int(found["short"])
    return year if year <= latest else year - 100


def _folded(story: str) -> str:
    """Without accents, which are lost where people type in haste, and with single spaces."""
    text = unicodedata.normalize("NFKD", story)
    return re.sub(r"[ \t]+", " ", "".join(x for x in text if not unicodedata.combining(x)))


def _plain(story: str) -> str:
    return unicodedata.normalize("NFKC", story)
