"""The wire shapes of targets and scrapes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from pitwall.ingest.scrape.types import (
    DEFAULT_EVERY_SECONDS,
    DEFAULT_TIMEOUT_SECONDS,
    ScrapeReport,
    Target,
    TargetOrigin,
    TargetState,
)
from pitwall.kit.text import check_line

NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,63}$"

Line = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(check_line)]


class TargetBody(BaseModel):
    """How a page is scraped."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s/@]+(/\S*)?$")] = Field(
        description="Address of the page; a password does not belong in it."
    )
    every_seconds: float = Field(default=DEFAULT_EVERY_SECONDS, ge=1, le=86_400)
    timeout_seconds: float = Field(default=DEFAULT_TIMEOUT_SECONDS, gt=0, le=120)
    service: Line | None = Field(default=None, description="Null takes the name.")
    instance: Line | None = Field(default=None, description="Null takes host and port of the address.")
    labels: dict[Line, Line] = Field(
        default_factory=dict, max_length=50, description="Resource attributes of every point."
    )

    def target(self, name: str) -> Target:
        """Return the target."""
        return Target(
            name=name,
            url=self.url,
            every_seconds=self.every_seconds,
            timeout_seconds=self.timeout_seconds,
            service=self.service,
            instance=self.instance,
            labels=self.labels,
        )


class ScrapeReportView(BaseModel):
    """What one scrape gave."""

    at: datetime
    is_up: bool
    duration_ms: float
    samples: int
    points: int
    dropped: dict[str, int] = Field(description="Samples that were left out, by reason.")
    error: str | None
    problem: str | None = Field(description="The first line that could not be read.")

    @classmethod
    def of(cls, report: ScrapeReport) -> Self:
        """Return the written form of a report."""
        return cls(
            at=report.at,
            is_up=report.is_up,
            duration_ms=round(report.duration_seconds * 1000, 3),
            samples=report.samples,
            points=report.points,
            dropped=dict(report.dropped),
            error=report.error,
            problem=report.problem,
        )


class TargetView(BaseModel):
    """A target and its latest scrape by this server."""

    name: str
    url: str
    every_seconds: float
    timeout_seconds: float
    service: str
    instance: str | None
    labels: dict[str, str]
    origin: TargetOrigin
    last: ScrapeReportView | None

    @classmethod
    def of(cls, state: TargetState) -> Self:
        """Return the written form of a target."""
        target = state.target
        return cls(
            name=target.name,
            url=target.url,
            every_seconds=target.every_seconds,
            timeout_seconds=target.timeout_seconds,
            service=target.service or target.name,
            instance=target.instance,
            labels=dict(target.labels),
            origin=target.origin,
            last=None if state.last is None else ScrapeReportView.of(state.last),
        )


class TargetList(BaseModel):
    """Targets by name."""

    targets: list[TargetView]

    @classmethod
    def of(cls, states: Iterable[TargetState]) -> Self:
        """Return the written form of several targets."""
        return cls(targets=[TargetView.of(state) for state in states])
