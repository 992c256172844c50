"""Sends the events of a file to the API, some at a time, and tells refusals by their lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from pitwall.access.client import ApiClient
from pitwall.core.errors import InvalidInput
from pitwall.evals.stages.errors import SHOWN_PROBLEMS, StageEventsInvalid, problem_view
from pitwall.evals.stages.files import ReadFile
from pitwall.evals.stages.types import EventProblem
from pitwall.kit.i18n import Text

_AT_ONCE: Final = 2_000
_MOST_BYTES: Final = 4 << 20
_SECONDS: Final = 300.0

Events = Sequence[tuple[int, dict[str, Any]]]


def send(
    client: ApiClient, file: str, read: ReadFile, *, project: str | None, skip_invalid: bool
) -> dict[str, Any]:
    """Send events; returns the sum of the answers, with problems by the lines of the file.

    Raises:
        StageEventsInvalid: An event says something else than the one that is kept under the same id.
        PitwallError: The server refused, or did not answer.
    """
    total: dict[str, Any] = {"added": 0, "known": 0, "runs": [], "skipped": [], "skipped_count": 0}
    total["skipped"] = [problem_view(one) for one in read.problems]
    total["skipped_count"] = read.problem_count
    for part in _parts(read.events):
        body = {"events": [event for _, event in part], "skip_invalid": skip_invalid}
        try:
            answer = client.post("/api/v1/stages", body, {"project": project}, timeout_seconds=_SECONDS)
        except InvalidInput as error:
            raise _with_lines(error, file, part, total["added"]) from error
        for name in ("added", "known", "skipped_count"):
            total[name] += answer[name]
        total["runs"] = list(dict.fromkeys([*total["runs"], *answer["runs"]]))
        placed = [_placed(problem, file, part) for problem in answer["skipped"]]
        total["skipped"] = [*total["skipped"], *map(problem_view, placed)][:SHOWN_PROBLEMS]
    return total


def _parts(events: Events) -> Iterator[Events]:
    """Some events at a time: neither too many nor too large together."""
    part: list[tuple[int, dict[str, Any]]] = []
    size = 0
    for line, event in events:
        length = len(orjson.dumps(event))
        if part and (len(part) >= _AT_ONCE or size + length > _MOST_BYTES):
            yield part
            part, size = [], 0
        part.append((line, event))
        size += length
    if part:
        yield part


def _placed(problem: dict[str, Any], file: str, part: Events) -> EventProblem:
    """A problem that the server told by number, with its line."""
    index = problem["event"] - 1
    bare = {language: _bare(problem, language) for language in ("en", "ko")}
    found = EventProblem(index, problem["code"], Text(bare["en"], bare["ko"]), problem["field"])
    return replace(found, file=file, line=part[index][0])


def _bare(problem: dict[str, Any], language: str) -> str:
    """What is wrong, without the place."""
    text: str = problem["text"][language]
    return text.partition(": ")[2]


def _with_lines(error: InvalidInput, file: str, part: Events, added: int) -> InvalidInput:
    problems = error.details.get("problems")
    if not problems:
        return error
    placed = [_placed(problem, file, part) for problem in problems]
    kept = (
        f" {added} events before these lines are kept; sending the file again adds none twice."
        if added
        else ""
    )
    more = f" ({len(placed) - 1} more in details)" if len(placed) > 1 else ""
    return StageEventsInvalid(
        f"{placed[0].say().en}{more}{kept}",
        hint="Correct the events, or leave such out with --skip-invalid.",
        details={"problems": [problem_view(one) for one in placed], "count": error.details.get("count")},
    )
