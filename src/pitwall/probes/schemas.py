"""The wire shapes of probes and of what they found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from pitwall.probes.history import status_now
from pitwall.probes.service import UPTIME_RANGES, Uptimes
from pitwall.probes.types import ProbeState, ProbeStatus, probe_view
from pitwall.probes.wire import recent_view, result_view


class LastView(BaseModel):
    """The newest result."""

    at: datetime
    status: ProbeStatus
    latency_ms: float | None = Field(description="Null if nobody answered.")
    error: dict[str, str] | None = Field(description="Why it is not up, by language, `en` and `ko`.")
    detail: dict[str, Any] = Field(description="Facts that were seen on the way.")


class RecentView(BaseModel):
    """An earlier result."""

    at: datetime
    status: ProbeStatus
    latency_ms: float | None


class ProbeView(BaseModel):
    """A probe, how its service is, and how it was."""

    name: str
    kind: str
    target: str = Field(description="What is asked.")
    service: str | None
    environment: str | None
    every_seconds: float
    is_enabled: bool
    origin: str = Field(description="`team`, or the pack or file that brings the probe.")
    is_changed: bool = Field(description="Whether it is the team's version of a pack's probe.")
    status: ProbeStatus = Field(
        description="`unknown` where nobody can tell: it never ran, its last result is too old, or it could "
        "not ask."
    )
    since: datetime | None = Field(description="Since when the results have been as the last one.")
    last: LastView | None
    uptime: dict[str, float | None] = Field(
        description="By range, `24h` and `7d`: the value of the signal `probe.uptime`; null without data."
    )
    history: list[RecentView] = Field(description="Newest first.")
    content: dict[str, Any] = Field(description="The probe as it can be saved.")

    @classmethod
    def of(cls, state: ProbeState, uptimes: Mapping[str, Uptimes], now: datetime) -> Self:
        """Return the view of a probe."""
        probe, record = state.probe, state.record
        return cls(
            name=probe.name,
            kind=probe.kind,
            target=probe.target,
            service=probe.service or None,
            environment=probe.environment or None,
            every_seconds=probe.every_seconds,
            is_enabled=probe.is_enabled,
            origin="team" if state.is_stored or state.pack is None else state.pack,
            is_changed=state.is_stored and state.pack is not None,
            status=status_now(probe, record, now),
            since=None if record is None else record.since,
            last=None if record is None else LastView.model_validate(result_view(record.last)),
            uptime={label: uptimes.get(probe.name, {}).get(label) for label in UPTIME_RANGES},
            history=[]
            if record is None
            else [RecentView.model_validate(recent_view(one)) for one in record.recent],
            content=probe_view(probe),
        )


class ProbeList(BaseModel):
    """Probes by name."""

    probes: list[ProbeView]


class ProbeRemoval(BaseModel):
    """What a deletion left."""

    probe: ProbeView | None = Field(description="The pack's probe that is in force again; null if none is.")
