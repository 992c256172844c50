"""`pitwall` as `pip install pitwall` gives it: whatever is not a base dependency cannot be imported.

Reads a JSON list of command lines from stdin, runs each, and writes [exit code, stdout, stderr] of each.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from types import ModuleType

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


class Missing(MetaPathFinder):
    """Says of some packages that they are not installed."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        name = fullname.partition(".")[0]
        if name in self._names:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def base_distributions() -> set[str]:
    """Return `pitwall` and everything that it needs without an extra."""
    found: set[str] = set()
    waiting = ["pitwall"]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in found:
            found.add(name)
            waiting += _needed_by(name)
    return found


def _needed_by(distribution: str) -> list[str]:
    try:
        wanted = [Requirement(text) for text in requires(distribution) or ()]
    except PackageNotFoundError:
        return []
    return [each.name for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})]


def other_packages() -> frozenset[str]:
    """Return the importable names of everything else that is installed here."""
    base = base_distributions()
    return frozenset(
        name
        for name, owners in packages_distributions().items()
        if name != __package__.partition(".")[0] and not base & {canonicalize_name(owner) for owner in owners}
    )


def run_all(commands: Sequence[Sequence[str]]) -> list[tuple[int, str, str]]:
    """Run command lines one after the other."""
    from pitwall.cli.main import run  # nothing of Pitwall before the packages are gone

    results = []
    for command in commands:
        stdout, stderr = io.BytesIO(), io.StringIO()
        with (
            redirect_stdout(io.TextIOWrapper(stdout, "utf-8", write_through=True)) as text,
            redirect_stderr(stderr),
        ):
            code = run(command)
        results.append((code, stdout.getvalue().decode(), stderr.getvalue()))
        text.detach()
    return results


def main() -> None:
    """Take the packages away, run the commands of stdin."""
    missing = other_packages()
    assert {"chdb", "clickhouse_connect", "fastapi", "genai_prices", "sqlalchemy"} <= missing
    sys.meta_path.insert(0, Missing(missing))
    json.dump(run_all(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
