"""The written form of links to trackers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pitwall.evals.trackers.types import LinkState, TrackerLink
from pitwall.kit.durations import format_instant


def links_view(links: Sequence[TrackerLink]) -> list[dict[str, Any]]:
    """Links as JSON objects."""
    return [link_view(link) for link in links]


def link_view(link: TrackerLink) -> dict[str, Any]:
    """A link as a JSON object."""
    is_whole = link.state in (LinkState.SENT, LinkState.WAITING, LinkState.SENDING)
    return {
        "tracker": link.tracker.value,
        "state": link.state.value,
        "url": link.url,
        "cases": link.cases,
        "cases_sent": link.cases_sent,
        "scores_sent": link.scores_sent,
        "reason": link.reason,
        "send_again": None if is_whole else send_again(link),
        "asked_at": format_instant(link.asked_at),
        "asked_by": link.asked_by,
        "sent_at": None if link.sent_at is None else format_instant(link.sent_at),
    }


def send_again(link: TrackerLink) -> str:
    """The command that sends it again."""
    return f"pitwall eval track {link.run_id} --tracker {link.tracker.value}"
