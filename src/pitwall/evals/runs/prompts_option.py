"""The option `--prompts` of a run: a file, or a run whose prompts are taken again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pitwall.evals.judging.errors import PromptsInvalid
from pitwall.evals.judging.own_prompts import check_prompts, read_prompts
from pitwall.evals.judging.prompts import BUILT_IN, Prompts

_RUN: Final = "run_"


def chosen_prompts(text: str | None, of_run: Callable[[str], Mapping[str, Any]]) -> Prompts:
    """Return the prompts of the option.

    Args:
        of_run: Returns the prompts of a run by its id, by name.

    Raises:
        PromptsInvalid: There is no such file, or something in it cannot be.
        RunNotFound: There is no such run.
    """
    if text is None:
        return BUILT_IN
    path = Path(text)
    if text.startswith(_RUN) and not path.exists():
        own = of_run(text)
        return check_prompts(own) if own else BUILT_IN
    if not path.is_file():
        raise PromptsInvalid(
            f"There is no file {text}.",
            hint="Name a YAML file or a run; `pitwall eval prompts show NAME -o FILE` begins a file.",
        )
    return read_prompts(path)
