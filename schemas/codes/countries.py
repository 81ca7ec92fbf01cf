"""The two-letter country codes of ISO 3166-1, for nationalities and issuing countries.

BQ stands for Bonaire, Sint Eustatius and Saba together. XK (Kosovo) is not in the standard but is printed in
passports; withdrawn codes are not taken but for AN, the Netherlands Antilles (until 2010), which stands on papers
that people still carry. XXA (no nationality) and XXX (nobody knows) are three letters as passports print them.
Country names come from the pages' catalogues, not from here.
"""

from __future__ import annotations

_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT
JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""

COUNTRIES = frozenset(_CODES.split())

STATELESS = "XXA"
"""Of a person without a nationality (ICAO 9303)."""
UNKNOWN = "XXX"
"""Not known (ICAO 9303). It says nothing, so no match key is made with it."""
ANTILLES = "AN"
ISLANDS = frozenset({"AW", "BQ", "CW", "SX"})
"""Of the Kingdom, beside the Netherlands."""
ISLAND_ISSUERS = ISLANDS | {ANTILLES}
"""Who gave, or gives, documents and numbers to those who live there."""

NATIONALITIES = COUNTRIES | {STATELESS, UNKNOWN}
"""What a person's nationality may be."""
ISSUERS = COUNTRIES | {ANTILLES, UNKNOWN}
"""Who may have issued a document or a number."""
