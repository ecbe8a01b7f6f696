"""A whole dashboard: its settings, and the grid with its panels."""

from dataclasses import dataclass, field
from typing import Any

from .links import dashboards_menu
from .panels.base import Panel
from .variables import BASIC, Variable

SCHEMA_VERSION = 39
# Columns of Grafana's grid.
COLUMNS = 24


def row_panel(title: str, repeat: str | None = None, *, collapsed: bool = False) -> Panel:
    """A row heading. With `repeat`, Grafana repeats the row for each value of that variable.

    The panels below a collapsed row, until the next row heading, are hidden until somebody opens it.
    """
    panel = {"type": "row", "title": title, "collapsed": collapsed, "panels": [], "w": COLUMNS, "h": 1}
    return {**panel, "repeat": repeat, "repeatDirection": "h"} if repeat else panel


def lay_out(rows: list[list[Panel]]) -> list[Panel]:
    """Gives each panel an id and a position. All panels of a row have the same height and fill its width."""
    placed: list[Panel] = []
    # Where the panels go: a collapsed row holds its panels itself.
    into = placed
    count = 0
    top = 0
    for row in rows:
        height = row[0]["h"]
        left = 0
        for panel in row:
            rest = {key: value for key, value in panel.items() if key not in ("w", "h")}
            width = panel["w"]
            assert panel["h"] == height, f"{panel['title']} does not have the height of its row"
            position = {"h": height, "w": width, "x": left, "y": top}
            count += 1
            one = {"id": count, **rest, "gridPos": position}
            if panel["type"] == "row":
                # Each language lays the panels out anew.
                one["panels"] = []
                placed.append(one)
                into = one["panels"] if panel["collapsed"] else placed
            else:
                into.append(one)
            left += width
        assert left == COLUMNS, f"the row of {row[0]['title']} is {left} columns wide, expected {COLUMNS}"
        top += height
    return placed


@dataclass
class Board:
    """A dashboard.

    `rows` are its rows of panels, `annotations` the alerts on its graphs, and `variables` those beside the basic ones.
    """

    uid: str
    title: str
    description: str
    rows: list[list[Panel]]
    annotations: list[dict[str, Any]]
    variables: list[Variable] = field(default_factory=list)
    time_from: str = "now-6h"
    time_to: str = "now"
    refresh: str = "1m"
    # 1 shows the cursor on all graphs at once, 0 does not.
    shared_cursor: int = 1

    def dashboard(self, language_tag: str) -> dict[str, Any]:
        """The dashboard as Grafana reads it, with a menu of all dashboards in its language."""
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": ["wolkvox", language_tag],
            "schemaVersion": SCHEMA_VERSION,
            "version": 1,
            "editable": False,
            "graphTooltip": self.shared_cursor,
            "style": "dark",
            "time": {"from": self.time_from, "to": self.time_to},
            "refresh": self.refresh,
            "timezone": "browser",
            "weekStart": "",
            "fiscalYearStartMonth": 0,
            "liveNow": False,
            "timepicker": {},
            "annotations": {"list": self.annotations},
            "links": [dashboards_menu(language_tag)],
            "templating": {"list": [*BASIC, *self.variables]},
            "panels": lay_out(self.rows),
        }
