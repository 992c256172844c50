"""What is scraped, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

MAX_PAGE_BYTES = 10 * 1024**2
DEFAULT_EVERY_SECONDS = 15.0
DEFAULT_TIMEOUT_SECONDS = 10.0


class TargetOrigin(StrEnum):
    """Who wants a page to be scraped."""

    SETTINGS = "settings"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Target:
    """A page to scrape.

    Attributes:
        name: Different for every target of a project; Prometheus calls it the job.
        url: Address of the page.
        every_seconds: From the begin of one scrape to the next.
        timeout_seconds: After which an answer is given up.
        service: The service that the points belong to; None for the name.
        instance: Which of several processes of the service; None for host and port of the address.
        labels: Resource attributes of every point, such as `deployment.environment.name`.
        bearer_token: Sent as Authorization header; only settings can give one.
    """

    name: str
    url: str
    every_seconds: float = DEFAULT_EVERY_SECONDS
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    service: str | None = None
    instance: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    bearer_token: str | None = field(default=None, repr=False)
    origin: TargetOrigin = TargetOrigin.TEAM


@dataclass(frozen=True, slots=True)
class ScrapeReport:
    """What one scrape gave.

    Attributes:
        is_up: Whether the page came and could be read.
        error: Why it is down; None if it is up.
        samples: Lines with a value on the page.
        points: Points that were stored.
        dropped: Samples that were left out, by reason.
        problem: The first line that could not be read, with its number; None if all could.
    """

    at: datetime
    is_up: bool
    duration_seconds: float = 0.0
    samples: int = 0
    points: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class TargetState:
    """A target and its latest scrape by this process."""

    target: Target
    last: ScrapeReport | None
