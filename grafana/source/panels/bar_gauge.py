"""Horizontal bars."""

from typing import Any

from ..style import NO_VALUE, ONE_COLOUR
from .base import Panel, make_panel, query, query_override
from .states import State, state_override


def bar_gauge(
    title: str,
    description: str,
    unit: str,
    expression: str,
    legend: str,
    state: State,
    *,
    width: int = 12,
    height: int = 8,
    steps: dict[str, Any] = ONE_COLOUR,
    top: float | None = None,
    link: dict[str, Any] | None = None,
) -> Panel:
    """One bar per series, and the state when there is no bar. A click on a bar follows the link."""
    defaults = {"thresholds": steps, "mappings": NO_VALUE, "min": 0, **({"max": top} if top is not None else {})}
    return make_panel(
        "bargauge",
        title,
        description,
        width,
        height,
        unit,
        [query(expression, legend, instant=True), query(state.state_query(expression), instant=True)],
        defaults=defaults,
        overrides=[*([query_override("A", links=[link])] if link else []), state_override("B")],
        options={
            "displayMode": "basic",
            "maxVizHeight": 40,
            "minVizHeight": 10,
            "minVizWidth": 0,
            "namePlacement": "auto",
            "orientation": "horizontal",
            "showUnfilled": True,
            "sizing": "auto",
            "valueMode": "text",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        },
    )
