"""Resolve the dependencies again and write the hash-pinned locks, none of which names a host.

python scripts/lock.py            all locks
python scripts/lock.py --upgrade  with newer versions than the present locks hold
"""

from __future__ import annotations

import subprocess
import sys
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
UV = Path(sys.executable).with_name("uv")
COMMON = (
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-config",
    "--quiet",
)


def compile_lock(source: Path, lock: Path, *options: str) -> None:
    """Resolve one input file into one lock; what the lock already pins stays unless an upgrade was asked for.

    Raises:
        SystemExit: The requirements cannot be met together, or the lock would name an address.
    """
    command = ["pip", "compile", str(source), "--output-file", str(lock), *COMMON, *options, *sys.argv[1:]]
    if subprocess.run([UV, *command], cwd=ROOT, check=False).returncode:
        sys.exit(f"{lock.relative_to(ROOT)}: the requirements of {source.relative_to(ROOT)} do not resolve")
    if "://" in lock.read_text("utf-8"):
        sys.exit(f"{lock.relative_to(ROOT)} names an address; a lock holds names, versions and hashes only")
    print(f"{lock.relative_to(ROOT)}: {lock.read_text('utf-8').count('==')} packages")


def main() -> None:
    """Write every lock of the project."""
    project = ROOT / "pyproject.toml"
    dev = REQUIREMENTS / "dev.txt"
    compile_lock(project, dev, "--extra=dev")
    compile_lock(project, REQUIREMENTS / "server.txt", "--extra=server", f"--constraints={dev}")
    compile_lock(REQUIREMENTS / "tools.in", REQUIREMENTS / "tools.txt", f"--constraints={dev}")
    inputs = [REQUIREMENTS.glob(f"{folder}/*.in") for folder in ("sdk-envs", "peers")]
    for source in sorted([*chain(*inputs), *ROOT.glob("examples/*/requirements.in")]):
        compile_lock(source, source.with_suffix(".txt"))


if __name__ == "__main__":
    main()
