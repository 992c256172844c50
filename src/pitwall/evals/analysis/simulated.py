"""What the simulated judge writes when it is asked for a summary: facts as they are, under its own name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pitwall.evals.analysis.report.writing import WrittenReport
from pitwall.kit.i18n import Text
from pitwall.llm.simulated import SIMULATED, register
from pitwall.llm.types import Message

_FACT: Final = re.compile(r"^(F\d+): ((?:cases passing|metric ).*)$", re.MULTILINE)
_EXPONENT: Final = re.compile(r"\de[-+]?\d")
_MOST: Final = 4
_SAYS: Final = Text(
    f"{SIMULATED} (no model wrote this): {{says}}.", f"{SIMULATED}(모델이 쓴 글이 아님): {{says}}."
)
_KOREAN: Final = "한국어"


def register_rule() -> None:
    """Let the simulated judge answer when a summary of an analysis is asked for."""
    register(WrittenReport.__name__, _write)


def _write(messages: Sequence[Message]) -> Mapping[str, Any]:
    """A paragraph for each of the first facts; it says what they say, so every number was measured."""
    asked = messages[-1].content
    text = _SAYS.ko if _KOREAN in asked.splitlines()[-1] else _SAYS.en
    facts = [one for one in _FACT.findall(asked) if not _EXPONENT.search(one[1])][:_MOST]
    return {
        "paragraphs": [
            {"text": text.format(says=says), "facts": [number], "evidence": []} for number, says in facts
        ]
    }
