"""What `POST /evaluate/v1/batches` answers: the evaluated batches, and a receipt that its evaluator signed."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.exchange.evaluation import KEYS_MAX, EvaluatedBatch

RECEIPT_TYP: Final = "rtr-evaluation+jws"
"""`typ` of the receipt's JWS; its payload is an `EvaluationReceipt` in RFC 8785 form."""


class SignedEvaluation(BaseModel):
    """The answer as sent.

    Attributes:
        batches: in the order of the request.
        receipt: compact JWS over an `EvaluationReceipt`, by the evaluator's signing key.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    batches: tuple[EvaluatedBatch, ...] = Field(min_length=1, max_length=KEYS_MAX)
    receipt: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}$", max_length=4_096)]
