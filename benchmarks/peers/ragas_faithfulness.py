"""Judge a dataset by the faithfulness of Ragas, as its users do; prints what came of it as JSON.

python ragas_faithfulness.py DATASET BASE_URL CONCURRENCY
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path

warnings.simplefilter("ignore", DeprecationWarning)  # of `evaluate` itself

from openai import AsyncOpenAI  # type: ignore[import-not-found]  # noqa: E402
from ragas import EvaluationDataset, evaluate  # type: ignore[import-not-found]  # noqa: E402
from ragas.llms import llm_factory  # type: ignore[import-not-found]  # noqa: E402
from ragas.metrics import Faithfulness  # type: ignore[import-not-found]  # noqa: E402
from ragas.run_config import RunConfig  # type: ignore[import-not-found]  # noqa: E402


def main(dataset: Path, base_url: str, concurrency: int) -> None:
    """Run the evaluation and say how long it took and how many cases have a score."""
    cases = [
        {
            "user_input": case["question"],
            "response": case["answer"],
            "retrieved_contexts": case["contexts"],
        }
        for case in json.loads(dataset.read_text())["test_cases"]
    ]
    llm = llm_factory("judge", client=AsyncOpenAI(base_url=base_url, api_key="none"))
    config = RunConfig(max_workers=concurrency)
    began = time.monotonic()
    result = evaluate(
        EvaluationDataset.from_list(cases), [Faithfulness()], llm, run_config=config, show_progress=False
    )
    seconds = time.monotonic() - began
    scored = sum(score["faithfulness"] == 1.0 for score in result.scores)
    print(json.dumps({"seconds": seconds, "scored": scored}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
