"""The READMEs of the examples name what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from examples.model_server.faults import FaultMode
from pitwall.settings.sources import ALIASES

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_every_setting_and_fault_is_documented(readme: str) -> None:
    """Both languages list every environment variable the service reads and every fault."""
    text = (EXAMPLES / readme).read_text(encoding="utf-8")
    settings = (EXAMPLES / "voc_chat" / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', settings))
    names |= {name for name, setting in ALIASES.items() if setting.startswith("voc.")}
    assert len(names) > 12
    assert {name for name in names | set(FaultMode) if f"`{name}`" not in text} == set()


def test_lock_is_pinned_by_hash_and_names_no_host() -> None:
    """Every package of the lock has a hash; no download address is recorded."""
    lock = (EXAMPLES / "voc_chat" / "requirements.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z])", lock)
    assert len(entries) > 50
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in lock
