"""Profiles in the shape of the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pitwall.traces.profiles import FlameProfile


def profiles_view(profiles: Sequence[FlameProfile]) -> dict[str, Any]:
    """The profiles of a trace, of which there is one at least."""
    return {
        "trace_id": profiles[0].span.columns["trace_id"],
        "profiles": [_profile_view(profile) for profile in profiles],
    }


def _profile_view(profile: FlameProfile) -> dict[str, Any]:
    columns = profile.span.columns
    return {
        "span_id": profile.span.lite.span_id,
        "name": columns["name"],
        "service": columns["service"],
        "started_at": columns["started_at"],
        "duration_ms": profile.duration_ms,
        "cpu_ms": profile.cpu_ms,
        "sample_count": profile.sample_count,
        "total_ms": sum(frame.total_ms for frame in profile.frames if frame.depth == 0),
        "left_out_ms": profile.left_out_ms,
        "unreadable_lines": profile.unreadable_lines,
        "frames": [frame._asdict() for frame in profile.frames],
    }
