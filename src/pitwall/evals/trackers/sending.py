"""Sending a run: opening it at the tracker, its cases some at a time, its numbers last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, Protocol, TypeVar

from pitwall.evals.trackers import otlp
from pitwall.evals.trackers.client import TrackerClient
from pitwall.evals.trackers.errors import Refused, TrackerFailed
from pitwall.evals.trackers.types import OutgoingCase, OutgoingRun, Report, TrackerName

CASES_AT_ONCE: Final = 50
_MOST_CHARACTERS: Final = 1_000_000
_REQUESTS_AT_ONCE: Final = 4
_REFUSALS: Final = 20
Item = TypeVar("Item")


class Tracker(Protocol):
    """A place that runs are sent to; calls block."""

    @property
    def name(self) -> TrackerName:
        """Which one."""
        ...

    def open(self, run: OutgoingRun, report: Report) -> None:
        """Find or make what the run is there, and say in the report where people see it."""
        ...

    def send_cases(self, run: OutgoingRun, cases: Sequence[OutgoingCase], report: Report) -> None:
        """Send cases with their scores."""
        ...

    def close(self, run: OutgoingRun, report: Report) -> None:
        """Send what is said of the run as a whole."""
        ...


def send_run(
    tracker: Tracker,
    run: OutgoingRun,
    cases: Iterable[OutgoingCase],
    report: Report,
    tell: Callable[[Report], None],
) -> None:
    """Send a run; the report says what has arrived, also when it raises.

    Args:
        tell: Called after every few cases; what it raises ends the sending.

    Raises:
        TrackerFailed: The tracker takes nothing any more.
    """
    try:
        tracker.open(run, report)
        for batch in in_batches(cases):
            report.cases += len(batch)
            tracker.send_cases(run, batch, report)
            tell(report)
            if report.refused >= _REFUSALS and not report.cases_sent:
                raise TrackerFailed(report.refusal or "Nothing was taken.")
        tracker.close(run, report)
    except Refused as error:  # of something without which the rest has no place
        raise TrackerFailed(str(error)) from error


def in_batches(cases: Iterable[OutgoingCase]) -> Iterator[list[OutgoingCase]]:
    """Yield some cases at a time: neither too many nor too much for one request."""
    batch: list[OutgoingCase] = []
    size = 0
    for case in cases:
        if batch and (len(batch) >= CASES_AT_ONCE or size + case.characters > _MOST_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(case)
        size += case.characters
    if batch:
        yield batch


def send_traces(
    client: TrackerClient,
    path: str,
    body: bytes,
    cases: Sequence[OutgoingCase],
    report: Report,
    headers: Mapping[str, str] | None = None,
) -> bool:
    """Export cases as traces; False if they were refused, so that their scores have no place either."""
    said = {"content-type": otlp.CONTENT_TYPE, **(headers or {})}
    try:
        answer = client.request("POST", path, content=body, headers=said)
    except Refused as error:
        report.refuse(len(cases), str(error))
        return False
    rejected, why = otlp.rejected_spans(answer.headers.get("content-type"), answer.content)
    if rejected:
        report.refuse(rejected, f"{rejected} spans were rejected: {why}")
        return False
    report.cases_sent += len(cases)
    return True


def in_parallel(send: Callable[[Item], None], items: Sequence[Item], report: Report) -> int:
    """Send items, a few at once; returns how many were taken.

    Raises:
        TrackerFailed: The tracker takes nothing any more.
    """
    if not items:
        return 0
    with ThreadPoolExecutor(_REQUESTS_AT_ONCE, thread_name_prefix="pitwall-tracker") as pool:
        futures = [pool.submit(send, item) for item in items]
        taken = 0
        try:
            for future in futures:
                with refusals_of(1, report):
                    future.result()
                    taken += 1
        except TrackerFailed:
            pool.shutdown(cancel_futures=True)
            raise
    return taken


@contextmanager
def refusals_of(count: int, report: Report) -> Iterator[None]:
    """Note what the tracker does not take, and go on."""
    try:
        yield
    except Refused as error:
        report.refuse(count, str(error))
