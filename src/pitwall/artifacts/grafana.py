"""Dashboards of Grafana: one of every board, and one of all signals of a pack."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models

from pitwall.artifacts.packs import Pack
from pitwall.artifacts.panels import DATASOURCE, board_panels, signal_panel
from pitwall.artifacts.stack import PITWALL
from pitwall.boards.types import Board
from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.openmetrics import LABELS

_ALL = "$__all"


def board_dashboard(board: Board, catalogue: Catalogue) -> str:
    """A board as a dashboard, as JSON to import or to provision."""
    builder = _dashboard(
        f"pitwall-{board.name}".replace("_", "-"), f"Pitwall · {board.title.en} / {board.title.ko}"
    )
    builder.description(f"{board.description.en}\n\n{board.description.ko}")
    for panel in board_panels(board, catalogue):
        builder.with_panel(panel)
    return _written(builder)


def pack_dashboard(pack: Pack) -> str:
    """All signals of a pack: a row per group, a panel per signal."""
    builder = _dashboard(f"pitwall-pack-{pack.name}", f"Pitwall · pack {pack.name}")
    for group, members in groupby(sorted(pack.signals, key=_group), key=_group):
        builder.with_row(dashboard.Row(group))
        for signal in members:
            builder.with_panel(signal_panel(signal))
    return _written(builder)


def _dashboard(uid: str, title: str) -> dashboard.Dashboard:
    builder = (
        dashboard.Dashboard(title)
        .uid(uid[:40])
        .tags(["pitwall"])
        .timezone("browser")
        .time("now-6h", "now")
        .refresh("1m")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(
            dashboard.DashboardLink("Pitwall")
            .type(models.DashboardLinkType.LINK)
            .url("${pitwall}")
            .target_blank(target_blank=True)
        )
    )
    for variable in _variables():
        builder.with_variable(variable)
    return builder


def _variables() -> list[Any]:
    address = f"http://{PITWALL}"
    chosen = models.VariableOption(text=address, value=address, selected=True)
    return [
        dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus"),
        *(_label_variable(label) for label in ("project", *LABELS)),
        dashboard.TextBoxVariable("pitwall").label("Pitwall").default_value(address).current(chosen),
    ]


def _label_variable(label: str) -> Any:
    return (
        dashboard.QueryVariable(label)
        .label(label)
        .datasource(DATASOURCE)
        .query({"query": f'label_values({{__name__=~"pitwall_.*"}}, {label})', "refId": label})
        .include_all(include_all=True)
        .all_value(".*")
        .multi(multi=True)
        .current(models.VariableOption(text="All", value=_ALL, selected=True))
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
    )


def _group(signal: Signal) -> str:
    return signal.name.partition(".")[0]


def _written(builder: dashboard.Dashboard) -> str:
    """The JSON, with numbers for panels: Grafana needs them, the builder leaves them out."""
    document = json.loads(JSONEncoder(sort_keys=True).encode(builder.build()))
    for number, panel in enumerate(document["panels"], start=1):
        panel["id"] = number
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
