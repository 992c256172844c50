"""What is wrong in several places of a file, as lines for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.kit.i18n import Language, Text

MOST_SHOWN = 20
_AND_MORE = Text("… and {count:,} more.", "… 그 밖에 {count:,}개.")


def problem_lines(problems: Sequence[Any], count: int, language: Language) -> list[str]:
    """Return a line for each of the first problems, and how many more there are.

    Args:
        problems: Each with `text` in both languages, as the API says it.
        count: How many were found, also those that are not among `problems`.
    """
    lines = [str(problem["text"][language.value]) for problem in problems[:MOST_SHOWN]]
    hidden = count - len(lines)
    return [*lines, _AND_MORE.say(language, count=hidden)] if hidden > 0 else lines


def lines_of_error(details: Mapping[str, Any], language: Language) -> list[str]:
    """Return a line for each problem that an error lists and its message, which is English, does not say."""
    problems = details.get("problems")
    if not isinstance(problems, Sequence) or not all(_has_text(one) for one in problems):
        return []
    said = 1 if language is Language.ENGLISH else 0
    return problem_lines(problems[said:], (details.get("count") or len(problems)) - said, language)


def _has_text(problem: Any) -> bool:
    return isinstance(problem, dict) and isinstance(problem.get("text"), dict)
