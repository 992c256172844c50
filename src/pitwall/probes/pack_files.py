"""Reads probes from YAML: those of packs, those of `probes.file`, and one that somebody wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pitwall.core.errors import InvalidInput
from pitwall.probes.errors import ProbeInvalid, ProbePackInvalid
from pitwall.probes.types import PROBE, PackProbe, Probe
from pitwall.signals.errors import CatalogueInvalid
from pitwall.signals.pack_files import (
    Document,
    Place,
    Problem,
    parse_document,
    read_document,
    validation_problems,
)
from pitwall.stores.state import DEFAULT_PROJECT, check_project_id

_NO_LIST = "a probes file is a list of probes, each with name and kind"
_TEXT = "probe.yaml"


def load_probes(packs: Sequence[Path], file: Path | None = None) -> tuple[PackProbe, ...]:
    """Load the probes of packs, every `probes/*.yaml` below each directory, and of a file of the user.

    Raises:
        ProbePackInvalid: Anything is wrong; every problem is named with its file and line.
    """
    sources = [(f"pack {pack.name}", path) for pack in packs for path in sorted(pack.glob("probes/*.yaml"))]
    if file is not None:
        sources.append((str(file), file))
    found: dict[tuple[str, str], PackProbe] = {}
    problems: list[str] = []
    for origin, path in sources:
        for one in _read_file(origin, path, problems):
            found[one.project_id, one.probe.name] = one
    if problems:
        raise ProbePackInvalid(
            "The probes cannot be loaded:\n  " + "\n  ".join(problems), details={"problems": problems}
        )
    return tuple(found.values())


def parse_probe(text: str) -> Probe:
    """Read one probe that somebody wrote as YAML.

    Raises:
        ProbeInvalid: It is none; `details` has the line of every problem.
    """
    try:
        document = parse_document(text, _TEXT)
    except CatalogueInvalid as error:
        raise ProbeInvalid(f"Line {error.details['line']}: {error.details['problem']}.") from error
    probe, problems = _read_probe(document.data, ())
    if probe is None:
        listed = [{"line": document.line(one.place), "message": one.message} for one in problems]
        raise ProbeInvalid(
            "; ".join(f"line {one['line']}: {one['message']}" for one in listed) + ".",
            hint="`pitwall probes show NAME --output json` shows how a probe is written.",
            details={"problems": listed},
        )
    return probe


def validate_probe(body: Any) -> Probe:
    """Read one probe from a JSON object.

    Raises:
        ProbeInvalid: It is none.
    """
    probe, problems = _read_probe(body, ())
    if probe is None:
        raise ProbeInvalid(
            "; ".join(one.message for one in problems) + ".",
            details={"problems": [{"message": one.message} for one in problems]},
        )
    return probe


def _read_file(origin: str, path: Path, problems: list[str]) -> Iterator[PackProbe]:
    try:
        document = read_document(path)
    except CatalogueInvalid as error:
        problems.append(error.message)
        return
    except OSError as error:
        problems.append(f"{path}: {error.strerror}")
        return
    if not isinstance(document.data, list):
        problems.append(f"{path}:1: {_NO_LIST}")
        return
    seen: set[tuple[str, str]] = set()
    for index, written in enumerate(document.data):
        one = _read_entry(document, index, written, origin, problems)
        if one is None:
            continue
        key = (one.project_id, one.probe.name)
        if key in seen:
            problems.append(f"{document.where((index,))}: there is a probe {one.probe.name} already")
        seen.add(key)
        yield one


def _read_entry(
    document: Document, index: int, written: Any, origin: str, problems: list[str]
) -> PackProbe | None:
    fields = dict(written) if isinstance(written, dict) else written
    project = fields.pop("project", DEFAULT_PROJECT) if isinstance(fields, dict) else DEFAULT_PROJECT
    probe, wrong = _read_probe(fields, (index,))
    try:
        check_project_id(str(project))
    except InvalidInput as error:
        wrong.append(Problem((index, "project"), error.message))
    problems += map(document.told, wrong)
    return None if probe is None or wrong else PackProbe(origin, str(project), probe)


def _read_probe(written: Any, place: Place) -> tuple[Probe | None, list[Problem]]:
    try:
        return PROBE.validate_python(written), []
    except ValidationError as error:
        # The first part of a path is the kind; it stands in no file.
        return None, validation_problems(error, place, inside=lambda path: path[1:])
