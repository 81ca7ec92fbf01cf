"""What whoever tells a story says of themselves: that they are the victim, are forced, held, or without their papers.

In the first person, also of somebody who is quoted, in the seven languages of `said_of_a_name`. What is found makes the
story a victim's, so fear for another and what anybody has to do tomorrow are left out.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_VICTIM: Final = r"(?:v[ií][ck]?tima|viktim|victime?|survivor|slachtoffer)"
_I_AM: Final = re.compile(
    r"\bik ben (?:zelf|degene die) (?:(?:het|een|de|ook) )*slachtoffer\b"
    r"|\bik (?:zelf )?ben (?:(?:een|ook|al jaren) )*slachtoffer\b"
    r"|\bik (?:zelf )?ben het slachtoffer(?=\s*(?:[.,;:!?)\"”]|$|zelf\b|van\b|geworden\b|en\b|want\b|maar\b))"
    r"|\b(?:het )?slachtoffer ben ik\b|\bik (?:zelf )?ben (?:zelf )?(?:uitgebuit|verhandeld)\b"
    rf"|\bI(?:[ ]am|['’]m|[ ]was|[ ]have been) (?:(?:myself|also|the|a|one of the) )*{_VICTIM}s?\b"
    r"(?!['’]s|[ ]+(?:support|advocate|liaison|coordinator|services?|care))"
    rf"|\bthe victim is (?:me|myself)\b|\bI(?: am|['’]m| was| have been) (?:being )?(?:trafficked|exploited)\b"
    rf"|(?<!no )\b(?:soy|soi|fui|he sido) (?:(?:yo|mism[oa]|la|el|una) )*{_VICTIM}\b|\bla {_VICTIM} soy yo\b"
    rf"|\b(?:a?mi|mi mes) (?:ta|tabata) (?:(?:mes|e|un) )*{_VICTIM}\b|\be {_VICTIM} ta ami\b"
    rf"|(?<!não )(?<!nao )\bsou (?:(?:eu|mesma|a|uma) )*{_VICTIM}\b|\ba {_VICTIM} sou eu\b"
    rf"|\bje suis (?:(?:moi-même|la|une) )*{_VICTIM}\b|\bla {_VICTIM},? c['’]est moi\b"
    rf"|\bmwen (?:menm )?(?:se|te) (?:(?:menm|yon) )*{_VICTIM}\b|\bse mwen (?:menm )?ki {_VICTIM}\b",
    re.IGNORECASE,
)
_PAPERS: Final = (
    r"(?:pasp?oo?rt(?:en)?|passports?|passeports?|paspo|pasaportes?|passaportes?|papers?|papieren"
    r"|papel(?:es|nan)?|papiers?|papye"
    r"|do[ck]ument(?:s|en|o|os|onan)?|[cs]edula|id|identiteitskaart|phone|telefoon|celular|telefon|telephone|visa)"
)
_OUT: Final = r"(?:weg|naar buiten|vertrekken|buiten|naar huis|alleen weg|eruit|hier weg)"
_NOT_NOW: Final = r"(?![^.!?\n]{0,30}\b(?:tomorrow|today|morgen|vandaag|manana|hoy|mayan|awe|amanha|hoje|demain)\b)"
_DUTCH: Final = (
    rf"\b(?:ik|wij|we) ?(?:zelf)? ?(?:moet(?:en)?"
    rf"|moest(?:en)?)\b(?! met\b){_NOT_NOW}[^.!?\n]{{0,40}}\b(?:werken|afbetalen|aflossen)\b"
    r"|\b(?:ik|wij|we) ?(?:zelf)? ?(?:word(?:en)?|werd(?:en)?|ben|was|zijn) (?:\w+ )?(?:gedwongen|mishandeld"
    r"|vastgehouden|opgesloten"
    r"|bedreigd|verkocht)\b"
    r"|\b(?:word|werd) ik (?:\w+ )?(?:gedwongen|vastgehouden|opgesloten)\b"
    r"|\b(?:dwing(?:t|en)|dwong(?:en)?|verplicht(?:en)?) (?:mij|me|ons)\b|\b(?:mij"
    r"|me) (?:\w+ )?(?:gedwongen|te dwingen)\b"
    rf"|\b(?:heeft|hebben|houdt|houden|pakt|pakten?|namen?) (?:\w+ )?(?:mijn|m['’]n|onze) {_PAPERS}\b"
    rf"|\b(?:mijn|m['’]n|onze) {_PAPERS} (?:\w+ )?(?:afgepakt|afgenomen|ingenomen)\b"
    rf"|\b(?:ik|wij|we) ?(?:zelf)? ?(?:mag|mogen|kan|kunnen|mocht(?:en)?|kon(?:den)?|durf) (?:hier |er "
    rf"|daar |van (?:hem|haar|hen|ze) )?niet {_OUT}\b"
    r"|\b(?:laat|laten) (?:me|mij|ons) niet (?:gaan|weg|naar)\b"
    r"|\bik ben (?:zo |erg |heel )?bang\b(?! (?:dat|voor (?:haar|hem|hen|ze|het))\b)"
)
_ENGLISH: Final = (
    r"\b(?:I|we)(?: am| are|['’]?m|['’]re| was| were| have been|['’]ve been) (?:being )?"
    r"(?:forced|made to|obliged|coerced|not allowed to (?:leave|go|stop|quit|call)|locked|held(?! up)"
    r"|kept(?! (?:informed|waiting|in touch))|threatened|sold)\b"
    r"|\b(?:forc(?:e|es|ed|ing)|ma(?:ke|kes|de)|oblig(?:e|es|ed)) (?:me|us) (?:to )?(?:work|do|have|pay"
    r"|stay|sleep|sell)"
    r"|\b(?:forc(?:es|ed|ing)|locks?|locked) (?:me|us)\b"
    rf"|\b(?:I|we) (?:myself )?(?:have to|must|had to|got to){_NOT_NOW} work\b(?! (?:with|on)\b)"
    r"[^.!?\n]{0,25}\b(?:here|there|for|until|every|to pay|off|without)\b"
    rf"|(?<!\bI )(?<!['’]ve )\b(?:took|takes|taken|has|have|keeps?|kept|holds?) (?:away )?(?:my|our) {_PAPERS}\b"
    rf"|\b(?:my|our) {_PAPERS} (?:was|were|is|are|has been|have been) (?:taken|kept|held|with)\b"
    r"|\b(?:I|we) (?:can ?not|can['’]?t|may not|am not able to|could not) (?:leave(?! (?:my|a)\b)|go out"
    r"|get out|go home)\b"
    r"|\b(?:won['’]?t|not|don['’]?t|doesn['’]?t|didn['’]?t) let (?:me|us) (?:go|leave|out)\b"
    r"|\bI(?: am|['’]?m) (?:so |very )?(?:afraid|scared|terrified)\b(?! (?:that|for|she|he|they|something)\b)"
    r"|\bI (?:have to|must|had to|am) (?:pay|work)(?:ing)? (?:it )?off\b|\bI (?:have to|must) pay (?:my"
    r"|the|a|this) debt\b"
)
_SPANISH: Final = (
    r"\b(?:me|nos) (?:estan |han |esta )?(?:oblig|forz|fuerz|amenaz|explot|encerr)\w+|\b(?:me|nos) hacen trabajar\b"
    r"|\b(?:soy|soi|fui|estoy|estaba) (?:obligad|forzad|explotad|amenazad|encerrad|secuestrad|retenid)[oa]\b"
    rf"|\b(?:tengo|tenia|tuve) (?:q|que|ke){_NOT_NOW} (?:trabajar|pagar (?:la|mi|una|esa) deuda)\b|\bpagar mi deuda\b"
    rf"|\bmis? {_PAPERS} (?:lo|la|los|las|me lo|me los) (?:tiene|quit)|\bme tienen? encerrad"
    rf"|\bdebo trabajar\b{_NOT_NOW}"
    rf"|\b(?:me|nos) (?:quit|retuv|retien|saca|saco|guard)\w* (?:el|la|los|las|mis?|nuestr[oa]s?) {_PAPERS}\b"
    rf"|\b(?:tiene|tienen|quito|quitaron|retiene|retienen|guarda) mis? {_PAPERS}\b"
    r"|\bno (?:me|nos) (?:deja|dejan|dejaban) (?:salir|ir|irme)\b|\bno puedo (?:salir|irme|escapar)\b"
    r"|\btengo (?:mucho |tanto )?miedo\b(?! (?:de que|por|que)\b)"
)
_PAPIAMENTO: Final = (
    rf"\b(?:a?mi|nos) (?:mes |tambe )?(?:mester|tin [ck]u|tin di)(?: di)?{_NOT_NOW} (?:traha|trabou"
    rf"|paga (?:mi|e|un) de[bv]e)\b"
    r"|\b(?:ta|a|tabata|lo) (?:obliga|for[szc]a|mena[sz]a|fos) (?:a?mi|nos)\b"
    r"|\b(?:a?mi|nos) (?:ta|a|tabata) (?:ser |wordu )?(?:obliga|for[szc]a|sera)\b"
    rf"|(?<!\bmi )\b(?:kita|tin|tene|wanta|warda|tuma|keda ku) (?:mi|nos) {_PAPERS}\b|\b(?:no"
    rf"|n['’]) ta laga mi (?:bai|sali)\b"
    r"|\bmi no (?:por|mag) (?:sali|bai)\b|\bmi tin mied[ou]\b(?! (?:pa|cu|ku)\b)"
)
_PORTUGUESE: Final = (
    r"\b(?:sou|fui|estou) (?:obrigad|forcad|explorad|ameacad|pres)[oa]\b|\bme (?:obrig|forc)[aou]\w*"
    r"|\b(?:obrig|forc)am-me\b"
    rf"|\btenho (?:que|de){_NOT_NOW} (?:trabalhar|pagar (?:a|minha|a minha) divida)\b"
    rf"|\b(?:tirou|tiraram|ficou com|ficaram com|pegou|tem) (?:o |os )?(?:meus?|minhas?) {_PAPERS}\b"
    r"|\bnao me deixam? (?:sair|ir)\b|\bnao posso (?:sair|ir embora)\b"
    r"|\btenho (?:muito )?medo\b(?! (?:que|por|de que)\b)"
)
_FRENCH: Final = (
    r"\bm['’]oblige(?:nt)?\b|\b(?:me|nous) (?:force|oblige)(?:nt)?\b|\bme f(?:ait|ont) travailler\b"
    r"|\bm['’](?:a|ont) forcee?\b"
    r"|\bje suis (?:forcee?|obligee?|contrainte?|enfermee?|retenue?|menacee?)\b"
    rf"|\bje dois{_NOT_NOW} (?:travailler|payer ma dette)\b|\bje ne peux pas (?:partir|sortir)\b"
    rf"|\b(?:pris|prend|garde|gardent|confisque) (?:mon|mes|ma|nos) {_PAPERS}\b"
    r"|\bj['’]ai (?:tres |si )?peur\b(?! (?:que|pour)\b| qu['’])"
)
_HAITIAN: Final = (
    rf"\b(?:mwen|m|nou) (?:blije|oblije|dwe|oblige){_NOT_NOW} travay\b|\b(?:fose|oblije|blije) (?:m|mwen|nou)\b"
    rf"|\b(?:pran|kenbe|gen) {_PAPERS} (?:m|mwen)\b|\bpa (?:vle )?kite (?:m|mwen) (?:soti|ale)\b"
    r"|\b(?:m|mwen) pa (?:ka|kapab) (?:soti|ale)\b|\bmwen pe\b|\bpeye det (?:m|mwen)\b"
)
_FORCED: Final = re.compile(
    f"{_DUTCH}|{_ENGLISH}|{_SPANISH}|{_PAPIAMENTO}|{_PORTUGUESE}|{_FRENCH}|{_HAITIAN}", re.IGNORECASE
)
"""Made to work or to pay a debt off, held, threatened, afraid, without papers; in texts without accents."""
_WORD: Final = re.compile(r"[^\W\d_]{6,}")
_SPELT: Final = ("victima", "viktima", "victime", "slachtoffer", "survivor")
"""Words of seven letters or more for a victim, of which one letter may be doubled, missing, or swapped."""
_RIGHT: Final = frozenset({"victim", "viktim", "victims", *_SPELT})


def teller_says_victim(story: str) -> bool:
    """Whether whoever tells it says in the first person to be the victim ("Soy yo la víctima"), or to be forced."""
    text = unicodedata.normalize("NFKC", story)
    folded = "".join(x for x in unicodedata.normalize("NFKD", story) if not unicodedata.combining(x))
    spelt = _WORD.sub(lambda found: _spell(found[0]), folded)
    return any(_I_AM.search(one) for one in (text, spelt)) or _FORCED.search(folded) is not None


def _spell(word: str) -> str:
    """A word for a victim as it is spelt; any other word as it was typed."""
    typed = word.casefold()
    if typed in _RIGHT:
        return word
    return next((one for one in _SPELT if _is_one_slip_from(typed, one)), word)


def _is_one_slip_from(typed: str, right: str) -> bool:
    """Whether a word has one letter doubled, left out, or swapped with the next."""
    at = range(len(right))
    doubled = any(right[: i + 1] + right[i:] == typed for i in at)
    missing = any(right[:i] + right[i + 1 :] == typed for i in at)
    return doubled or missing or any(right[:i] + right[i + 1 : i + 2] + right[i] + right[i + 2 :] == typed for i in at)
