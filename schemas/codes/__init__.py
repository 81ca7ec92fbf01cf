"""The code lists: what a code means, in words people read and in the columns reports print.

A list is a TOML file beside this module, loaded once by `code_list`. Codes that a rule of the MoU names are
also enumerations here, so that a rule cannot misspell one; a test holds each equal to its file.
"""

from __future__ import annotations

from enum import StrEnum

from schemas.codes.lists import LANGUAGES, Code, CodeList, Row, UnknownCode, code_list, names

__all__ = [
    "LANGUAGES",
    "Code",
    "CodeList",
    "CrimeClass",
    "DocumentUse",
    "EntryType",
    "Finding",
    "FindingDecision",
    "Handling",
    "HandlingCondition",
    "HitState",
    "LegalBasis",
    "LiftingDecision",
    "LiftingState",
    "Partition",
    "PersonCategory",
    "Purpose",
    "ReferralState",
    "RequestState",
    "RetractReason",
    "Row",
    "SignalState",
    "SubjectRole",
    "TicketReason",
    "TicketRefusal",
    "ToDoKind",
    "UnknownCode",
    "Urgency",
    "VictimStatus",
    "Visibility",
    "code_list",
    "names",
]


class Partition(StrEnum):
    """A country's own part of the register (ISO 3166; BQ is the Caribbean Netherlands as one unit)."""

    AW = "AW"
    BQ = "BQ"
    CW = "CW"
    NL = "NL"
    SX = "SX"


class LegalBasis(StrEnum):
    """On what ground a record is processed. The Wpg holds for NL and BQ only; the others are assumed names."""

    WPG8 = "WPG8"
    WPG9 = "WPG9"
    WPG10A = "WPG10A"
    WPG10B = "WPG10B"
    WPG13 = "WPG13"
    NONPOLICE_BES = "NONPOLICE_BES"
    NONPOLICE_GDPR = "NONPOLICE_GDPR"
    AW_POLICE = "AW_POLICE"
    AW_NONPOLICE = "AW_NONPOLICE"
    CW_POLICE = "CW_POLICE"
    CW_NONPOLICE = "CW_NONPOLICE"
    SX_POLICE = "SX_POLICE"
    SX_NONPOLICE = "SX_NONPOLICE"


class CrimeClass(StrEnum):
    """The crime classes that theme processing may exist for (Wpg 10(1)(b), Bpg 3:2; BES mirror Bpg 6a:4)."""

    TRAFFICKING = "TRAFFICKING"
    SMUGGLING = "SMUGGLING"


class Purpose(StrEnum):
    """For what a record is processed, or a question asked (assumed list)."""

    INVESTIGATE = "INVESTIGATE"
    PROTECT_VICTIM = "PROTECT_VICTIM"
    ADMINISTRATIVE = "ADMINISTRATIVE"
    PREVENT = "PREVENT"
    COORDINATE = "COORDINATE"


class Handling(StrEnum):
    """Europol handling codes: how a receiver may use a record."""

    H0 = "H0"
    H1 = "H1"
    H2 = "H2"
    H3 = "H3"


class HandlingCondition(StrEnum):
    """The structured restrictions that H3 stands for."""

    NO_COURT = "NO_COURT"
    NO_ONWARD = "NO_ONWARD"
    NO_CONTACT = "NO_CONTACT"
    EXPIRY = "EXPIRY"
    NAMED_RECIPIENTS = "NAMED_RECIPIENTS"


class Visibility(StrEnum):
    """What a match shows to the asker (Bpg 2:11): V0 open, V1 match then consent, V2 partial, V3 blind."""

    V0 = "V0"
    V1 = "V1"
    V2 = "V2"
    V3 = "V3"


class PersonCategory(StrEnum):
    """Why a person may be in the register at all (Wpg 10(3)); VICTIM and REPORTER carry protection of their own."""

    VICTIM = "VICTIM"
    INVOLVED = "INVOLVED"
    IN_RELATION = "IN_RELATION"
    OFFICIAL = "OFFICIAL"


class EntryType(StrEnum):
    """What an entry of the exchange is (wire.md 3)."""

    INDICATOR_PUT = "indicator.put"
    INDICATOR_RETRACT = "indicator.retract"
    LOG_OPENED = "log.opened"
    RESET_DONE = "reset.done"
    CONTACT_TEST = "contact.test"
    QUERY = "query"
    MATCH_NOTICE = "match.notice"
    REQUEST_POLICE = "request.police"
    REQUEST_LEGAL = "request.legal"
    DECISION = "decision"
    DISCLOSURE = "disclosure"
    FEEDBACK = "feedback"
    PROPOSAL = "proposal"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    STATISTICS = "statistics"
    EDITION_NOTICE = "edition.notice"
    EPOCH_NOTICE = "epoch.notice"
    CHECKPOINT = "checkpoint"


class SubjectRole(StrEnum):
    """What a person or company is in a signal; its person category stands in the list `subject_role`.

    Who reported is no role: a reporter is never a subject and is kept apart.
    """

    VICTIM_POTENTIAL = "VICTIM_POTENTIAL"
    VICTIM_PRESUMED = "VICTIM_PRESUMED"
    VICTIM_CONFIRMED = "VICTIM_CONFIRMED"
    VICTIM_NOT = "VICTIM_NOT"
    SUSPECT = "SUSPECT"
    RECRUITER = "RECRUITER"
    TRANSPORTER = "TRANSPORTER"
    SMUGGLER = "SMUGGLER"
    EXPLOITER = "EXPLOITER"
    DOC_PROVIDER = "DOC_PROVIDER"
    MONEY_HANDLER = "MONEY_HANDLER"
    FACILITATOR = "FACILITATOR"
    GUARANTOR = "GUARANTOR"
    EMPLOYER = "EMPLOYER"
    LANDLORD = "LANDLORD"
    ADVERTISER = "ADVERTISER"
    RELATIVE = "RELATIVE"
    COMPANION = "COMPANION"
    CUSTOMER = "CUSTOMER"
    WITNESS = "WITNESS"
    OFFICIAL = "OFFICIAL"


class DocumentUse(StrEnum):
    """How a document was used; the rightful holder of a look-alike document is no suspect."""

    OWN = "OWN"
    LOOKALIKE = "LOOKALIKE"
    FALSE = "FALSE"
    FOUND = "FOUND"


class SignalState(StrEnum):
    """How far a signal has come in the house of its owner."""

    RECEIVED = "RECEIVED"
    REGISTERED = "REGISTERED"
    FORWARDED = "FORWARDED"
    GATHERING = "GATHERING"
    INTAKE_HELD = "INTAKE_HELD"
    ASSESSED = "ASSESSED"
    NO_FURTHER_ACTION = "NO_FURTHER_ACTION"
    CLOSED = "CLOSED"


class RequestState(StrEnum):
    """How far a request for the content of an extract has come; sending and answering it bring states of their own."""

    DRAFT = "DRAFT"
    WITHDRAWN = "WITHDRAWN"


class RetractReason(StrEnum):
    """Why an extract is taken back from a partner."""

    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    NARROWED = "narrowed"
    CORRECTED = "corrected"
    ERASED = "erased"


class ReferralState(StrEnum):
    """How far the organisation has come that a signal was referred to."""

    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    ANSWERED = "ANSWERED"
    TAKEN_BACK = "TAKEN_BACK"


class TicketReason(StrEnum):
    """Why a country asks for more keys than the limits give."""

    BACKLOG = "BACKLOG"
    IMPORT_OF_PAST_YEARS = "IMPORT_OF_PAST_YEARS"
    RESTORE = "RESTORE"
    NEW_CLASS = "NEW_CLASS"
    KEY_CHANGE = "KEY_CHANGE"
    INVESTIGATION = "INVESTIGATION"


class TicketRefusal(StrEnum):
    """Why a person refuses another country's ticket."""

    NOT_KNOWN_HERE = "NOT_KNOWN_HERE"
    NOT_CONFIRMED = "NOT_CONFIRMED"
    TOO_MANY = "TOO_MANY"
    NOT_NEEDED = "NOT_NEEDED"


class VictimStatus(StrEnum):
    """How far it is established that a person is a victim, apart from any case."""

    POTENTIAL = "POTENTIAL"
    PRESUMED = "PRESUMED"
    CONFIRMED = "CONFIRMED"
    NOT = "NOT"


class Urgency(StrEnum):
    """How soon somebody must look at something."""

    NOW = "NOW"
    DAY = "DAY"
    NORMAL = "NORMAL"


class ToDoKind(StrEnum):
    """Why something waits for somebody; no word of its file names a report or a person."""

    REFERRAL = "REFERRAL"
    REFERRED_BACK = "REFERRED_BACK"
    CONFIRM = "CONFIRM"
    APPROVAL = "APPROVAL"
    FINDING = "FINDING"
    LIFTING = "LIFTING"
    LET_GO = "LET_GO"
    DEAD_LETTER = "DEAD_LETTER"
    ALARM = "ALARM"
    SAMPLE = "SAMPLE"
    LOG_STOPPED = "LOG_STOPPED"
    WITHDRAWALS_UNPROVEN = "WITHDRAWALS_UNPROVEN"
    TICKET = "TICKET"


class AlarmKind(StrEnum):
    """What about the way in which is asked should be looked at by the privacy officer."""

    BUDGET_NEARLY = "BUDGET_NEARLY"
    BUDGET_SPENT = "BUDGET_SPENT"
    NEIGHBOURS = "NEIGHBOURS"
    MANY_MISSES = "MANY_MISSES"
    MANY_CASES = "MANY_CASES"
    LOOSE_VALUES = "LOOSE_VALUES"
    ENTERED_AGAIN = "ENTERED_AGAIN"
    CONTRIBUTED_ALONE = "CONTRIBUTED_ALONE"
    TAKEN_BACK_UNANSWERED = "TAKEN_BACK_UNANSWERED"
    PARTNER_ASKS_MUCH = "PARTNER_ASKS_MUCH"
    EVALUATED_UNASKED = "EVALUATED_UNASKED"
    ANSWER_NOT_LISTED = "ANSWER_NOT_LISTED"
    EVALUATOR_SILENT = "EVALUATOR_SILENT"
    COUNTED_OTHERWISE = "COUNTED_OTHERWISE"
    GRANTED_ALONE = "GRANTED_ALONE"
    PARTNER_ASKS_TICKET = "PARTNER_ASKS_TICKET"
    TICKET_UNASKED = "TICKET_UNASKED"
    ROWS_DIFFER = "ROWS_DIFFER"


class SampleVerdict(StrEnum):
    """What the privacy officer says to a search that was drawn."""

    IN_ORDER = "IN_ORDER"
    TO_BE_ASKED = "TO_BE_ASKED"


class HitState(StrEnum):
    """What was done about a hit on an own report."""

    NEW = "NEW"
    SEEN = "SEEN"
    DRAFTED = "DRAFTED"
    REQUESTED = "REQUESTED"
    NO_CONCERN = "NO_CONCERN"


class Finding(StrEnum):
    """What the register found by itself and leaves to a person."""

    SAME_PERSON = "SAME_PERSON"
    ALSO_A_VICTIMS = "ALSO_A_VICTIMS"
    ALSO_A_REPORTERS = "ALSO_A_REPORTERS"
    RIGHTFUL_HOLDER = "RIGHTFUL_HOLDER"
    TAKEN_OFF = "TAKEN_OFF"
    PERHAPS_MEANT = "PERHAPS_MEANT"


class LiftingState(StrEnum):
    """How far it has come that a protection is lifted."""

    ASKED = "ASKED"
    LIFTED = "LIFTED"
    REFUSED = "REFUSED"
    TAKEN_BACK = "TAKEN_BACK"
    REVERSED = "REVERSED"


class LiftingDecision(StrEnum):
    """What is said to the question whether a protection is lifted."""

    LIFT = "LIFT"
    REFUSE = "REFUSE"
    TAKE_BACK = "TAKE_BACK"
    REVERSE = "REVERSE"


class FindingDecision(StrEnum):
    """What a person says to a finding."""

    SAME = "SAME"
    ANOTHER = "ANOTHER"
    KEEP = "KEEP"
    WITHHOLD = "WITHHOLD"
