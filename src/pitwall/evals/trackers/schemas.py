"""The wire shapes of links to trackers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pitwall.evals.trackers.types import LinkState, TrackerName

TrackerNames = Annotated[
    list[TrackerName],
    Field(description="Where the run and its cases are sent once it is over; none is asked otherwise."),
]


class TrackBody(BaseModel):
    """Where to send a run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trackers: list[TrackerName] = Field(min_length=1, description="Sending again makes nothing double.")


class TrackerLinkView(BaseModel):
    """A run at a tracker."""

    tracker: TrackerName
    state: LinkState
    url: str | None = Field(description="Where people see it; null until the tracker was reached.")
    cases: int = Field(description="That were to be sent, the last time.")
    cases_sent: int
    scores_sent: int = Field(description="Of scores with a value.")
    reason: str | None = Field(description="Why not all of it arrived.")
    send_again: str | None = Field(description="The command that does; null if all of it arrived.")
    asked_at: datetime
    asked_by: str
    sent_at: datetime | None = Field(description="When something of it last arrived.")


class TrackedRun(BaseModel):
    """The links of a run."""

    run_id: str
    trackers: list[TrackerLinkView]
