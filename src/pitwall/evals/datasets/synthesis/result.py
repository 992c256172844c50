"""What became of a synthesis: refused if it came to nothing, else a file that says how it was made."""

from __future__ import annotations

import orjson

from pitwall.core.errors import InvalidInput
from pitwall.evals.datasets.canonical import example_json
from pitwall.evals.datasets.synthesis.asking import prompt_hash
from pitwall.evals.datasets.synthesis.making import Synthesis
from pitwall.evals.datasets.synthesis.types import SynthesisPlan


def check_made(made: Synthesis) -> None:
    """Refuse what came to nothing.

    Raises:
        CallFailed: The model gave nothing at all.
        InvalidInput: It gave nothing that can be used.
    """
    if made.examples:
        return
    if made.failure is not None:
        raise made.failure
    dropped = ", ".join(f"{reason}: {count}" for reason, count in made.counts.dropped.items())
    raise InvalidInput(
        f"No question came of {made.counts.asked} passages ({dropped or 'the model offered none'}).",
        code="dataset.empty",
        hint="Look at what the model answered: `pitwall judge calls`.",
    )


def dataset_file(documents: str, plan: SynthesisPlan, made: Synthesis) -> bytes:
    """The dataset as a JSON file: its examples, and how they were made.

    Args:
        documents: What the documents are called together.
    """
    counts = made.counts
    synthesis = {
        "documents": documents,
        "prompt": prompt_hash(),
        "seed": plan.seed,
        "types": [kind.value for kind in plan.kinds],
        "asked": counts.asked,
        "offered": counts.offered,
        "kept": counts.kept,
        "dropped": counts.dropped,
        "failed": counts.failed,
    }
    return orjson.dumps({"synthesis": synthesis, "examples": [example_json(one) for one in made.examples]})
