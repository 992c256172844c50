"""The form of answers: patterns and JSON. No model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, NoReturn

from pitwall.evals.metrics.json_schema import check_schema, violations
from pitwall.evals.metrics.results import scored
from pitwall.evals.metrics.types import (
    CodeMetric,
    ConfigurableMetric,
    Family,
    Metric,
    MetricOption,
    MetricSpec,
    Needs,
)
from pitwall.evals.types import Case, Json, Score
from pitwall.kit.hashing import json_hash
from pitwall.kit.i18n import Text
from pitwall.kit.text import normalise

_ANSWER: Final = frozenset((Needs.ANSWER,))
_FENCE: Final = re.compile(r"\s*```(?:json)?[ \t]*\n(.*?)\n?```\s*", re.DOTALL | re.IGNORECASE)
_SHOWN: Final = 5

REGEX: Final = MetricSpec(
    "regex",
    1,
    Family.FORMAT,
    Text("Pattern", "패턴"),
    Text(
        "1 if a regular expression matches the answer (in NFC), else 0: `regex:pattern=\\d{4}-\\d{2}`. "
        "Option match=whole: the whole answer, not a part of it.",
        "정규식이 답변(NFC)에 맞으면 1, 아니면 0입니다: `regex:pattern=\\d{4}-\\d{2}`. "
        "match=whole 옵션: 일부가 아니라 답변 전체.",
    ),
    needs=_ANSWER,
)
JSON_VALIDITY: Final = MetricSpec(
    "json_validity",
    1,
    Family.FORMAT,
    Text("JSON validity", "JSON 유효성"),
    Text(
        "1 if the answer is JSON, alone or in one code fence, and fits the schema if one is named "
        "(`json_validity:schema=shape.json`), else 0.",
        "답변이 그 자체로 또는 코드 블록 하나로 JSON이고, 스키마를 지정했다면"
        "(`json_validity:schema=shape.json`) 그에 맞으면 1, 아니면 0입니다.",
    ),
    needs=_ANSWER,
)


def _regex(spec: MetricSpec, pattern: re.Pattern[str], is_whole: bool, case: Case) -> Score:
    text = normalise(case.answer.text or "")
    match = pattern.fullmatch(text.strip()) if is_whole else pattern.search(text)
    return scored(spec, float(match is not None), evidence={"match": match[0] if match else None})


def _build_regex(spec: MetricSpec, options: Mapping[str, str]) -> Metric:
    if options["match"] not in ("part", "whole"):
        raise ValueError(f"match is {options['match']!r}, not part or whole")
    try:
        pattern = re.compile(normalise(options["pattern"]))
    except re.error as error:
        raise ValueError(f"pattern {options['pattern']!r} is no regular expression: {error}") from error
    return CodeMetric(spec, partial(_regex, spec, pattern, options["match"] == "whole"))


def read_json(text: str) -> Json:
    """Read JSON, alone or in one code fence.

    Raises:
        ValueError: It is none; NaN and Infinity are none.
    """
    fenced = _FENCE.fullmatch(text)
    try:
        return json.loads(fenced[1] if fenced else text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _json(spec: MetricSpec, schema: Json, case: Case) -> Score:
    try:
        value = read_json(case.answer.text or "")
    except ValueError as error:
        return scored(spec, 0.0, evidence={"problems": [str(error)]})
    problems = [] if schema is None else list(islice(violations(value, schema), _SHOWN))
    return scored(spec, float(not problems), evidence={"problems": problems})


def _build_json(spec: MetricSpec, options: Mapping[str, str]) -> Metric:
    if not options["schema"]:
        return CodeMetric(spec, partial(_json, spec, None))
    schema = _read_schema(Path(options["schema"]))
    # The identity has what the file says, not where it lies.
    spec = replace(spec, options=(("schema", json_hash(schema)[:12]),))
    return CodeMetric(spec, partial(_json, spec, schema))


def _read_schema(file: Path) -> Json:
    try:
        schema = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"schema {file} cannot be read: {error}") from error
    check_schema(schema)
    return schema


METRICS: Final[tuple[Metric, ...]] = (
    ConfigurableMetric(
        REGEX,
        (
            MetricOption("pattern", Text("The regular expression.", "정규식.")),
            MetricOption("match", Text("part or whole.", "part 또는 whole."), "part"),
        ),
        _build_regex,
    ),
    ConfigurableMetric(
        JSON_VALIDITY,
        (
            MetricOption(
                "schema",
                Text("File with a JSON schema; empty for none.", "JSON 스키마 파일. 비우면 없음."),
                "",
            ),
        ),
        _build_json,
    ),
)
