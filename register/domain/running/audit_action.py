"""What can stand in the audit log: one member an action, with all that its leaf may say.

The log keeps the member's value for good, so a value is never changed and never given to something else. A leaf says
who did it and for whom they work in any case (`store.running.audit_leaves`); the facts below come beside that, and no
others: what is not declared here cannot be written. The data dictionary of the log (`register/docs/audit-log.md`) is
made from this module.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Final, Self

from schemas.codes import Partition


class Whose(StrEnum):
    """Whose data a leaf is, beside that of whoever did it: who may ask what stands there, and when it must go."""

    CONCERNED = "persons concerned"
    STAFF = "people who work with the register"
    NOBODY = "nobody"


def _names(said: str) -> Mapping[str, bool]:
    return MappingProxyType({name.removesuffix("?"): not name.endswith("?") for name in said.split()})


OPERATORS: Final = "operator."
"""What the actions of operators' commands begin with."""

_CONCERNED, _STAFF, _NOBODY = Whose.CONCERNED, Whose.STAFF, Whose.NOBODY
_LIFTING: Final = "lifting subject protection because asked_by second version"
_TICKET: Final = "digest purpose selector_class keys_at_most rows until"
_COUNTRIES: Final = " ".join(f"{country}?" for country in Partition)
_GRANT: Final = "of at tasks begins ends"
_BY: Final = "uid? sha256? list?"


@unique
class AuditAction(StrEnum):
    """What a leaf tells of, as `object.verb`; what was refused or not found is an action of its own.

    Attributes:
        words: what happened, as one sentence without the one who did it.
        whose: of whom the leaf tells something.
        facts: names of codes, ids and counts that anybody who reads the log may read, and whether each is always there.
        private: the same for what is sealed beside the leaf.
    """

    words: str
    whose: Whose
    facts: Mapping[str, bool]
    private: Mapping[str, bool]

    def __new__(cls, value: str, words: str, whose: Whose, facts: str = "", private: str = "") -> Self:
        """One action; `facts` and `private` are names with a space between them, `name?` where it may be left out."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.words, member.whose = words, whose
        member.facts, member.private = _names(facts), _names(private)
        return member

    @classmethod
    def named(cls, value: str) -> AuditAction:
        """The action of a value that is put together from codes; raises `KeyError` where there is none."""
        return {action.value: action for action in cls}[value]

    def check(self, facts: Collection[str], private: Collection[str] | None) -> None:
        """Do nothing where a leaf of this action says what it has to and nothing else; raises `ValueError`."""
        for declared, said in ((self.facts, facts), (self.private, private or ())):
            unknown = set(said) - declared.keys()
            missing = {name for name, always in declared.items() if always} - set(said)
            if unknown or missing:
                raise ValueError(
                    f"a leaf of {self} says too much ({sorted(unknown)}) or too little ({sorted(missing)})"
                )

    # fmt: off

    # What is done with reports.
    SIGNAL_RECORDED = "signal.recorded", "A report was registered.", _CONCERNED, "kind type mark_of?"
    SIGNAL_COMPARED = ("signal.compared", "The values of a form were compared with own reports.", _CONCERNED,
        "values found")
    SIGNAL_LISTED = "signal.listed", "Reports were listed.", _CONCERNED, "count filters"
    SIGNAL_READ = "signal.read", "A report was opened.", _CONCERNED, "version parts?"
    SIGNAL_LOOKED_UP = "signal.looked-up", "A report was found by its reference.", _CONCERNED, "reference"
    SIGNAL_HISTORY_READ = "signal.history-read", "The timeline of a report was opened.", _CONCERNED
    SIGNAL_SHARING_READ = "signal.sharing-read", "Who has the extract of a report was looked up.", _CONCERNED
    SIGNAL_NOT_FOUND = "signal.not-found", "A report was asked for and not shown.", _CONCERNED, "code"
    SIGNAL_AMENDED = "signal.amended", "A report was corrected.", _CONCERNED, "version fields widened?"
    SIGNAL_NOT_AMENDED = "signal.not-amended", "A report was not corrected.", _CONCERNED, "code"
    SIGNAL_RECLASSIFIED = ("signal.reclassified", "The type of a report was assessed anew.", _CONCERNED,
        "version from to")
    SIGNAL_NOT_RECLASSIFIED = ("signal.not-reclassified", "The type of a report was not assessed anew.", _CONCERNED,
        "code")
    SIGNAL_MOVED = "signal.moved", "A report was taken one step on.", _CONCERNED, "version from to"
    SIGNAL_NOT_MOVED = "signal.not-moved", "A report was not taken on.", _CONCERNED, "code"
    SIGNAL_REFERRED = "signal.referred", "A report was handed to another organisation.", _CONCERNED, "version kind to"
    SIGNAL_NOT_REFERRED = "signal.not-referred", "A report was not handed on.", _CONCERNED, "code"
    SIGNAL_WITHDRAWN = ("signal.withdrawn", "A report was taken back everywhere.", _CONCERNED,
        "version code unread? erased?")
    SIGNAL_NOT_WITHDRAWN = "signal.not-withdrawn", "A report was not taken back.", _CONCERNED, "code"
    SIGNAL_KEYS_REDERIVED = ("signal.keys-rederived", "The match keys of a report were made anew.", _CONCERNED,
        "new gone asked_anew")
    SIGNAL_SHARED = ("signal.shared", "It was decided which partners have the extract of a report.", _CONCERNED,
        "extract edition decisions drafted classes? narrowed")

    # What lets an extract go.
    SIGNAL_CONFIRMED = "signal.confirmed", "A report was confirmed.", _CONCERNED, "version"
    SIGNAL_NOT_CONFIRMED = "signal.not-confirmed", "A report was not confirmed.", _CONCERNED, "code"
    SIGNAL_APPROVALS_LISTED = ("signal.approvals-listed", "Reports that wait for an approval were listed.", _CONCERNED,
        "count")
    SIGNAL_APPROVAL_ASKED = ("signal.approval-asked", "What an approval of a report would say was asked for.",
        _CONCERNED, "version")
    SIGNAL_APPROVAL_NOT_ASKED = ("signal.approval-not-asked", "What an approval of a report would say was not given.",
        _CONCERNED, "code")
    SIGNAL_APPROVED = ("signal.approved", "The extract of a report was approved to leave.", _CONCERNED,
        "version recipients? approval? until?")
    SIGNAL_NOT_APPROVED = "signal.not-approved", "The extract of a report was not approved.", _CONCERNED, "code"
    SIGNAL_APPROVAL_LIFTED = ("signal.approval-lifted", "The mark that a report is approved by itself was taken off.",
        _CONCERNED, "version")
    SIGNAL_NOT_LIFTED = ("signal.not-lifted", "The mark that a report is approved by itself was not taken off.",
        _CONCERNED, "code")
    SIGNAL_APPROVAL_WITHDRAWN = ("signal.approval-withdrawn", "The approval of a report was taken back.", _CONCERNED,
        "version approval?")
    SIGNAL_APPROVAL_NOT_WITHDRAWN = ("signal.approval-not-withdrawn", "The approval of a report was not taken back.",
        _CONCERNED, "code")
    SIGNAL_APPROVAL_ENDED = ("signal.approval-ended", "The approval of a report, or the consent to it, ran out.",
        _CONCERNED, "version approval?")
    SIGNAL_CONSENT_ASKED = ("signal.consent-asked", "What a consent to a report would say was asked for.", _CONCERNED,
        "version")
    SIGNAL_CONSENT_NOT_ASKED = ("signal.consent-not-asked", "What a consent to a report would say was not given.",
        _CONCERNED, "code")
    SIGNAL_CONSENTED = ("signal.consented", "A prosecutor consented that the extract of a report is provided.",
        _CONCERNED, "version recipients? consent? until?")
    SIGNAL_NOT_CONSENTED = "signal.not-consented", "A consent to a report was not taken.", _CONCERNED, "code"
    SIGNAL_CONSENT_WITHDRAWN = ("signal.consent-withdrawn", "The consent to a report was taken back.", _CONCERNED,
        "version consent?")
    SIGNAL_CONSENT_NOT_WITHDRAWN = ("signal.consent-not-withdrawn", "The consent to a report was not taken back.",
        _CONCERNED, "code")
    CLASS_ASKED = "class.asked", "What an approval of a class of reports would say was asked for.", _NOBODY
    CLASS_NOT_ASKED = "class.not-asked", "What an approval of a class would say was not given.", _NOBODY, "code"
    CLASS_APPROVED = ("class.approved", "A class of reports was approved in advance.", _NOBODY,
        "legal_basis visibility purpose recipients until waiting")
    CLASS_NOT_APPROVED = "class.not-approved", "A class of reports was not approved.", _NOBODY, "code"
    CLASS_WITHDRAWN = "class.withdrawn", "The approval of a class was taken back.", _NOBODY, "out"
    CLASS_NOT_WITHDRAWN = "class.not-withdrawn", "The approval of a class was not taken back.", _NOBODY, "code"
    CLASS_EXPIRED = "class.expired", "The approval of a class ran out.", _NOBODY
    CLASS_LISTED = "class.listed", "Approvals of classes were listed.", _NOBODY, "count"
    CLASS_NOT_LISTED = "class.not-listed", "Approvals of classes were not listed.", _NOBODY, "code"
    CLASS_READ = "class.read", "The approval of a class was opened.", _NOBODY
    CLASS_NOT_FOUND = "class.not-found", "The approval of a class was asked for and not shown.", _NOBODY, "code"
    CLASS_USES_READ = ("class.uses-read", "Which reports left on the approval of a class was looked up.", _CONCERNED,
        "count")

    # Referrals, and forms that are begun.
    REFERRAL_LISTED = "referral.listed", "Referrals were listed.", _CONCERNED, "count"
    REFERRAL_READ = "referral.read", "A referral was opened.", _CONCERNED, "version"
    REFERRAL_NOT_FOUND = "referral.not-found", "A referral was asked for and not shown.", _CONCERNED, "code"
    REFERRAL_REPORT_READ = ("referral.report-read", "The report behind a referral was opened.", _CONCERNED,
        "signal version")
    REFERRAL_REPORT_NOT_FOUND = ("referral.report-not-found",
        "The report behind a referral was asked for and not shown.", _CONCERNED, "code")
    REFERRAL_ANSWERED = "referral.answered", "A referral was answered.", _CONCERNED, "version to state outcome"
    REFERRAL_NOT_ANSWERED = "referral.not-answered", "A referral was not answered.", _CONCERNED, "code"
    REFERRAL_CLOSED = "referral.closed", "A referral that came back was closed.", _CONCERNED, "version to"
    REFERRAL_NOT_CLOSED = "referral.not-closed", "A referral was not closed.", _CONCERNED, "code"
    REFERRAL_TAKEN_BACK = "referral.taken-back", "A referral was taken back.", _CONCERNED, "version to read_by"
    REFERRAL_NOT_TAKEN_BACK = "referral.not-taken-back", "A referral was not taken back.", _CONCERNED, "code"
    REFERRAL_SEALED_ANEW = ("referral.sealed-anew", "What an older release said in a referral was sealed anew.",
        _CONCERNED)
    REFERRAL_NOT_SEALED = ("referral.not-sealed", "A referral was found that somebody wrote beside the register.",
        _CONCERNED, "code")
    DRAFT_BEGUN = "draft.begun", "A form was begun.", _CONCERNED, "form"
    DRAFT_SENT = "draft.sent", "A form that was begun was sent.", _CONCERNED
    DRAFT_DROPPED = "draft.dropped", "A form that was begun was thrown away.", _CONCERNED

    # Who is protected, and by whom that is lifted.
    PROTECTION_ASKED = ("protection.asked", "The register unit was asked whether a person is protected.", _CONCERNED,
        "finding asked subject because family urgency")
    PROTECTION_NOT_ASKED = ("protection.not-asked",
        "A value is shared by so many reports that the register unit was not asked of each.", _CONCERNED, "family more")
    PROTECTION_READ = "protection.read", "Who is protected in a report was looked up.", _CONCERNED, "version"
    PROTECTION_NOT_FOUND = ("protection.not-found", "Who is protected in a report was asked for and not shown.",
        _CONCERNED, "code")
    PROTECTION_RESTORED = ("protection.restored", "A protection that had been lifted was given back.", _CONCERNED,
        "lifting")
    PROTECTION_LIFTING_ASKED = "protection.lifting-asked", "It was asked to lift a protection.", _CONCERNED, _LIFTING
    PROTECTION_LIFTING_NOT_ASKED = ("protection.lifting-not-asked", "It was not taken that a protection be lifted.",
        _CONCERNED, "code")
    PROTECTION_LIFTINGS_LISTED = ("protection.liftings-listed", "Questions to lift a protection were listed.",
        _CONCERNED, "count")
    PROTECTION_LIFTING_READ = ("protection.lifting-read", "A question to lift a protection was opened.", _CONCERNED,
        "signal version")
    PROTECTION_LIFTING_NOT_FOUND = ("protection.lifting-not-found",
        "A question to lift a protection was asked for and not shown.", _CONCERNED, "code")
    PROTECTION_LIFTING_LIFTED = "protection.lifting-lifted", "A protection was lifted.", _CONCERNED, _LIFTING
    PROTECTION_LIFTING_REFUSED = ("protection.lifting-refused", "It was refused to lift a protection.", _CONCERNED,
        _LIFTING)
    PROTECTION_LIFTING_TAKEN_BACK = ("protection.lifting-taken_back",
        "The question to lift a protection was taken back.", _CONCERNED, _LIFTING)
    PROTECTION_LIFTING_REVERSED = ("protection.lifting-reversed", "The lifting of a protection was reversed.",
        _CONCERNED, _LIFTING)
    PROTECTION_LIFTING_NOT_DECIDED = ("protection.lifting-not-decided",
        "A question to lift a protection was not decided.", _CONCERNED, "code")
    LIFTING_SEALED_ANEW = ("lifting.sealed-anew",
        "What an older release said in a question to lift a protection was sealed anew.", _CONCERNED)
    LIFTING_NOT_SEALED = ("lifting.not-sealed",
        "A question to lift a protection was found that somebody wrote beside the register.", _CONCERNED, "code")
    FINDING_LISTED = "finding.listed", "Findings were listed.", _CONCERNED, "count"
    FINDING_READ = "finding.read", "A finding was opened.", _CONCERNED, "version"
    FINDING_NOT_FOUND = "finding.not-found", "A finding was asked for and not shown.", _CONCERNED, "code"
    FINDING_ASKED_ANEW = ("finding.asked-anew", "A finding was put to the register unit again.", _CONCERNED,
        "signal before")
    FINDING_PROPOSED = ("finding.proposed", "A first person proposed what to say to a finding.", _CONCERNED,
        "signal because finding decision reason")
    FINDING_DECIDED = ("finding.decided", "A finding was decided.", _CONCERNED,
        "signal because finding decision before reason proposed_by")
    FINDING_NOT_DECIDED = "finding.not-decided", "A finding was not decided.", _CONCERNED, "code"
    FINDING_LETTING_GO_READ = ("finding.letting-go-read", "It was looked at what two let go of a report.", _CONCERNED,
        "signal")
    FINDING_LETTING_GO_NOT_FOUND = ("finding.letting-go-not-found",
        "What two let go of a report was asked for and not shown.", _CONCERNED, "code")
    FINDING_OBJECTED = ("finding.objected", "The organisation of a report objected to what two let go.", _CONCERNED,
        "signal because")
    FINDING_NOT_OBJECTED = ("finding.not-objected", "The organisation of a report did not object to what two let go.",
        _CONCERNED, "signal because")

    # Interviews, the victim ladder, trainings.
    INTAKE_RECORDED = "intake.recorded", "An interview was recorded.", _CONCERNED, "linked"
    INTAKE_NOT_RECORDED = "intake.not-recorded", "An interview was not recorded.", _CONCERNED, "code"
    INTAKE_LISTED = "intake.listed", "Interviews were listed.", _CONCERNED, "count"
    INTAKE_READ = "intake.read", "An interview was opened.", _CONCERNED, "version parts?"
    INTAKE_NOT_FOUND = "intake.not-found", "An interview was asked for and not shown.", _CONCERNED, "code"
    INTAKE_AMENDED = "intake.amended", "An interview was corrected.", _CONCERNED, "version fields", "reason"
    INTAKE_NOT_AMENDED = "intake.not-amended", "An interview was not corrected.", _CONCERNED, "code"
    INTAKE_WITHDRAWN = "intake.withdrawn", "An interview was taken back.", _CONCERNED, "version", "reason"
    INTAKE_NOT_WITHDRAWN = "intake.not-withdrawn", "An interview was not taken back.", _CONCERNED, "code"
    VICTIM_RECORDED = "victim.recorded", "A person was put on the victim ladder.", _CONCERNED, "status rule"
    VICTIM_NOT_RECORDED = "victim.not-recorded", "A person was not put on the victim ladder.", _CONCERNED, "code"
    VICTIM_LISTED = "victim.listed", "Persons on the victim ladder were listed.", _CONCERNED, "count"
    VICTIM_READ = "victim.read", "A person on the victim ladder was opened.", _CONCERNED, "version parts?"
    VICTIM_NOT_FOUND = ("victim.not-found", "A person on the victim ladder was asked for and not shown.", _CONCERNED,
        "code")
    VICTIM_STATUS_ASSIGNED = ("victim.status-assigned", "A person on the victim ladder got a status.", _CONCERNED,
        "from to rule version")
    VICTIM_STATUS_NOT_ASSIGNED = ("victim.status-not-assigned", "A person on the victim ladder did not get a status.",
        _CONCERNED, "code")
    VICTIM_WITHDRAWN = "victim.withdrawn", "A person was taken off the victim ladder.", _CONCERNED, "version", "reason"
    VICTIM_NOT_WITHDRAWN = "victim.not-withdrawn", "A person was not taken off the victim ladder.", _CONCERNED, "code"
    TRAINING_RECORDED = "training.recorded", "A training was recorded.", _NOBODY, "kind people"
    TRAINING_NOT_RECORDED = "training.not-recorded", "A training was not recorded.", _NOBODY, "code"
    TRAINING_LISTED = "training.listed", "Trainings were listed.", _NOBODY, "count"
    TRAINING_READ = "training.read", "A training was opened.", _NOBODY, "version parts?"
    TRAINING_NOT_FOUND = "training.not-found", "A training was asked for and not shown.", _NOBODY, "code"
    TRAINING_AMENDED = "training.amended", "A training was corrected.", _NOBODY, "version fields", "reason"
    TRAINING_NOT_AMENDED = "training.not-amended", "A training was not corrected.", _NOBODY, "code"
    TRAINING_WITHDRAWN = "training.withdrawn", "A training was taken back.", _NOBODY, "version", "reason"
    TRAINING_NOT_WITHDRAWN = "training.not-withdrawn", "A training was not taken back.", _NOBODY, "code"

    # Requests to owners of extracts.
    REQUEST_ASKED = ("request.asked", "An extract was opened to ask its owner for more.", _CONCERNED, "purpose basis",
        "case")
    REQUEST_DRAFTED = ("request.drafted", "A request to the owner of an extract was drafted.", _CONCERNED,
        "owner record route")
    REQUEST_NOT_DRAFTED = "request.not-drafted", "A request was not drafted.", _CONCERNED, "code"
    REQUEST_LISTED = "request.listed", "Requests were listed.", _CONCERNED, "count"
    REQUEST_READ = "request.read", "A request was opened.", _CONCERNED, "version"
    REQUEST_NOT_FOUND = "request.not-found", "A request was asked for and not shown.", _CONCERNED, "code"
    REQUEST_AMENDED = "request.amended", "A request was corrected.", _CONCERNED, "version fields"
    REQUEST_NOT_AMENDED = "request.not-amended", "A request was not corrected.", _CONCERNED, "code"
    REQUEST_WITHDRAWN = "request.withdrawn", "A request was taken back.", _CONCERNED, "version"
    REQUEST_NOT_WITHDRAWN = "request.not-withdrawn", "A request was not taken back.", _CONCERNED, "code"

    # Searches, extracts, hits and the index.
    SEARCH_ASKED = ("search.asked", "A search was asked.", _CONCERNED, "purpose basis families asked edition",
        "case keys")
    SEARCH_ANSWERED = "search.answered", "A search was answered.", _CONCERNED, "own answers hits degraded"
    SEARCH_REFUSED = "search.refused", "A search was refused: a budget is spent.", _STAFF, "code budget purpose"
    SEARCH_DRAWN = "search.drawn", "Searches of a week were drawn for the privacy officer.", _STAFF, "count"
    RECORD_ASKED = "record.asked", "An extract was asked for by its id.", _CONCERNED, "purpose basis", "case"
    RECORD_SHOWN = "record.shown", "An extract was shown.", _CONCERNED, "owner rules"
    RECORD_NOT_SHOWN = "record.not-shown", "An extract was not shown.", _CONCERNED
    RECORD_OPENED_BY_OPERATOR = ("record.opened-by-operator", "An operator opened extracts in the demonstration.",
        _CONCERNED, "count")
    HITS_FOUND = "hits.found", "Extracts were found that share a value with own reports.", _CONCERNED, "count"
    HITS_ASKED = "hits.asked", "Hits of own reports were asked for.", _CONCERNED, "purpose basis edition", "case"
    HITS_SHOWN = "hits.shown", "Hits of own reports were shown.", _CONCERNED, "count hits"
    HIT_MARKED = ("hit.marked", "It was said how far a hit has come.", _CONCERNED,
        "state number no_concern? purpose? basis? request?", "case?")
    HIT_NOT_MARKED = "hit.not-marked", "It was not taken how far a hit has come.", _CONCERNED, "code"
    INDEX_REBUILT = "index.rebuilt", "A part of the search index was built anew.", _NOBODY, "generation count"
    INDEX_RETRIED = "index.retried", "What the search index had refused was tried again.", _NOBODY, "count"

    # The exchange with partners.
    EXCHANGE_APPLIED = ("exchange.applied", "What a partner told was taken over.", _NOBODY,
        "incarnation first last counts")
    EXCHANGE_HALTED = "exchange.halted", "What a partner tells is not taken over any more.", _NOBODY, "incarnation code"
    EXCHANGE_STOPPED = "exchange.stopped", "A partner is told nothing any more.", _NOBODY, "incarnation code receipt"
    EXCHANGE_RESUMED = ("exchange.resumed", "A partner is told again what happens here.", _NOBODY,
        "incarnation code uid disowned newest", "reason? by? confirmed_by?")
    EXCHANGE_HIDDEN = ("exchange.hidden", "Extracts are shown no more, since the approval of their owner ran out.",
        _CONCERNED, "count because")
    EXCHANGE_SHOWN = ("exchange.shown", "Extracts are shown again, since their approval holds.", _CONCERNED,
        "count because")
    EXCHANGE_STATUS_READ = "exchange.status-read", "The state of the exchange was looked at.", _NOBODY
    RECEIVED_KEYS_RESTORED = ("received.keys-restored", "The search keys of an extract were made again.", _CONCERNED,
        "owner count")
    EXTRACT_TOLD_DIFFERED = ("extract.told-differed", "What a partner was told of a report is not what was written.",
        _CONCERNED, "partner")
    DRAFT_REFUSED = ("draft.refused", "A draft for a partner was found that somebody wrote beside the register.",
        _CONCERNED, "count drafts")
    STATISTICS_RECEIVED = ("statistics.received", "A statement of a partner on statistics arrived.", _NOBODY,
        "kind place number")

    # What evaluators are asked.
    TICKET_ASKED = "ticket.asked", "A ticket for many values was asked for.", _NOBODY, _TICKET
    TICKET_WAITS = "ticket.waits", "The ticket of a partner waits for a person.", _NOBODY, f"asker by {_TICKET}"
    TICKET_SIGNED = ("ticket.signed", "The ticket of a partner was signed.", _NOBODY,
        "asker by digest purpose? selector_class? keys_at_most? rows? until?")
    TICKET_REFUSED = "ticket.refused", "The ticket of a partner was refused.", _NOBODY, "asker by digest"
    TICKET_NOT_SIGNED = ("ticket.not-signed",
        "A ticket was said to be signed, and is not by this node; it waits again.", _NOBODY, "asker")
    TICKET_ANSWERED = "ticket.answered", "Partners answered to an own ticket.", _NOBODY, _COUNTRIES
    TICKET_USED = "ticket.used", "Values were evaluated on a ticket.", _NOBODY, "keys"
    TICKET_UNASKED = ("ticket.unasked", "An evaluator holds a ticket that nobody here asked for.", _NOBODY,
        "evaluator digest")
    TICKET_ENDED = "ticket.ended", "A ticket ran out and nobody had answered.", _NOBODY, "asker"
    TICKET_LISTED = "ticket.listed", "Tickets were listed.", _NOBODY, "count"
    TICKET_FIGURE_READ = ("ticket.figure-read", "How many values were evaluated in thirty days was looked up.", _NOBODY,
        "evaluated published")
    TICKET_FIGURE_ATTESTED = ("ticket.figure-attested", "How many values were evaluated in thirty days was attested.",
        _NOBODY, "evaluated published")
    TICKET_FIGURE_NOT_SEALED = ("ticket.figure-not-sealed",
        "Attested figures were found that somebody wrote beside the register.", _NOBODY, "number")
    EVALUATIONS_RECONCILED = ("evaluations.reconciled", "The list of an evaluator was compared with what was asked.",
        _NOBODY, "day state listed unasked unlisted unasked_ids unlisted_ids bound")
    EVALUATIONS_COUNTED = ("evaluations.counted", "What all evaluators granted on a day was compared.", _NOBODY,
        "day alone opened ids")
    EVALUATIONS_LOOKED_AT = ("evaluations.looked-at", "How it stands with the lists of evaluators was looked at.",
        _NOBODY, "nights")

    # Figures and releases.
    STATISTICS_READ = "statistics.read", "Own figures were opened.", _NOBODY, "count tables beside?"
    STATISTICS_DRAFTED = "statistics.drafted", "Words on statistics were written for partners.", _NOBODY, "drafts"
    STATISTICS_CONTRIBUTION_READ = ("statistics.contribution-read",
        "The figures that a table would be given were opened.", _NOBODY, "number")
    STATISTICS_CONTRIBUTIONS_READ = ("statistics.contributions-read", "The figures that countries gave were opened.",
        _NOBODY, "count")
    STATISTICS_CONTRIBUTED = ("statistics.contributed", "Figures were given to the regional tables.", _NOBODY,
        "number? digest? shown? stepped_down? refused?")
    STATISTICS_PUBLISHED = "statistics.published", "A figure was said to be public.", _NOBODY, "number? value? refused?"
    STATISTICS_FACTS_READ = "statistics.facts-read", "Figures that are public were listed.", _NOBODY, "count"
    STATISTICS_ROW_KEPT = ("statistics.row-kept", "A row of the tables was kept from a day on.", _NOBODY,
        "since? refused?")
    STATISTICS_ROWS_READ = "statistics.rows-read", "The rows of the tables were listed.", _NOBODY
    STATISTICS_LEDGER_READ = ("statistics.ledger-read", "All that was made public was opened.", _NOBODY,
        "contributions facts")
    RELEASE_DRAFTED = ("release.drafted", "A release of statistics was drafted.", _NOBODY,
        "tier? table? period? refused?")
    RELEASE_ATTACKED = ("release.attacked", "It was tried to turn a release back into persons.", _NOBODY,
        "breaches? codes? refused?")
    RELEASE_APPROVED = "release.approved", "A release was approved.", _NOBODY, "approvals? refused?"
    RELEASE_FROZEN = "release.frozen", "A release was frozen.", _NOBODY, "revision? refused?"
    RELEASE_SUPERSEDED = "release.superseded", "A release was replaced by a later one.", _NOBODY, "by"
    RELEASE_LISTED = "release.listed", "Releases were listed.", _NOBODY, "count"
    RELEASE_READ = "release.read", "A release was opened.", _NOBODY, "beside? refused?"
    RELEASE_EXPORTED = "release.exported", "A release left the register as files.", _NOBODY, "beside?"
    RELEASE_VERIFIED = ("release.verified", "A release was computed again and compared.", _NOBODY,
        "holds? computed? refused?")

    # Who works with the register, and who looks after them.
    SESSION_OPENED = "session.opened", "Somebody signed in at the pages.", _STAFF
    SESSION_CLOSED = "session.closed", "Somebody signed out.", _STAFF
    SESSION_ENDED = "session.ended", "Somebody ended own sessions.", _STAFF, "count"
    FORM_HELD = "form.held", "A form was kept while its sender signs in again.", _STAFF
    FORM_SENT = "form.sent", "A form that was kept was sent.", _STAFF
    ORGANISATIONS_APPLIED = "organisations.applied", "A list of organisations was applied.", _STAFF, f"count {_BY}"
    ORGANISATION_ADDED = "organisation.added", "An organisation was added.", _STAFF, _BY
    ORGANISATION_CHANGED = "organisation.changed", "An organisation was changed.", _STAFF, _BY
    ORGANISATION_ENDED = "organisation.ended", "An organisation ended.", _STAFF, _BY
    UNIT_ADDED = "unit.added", "A unit of an organisation was added.", _STAFF, _BY
    UNIT_CHANGED = "unit.changed", "A unit of an organisation was changed.", _STAFF, _BY
    UNIT_ENDED = "unit.ended", "A unit of an organisation ended.", _STAFF, _BY
    AUTHORISATIONS_APPLIED = "authorisations.applied", "A list of authorisations was applied.", _STAFF, f"count {_BY}"
    AUTHORISATION_ADDED = "authorisation.added", "Somebody was authorised.", _STAFF, f"{_GRANT} {_BY}"
    AUTHORISATION_CHANGED = "authorisation.changed", "An authorisation was changed.", _STAFF, f"{_GRANT} {_BY}"
    AUTHORISATION_ENDED = "authorisation.ended", "An authorisation ended.", _STAFF, f"{_GRANT} {_BY}"
    ASKING_LISTED = "asking.listed", "Alarms and drawn searches were listed.", _STAFF, "alarms searches"
    ALARM_LISTED = "alarm.listed", "Alarms were listed.", _STAFF, "count"
    ALARM_NOT_FOUND = "alarm.not-found", "An alarm was asked for and not shown.", _STAFF, "code"
    ALARM_ACKNOWLEDGED = ("alarm.acknowledged", "It was said what was found about an alarm.", _STAFF,
        "kind whose times", "reason")
    ALARM_OPENED_ANEW = ("alarm.opened-anew", "Alarms that were closed beside the register are open again.", _STAFF,
        "count")
    ALARM_SEALED_ANEW = "alarm.sealed-anew", "What an older release said to an alarm was sealed anew.", _STAFF
    ALARM_NOT_SEALED = "alarm.not-sealed", "An alarm was found that somebody wrote beside the register.", _STAFF, "code"
    SAMPLE_LISTED = "sample.listed", "Drawn searches were listed.", _STAFF, "count"
    SAMPLE_NOT_FOUND = "sample.not-found", "A drawn search was asked for and not shown.", _STAFF, "code"
    SAMPLE_TICKED = "sample.ticked", "It was said whether a drawn search is in order.", _STAFF, "verdict", "note?"

    # The running of a node.
    TO_DO_LISTED = "to-do.listed", "What waits was listed.", _CONCERNED, "count"
    HOUSE_KEPT = ("house.kept", "What has had its time was forgotten.", _NOBODY,
        "answers sessions drafts settled questions tickets classes")
    DATA_KEYS_DESTROYED = ("data-keys.destroyed",
        "Data keys that had ended were destroyed: what they sealed opens no more.", _CONCERNED, "reason by count keys")
    PSEUDONYMS_SEALED = "pseudonyms.sealed", "Pseudonyms that an older release kept in plain were sealed.", _CONCERNED
    AUDIT_VERIFIED = "audit.verified", "The log was verified.", _NOBODY, "log leaves wrong unopened ended"
    OPERATOR_MIGRATED = ("operator.migrated", "An operator brought the database to this release.", _NOBODY,
        "uid revision")
    OPERATOR_DUMPED = "operator.dumped", "An operator made a backup.", _NOBODY, "uid"
    OPERATOR_RESTORED = "operator.restored", "An operator restored a backup.", _NOBODY, "uid unreadable"
    OPERATOR_KEYS_MADE = "operator.keys-made", "An operator made the keys of the node.", _NOBODY, "uid kid"
    OPERATOR_CEREMONY_HELD = "operator.ceremony-held", "An operator held a key ceremony.", _NOBODY, "uid key transcript"
    OPERATOR_COORDINATOR_KEY_MOVED = ("operator.coordinator-key-moved",
        "An operator took the coordinator's key out of the node.", _NOBODY, "uid x")
    OPERATOR_ROSTER_INSTALLED = ("operator.roster-installed", "An operator installed a roster of partners.", _NOBODY,
        "uid number sha256")
    OPERATOR_CLOCK_BELIEVED = ("operator.clock-believed", "An operator said that the clock of the database is right.",
        _NOBODY, "uid before")
    OPERATOR_KEY_GIVEN_UP = ("operator.key-given-up", "An operator went on without a key that no copy has.", _NOBODY,
        "uid key")
    # fmt: on
