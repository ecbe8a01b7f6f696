"""Tiles: one number each, and below it some words with its target."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ..language import FigureWords
from ..language import Text as _
from ..style import FILL_NEUTRAL, FILLED_STATES, MISSING_WORDS, NO_VALUE, fixed_colour, on_a_tile, value_mappings
from .base import Panel, make_panel, override, query, query_override
from .stat import stat_options
from .states import ALL_SKILLS_STATE


@dataclass
class TileRule:
    """A number with its colour and its words.

    The expression returns the number, if the rule applies. `labels` is an operation that gives it the labels that stand
    in the words: `target {{target}} %`. Each of them must have a value, or Grafana would show its name.
    """

    expression: str
    colour: str
    words: str
    labels: str = ""
    mappings: list[dict[str, Any]] | None = None
    unit: str | None = None


def _rule_name(index: int) -> str:
    return f"rule {index}"


def _labelled(expression: str, name: str) -> str:
    return f'label_replace({expression}, "rule", "{name}", "", "")'


def _figure(rules: Sequence[TileRule]) -> str:
    """The number of the rule that applies, with the name of that rule. Labels that rules share are computed once."""
    groups = []
    for labels, group in groupby(enumerate(rules), key=lambda one: one[1].labels):
        named = " or ".join(_labelled(rule.expression, _rule_name(index)) for index, rule in group)
        groups.append(f"({named}){labels}")
    return " or ".join(groups)


def tile(
    title: str,
    description: str,
    unit: str,
    rules: list[TileRule],
    link: dict[str, Any] | None = None,
    *,
    value: str | None = None,
    height: int,
    decimals: int = 0,
    width: int = 4,
) -> Panel:
    """A tile. At any time one of the rules applies, and the tile has one number, so that its layout never changes.

    `value` is the number of all rules. Where it is missing, the word of a state stands in its place. All rules are one
    query: Grafana sends it once, and finds the colour and the words by the name of the series, which is the rule.
    """
    expression = _figure(rules)
    overrides = [
        override(
            "byName",
            _rule_name(index),
            displayName=FigureWords(rule.words),
            color=fixed_colour(rule.colour),
            mappings=rule.mappings,
            unit=rule.unit,
        )
        for index, rule in enumerate(rules)
    ]
    if value:
        state = f"{ALL_SKILLS_STATE.idle} or {ALL_SKILLS_STATE.no_figure} or {ALL_SKILLS_STATE.no_skill}"
        expression += f" or {_labelled(f'({state}) unless on () {value}', 'state')}"
        mappings = [*value_mappings(on_a_tile(FILLED_STATES)), *value_mappings(on_a_tile(MISSING_WORDS))]
        overrides.append(
            override("byName", "state", displayName=_("State"), unit="none", decimals=0, mappings=mappings)
        )
    return make_panel(
        "stat",
        title,
        description,
        width,
        height,
        unit,
        [query(expression, "{{rule}}", instant=True)],
        defaults={"mappings": NO_VALUE, "decimals": decimals, **({"links": [link]} if link else {})},
        overrides=overrides,
        options=stat_options("background_solid"),
    )


def signed_tile(
    title: str,
    description: str,
    unit: str,
    expression: str,
    words: str,
    colours: dict[str, str],
    *,
    state: str,
    height: int,
    width: int,
    decimals: int = 0,
    mappings: list[dict[str, Any]] | None = None,
    time_from: str | None = None,
) -> Panel:
    """A tile with one query for the number: its label `sign` begins the words, and has the colour.

    Without a sign, the number is neutral. `state` is the code whose word stands in place of a missing number.
    `time_from` is the beginning of a time range of its own, which ends now. The title says what it is.
    """
    # The words begin with spaces. A sign can be the beginning of another one.
    signs = [
        override("byRegexp", f"/^\\s*{sign}(?!{sign[0]})/", color=fixed_colour(colour))
        for sign, colour in colours.items()
    ]
    state_words = {"displayName": _("State"), "unit": "none", "decimals": 0, "mappings": value_mappings(FILLED_STATES)}
    return make_panel(
        "stat",
        title,
        description,
        width,
        height,
        unit,
        [query(expression, words, instant=True), query(state, instant=True)],
        defaults={
            "mappings": [*(mappings or []), *NO_VALUE],
            "decimals": decimals,
            "color": fixed_colour(FILL_NEUTRAL),
        },
        overrides=[*signs, query_override("B", **state_words)],
        options=stat_options("background_solid"),
        **({"timeFrom": time_from, "hideTimeOverride": True} if time_from else {}),
    )
