"""The shapes of back-tests, for the description of the API."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from pitwall.anomalies.types import Form, Status
from pitwall.signals.schemas import BothLanguages


class AlarmView(BaseModel):
    """One alarm that would have been raised."""

    labels: dict[str, str]
    at: datetime = Field(description="Start of the window.")
    value: float
    count: int = Field(description="Observations the value rests on.")
    usual: float | None = Field(description="What was expected for that time.")
    low: float | None = Field(description="Low end of the range in which about 99 of 100 values lie.")
    high: float | None
    pattern: str | None = Field(
        description="What the expectation follows: `recent`, `hour_of_day` or `hour_of_week`."
    )
    form: Form = Field(description="A single window, something small that lasts, or a change of level.")
    score: float = Field(
        description="ln of the weeks that pass on average between windows as unusual if nothing is wrong: "
        "0 is once a week, 4 about once a year."
    )
    text: BothLanguages


class AnomalySeriesView(BaseModel):
    """One series, judged by a model of its own."""

    labels: dict[str, str]
    judged: int = Field(description="Windows of the range that were judged.")
    learning: int = Field(description="Windows that came before enough was known.")
    missing: int = Field(description="Windows without data; they are neither judged nor learnt.")
    note: BothLanguages | None = Field(description="Why nothing was judged, if nothing was.")
    points: list[
        tuple[datetime, float | None, float | None, float | None, float | None, Status, float | None]
    ] = Field(description="Start, value, low and high end of the usual range, score, status, usual value.")


class AnomalyAnswer(BaseModel):
    """What a detector would have told of a signal."""

    name: str
    unit: str
    detector: str
    since: datetime
    until: datetime = Field(description="End of the last complete window; later ones are not judged yet.")
    step_seconds: float
    learnt_since: datetime = Field(description="From here on the detector saw the series.")
    by: list[str]
    watermark: datetime
    judged: int = Field(description="Windows of all series that were judged.")
    alarms: list[AlarmView] = Field(description="One for each excursion, oldest first.")
    series: list[AnomalySeriesView]
    left_out_series: int = Field(
        description="Series beyond `max_series`, those with the fewest observations."
    )
