"""What a process runs on: git, Python, packages, machine. Cheap: one git command, no package is imported."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from pitwall.settings.secrets import HIDDEN
from pitwall.settings.sources import ALIASES, PREFIX, setting_fields, variable_name

_GIT_SECONDS: Final = 5
_GIT: Final = ("git", "status", "--porcelain=v2", "--branch", "--untracked-files=no")
_PACKAGE: Final = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-[^-]+)*\.(?:dist|egg)-info")
_COMMIT: Final = re.compile(r"[0-9a-f]{40,64}")
_NVIDIA: Final = Path("/proc/driver/nvidia/gpus")
_CPU: Final = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class GitState:
    """The git tree of a directory.

    Attributes:
        commit: None in a tree without one.
        branch: None where none is checked out.
        changed_files: Files known to git that differ from the commit.
    """

    commit: str | None
    branch: str | None
    changed_files: int

    @property
    def is_dirty(self) -> bool:
        """Whether what ran may not be what was committed."""
        return self.changed_files > 0

    def view(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "commit": self.commit,
            "branch": self.branch,
            "is_dirty": self.is_dirty,
            "changed_files": self.changed_files,
        }


def read_git(directory: Path, environ: Mapping[str, str]) -> GitState | None:
    """Return the state of the git tree that a directory is in; None outside of one, or without git."""
    own = {**environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            _GIT, cwd=directory, capture_output=True, timeout=_GIT_SECONDS, check=True, env=own
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_git(done.stdout.decode("utf-8", "replace"))


def parse_git(text: str) -> GitState:
    """Read what `git status --porcelain=v2 --branch` says."""
    said = dict(
        line.removeprefix("# ").split(" ", 1) for line in text.splitlines() if line.startswith("# branch.")
    )
    commit, branch = said.get("branch.oid", ""), said.get("branch.head", "")
    changed = sum(1 for line in text.splitlines() if line and not line.startswith("#"))
    return GitState(
        commit if _COMMIT.fullmatch(commit) else None,
        branch if branch and branch != "(detached)" else None,
        changed,
    )


def installed_packages(folders: Iterable[str] | None = None) -> dict[str, str]:
    """Return the versions of installed packages by name, read from the names of their folders.

    Reading the metadata of some two hundred packages would cost a run a tenth of a second.

    Args:
        folders: Where to look; None is where Python does.
    """
    found: dict[str, str] = {}
    for folder in sys.path if folders is None else folders:
        for name, version in _packages_in(Path(folder or ".")):
            found.setdefault(name, version)
    return dict(sorted(found.items()))


def _packages_in(folder: Path) -> Iterator[tuple[str, str]]:
    try:
        entries = sorted(entry.name for entry in os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        package = _PACKAGE.fullmatch(entry)
        if package is not None:
            yield re.sub(r"[-_.]+", "-", package["name"]).lower(), package["version"]


def python_facts() -> dict[str, Any]:
    """The interpreter."""
    return {"version": platform.python_version(), "implementation": platform.python_implementation()}


def system_facts() -> dict[str, Any]:
    """Operating system and hardware; what cannot be found out is null."""
    return {
        "os": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "cpu": _cpu_model(),
        "cpu_count": os.cpu_count(),
        "memory_bytes": _memory_bytes(),
        "gpus": _gpus(),
    }


def own_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Variables of the environment that settings come from; those of secret settings are hidden."""
    secret = _secret_variables()
    return {
        name: HIDDEN if name in secret else environ[name]
        for name in sorted(environ)
        if name.startswith(PREFIX) or name in ALIASES
    }


@cache
def _secret_variables() -> frozenset[str]:
    paths = {path for path, info in setting_fields().items() if SecretStr.__name__ in repr(info.annotation)}
    aliases = {name for name, path in ALIASES.items() if path in paths}
    return frozenset({variable_name(path) for path in paths} | aliases)


def _cpu_model() -> str | None:
    try:
        with _CPU.open(encoding="utf-8", errors="replace") as file:
            line = next((line for line in file if line.startswith("model name")), None)
    except OSError:
        return None
    return None if line is None else line.partition(":")[2].strip() or None


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError, AttributeError):
        return None


def _gpus() -> list[str]:
    """Models of NVIDIA cards, as their driver says."""
    found = []
    for file in sorted(_NVIDIA.glob("*/information")):
        try:
            text = file.read_text("utf-8", "replace")
        except OSError:
            continue
        found += [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("Model:")]
    return found
