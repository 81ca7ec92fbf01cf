"""Every reason for which the protocol refuses something, with a stable code and what to do about it.

Signatures and seals are refused by what implements `ports` (bad-signature, unknown-key, seal-broken). Refusals of one
entry are no errors but quarantine codes (`entries.QuarantineCode`): the log goes on.
"""

from __future__ import annotations

from register.domain.exchange.log import ORIGIN_RESTORED
from register.errors import OperatorError, PartnerError


class NoSealingKey(PartnerError):
    """The newest roster lists no active key to seal to a country."""

    code = "no-sealing-key"
    advice = "Compare roster 1 on both nodes with `rtr roster show`; it must list a sealing key of the country named."


class KeyNotActive(PartnerError):
    """The key was not active in the roster that the signed thing names."""

    code = "key-not-active"
    advice = "Sign with the key that is active in the newest roster."


class KeyRevoked(PartnerError):
    """The key was revoked: nothing new under it is applied; stored evidence keeps verifying."""

    code = "key-revoked"
    advice = "Sign with a key that the newest roster lists as active; find out who still uses the old one."


class RosterUnknown(PartnerError):
    """A signed thing names a roster that is not known here."""

    code = "roster-unknown"
    advice = (
        "Compare the rosters of both nodes with `rtr roster show`: this release knows roster 1 only, and all "
        "pin the same."
    )


class RosterFell(PartnerError):
    """A page names an older roster than the log before it did."""

    code = "roster-fell"
    advice = "Ask again: the origin signs with the newest roster it knows."


class RosterRefused(PartnerError):
    """A roster that was not approved as it must be, or is not the one pinned."""

    code = "roster-refused"
    advice = "Keep the roster you have; compare its hash with the coordinators by telephone."


class ListRefused(PartnerError):
    """A signed list is of another kind than was asked for, or says something else under a number that it had."""

    code = "list-refused"
    advice = "Nothing was stored. The partner's operator applies its list anew, which gives it a new number."


class ListFell(PartnerError):
    """A signed list has a lower number than one that its country signed before."""

    code = "list-number-fell"
    advice = "The newer one is kept. The partner was restored or is not itself: its operator applies its list anew."


class WrongIssuer(PartnerError):
    """Signed by another country than the one it should come from."""

    code = "wrong-issuer"
    advice = "Check the address of this partner in the roster."


class WrongAudience(PartnerError):
    """Made for another country."""

    code = "wrong-audience"
    advice = "Check the address of this partner in the roster; nothing was applied."


class WrongIncarnation(PartnerError):
    """About another incarnation of the log than the one followed."""

    code = "wrong-incarnation"
    advice = (
        "Call the partner's operator: no second incarnation of a log is followed yet; `sync.incarnation` stays at 1."
    )


class VersionUnsupported(PartnerError):
    """An envelope version outside the range that is read here."""

    code = "version-unsupported"
    advice = "Whoever runs the older program must update it; the log waits and loses nothing."


class NoCommonVersion(PartnerError):
    """Two nodes have no version in common."""

    code = "no-common-version"
    advice = "Whoever runs the older program must update it; drafts wait and nothing is lost."


class Malformed(PartnerError):
    """A document that is not what it should be, under a good signature."""

    code = "malformed"
    advice = "Nothing was applied. Tell the partner's operator which fields the message names."


class OutOfSequence(PartnerError):
    """A page begins at a number that does not follow the last one applied."""

    code = "out-of-sequence"
    advice = "Nothing to do: the receiver asks again from where it stands."


class LogForked(PartnerError):
    """An origin signed two different stories for one log."""

    code = "log-forked"
    advice = "This origin's log is stopped and the evidence kept. Call its operator: it was restored, or it lies."


class PageBroken(PartnerError):
    """The entries of a page are not the ones that its header was signed over."""

    code = "page-broken"
    advice = "Nothing was applied. Ask for the page again."


class StubUnreadable(PartnerError):
    """A stub is not readable, so that the chain cannot be followed."""

    code = "stub-unreadable"
    advice = "Nothing was applied. The origin's operator must look at the entry named."


class ChainBroken(PartnerError):
    """The hashes of a page's stubs do not lead from its first to its last."""

    code = "chain-broken"
    advice = (
        "Nothing was applied. The origin's operator looks for `log-damaged` in `rtr status`, which names the entries."
    )


class CommitmentBroken(PartnerError):
    """A body is not the one that its stub commits to."""

    code = "commitment-broken"
    advice = (
        "Nothing was applied. The origin's operator looks for `log-damaged` in `rtr status`, which names the entries."
    )


class WrongEntry(PartnerError):
    """Asked for one entry anew, and got another."""

    code = "wrong-entry"
    advice = "Nothing was applied. The origin's operator must look at the entry named."


class NonceMismatch(PartnerError):
    """A head that was signed for another question: old, repeated or meant for somebody else."""

    code = "nonce-mismatch"
    advice = "Ask again. If it stays, something between the nodes repeats old answers."


class BeyondTip(PartnerError):
    """Asked for entries after a number that the log has not reached; the details have a signed head that proves it."""

    code = "beyond-tip"
    advice = "One of the two nodes was restored from a backup: compare what `rtr sync status` says on both."


class IncarnationClosed(PartnerError):
    """Asked for a log that ended; the details name the incarnation that follows it."""

    code = "incarnation-closed"
    advice = (
        "Call the origin's operator: no second incarnation of a log is followed yet; `sync.incarnation` stays at 1."
    )


class ReceiptConflict(PartnerError):
    """Another receipt with this number, or with another one before it; the details give the newest number and hash."""

    code = "receipt-conflict"
    advice = "A restored receiver goes on after the newest number named; otherwise its operator must look."


class ReceiptGap(PartnerError):
    """A receipt came before the one it follows."""

    code = "receipt-gap"
    advice = "Send the receipts again from the number named."


class ReceiptAhead(PartnerError):
    """A receipt acknowledges entries that the origin does not have: the origin was restored from an older state."""

    code = "receipt-ahead"
    advice = (
        "The origin appends nothing to this log. Its operator asks `rtr sync resume`, which compares, and "
        "says what can be done."
    )


class ReceiptForks(PartnerError):
    """A receipt names another hash than the origin's at the place it acknowledges."""

    code = "receipt-forks"
    advice = (
        "The two nodes hold different stories of one log. `rtr sync resume` at the origin shows both, and "
        "changes nothing."
    )


class ReceiptConfirmsNone(PartnerError):
    """A receipt lists as removed what is no retraction of ours."""

    code = "receipt-confirms-none"
    advice = "The receipt was not taken. The receiver's operator must find out what its node calls removed."


class ClockSkew(PartnerError):
    """A request is outside its time by more than the leeway; the message names both times."""

    code = "clock-skew"
    advice = "Set the clock that is off. Nothing was lost; the exchange goes on by itself."


class RequestMismatch(PartnerError):
    """A request is not the one that was signed: another method, path or body."""

    code = "request-mismatch"
    advice = "Nothing was done. Look for what rewrites requests between the two nodes."


class LogDamaged(OperatorError):
    """This node's own log does not lead from one stored hash to the next."""

    code = "log-damaged"
    advice = "`rtr status` names the entries: copy them from the newest backup, as the guide says (damaged rows)."


class OriginRestored(OperatorError):
    """A partner acknowledged more than this node remembers: it was restored from an older state."""

    code = ORIGIN_RESTORED
    advice = (
        "Nothing is appended to this log until this node is brought back to what the partner acknowledged. If it was "
        "never restored, the partner's receipt is wrong: `rtr sync resume` compares, and says what two persons may do."
    )


class LogNotStopped(OperatorError):
    """A log that goes on is asked to go on again."""

    code = "log-not-stopped"
    advice = "Nothing to do: `rtr sync status` says how it stands with each partner."


class ReceiptNotRefused(OperatorError):
    """A receipt that contradicts nothing is to be disowned."""

    code = "receipt-not-refused"
    advice = (
        "Give the command without `--disown-receipt`: it shows the numbers of the receipts that contradict our log."
    )


class BodyTooLarge(OperatorError):
    """A body is longer than an entry may carry; it cannot be drafted."""

    code = "body-too-large"
    advice = "Split the record: a body holds at most 256 KiB."
