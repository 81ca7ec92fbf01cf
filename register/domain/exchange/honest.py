"""What no honest node asks of an evaluator: refused by name, whatever room there is.

Pure, and from the request alone. An honest node refuses each of these at home before anything leaves; so whoever sends
one is no honest node, and the evaluator's operator hears of it.
"""

from __future__ import annotations

from register.errors import PartnerError
from schemas.codes import code_list
from schemas.exchange.evaluation import EvaluationBody, EvaluationPurpose


class NoHonestQuestion(PartnerError):
    """A request for evaluation is one that no honest node sends."""


class CaseMissing(NoHonestQuestion):
    """A search is asked about without a case."""

    code = "evaluation-without-case"
    advice = "Ask for a case, and say it by its HMAC in `case_reference`; every search is for one."


class ForeignGround(NoHonestQuestion):
    """A search is asked on a ground that is not law in the asking country."""

    code = "evaluation-ground-foreign"
    advice = "Ask on a ground of your own country, as the edition gives it to your organisation."


class ElementTwice(NoHonestQuestion):
    """One batch holds an element twice."""

    code = "evaluation-element-twice"
    advice = "Blind each value by itself: two blinded elements are never equal, not even of one value."


class EpochWithoutTicket(NoHonestQuestion):
    """Keys are to be evaluated for a change of the epoch, and no ticket for one is there."""

    code = "evaluation-epoch-without-ticket"
    advice = "Ask for what is registered as `register`; a change of the epoch has a ticket that others sign."


def check_honest(body: EvaluationBody, *, on_ticket: bool) -> None:
    """Do nothing if an honest node may have asked this.

    A registration names the ground that its record was entered with, whatever country's it is: whether it may leave is
    judged later. So the ground is looked at for searches alone.

    Args:
        body: as asked.
        on_ticket: a ticket is named; whether it is good for this is looked at next.

    Raises:
        NoHonestQuestion: by its kind what is wrong.
    """
    if body.purpose is EvaluationPurpose.EPOCH and not on_ticket:
        raise EpochWithoutTicket(f"{body.country} has no ticket for a change of the epoch")
    if body.purpose is EvaluationPurpose.SEARCH:
        if body.case_reference is None:
            raise CaseMissing(f"{body.country} asks for no case")
        if body.country not in code_list("legal_basis")[body.legal_basis].extra["partitions"]:
            raise ForeignGround(f"{body.legal_basis} is no ground of {body.country}")
    for batch in body.batches:
        if len(set(batch.elements)) != len(batch.elements):
            raise ElementTwice(f"an element stands twice in the batch of {batch.key_id}")
