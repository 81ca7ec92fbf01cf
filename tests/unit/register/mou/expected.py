"""What may go where, written down by hand from the law: the oracle of the matrix tests.

Nothing here is computed from the program. A line says: in this edition, records of this owner on this basis may go to
these countries, for these purposes; with an approval that the exit gate's keeper signed at these visibilities; on the
word of the owner's node that he approved at these; with no approval but what the edition itself gives at these. What
has no line may not go.

Purposes: I investigate, P protect a victim, A administrative, V prevent, C coordinate. Visibilities: 0, 1, 2, 3.

Where the lines come from:
- Bpg 5:1(6): theme data (WPG10B) has no line in any edition. WPG10A has one, with the prosecutor's consent, and for
  investigating only, since such data is gathered for nothing else.
- Wpg 13 data supports police tasks at home: no line. The Wpg is law for NL and BQ only, so each other country has
  lines for its own two bases only, and no line in the strict edition: there it answers requests.
- Bpg 5:1(1)-(3): police data goes for what serves to detect, to protect and to prevent; never for a permit.
- Wbp BES 2(2)(c), GDPR 2(2)(d): what is not police does not investigate; the demonstration is not so careful.
- Bpg 2:11: code c (3) shows to nobody abroad.
- Bpg 5:1(2)-(3), 6a:2(1)(r): NL and BQ go through an exit gate. The demonstration has a standing approval for 1, and
  takes the node's word since node and keeper share a machine there; the strict edition asks for the signature.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.codes import LegalBasis, Partition, Purpose, Visibility

LINES = """
edition owner basis          to          purposes signed node none
strict  NL    WPG8           AW,BQ,CW,SX IPV      012    -    -
strict  NL    WPG9           AW,BQ,CW,SX IPV      012    -    -
strict  NL    WPG10A         AW,BQ,CW,SX I        012    -    -
strict  NL    NONPOLICE_GDPR AW,BQ,CW,SX PAVC     012    -    -
strict  BQ    WPG8           AW,CW,NL,SX IPV      012    -    -
strict  BQ    WPG9           AW,CW,NL,SX IPV      012    -    -
strict  BQ    WPG10A         AW,CW,NL,SX I        012    -    -
strict  BQ    NONPOLICE_BES  AW,CW,NL,SX PAVC     012    -    -
demo    NL    WPG8           AW,BQ,CW,SX IPVC     012    012  1
demo    NL    WPG9           AW,BQ,CW,SX IPVC     012    012  1
demo    NL    WPG10A         AW,BQ,CW,SX I        012    012  1
demo    NL    NONPOLICE_GDPR AW,BQ,CW,SX IPAVC    012    012  1
demo    BQ    WPG8           AW,CW,NL,SX IPVC     012    012  1
demo    BQ    WPG9           AW,CW,NL,SX IPVC     012    012  1
demo    BQ    WPG10A         AW,CW,NL,SX I        012    012  1
demo    BQ    NONPOLICE_BES  AW,CW,NL,SX IPAVC    012    012  1
demo    AW    AW_POLICE      BQ,CW,NL,SX IPVC     012    012  012
demo    AW    AW_NONPOLICE   BQ,CW,NL,SX IPAVC    012    012  012
demo    CW    CW_POLICE      AW,BQ,NL,SX IPVC     012    012  012
demo    CW    CW_NONPOLICE   AW,BQ,NL,SX IPAVC    012    012  012
demo    SX    SX_POLICE      AW,BQ,CW,NL IPVC     012    012  012
demo    SX    SX_NONPOLICE   AW,BQ,CW,NL IPAVC    012    012  012
"""

# Who is asked: a row an asker, a column a target (AW BQ CW NL SX). y asked, - not asked.
ASKED = """
edition asker AW BQ CW NL SX
strict  AW    y  y  -  y  -
strict  BQ    -  y  -  y  -
strict  CW    -  y  y  y  -
strict  NL    -  y  -  y  -
strict  SX    -  y  -  y  y
demo    AW    y  y  y  y  y
demo    BQ    y  y  y  y  y
demo    CW    y  y  y  y  y
demo    NL    y  y  y  y  y
demo    SX    y  y  y  y  y
"""

# Which question may be answered with which record: a row the record's purpose, a column the question's.
ANSWERED = """
edition record I P A V C
strict  I      y y - - y
strict  P      y y - - y
strict  A      - y y - y
strict  V      y y - y y
strict  C      - y - - y
demo    I      y y - y y
demo    P      y y - y y
demo    A      y y y y y
demo    V      y y y y y
demo    C      y y - y y
"""

PURPOSES = {
    "I": Purpose.INVESTIGATE,
    "P": Purpose.PROTECT_VICTIM,
    "A": Purpose.ADMINISTRATIVE,
    "V": Purpose.PREVENT,
    "C": Purpose.COORDINATE,
}

POLICE = {"WPG8", "WPG9", "WPG10A", "WPG10B", "WPG13", "AW_POLICE", "CW_POLICE", "SX_POLICE"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination; `approval` is signed, node or none."""

    owner: Partition
    basis: LegalBasis
    to: Partition
    purpose: Purpose
    visibility: Visibility
    approval: str


def allowed_cells(edition: str) -> frozenset[Cell]:
    """Spell the lines of an edition out into single combinations."""
    rows = [line.split() for line in LINES.strip().splitlines()[1:]]
    return frozenset(
        Cell(Partition(owner), LegalBasis(basis), Partition(to), PURPOSES[purpose], Visibility(f"V{level}"), approval)
        for of, owner, basis, recipients, purposes, *levels in rows
        if of == edition
        for to in recipients.split(",")
        for purpose in purposes
        for approval, digits in zip(("signed", "node", "none"), levels, strict=True)
        for level in digits.replace("-", "")
    )


def all_cells() -> list[Cell]:
    """Every combination there is."""
    return [
        Cell(owner, basis, to, purpose, visibility, approval)
        for owner in Partition
        for basis in LegalBasis
        for to in Partition
        for purpose in Purpose
        for visibility in Visibility
        for approval in ("signed", "node", "none")
    ]


def grid(text: str, edition: str) -> dict[tuple[str, str], bool]:
    """Read a table of y and -: (row, column) -> yes."""
    head, *lines = (line.split() for line in text.strip().splitlines())
    columns = head[2:]
    return {
        (row, column): mark == "y"
        for of, row, *marks in lines
        if of == edition
        for column, mark in zip(columns, marks, strict=True)
    }
