"""The picture falls back to what is there, and says so."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from pitwall.evals.analysis import dashboard
from pitwall.evals.analysis.errors import DashboardUnavailable
from pitwall.evals.analysis.graph import run_graph
from pitwall.evals.analysis.plan import NODES
from pitwall.evals.analysis.wire import analysis_json
from pitwall.kit.i18n import Language
from tests.support.analyses import make_data, make_metric


def _analysis(cases: int = 40) -> dict[str, Any]:
    return analysis_json(run_graph(NODES, make_data(make_metric("m", [0.2, 0.9] * (cases // 2)))))


def test_without_a_korean_font_labels_are_english_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Boxes instead of letters help nobody."""
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(dashboard, "_FONTS", ("No Such Font",))
    drawn = dashboard.draw_dashboard(_analysis(), tmp_path, "svg", Language.KOREAN)
    assert "No Such Font" in drawn.remarks[0]
    assert drawn.path.stat().st_size > 1000


def test_parts_without_anything_to_draw_say_so(tmp_path: Path) -> None:
    """In the middle of their place, so that the others keep theirs; matplotlib would warn."""
    pytest.importorskip("matplotlib")
    drawn = dashboard.draw_dashboard(_analysis(cases=4), tmp_path, "svg", Language.ENGLISH)
    assert drawn.path.read_text("utf-8").count("<!-- no data -->") == 3


def test_without_the_extra_the_way_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra, and the report that needs none."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(DashboardUnavailable) as refused:
        dashboard.draw_dashboard(_analysis(), tmp_path, "png", Language.ENGLISH)
    assert "pitwall[dashboard]" in (refused.value.hint or "")
