"""A picture of an analysis, by matplotlib without a screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pitwall.evals.analysis.errors import DashboardUnavailable
from pitwall.evals.analysis.report import words
from pitwall.evals.analysis.wire import outputs
from pitwall.kit.i18n import Language, Text

Json = Mapping[str, Any]
_FONTS: Final = (
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "NanumGothic",
    "Nanum Gothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
)
_NO_FONT = Text(
    "No Korean font was found ({fonts}); the labels of the picture are in English, and Korean names show as "
    "boxes.",
    "한국어 글꼴({fonts})을 찾지 못해 그림의 라벨을 영어로 썼습니다. 한국어 이름은 네모로 보일 수 있습니다.",
)
_MOST_BARS: Final = 12
_MOST_LETTERS: Final = 44


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, and what is to be said of it."""

    path: Path
    remarks: tuple[str, ...] = ()


def draw_dashboard(analysis: Json, folder: Path, file_format: str, language: Language) -> Drawn:
    """Draw means with thresholds, slices, clusters and associations to `dashboard_<RUN_ID>.<format>`.

    Raises:
        DashboardUnavailable: The extra is not installed.
    """
    try:
        from matplotlib import font_manager, rc_context
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise DashboardUnavailable(
            "Pictures need the extra `dashboard`.",
            hint='Install it with `pip install "pitwall[dashboard]"`, or use --report for charts without it.',
        ) from error
    known = {font.name for font in font_manager.fontManager.ttflist}
    font = next((name for name in _FONTS if name in known), None)
    remarks = () if font else (_NO_FONT.say(language, fonts=", ".join(_FONTS)),)
    spoken = language if font else Language.ENGLISH
    path = folder / f"dashboard_{analysis['run']['id']}.{file_format}"
    folder.mkdir(parents=True, exist_ok=True)
    families = [font, "DejaVu Sans"] if font else ["DejaVu Sans"]
    with rc_context({"font.family": families, "axes.unicode_minus": False, "font.size": 9}):
        figure = Figure(figsize=(12, 8), layout="constrained")
        FigureCanvasAgg(figure)
        figure.suptitle(words.TITLE.say(spoken, name=analysis["run"]["name"]))
        _fill(figure, outputs(analysis), spoken)
        figure.savefig(path, format=file_format, dpi=120)
    return Drawn(path, remarks)


def _fill(figure: Any, said: Mapping[str, Json], language: Language) -> None:
    axes = figure.subplots(2, 2).flatten()
    titles = ("statistics", "slices", "failure_clusters", "associations")
    for axis, name, draw in zip(axes, titles, (_means, _slices, _clusters, _associations), strict=True):
        axis.set_title(words.HEADINGS[name].say(language))
        axis.spines[["top", "right"]].set_visible(False)
        if name not in said or not draw(axis, said[name]):
            middle = {"ha": "center", "va": "center", "transform": axis.transAxes}
            axis.text(0.5, 0.5, words.VERDICTS["no_data"].say(language), **middle)
            axis.set_axis_off()


def _means(axis: Any, said: Json) -> bool:
    rows = [row for row in said["metrics"] if row["unit"] == "ratio" and row["mean"] is not None][:_MOST_BARS]
    for at, row in enumerate(rows):
        axis.barh(at, row["mean"], color="#2f6fdb", height=0.6)
        if row["low"] is not None:
            axis.plot([row["low"], row["high"]], [at, at], color="#1c2430", linewidth=1.5)
        if row["threshold"] is not None:
            axis.plot([row["threshold"]] * 2, [at - 0.4, at + 0.4], color="#b3261e", linestyle="--")
    axis.set_xlim(0.0, 1.0)
    _name(axis, [row["metric"] for row in rows])
    return bool(rows)


def _slices(axis: Any, said: Json) -> bool:
    rows = said["found"][:_MOST_BARS]
    for at, row in enumerate(rows):
        color = "#b3261e" if row["verdict"] == "worse" else "#2e7d4f"
        axis.barh(at, row["difference"], color=color, height=0.6)
    axis.axvline(0.0, color="#5d6878", linewidth=0.8)
    _name(axis, [_shorten(f"{row['metric']}: {row['fact']} = {row['value']}") for row in rows])
    return bool(rows)


def _clusters(axis: Any, said: Json) -> bool:
    rows = said["clusters"][:_MOST_BARS]
    axis.barh(range(len(rows)), [row["n"] for row in rows], color="#2f6fdb", height=0.6)
    _name(axis, [_shorten(f"{row['id']} {', '.join(row['terms'])}") for row in rows])
    return bool(rows)


def _associations(axis: Any, said: Json) -> bool:
    rows = [row for row in said["associations"] if row["is_shown"]][:_MOST_BARS]
    axis.barh(range(len(rows)), [row["rho"] for row in rows], color="#2f6fdb", height=0.6)
    axis.axvline(0.0, color="#5d6878", linewidth=0.8)
    axis.set_xlim(-1.0, 1.0)
    _name(axis, [f"{row['factor']} · {row['metric']}" for row in rows])
    return bool(rows)


def _shorten(label: str) -> str:
    return label if len(label) <= _MOST_LETTERS else f"{label[: _MOST_LETTERS - 1]}…"


def _name(axis: Any, labels: list[str]) -> None:
    axis.set_yticks(range(len(labels)), labels)
    axis.invert_yaxis()
