"""Writes the dashboards: ``python deploy/grafana/generate.py`` (needs the extra ``dashboards``).

The panels are in panels.py; a test checks that the files in dashboards/ are what this makes.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders import bargauge, common, dashboard, news, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    GraphDrawStyle,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.common import VizOrientation as Orientation
from grafana_foundation_sdk.models.dashboard import DashboardLinkType, DataSourceRef, VariableOption, VariableRefresh
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

sys.path.insert(0, str(Path(__file__).parent))  # a script beside its data, in no package

from panels import BOARDS, Board, Panel

FOLDER = Path(__file__).parent / "dashboards"
SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
ALERT_FEED = "http://127.0.0.1:6066/alerts.atom"
REFRESH = "30s"
REFERENCES = "ABCDEFGH"


def dashboard_of(board: Board) -> Any:
    """Return Grafana's model of ``board``."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.text)
        .tags(["detente"])
        .timezone("utc")
        .refresh(REFRESH)
        .time(board.range, "now")
        .readonly()
        .link(dashboard.DashboardLink("Détente").type(DashboardLinkType.DASHBOARDS).tags(["detente"]).keep_time(True))
        .link(dashboard.DashboardLink("Live page").type(DashboardLinkType.LINK).url("http://127.0.0.1:6066/"))
    )
    if board.by_watch:
        made = made.with_variable(_watch())
    ids = itertools.count(1)
    for title, panels in board.rows:
        made = made.with_row(dashboard.Row(title).id(next(ids)))
        for panel in panels:
            made = made.with_panel(_panel(panel).id(next(ids)))
    return made.build()


def _watch() -> Any:
    return (
        dashboard.QueryVariable("watch")
        .label("Watch")
        .datasource(SOURCE)
        .query("label_values(detente_rapprochement_index, watch)")
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(VariableOption(selected=True, text="All", value="$__all"))
    )


def _panel(panel: Panel) -> Any:
    if panel.kind == "news":
        return _sized(news.Panel().feed_url(ALERT_FEED).show_image(False), panel)
    made = _BUILDERS[panel.kind](panel).datasource(SOURCE).unit(panel.unit)
    for reference, (expression, legend) in zip(REFERENCES, panel.series, strict=False):
        made = made.with_target(_target(panel, reference, expression, legend))
    return _sized(made, panel)


def _sized(made: Any, panel: Panel) -> Any:
    text = f"{panel.text} Empty {panel.may_be_empty}." if panel.may_be_empty else panel.text
    return made.title(panel.title).description(text).span(panel.width).height(panel.height)


def _target(panel: Panel, reference: str, expression: str, legend: str) -> Any:
    query = prometheus.Dataquery().ref_id(reference).datasource(SOURCE).expr(expression).legend_format(legend)
    if panel.kind in ("table", "gauges", "stat"):
        query = query.instant()
        return query.format(PromQueryFormat.TABLE) if panel.kind == "table" else query
    return query.range()


def _series(panel: Panel) -> Any:
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    tooltip = common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI)
    made = timeseries.Panel().legend(legend.show_legend(True).calcs([])).tooltip(tooltip)
    if panel.kind == "bars":
        stack = common.StackingConfig().mode(StackingMode.NORMAL)
        return made.draw_style(GraphDrawStyle.BARS).fill_opacity(70).stacking(stack).min(0)
    return made.fill_opacity(5)


def _stat(_: Panel) -> Any:
    return stat.Panel().reduce_options(_last())


def _gauges(_: Panel) -> Any:
    return bargauge.Panel().orientation(Orientation.HORIZONTAL).reduce_options(_last())


def _last() -> Any:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(False)


def _table(_: Panel) -> Any:
    return table.Panel().show_header(True)


_BUILDERS = {"lines": _series, "bars": _series, "stat": _stat, "gauges": _gauges, "table": _table}


def files() -> dict[str, str]:
    """Return the dashboards' files by name."""
    return {
        f"{board.uid.removeprefix('detente-')}.json": JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(
            dashboard_of(board)
        )
        + "\n"
        for board in BOARDS
    }


def main() -> None:
    """Write all files."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in files().items():
        (FOLDER / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
