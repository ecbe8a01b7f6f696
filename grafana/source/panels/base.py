"""What every kind of panel consists of: queries, overrides, and the outer frame.

A panel is a dictionary. It has `w` and `h` in place of a position; the board gives it one.
"""

from collections.abc import Sequence
from typing import Any

from ..style import NO_DATA, ONE_COLOUR

Panel = dict[str, Any]
# An expression and its legend.
Query = tuple[str, str]

# The panels are written for this version of Grafana; newer versions migrate them.
PLUGIN_VERSION = "10.4.0"

# The smallest $__interval of panels that look back over it: it always contains two evaluations of a rule.
LOOK_BACK = "2m"

# The most points of a panel with one for each half-hour: 91 days. Grafana would otherwise leave some of them out.
MOST_POINTS = 4_400

# The reader chooses the data source with a variable.
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


def query(expression: str, legend: str = "", instant: bool = False, table: bool = False) -> dict[str, Any]:
    """One query of a panel. The panel adds its refId."""
    return {
        "datasource": DATASOURCE,
        "editorMode": "code",
        "expr": expression,
        "format": "table" if table else "time_series",
        "instant": instant,
        "legendFormat": legend or "__auto",
        "range": not instant,
    }


def ref_id(index: int) -> str:
    """Grafana's id of the query with this index: A, B, C…"""
    return chr(ord("A") + index)


def override(matcher: str, option: str, **properties: Any) -> dict[str, Any]:
    """Properties of the fields that match. A dot in the id of a property is written as two underscores."""
    listed = [
        {"id": name.replace("__", "."), "value": value} for name, value in properties.items() if value is not None
    ]
    return {"matcher": {"id": matcher, "options": option}, "properties": listed}


def query_override(ref: str, **properties: Any) -> dict[str, Any]:
    """Properties of the results of one query."""
    return override("byFrameRefID", ref, **properties)


def make_panel(
    kind: str,
    title: str,
    description: str,
    width: int,
    height: int,
    unit: str,
    queries: list[dict[str, Any]],
    *,
    defaults: dict[str, Any] | None = None,
    custom: dict[str, Any] | None = None,
    overrides: Sequence[dict[str, Any]] = (),
    options: dict[str, Any] | None = None,
    **more: Any,
) -> Panel:
    """A panel of any kind; `more` are further keys of the panel."""
    config = {
        "color": {"mode": "thresholds"},
        "custom": custom or {},
        "mappings": [],
        "noValue": NO_DATA,
        "thresholds": ONE_COLOUR,
        "unit": unit,
        **(defaults or {}),
    }
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "w": width,
        "h": height,
        "fieldConfig": {"defaults": config, "overrides": list(overrides)},
        "options": options or {},
        "pluginVersion": PLUGIN_VERSION,
        "targets": [{**one, "refId": ref_id(index)} for index, one in enumerate(queries)],
        **more,
    }
