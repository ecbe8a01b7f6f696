"""Large numbers: `stat` colours them by thresholds, `compared_stat` by comparison with another value."""

from dataclasses import dataclass
from typing import Any

from .. import queries
from ..style import FILL_NEUTRAL, FILLED_STATES, NO_VALUE, ONE_COLOUR, SLATE, Words, fixed_colour, value_mappings
from .base import Panel, Query, make_panel, query, query_override, ref_id
from .states import SKILL_STATE, State, state_override


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
) -> Panel:
    """One or more numbers. With `state`, also the state of the first one."""
    defaults: dict[str, Any] = {"thresholds": steps, "mappings": [*(value_mappings(words) if words else []), *NO_VALUE]}
    if decimals is not None:
        defaults["decimals"] = decimals
    # `auto` shows the names only if there are several values. Without a name, the number has more room.
    text = "value_and_name" if len(values) > 1 else "auto" if "{{" in values[0][1] else "value"
    targets = [
        query(state.figure_query(expression) if state else expression, legend, instant=True)
        for expression, legend in values
    ]
    overrides = []
    if state:
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


@dataclass
class ColourRule:
    """The colour of a value and a label that says the same. `condition` compares the value with {reference}."""

    condition: str
    colour: str
    label: str


def compared_stat(
    title: str,
    description: str,
    unit: str,
    value: str,
    reference: str,
    reference_name: str,
    rules: list[ColourRule],
    *,
    width: int = 4,
    height: int = 5,
    decimals: int | None = None,
    no_reference: str | None = None,
    show_state: bool = True,
) -> Panel:
    """A large number beside a reference: a target, or the same number at an earlier time.

    The colour depends on both, so there is one query per colour rule, and only one of them has a result.
    `no_reference` is the label when there is no reference. With `show_state`, the state is shown when there is no value
    or no skill with calls, and beside the value when an operation is broken.
    """
    codes = SKILL_STATE.codes
    value = f"({value})"
    targets: list[dict[str, Any]] = []
    overrides: list[dict[str, Any]] = []

    def add(expression: str, **properties: Any) -> None:
        overrides.append(query_override(ref_id(len(targets)), **properties))
        targets.append(query(expression, instant=True))

    for rule in rules:
        condition = rule.condition.replace("{reference}", f"({reference})")
        add(f"{value} {condition}", displayName=rule.label, color=fixed_colour(rule.colour))
    if no_reference:
        add(f"{value} unless ({reference})", displayName=no_reference, color=fixed_colour(FILL_NEUTRAL))
    if show_state:
        without_calls = f"max({codes}) unless min({codes}) < {queries.CLOSED}"
        without_value = f"max({codes}) * 0 + {queries.NO_FIGURE} unless {value}"
        overrides.append(state_override(ref_id(len(targets)), FILLED_STATES))
        targets.append(query(f"max({codes} == {queries.BROKEN}) or {without_calls} or {without_value}", instant=True))
    add(reference, displayName=reference_name, color=fixed_colour(SLATE))
    return make_panel(
        "stat",
        title,
        description,
        width,
        height,
        unit,
        targets,
        defaults={"mappings": NO_VALUE, **({"decimals": decimals} if decimals is not None else {})},
        overrides=overrides,
        options=stat_options(),
    )
