"""Judge a dataset by the faithfulness of DeepEval, as its users do; prints what came of it as JSON.

python deepeval_faithfulness.py DATASET BASE_URL CONCURRENCY
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from pathlib import Path

from deepeval import evaluate  # type: ignore[import-not-found]
from deepeval.evaluate.configs import AsyncConfig, DisplayConfig  # type: ignore[import-not-found]
from deepeval.metrics import FaithfulnessMetric  # type: ignore[import-not-found]
from deepeval.models import LocalModel  # type: ignore[import-not-found]
from deepeval.test_case import LLMTestCase  # type: ignore[import-not-found]


def main(dataset: Path, base_url: str, concurrency: int) -> None:
    """Run the evaluation and say how long it took and how many cases have a score."""
    cases = [
        LLMTestCase(input=case["question"], actual_output=case["answer"], retrieval_context=case["contexts"])
        for case in json.loads(dataset.read_text())["test_cases"]
    ]
    metric = FaithfulnessMetric(model=LocalModel(model="judge", base_url=base_url, api_key="none"))
    display = DisplayConfig(show_indicator=False, print_results=False, inspect_after_run=False)
    began = time.monotonic()
    with contextlib.redirect_stdout(io.StringIO()):  # its report
        result = evaluate(
            cases, [metric], async_config=AsyncConfig(max_concurrent=concurrency), display_config=display
        )
    seconds = time.monotonic() - began
    scored = sum(one.metrics_data[0].score == 1.0 for one in result.test_results)
    print(json.dumps({"seconds": seconds, "scored": scored}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
