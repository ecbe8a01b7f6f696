"""Large numbers that thresholds or value mappings colour."""

from collections.abc import Mapping
from typing import Any

from ..style import NO_DATA, NO_VALUE, ONE_COLOUR, SLATE, Words, special_mapping, value_mappings
from .base import Panel, Query, make_panel, query, query_override, ref_id
from .states import State, named_state, state_override, state_series_override


def stat_options(
    mode: str = "background", text: str = "value_and_name", orientation: str = "horizontal", wide: bool = False
) -> dict[str, Any]:
    return {
        "colorMode": mode,
        "graphMode": "none",
        "justifyMode": "center",
        "orientation": orientation,
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "showPercentChange": False,
        "textMode": text,
        # Wide: the name is beside the value. Otherwise it is above the value, which leaves the value more room.
        "wideLayout": wide,
    }


def stat(
    title: str,
    description: str,
    unit: str,
    values: list[Query],
    *,
    width: int = 4,
    height: int = 4,
    steps: dict[str, Any] = ONE_COLOUR,
    words: Words | None = None,
    decimals: int | None = None,
    mode: str = "value",
    state: State | None = None,
    units: Mapping[int, str] | None = None,
) -> Panel:
    """One or more numbers. With `state`, also the state of the first one.

    `units` are those of numbers with another unit than the others, by their index.
    """
    # A background is as calm as that of a state in which nothing is wrong.
    no_value = NO_VALUE if mode == "value" else [special_mapping(NO_DATA, SLATE)]
    defaults: dict[str, Any] = {"thresholds": steps, "mappings": [*(value_mappings(words) if words else []), *no_value]}
    if decimals is not None:
        defaults["decimals"] = decimals
    # `auto` shows the names only if there are several values. Without a name, the number has more room.
    text = "value_and_name" if len(values) > 1 else "auto" if "{{" in values[0][1] else "value"
    targets = [
        query(state.figure_query(expression) if state else expression, legend, instant=True)
        for expression, legend in values
    ]
    overrides = [query_override(ref_id(index), unit=of_it) for index, of_it in (units or {}).items()]
    if state and len(values) == 1:
        # One query less for Grafana to send: the state is a series beside the figure, with a name of its own.
        expression, legend = values[0]
        legend = legend or "{{shown}}"
        targets[0]["expr"] += f" or {named_state(state.state_query(expression), legend.strip('{}'))}"
        targets[0]["legendFormat"] = legend
        overrides.append(state_series_override())
    elif state:
        overrides.append(state_override(ref_id(len(targets))))
        targets.append(query(state.state_query(values[0][0]), instant=True))
    return make_panel(
        "stat",
        title,
        description,
        width,
        height,
        unit,
        targets,
        defaults=defaults,
        overrides=overrides,
        options=stat_options(mode, text, "auto"),
    )
