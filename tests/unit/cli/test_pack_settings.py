"""Packs of the settings: what is wrong with them is said before a server starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.cli.main import run

SIGNAL = """
- name: shop.orders
  title: {en: Orders, ko: 주문}
  description: {en: Orders., ko: 주문 수입니다.}
  over: points where name = 'orders'
  value: increase(value)
  unit: points
"""


def _check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packs: Path) -> int:
    monkeypatch.setenv("PITWALL_PACKS", str(packs))
    monkeypatch.chdir(tmp_path)
    return run(["config", "check"])


def _pack(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "shop" / "signals"
    folder.mkdir(parents=True)
    (folder / "shop.yaml").write_text(text, encoding="utf-8")
    return folder.parent


def test_sound_pack_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signals, boards and rules are read as a server reads them."""
    assert _check(tmp_path, monkeypatch, _pack(tmp_path, SIGNAL)) == 0


def test_wrong_signal_is_named_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3, with the file and the line."""
    pack = _pack(tmp_path, SIGNAL.replace("increase(value)", "increase(volume)"))
    assert _check(tmp_path, monkeypatch, pack) == 3
    assert "packs" in capsys.readouterr().out


def test_wrong_stage_rule_is_named_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rules of stage guides are read, too."""
    pack = _pack(tmp_path, SIGNAL)
    (pack / "stages").mkdir()
    (pack / "stages" / "guide.yaml").write_text("rules:\n  - {name: mine}\n")
    assert _check(tmp_path, monkeypatch, pack) == 3
    assert "guide.yaml:2:" in "".join(capsys.readouterr().out.split())


def test_wrong_online_rule_is_named_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """So are rules that score live traces."""
    pack = _pack(tmp_path, SIGNAL)
    (pack / "online").mkdir()
    (pack / "online" / "rules.yaml").write_text("- name: mine\n  metrics: [exact_match]\n")
    assert _check(tmp_path, monkeypatch, pack) == 3
    assert "rules.yaml:2:" in "".join(capsys.readouterr().out.split())


def test_missing_pack_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped directory is no pack without signals."""
    assert _check(tmp_path, monkeypatch, tmp_path / "nowhere") == 3
    assert "no pack" in " ".join(capsys.readouterr().out.split())
