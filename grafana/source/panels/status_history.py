"""Cells over time, one line of cells per series: a heatmap whose cells show their numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from .base import Panel, make_panel, override, query


def status_history(
    title: str,
    description: str,
    expression: str,
    legend: str,
    names: Mapping[str, str],
    *,
    mappings: Sequence[dict[str, Any]],
    steps: dict[str, Any] | None = None,
    show_values: bool = True,
    interval: str,
    width: int = 24,
    height: int = 8,
    **more: Any,
) -> Panel:
    """`names` are the names of the lines by their legends. Without `steps`, a darker cell has a smaller number.

    A number that does not fit into its cell would be cut. Without `show_values`, it stands in the tooltip only.
    """
    colour = {"thresholds": steps} if steps else {"color": {"mode": "continuous-blues"}, "min": 0}
    return make_panel(
        "status-history",
        title,
        description,
        width,
        height,
        "none",
        [query(expression, legend)],
        defaults={"mappings": list(mappings), "decimals": 0, **colour},
        custom={
            "fillOpacity": 100,
            "hideFrom": {"legend": False, "tooltip": False, "viz": False},
            "lineWidth": 0,
        },
        overrides=[override("byName", name, displayName=text) for name, text in names.items()],
        options={
            "colWidth": 0.95,
            "rowHeight": 0.9,
            "showValue": "auto" if show_values else "never",
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False},
            "tooltip": {"mode": "single", "sort": "none"},
        },
        interval=interval,
        **more,
    )
