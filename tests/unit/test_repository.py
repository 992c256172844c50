"""What must hold for the repository: locks without hosts, light imports, targets that explain themselves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import pitwall

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted([*ROOT.glob("requirements/**/*.txt"), *ROOT.glob("examples/*/requirements.txt")])
CACHES = ".git .mypy_cache .ruff_cache .pytest_cache .hypothesis __pycache__ node_modules"
LEFT_OUT = frozenset(f"{CACHES} .demo .pitwall build dist".split())
# Written backwards, so that no file names a registry, not even this one.
_BACKWARDS = ("gro.ipyp", "gro.detsohnohtyp", "gro.sjmpn.yrtsiger", "lru-xedni", "sknil-dnif")
REGISTRY_TRACES = re.compile("|".join(re.escape(trace[::-1]) for trace in _BACKWARDS))


def repository_files() -> Iterator[Path]:
    """Yield the files that belong to the repository, with or without git: no environments, caches or data."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in LEFT_OUT and not name.startswith(".venv")]
        yield from (Path(folder, name) for name in names)


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is a matter of the machine, never of the repository."""
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in repository_files()
        if (match := REGISTRY_TRACES.search(path.read_text("utf-8", "ignore")))
    ]
    assert not found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_lock_pins_every_package_with_a_hash_and_no_address(lock: Path) -> None:
    """Each requirement is `name==version` followed by at least one SHA-256."""
    text = lock.read_text("utf-8")
    assert "://" not in text
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert requirements
    for requirement in requirements:
        assert re.match(r"[a-z0-9.-]+(\[[a-z,-]+\])?==\S+ ", requirement), requirement[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", requirement), requirement[:80]


def test_locks_agree_on_versions() -> None:
    """What the server is tested with is what it is shipped with."""
    dev, server, tools = (pins(ROOT / "requirements" / f"{name}.txt") for name in ("dev", "server", "tools"))
    assert server.items() <= dev.items()
    assert tools.items() <= dev.items()


def pins(lock: Path) -> dict[str, str]:
    """Return version (with its marker) by package; a package may be pinned per Python version."""
    found: dict[str, str] = {}
    for name, rest in re.findall(r"^([a-z0-9.-]+)==([^\\\n]+)", lock.read_text("utf-8"), re.MULTILINE):
        found[name] = f"{found.get(name, '')}|{rest.strip()}"
    return found


def test_base_dependencies_stay_light() -> None:
    """An application that is only watched installs no database, web server or data frames."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {re.split(r"[<>=\[ ]", one)[0] for one in project["dependencies"]}
    assert not names & {"chdb", "fastapi", "uvicorn", "sqlalchemy", "numpy", "pandas", "grpcio"}


def test_import_of_pitwall_imports_no_dependency() -> None:
    """Names are fetched on first use; until then the import costs nothing."""
    heavy = (
        "chdb",
        "click",
        "fastapi",
        "httpx",
        "numpy",
        "opentelemetry",
        "orjson",
        "pandas",
        "pydantic",
        "structlog",
    )
    code = (
        f"import sys, pitwall\nloaded = [n for n in {heavy!r} if n in sys.modules]\nassert not loaded, loaded"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_public_names_are_those_of_the_sdk() -> None:
    """`pitwall.init` is `pitwall.sdk.init`, and so on; a wrong name is an ordinary AttributeError."""
    from pitwall import sdk

    assert set(pitwall.__all__) - {"__version__"} == set(sdk.__all__)
    for name in sdk.__all__:
        assert getattr(pitwall, name) is getattr(sdk, name)
    with pytest.raises(AttributeError, match="no_such_name"):
        pitwall.no_such_name  # noqa: B018


def test_every_make_target_explains_itself() -> None:
    """`make help` lists each target that a person may call, one line each."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = set(re.findall(r"^\.PHONY: (\S+)$", makefile, re.MULTILINE))
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[0] for line in shown.splitlines()} == phony
    assert all(len(line.split()) > 2 for line in shown.splitlines())
    assert {
        "setup",
        "test",
        "lint",
        "types",
        "format",
        "demo",
        "bench",
        "bench-peers",
        "lock",
        "clean",
    } <= phony
