"""Bars of state over time, one line per series."""

from typing import Any

from ..style import Words, value_mappings
from .base import Panel, make_panel, query


def state_timeline(
    title: str,
    description: str,
    expression: str,
    legend: str,
    words: Words,
    link: dict[str, Any],
    *,
    width: int = 12,
    height: int = 8,
) -> Panel:
    """A click on a bar shows the link, which can have the time at which the state began."""
    return make_panel(
        "state-timeline",
        title,
        description,
        width,
        height,
        "none",
        [query(expression, legend)],
        defaults={"mappings": value_mappings(words), "color": {"mode": "thresholds"}, "links": [link]},
        custom={
            "fillOpacity": 85,
            "hideFrom": {"legend": False, "tooltip": False, "viz": False},
            "lineWidth": 0,
        },
        options={
            "alignValue": "center",
            "mergeValues": True,
            "rowHeight": 0.88,
            "showValue": "auto",
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False},
            "tooltip": {"mode": "single", "sort": "none"},
        },
        interval="1m",
        maxDataPoints=180,
    )
