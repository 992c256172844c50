"""Answers of a Python callable: `module:function`, plain or async."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog

from pitwall.evals.metrics.types import Needs
from pitwall.evals.runs.errors import TargetInvalid
from pitwall.evals.runs.targets.reply import ReplyUnreadable, answer_of_result
from pitwall.evals.types import Answer, Example

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonTargetPlan:
    """Which callable is asked, and how."""

    function: str
    timeout_seconds: float = 60.0
    concurrency: int = 8


class PythonTarget:
    """Calls a function with each question; one with a second parameter gets the whole example too.

    A plain function runs on a thread, and one that does not come back within its time keeps that thread.
    """

    # Whatever the function chooses to return.
    gives = frozenset(
        {*Needs} - {Needs.REFERENCE, Needs.REFERENCE_CONTEXTS, Needs.RELEVANCE, Needs.REFERENCE_TOOL_CALLS}
    )

    def __init__(self, plan: PythonTargetPlan) -> None:
        self._plan = plan
        self._function = load_function(plan.function)
        self._wants_example = _takes_two(self._function)
        self._slots = asyncio.Semaphore(plan.concurrency)

    async def answer(self, example: Example) -> Answer:
        """Call the function; what it raises is the answer's error."""
        async with self._slots:
            started = time.monotonic()
            try:
                async with asyncio.timeout(self._plan.timeout_seconds):
                    result = await self._call(example)
                answer = answer_of_result(result)
            except TimeoutError:
                return Answer(
                    error=f"{self._plan.function} did not return within {self._plan.timeout_seconds:g} s."
                )
            except ReplyUnreadable as error:
                return Answer(error=f"{self._plan.function}: {error}")
            except Exception as error:  # whatever the user's function does
                log.warning("eval_target.failed", function=self._plan.function, exc_info=True)
                return Answer(error=f"{self._plan.function} failed: {type(error).__name__}: {error}")
            latency_ms = (time.monotonic() - started) * 1000
        return answer if answer.latency_ms is not None else replace(answer, latency_ms=latency_ms)

    async def close(self) -> None:
        """Nothing is open."""

    async def _call(self, example: Example) -> Any:
        arguments = (example.question, example) if self._wants_example else (example.question,)
        if inspect.iscoroutinefunction(self._function):
            return await self._function(*arguments)
        result = await asyncio.to_thread(self._function, *arguments)
        return await result if inspect.isawaitable(result) else result


def load_function(name: str) -> Callable[..., Any]:
    """Import a callable; modules of the working directory are found too.

    Raises:
        TargetInvalid: There is none of that name, or its module cannot be imported.
    """
    module_name, _, attribute = name.partition(":")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except Exception as error:  # whatever the user's module does while it is imported
        raise TargetInvalid(
            f"The target {name!r} cannot be loaded: {type(error).__name__}: {error}.",
            hint="Write it as module:function, and run the command where the module can be imported.",
        ) from error
    if not callable(found):
        raise TargetInvalid(f"The target {name!r} is {type(found).__name__}, which cannot be called.")
    return found


def _takes_two(function: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # a builtin tells nothing of itself
        return False
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [one for one in parameters if one.kind in kinds and one.default is inspect.Parameter.empty]
    return len(required) > 1
