"""Secrets in files: found where they stand, never told, and not seen everywhere."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pitwall.checks.secret_search import ALLOWED, kind_of, search

# Put together here, so that this file holds none.
TOKEN = "ghp_" + "a1B2c3D4" * 5
KEY = "Zq8" + "w3Lk9vT2xR7m"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (f"curl -H 'authorization: token {TOKEN}'", "token"),
        ("-----BEGIN RSA PRIVATE KEY-----", "token"),
        (f'api_key = "{KEY}"', "assignment"),
        (f"OPENAI_API_KEY={KEY}9XyQ1", "assignment"),
        (f'"clientSecret": "{KEY}"', "assignment"),
        (f"postgresql://shop:{KEY}@db/shop", "url"),
        ('api_key = "your-api-key-1234"', None),
        ('password = "changeme-please-1"', None),
        ("password: secret://env/DB_PASSWORD", None),
        ("token = settings.token", None),
        ("api_key=os.environ['API_KEY']", None),
        ("postgresql://shop:${PASSWORD}@db/shop", None),
        ("postgresql://shop@db/shop", None),
        ("max_tokens = 4096", None),
        ("the token of the session is kept", None),
        ("", None),
    ],
)
def test_line_is_told_by_what_it_holds(line: str, kind: str | None) -> None:
    """Tokens of known form, random values behind telling names, and passwords in addresses are secrets."""
    assert kind_of(line) == kind


def test_files_of_git_are_searched_and_nothing_of_a_secret_is_told(tmp_path: Path) -> None:
    """What git does not know is not searched; a line that says so is left out; so are excluded paths."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "app.py").write_text(f"x = 1\nkey = '{TOKEN}'\n")
    (tmp_path / "allowed.py").write_text(f"key = '{TOKEN}'  # {ALLOWED}\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "fake.py").write_text(f"key = '{TOKEN}'\n")
    (tmp_path / "image.bin").write_bytes(b"\0" + TOKEN.encode())
    subprocess.run(["git", "-C", str(tmp_path), "add", "."], check=True)
    (tmp_path / ".env").write_text(f"TOKEN={TOKEN}\n")
    found = [str(one) for one in search(tmp_path, ["tests/*"])]
    assert found == ["app.py:2 (token)"]
    assert TOKEN not in repr(list(search(tmp_path)))


def test_directory_without_git_is_searched_whole(tmp_path: Path) -> None:
    """Artifacts are no repository; environments and caches in it are nobody's artifacts."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "log.txt").write_text(f"{TOKEN}\n")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "x.js").write_text(f"{TOKEN}\n")
    assert [one.path for one in search(tmp_path)] == ["run/log.txt"]
