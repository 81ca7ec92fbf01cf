"""What a story says in words: that a child is in it, by an age, and that whoever tells it is the victim.

An age in digits is `tells_age` of `said_of_a_name`. The words are those of the seven languages that are known there.
What is found holds people until somebody has answered, so what may as well be a length of time is left out: "tiene diez
años aquí", "een vijfjarig contract", "thirty-five years old".
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from register.domain.signals.protecting.said_of_a_name import DURATIONS_BEHIND, TO_SEVENTEEN

_YOUNG: Final = (
    r"(?:meisje|jonge(?:n|tje)|kind(?:je)?|dochter(?:tje)?|zoon(?:tje)?|zusje|broertje|nichtje|neefje|meid|tiener|leerling"
    r"|girl|boy|child|kid|daughter|son|sister|brother|niece|nephew|teenager|pupil"
    r"|ni[nñ][oa]|ni[nñ]it[oa]|chic[oa]|hij[oa]|hermanit[oa]|sobrin[oa]|muchach(?:it)?[oa]|joven(?:cit[oa])?|adolescente"
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
    r"(?:twee|drie|vier|vijf|two|three|four|five|dos|tres|cuatro|cinco|kuater|sinku|dois|tr[eê]s|quatro|deux|trois|quatre"
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

_VICTIM: Final = r"(?:v[ií][ck]?tima|viktim|victime?|survivor|slachtoffer)"
_I_AM: Final = re.compile(
    r"\bik ben (?:zelf|degene die) (?:(?:het|een|de|ook) )*slachtoffer\b"
    r"|\bik (?:zelf )?ben (?:(?:een|ook|al jaren) )*slachtoffer\b"
    r"|\bik (?:zelf )?ben het slachtoffer(?=\s*(?:[.,;:!?)\"”]|$|zelf\b|van\b|geworden\b|en\b|want\b|maar\b))"
    r"|\b(?:het )?slachtoffer ben ik\b|\bik (?:zelf )?ben (?:zelf )?(?:uitgebuit|verhandeld)\b"
    rf"|\bI(?:[ ]am|['’]m|[ ]was|[ ]have been) (?:(?:myself|also|the|a|one of the) )*{_VICTIM}s?\b"
    r"(?!['’]s|[ ]+(?:support|advocate|liaison|coordinator|services?|care))"
    rf"|\bthe victim is (?:me|myself)\b|\bI(?: am|['’]m| was| have been) (?:being )?(?:trafficked|exploited)\b"
    rf"|(?<!no )\b(?:soy|fui|he sido) (?:(?:yo|mism[oa]|la|el|una) )*{_VICTIM}\b|\bla {_VICTIM} soy yo\b"
    rf"|\b(?:a?mi|mi mes) (?:ta|tabata) (?:(?:mes|e|un) )*{_VICTIM}\b|\be {_VICTIM} ta ami\b"
    rf"|(?<!não )(?<!nao )\bsou (?:(?:eu|mesma|a|uma) )*{_VICTIM}\b|\ba {_VICTIM} sou eu\b"
    rf"|\bje suis (?:(?:moi-même|la|une) )*{_VICTIM}\b|\bla {_VICTIM},? c['’]est moi\b"
    rf"|\bmwen (?:menm )?(?:se|te) (?:(?:menm|yon) )*{_VICTIM}\b|\bse mwen (?:menm )?ki {_VICTIM}\b",
    re.IGNORECASE,
)


def tells_age_in_words(story: str) -> bool:
    """Whether an age under 18 is told in words: "una niña de trece años", "een meisje van dertien", "is vijftien jaar".

    A number without years counts with one child only ("girl of thirteen"), and where it ends what is said of somebody.
    """
    return _AGE.search(_plain(story)) is not None


def teller_says_victim(story: str) -> bool:
    """Whether whoever tells it says in the first person to be the victim: "Soy yo la víctima", "I am the victim"."""
    return _I_AM.search(_plain(story)) is not None


def _plain(story: str) -> str:
    return unicodedata.normalize("NFKC", story)
