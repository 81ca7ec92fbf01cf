"""What can go wrong between a match key and a token, by who must act.

Messages name countries, key ids, positions and counts; never a scalar, an element or a selector.
"""

from __future__ import annotations

from datetime import datetime

from register.errors import CallerError, Conflict, OperatorError, PartnerError
from schemas.codes import Partition


class LibraryMissing(OperatorError):
    """No usable libsodium was found on this machine."""

    code = "libsodium-missing"
    advice = "Install the system package libsodium (1.0.18 or newer), or give the node a writable runtime folder."


class InvalidElement(CallerError):
    """Bytes that should be a ristretto255 element are not one, or are the identity (RFC 9496, 4.3.1)."""

    code = "invalid-group-element"
    advice = "Send 32 bytes that encode a ristretto255 element other than the identity."


class InvalidScalar(CallerError):
    """Bytes that should be a scalar are not below the group order, or are zero."""

    code = "invalid-scalar"
    advice = "Send 32 bytes, little-endian, above zero and below the order of the group."


class InvalidInput(CallerError):
    """An input of the function is empty, too long, or maps to the identity (RFC 9497, 3.3.1)."""

    code = "invalid-oprf-input"
    advice = "Send 1 to 65,535 bytes for an input and 1 to 65,535 inputs in a batch."


class TooManyKeys(CallerError):
    """A subject, record, selector, search or request has more match keys than the limits allow."""

    code = "too-many-keys"
    advice = "Split what you send; the message says how many are allowed."


class SelectorRefused(CallerError):
    """Nothing canonical can be made of a value; the message says what to type instead and never repeats it."""

    code = "selector-refused"
    advice = "Type the value as the message says, or leave it out."


class CharacterRefused(SelectorRefused):
    """A value holds a character that not every country's program knows, so it would match in some of them only."""

    code = "selector-character-refused"


class NumberCut(SelectorRefused):
    """A spreadsheet wrote a number in powers of ten and lost its last digits."""

    code = "number-cut"


class TwoValues(SelectorRefused):
    """Two values stand in one field."""

    code = "two-values"


class ExtensionBeside(SelectorRefused):
    """A telephone number has an extension, which is no part of what identifies it."""

    code = "extension-beside"


class RemarkBeside(SelectorRefused):
    """A remark stands beside a number and cannot be told from it."""

    code = "remark-beside"


class PartMissing(SelectorRefused):
    """Some of a number's letters or digits cannot be read: what is left may be somebody else's number."""

    code = "part-missing"


class NoAccountShown(SelectorRefused):
    """An address shows no account: a short link, or a page of the platform itself."""

    code = "no-account-shown"


class NoKey(SelectorRefused):
    """A value can be kept and no match key is made of it: it identifies nobody as it stands."""

    code = "value-without-key"
    advice = "Leave it as it is if it shall be kept; nothing is compared with it."


class SaysNone(NoKey):
    """A value says that there is none: ONBEKEND, 0000000, NN Vrouw."""

    code = "value-says-none"


class IssuerUnknown(NoKey):
    """A number of a document whose issuing country is not known describes too many people."""

    code = "issuer-unknown"


class NotComparedYet(NoKey):
    """A value of a kind that other countries cannot find yet: an account that is no IBAN, the name of a boat."""

    code = "not-compared-yet"


class CheckFails(NoKey):
    """A number says what it is, and its digits do not fit together: one of them is wrong."""

    code = "check-fails"
    advice = "Compare it with where it was read. As it stands it is kept, and nothing is compared with it."


class PhoneRefused(SelectorRefused):
    """No possible telephone number."""

    code = "phone-refused"


class EmailRefused(SelectorRefused):
    """No e-mail address."""

    code = "email-refused"


class DocumentRefused(SelectorRefused):
    """No number of a document."""

    code = "document-refused"


class PlateRefused(SelectorRefused):
    """No number plate."""

    code = "plate-refused"


class CompanyRefused(SelectorRefused):
    """No number of a company."""

    code = "company-refused"


class HandleRefused(SelectorRefused):
    """No name of an account on a platform."""

    code = "handle-refused"


class PersonRefused(SelectorRefused):
    """No name of a person."""

    code = "person-refused"


class UnknownKey(Conflict):
    """A key id is asked for that this country holds no share of."""

    code = "unknown-key-id"
    advice = "Compare what `rtr keys show` says in both countries: all shares of a key come from one ceremony."


class WrongGeneration(Conflict):
    """The asker and the evaluator stand on different generations of the same key's shares."""

    code = "wrong-share-generation"
    advice = "Compare roster 1 of both with `rtr roster show`: all shares of a key come from one ceremony."


class Unreachable(PartnerError):
    """An evaluator did not answer in time."""

    code = "evaluator-unreachable"
    advice = "Nothing to do: the next evaluator is asked, and what stays open is tried again later."

    def __init__(self, country: Partition, why: str = "no answer") -> None:
        super().__init__(f"evaluator of {country}: {why}; asking another", country=country)
        self.country = country


class OverQuota(PartnerError):
    """An evaluator refuses because a limit is used up; the kinds below say which, each with a code of its own."""

    def __init__(self, country: Partition, retry_at: datetime) -> None:
        super().__init__(
            f"evaluator of {country}: quota used up, next slot {retry_at.isoformat()}",
            country=country,
            retry_at=retry_at,
        )
        self.country, self.retry_at = country, retry_at


class CountryFull(OverQuota):
    """An evaluator refuses because this country has used up what the five agreed on for this kind of work."""

    code = "evaluator-country-full"
    advice = "Wait until the time the message names; if honest work needs more, the five agree on it in a roster."


class OrganisationFull(OverQuota):
    """An evaluator refuses because the organisation has used up its part of the country's keys of the day."""

    code = "evaluator-organisation-full"
    advice = "Wait until the time the message names, and look in the log at home who of the organisation asked so much."


class ActorFull(OverQuota):
    """An evaluator refuses because the person or program has used up its part of the country's keys of the day."""

    code = "evaluator-actor-full"
    advice = "Wait until the time the message names, and look in the log at home what the person or program asked."


class NewActorsFull(OverQuota):
    """An evaluator refuses a person or program it has not seen for thirty days: too many such came today."""

    code = "evaluator-new-actors-full"
    advice = "Wait until the time the message names; who asked before can go on."


class TicketUsedUp(OverQuota):
    """An evaluator refuses because it has evaluated its part of the keys of the ticket that is named."""

    code = "ticket-used-up"
    advice = "Wait until the time the message names, when the free limits begin anew; or ask for another ticket."


class TicketDayFull(OverQuota):
    """An evaluator refuses because a country has used up what it may have in a day on tickets that no person signed."""

    code = "ticket-day-full"
    advice = "Wait until the time the message names; a ticket that persons of three countries signed has no such day."


class TooManyAtOnce(PartnerError):
    """An evaluator never takes so many keys of a class in one request, however long it is waited for."""

    code = "evaluator-too-many-keys"
    advice = (
        "Nothing to do where it is asked again in smaller parts. If even one key is refused, ask the operator of the "
        "country that the message names which limit of its own it has set so low."
    )

    def __init__(self, country: Partition) -> None:
        super().__init__(f"evaluator of {country}: more keys at once than it ever takes", country=country)
        self.country = country


class RepeatsFull(OverQuota):
    """An evaluator refuses to evaluate again what it granted before: too much was repeated in this minute."""

    code = "evaluator-repeats-full"
    advice = "Wait until the time the message names; what was granted stays granted, and a repeat costs no quota."


class BadAnswer(PartnerError):
    """An evaluator's answer does not fit what was asked of it."""

    code = "evaluator-bad-answer"
    advice = "Tell the operator of the country that the message names; its answer was not used."

    def __init__(self, country: Partition, what: str) -> None:
        super().__init__(f"evaluator of {country}: {what}; its answer is not used", country=country)
        self.country = country


class FalseProof(BadAnswer):
    """An evaluator answered with a proof that does not hold under its public share."""

    code = "evaluator-false-proof"
    advice = "Alarm the key custodian of the country named: its share is wrong or it does not tell the truth."

    def __init__(self, country: Partition, key_id: str) -> None:
        super().__init__(country, f"false proof for key {key_id}")
        self.key_id = key_id


class Complaint(PartnerError):
    """A step of a key ceremony does not hold; the ceremony ends and starts again from nothing."""

    code = "ceremony-complaint"
    advice = "Start a new ceremony with a new nonce; if the same country fails again, talk to its key custodian."

    def __init__(self, accused: Partition, key_id: str, what: str) -> None:
        super().__init__(f"ceremony of {key_id}: {accused} {what}", country=accused, key_id=key_id)
        self.accused, self.key_id = accused, key_id
