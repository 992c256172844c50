"""A run as JSON, whole or a line for each case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from pitwall.evals.runs.reading import JudgedCase
from pitwall.evals.runs.wire import case_detail


def json_chunks(view: Mapping[str, Any], cases: Iterable[JudgedCase]) -> Iterator[bytes]:
    """Yield `{"run": ..., "cases": [...]}` without ever holding all of it."""
    yield b'{"run":' + orjson.dumps(view) + b',"cases":['
    separator = b"\n"
    for case in cases:
        yield separator + orjson.dumps(case_detail(case))
        separator = b",\n"
    yield b"\n]}\n"


def jsonl_lines(view: Mapping[str, Any], cases: Iterable[JudgedCase]) -> Iterator[bytes]:
    """Yield a line for the run (`kind` is `run`), then one for each case (`kind` is `case`)."""
    yield orjson.dumps({"kind": "run", **view}) + b"\n"
    for case in cases:
        yield orjson.dumps({"kind": "case", **case_detail(case)}) + b"\n"
