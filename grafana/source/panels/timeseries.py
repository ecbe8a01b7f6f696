"""Graphs with lines."""

from typing import Any

from ..style import NO_DATA, TARGET_LINE, fixed_colour
from .base import MOST_POINTS, Panel, Query, make_panel, query, query_override, ref_id
from .states import State, state_areas

LINE_STYLE = {
    "axisBorderShow": False,
    "axisCenteredZero": False,
    "axisColorMode": "text",
    "axisLabel": "",
    "axisPlacement": "auto",
    "barAlignment": 0,
    "drawStyle": "line",
    "fillOpacity": 0,
    "gradientMode": "none",
    "hideFrom": {"legend": False, "tooltip": False, "viz": False},
    "lineInterpolation": "linear",
    "lineWidth": 2,
    "pointSize": 4,
    "scaleDistribution": {"type": "linear"},
    "showPoints": "never",
    "spanNulls": False,
    "stacking": {"group": "A", "mode": "none"},
    "thresholdsStyle": {"mode": "off"},
}


def timeseries(
    title: str,
    description: str,
    unit: str,
    lines: list[Query],
    *,
    width: int = 12,
    height: int = 8,
    top: float | None = None,
    bottom: float | None = 0,
    dashed: str = "",
    stacked: bool = False,
    decimals: int | None = None,
    interval: str | None = None,
    state: State | None = None,
    every: str | None = None,
    link: dict[str, Any] | None = None,
    no_value: str = NO_DATA,
    steps: bool = False,
    filled: str = "",
    points: int | None = None,
) -> Panel:
    """A graph. The lines whose refIds are in `dashed` are targets, not measurements.

    `every` is the expression of all series when `lines` shows only the largest ones: the state depends on all of them.
    `link` is for the series of the first query.
    With `steps`, a value holds until the next one, and `interval` is the time between them. The areas below the lines
    whose refIds are in `filled` have a colour. `points` is the most that a line has over a long range.
    """
    if state:
        measured = (expression for index, (expression, _) in enumerate(lines) if ref_id(index) not in dashed)
        figure = every or " or ".join(measured)
        lines = [(state.figure_query(expression), legend) for expression, legend in lines]
        # The word `state` in the name of the series keeps it apart from other series whose name is a number.
        states = f'count_values("state", {state.state_query(figure)})'
        lines.append((f"{states} * 0 + time() * 1000", "state {{state}}"))
    custom: dict[str, Any] = dict(LINE_STYLE)
    if steps:
        custom.update(lineInterpolation="stepAfter")
    if stacked:
        custom.update(stacking={"group": "A", "mode": "normal"}, fillOpacity=40, lineWidth=1)
    defaults: dict[str, Any] = {"color": {"mode": "palette-classic"}, "noValue": no_value}
    limits = (("min", bottom), ("max", top), ("decimals", decimals))
    defaults.update({name: value for name, value in limits if value is not None})
    overrides = [
        query_override(
            ref,
            color=fixed_colour(TARGET_LINE),
            custom__lineStyle={"fill": "dash", "dash": [8, 8]},
            custom__lineWidth=1,
        )
        for ref in dashed
    ]
    if link:
        overrides.append(query_override("A", links=[link]))
    overrides += [query_override(ref, custom__fillOpacity=25) for ref in filled]
    if state:
        overrides += state_areas(ref_id(len(lines) - 1))
    most_points = MOST_POINTS if steps else points
    return make_panel(
        "timeseries",
        title,
        description,
        width,
        height,
        unit,
        [query(expression, legend) for expression, legend in lines],
        defaults=defaults,
        custom=custom,
        overrides=overrides,
        options={
            "legend": {
                # With many lines, the names need all the room below the graph.
                "calcs": [] if every else ["lastNotNull"],
                "displayMode": "list",
                "placement": "bottom",
                "showLegend": True,
            },
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        **({"interval": interval} if interval else {}),
        **({"maxDataPoints": most_points} if most_points else {}),
    )
