"""Setting up on a machine that lacks something: it says what, and how to get it, in both languages."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "tools.txt"


def bootstrap(directory: Path, python: Path | str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHON": str(python)}
    command = [str(ROOT / "scripts" / "bootstrap.sh"), str(directory), str(LOCK)]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("reported", "shown"), [(None, "none"), ("3.9.18", "3.9.18")])
def test_missing_or_old_python_is_told_with_the_way_out(
    tmp_path: Path, reported: str | None, shown: str
) -> None:
    """The interpreter that was named, its version, and the package to install; nothing is created."""
    python = tmp_path / "python3"
    if reported:
        python.write_text(
            f'#!/bin/sh\ncase "$2" in *platform*) echo {reported};; *) exit 1;; esac\n', "utf-8"
        )
        python.chmod(0o755)
    done = bootstrap(tmp_path / "environment", python)
    assert done.returncode == 1
    assert f"{python} here is: {shown}." in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr
    assert "필요합니다" in done.stderr
    assert not (tmp_path / "environment").exists()


def test_directory_that_is_no_environment_is_left_alone(tmp_path: Path) -> None:
    """Nothing is deleted, and nothing is installed into the Python that a link in it leads to."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "python").symlink_to("/nowhere/python3")
    done = bootstrap(tmp_path, "/nowhere/python3")
    assert done.returncode == 1
    assert f"{tmp_path} is no virtual environment" in done.stderr
    assert binaries.is_dir()
