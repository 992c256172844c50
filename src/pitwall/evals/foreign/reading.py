"""Reading files of results: Ragas' tables, DeepEval's and EvalVault's runs, promptfoo's outputs; pure.

What becomes of the questions and answers in them is up to the readers of datasets, which know these names.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pitwall.evals.datasets.fields import FIELDS
from pitwall.evals.foreign.types import ForeignCase, ForeignRun, ForeignScore, Origin, ResultsInvalid

_KNOWN: Final = frozenset(name for names in FIELDS.values() for name in names)
_SCORES: Final = ("metricsData", "metrics_data", "metrics")
_CASES: Final = ("testCases", "test_cases", "test_results", "results")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER: Final = re.compile(r"[^a-z0-9_]+")
_FORMS: Final = (
    "Give a table of Ragas (to_pandas().to_csv()), a test run of DeepEval, `evalvault export`, or the JSON "
    "output of promptfoo."
)


def read_results(name: str, content: bytes) -> ForeignRun:
    """Read a file of results.

    Raises:
        ResultsInvalid: It is none that is known, or it has no scores.
    """
    text = _decoded(name, content)
    run = _table(_rows(text)) if name.lower().endswith(".csv") else _json(_parsed(name, text))
    if run is None or not any(case.scores for case in run.cases):
        raise ResultsInvalid(f"{name} has no results that are known.", hint=_FORMS)
    return run


def metric_name(text: str) -> str:
    """A metric's name as Pitwall writes names: `Answer Relevancy` and `answerRelevancy` are one."""
    return _OTHER.sub("_", _CAMEL.sub("_", text.strip()).lower()).strip("_") or "score"


def _decoded(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ResultsInvalid(f"{name} is no UTF-8 text.", hint=_FORMS) from error


def _rows(text: str) -> list[dict[str, Any]]:
    rows = csv.DictReader(io.StringIO(text))
    return [{key: value for key, value in row.items() if key and value != ""} for row in rows]


def _parsed(name: str, text: str) -> Any:
    try:
        if name.lower().endswith(".jsonl"):
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        return json.loads(text)
    except ValueError as error:
        raise ResultsInvalid(f"{name} is no JSON: {error}.", hint=_FORMS) from error


def _json(content: Any) -> ForeignRun | None:
    if isinstance(content, list):
        rows = [row for row in content if isinstance(row, dict)]
        return _with_scores(rows, {}) or _table(rows)
    if not isinstance(content, dict):
        return None
    found = next((content[name] for name in _CASES if content.get(name)), None)
    if isinstance(found, dict):  # promptfoo puts its results into results
        return _promptfoo(found.get("results") or ())
    if not isinstance(found, list):
        return None
    rows = [row for row in found if isinstance(row, dict)]
    return _promptfoo(rows) or _with_scores(rows, content)


def _with_scores(rows: Sequence[Mapping[str, Any]], header: Mapping[str, Any]) -> ForeignRun | None:
    """Cases that have a list of scores each: DeepEval's and EvalVault's."""
    if not any(isinstance(_first(row, _SCORES), list) for row in rows):
        return None
    is_deepeval = any("metricsData" in row or "metrics_data" in row for row in rows)
    cases = [ForeignCase(_values(row), [*_scores(_first(row, _SCORES) or ())]) for row in rows]
    judges = {
        str(score[key])
        for row in rows
        for score in _first(row, _SCORES) or ()
        for key in ("evaluationModel", "evaluation_model")
        if isinstance(score, dict) and score.get(key)
    }
    judge = _first(header, ("model_name", "judge_model")) or (judges.pop() if len(judges) == 1 else None)
    thresholds = header.get("thresholds")
    return ForeignRun(
        origin=Origin.DEEPEVAL if is_deepeval else Origin.EVALVAULT,
        cases=cases,
        name=_first(header, ("dataset_name", "name", "identifier", "testFile")),
        judge=None if judge is None else str(judge),
        thresholds={
            metric_name(name): float(value)
            for name, value in (thresholds if isinstance(thresholds, dict) else {}).items()
            if _number(value) is not None
        },
    )


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a case says besides its scores, by names that datasets know."""
    rest = {_CAMEL.sub("_", name).lower(): value for name, value in row.items() if name not in _SCORES}
    kept = {name: value for name, value in rest.items() if name in _KNOWN and value is not None}
    own = rest.get("name")
    return kept if "id" in kept or "test_case_id" in kept or not own else {**kept, "id": own}


def _scores(found: Sequence[Any]) -> Iterator[ForeignScore]:
    for one in found:
        if isinstance(one, dict) and (name := _first(one, ("name", "metric"))):
            yield ForeignScore(
                metric_name(str(name)),
                _number(_first(one, ("score", "value"))),
                _text(one.get("reason")),
                _number(one.get("threshold")),
                _text(one.get("error")),
            )


def _promptfoo(rows: Sequence[Any]) -> ForeignRun | None:
    known = [row for row in rows if isinstance(row, dict) and isinstance(row.get("vars"), dict)]
    if not known:
        return None
    cases = []
    for row in known:
        response = row.get("response")
        output = response.get("output") if isinstance(response, dict) else None
        answer = (
            output if isinstance(output, str) or output is None else json.dumps(output, ensure_ascii=False)
        )
        named = row.get("namedScores")
        pairs = named.items() if isinstance(named, dict) else ()
        scores = [ForeignScore(metric_name(name), _number(value)) for name, value in pairs]
        reason = (row.get("gradingResult") or {}).get("reason")
        whole = ForeignScore("score", _number(row.get("score")), _text(reason), error=_text(row.get("error")))
        cases.append(ForeignCase({**row["vars"], "output": answer}, [*scores, whole]))
    return ForeignRun(origin=Origin.PROMPTFOO, cases=cases)


def _table(rows: Sequence[Mapping[str, Any]]) -> ForeignRun | None:
    """Ragas: a row for each case, a column of numbers for each metric."""
    names = [name for name in dict.fromkeys(key for row in rows for key in row) if name not in _KNOWN]
    metrics = [name for name in names if _is_metric([row.get(name) for row in rows])]
    cases = [
        ForeignCase(
            {name: value for name, value in row.items() if name in _KNOWN},
            [ForeignScore(metric_name(name), _number(row.get(name))) for name in metrics],
        )
        for row in rows
    ]
    return ForeignRun(origin=Origin.RAGAS, cases=cases) if metrics else None


def _is_metric(values: Sequence[Any]) -> bool:
    """Whether a column holds numbers and nothing else; one that is empty everywhere says nothing."""
    told = [value for value in values if value is not None]
    is_number = all(_is_number(value) for value in told)
    return is_number and any(_number(value) is not None for value in told)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _number(value: Any) -> float | None:
    """A finite number; Ragas writes NaN where it has none."""
    if value is None or not _is_number(value):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _first(values: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((values[name] for name in names if values.get(name) is not None), None)
