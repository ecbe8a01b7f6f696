"""Tiles of a wallboard: one number each, and below it some words with its target."""

from dataclasses import dataclass
from typing import Any

from ..language import Text as _
from ..style import FILLED_STATES, NO_VALUE, fixed_colour, value_mappings
from .base import Panel, make_panel, query, query_override, ref_id
from .stat import stat_options
from .states import ALL_SKILLS_STATE


@dataclass
class TileRule:
    """A number with its colour and its words.

    The expression returns the number, if the rule applies. Its labels can stand in the words: `target {{target}} %`.
    """

    expression: str
    colour: str
    words: str
    mappings: list[dict[str, Any]] | None = None
    unit: str | None = None


def tile(
    title: str,
    description: str,
    unit: str,
    rules: list[TileRule],
    link: dict[str, Any],
    *,
    value: str | None = None,
    height: int,
    decimals: int = 0,
    width: int = 4,
) -> Panel:
    """A tile. At any time one of the rules applies, and the tile has one number, so that its layout never changes.

    `value` is the number of all rules. Where it is missing, the word of a state stands in its place.
    """
    targets = [query(rule.expression, rule.words, instant=True) for rule in rules]
    overrides = [
        query_override(
            ref_id(index),
            color=fixed_colour(rule.colour),
            mappings=rule.mappings,
            unit=rule.unit,
        )
        for index, rule in enumerate(rules)
    ]
    if value:
        state = f"{ALL_SKILLS_STATE.idle} or {ALL_SKILLS_STATE.no_figure}"
        words = {"displayName": _("State"), "unit": "none", "decimals": 0, "mappings": value_mappings(FILLED_STATES)}
        overrides.append(query_override(ref_id(len(targets)), **words))
        targets.append(query(f"({state}) unless on () {value}", instant=True))
    return make_panel(
        "stat",
        title,
        description,
        width,
        height,
        unit,
        targets,
        defaults={"mappings": NO_VALUE, "decimals": decimals, "links": [link]},
        overrides=overrides,
        options=stat_options("background_solid"),
    )
