"""`/api/v1/feedback`: taking in what users say of answers, with the scope ingest, as all telemetry."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.feedback.schemas import FeedbackBody, FeedbackView
from pitwall.evals.feedback.service import Feedback

Sender = Annotated[Principal, requires(Scope.INGEST)]


def feedback_router(feedback: Feedback) -> APIRouter:
    """Return the endpoint of feedback; it runs on worker threads."""
    router = APIRouter(prefix="/api/v1", tags=["evals"])

    @router.post("/feedback", summary="Send what a user says of an answer")
    def send_feedback(principal: Sender, body: FeedbackBody) -> FeedbackView:
        """Keep a thumb or a satisfaction as a score beside the span; a user's last word on a trace counts."""
        return FeedbackView.of(feedback.take(principal.project_id, body.feedback()))

    return router
