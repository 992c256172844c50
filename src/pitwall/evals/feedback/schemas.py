"""The wire shapes of feedback."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from pitwall.evals.feedback.service import NewFeedback, Taken


class FeedbackBody(BaseModel):
    """What a user says: a thumb or a satisfaction, of a trace or of a request."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trace_id: str | None = Field(default=None, max_length=64, description="32 hexadecimal digits.")
    request_id: str | None = Field(
        default=None, min_length=1, max_length=512, description="Instead of the trace: X-Request-ID."
    )
    span_id: str | None = Field(default=None, max_length=32, description="Null for the root span.")
    thumb: str | None = Field(default=None, description="`up` or `down`.")
    satisfaction: StrictInt | None = Field(default=None, description="1 to 5.")
    comment: str | None = Field(default=None, max_length=4_000)
    user: str | None = Field(
        default=None, max_length=200, description="The last word of a user on a trace counts."
    )

    def feedback(self) -> NewFeedback:
        """Return what was said."""
        return NewFeedback(**self.model_dump())


class FeedbackView(BaseModel):
    """Feedback that is durable."""

    score_id: str = Field(
        description="The next word of the user on the trace has the same one and replaces it."
    )
    name: str = Field(description="`user_thumb` or `user_satisfaction`.")
    value: float
    trace_id: str
    span_id: str | None = Field(description="Null while the spans of the trace have not arrived.")

    @classmethod
    def of(cls, taken: Taken) -> FeedbackView:
        """Return the view of feedback."""
        score = taken.score
        return cls(
            score_id=score.score_id,
            name=score.name,
            value=score.value or 0.0,
            trace_id=score.trace_id.hex(),
            span_id=score.span_id.hex() or None,
        )
