"""Panels that are on more than one dashboard."""

from typing import Any

from .. import queries
from ..language import NO_BREAK, Line
from ..language import Text as _
from ..panels import TileRule, tile
from ..panels.base import Panel
from ..style import FILL_BAD, FILL_GOOD, FILL_NEUTRAL, FILL_WARN
from .tile_words import labelled, named

# A label without a value does not exist, and Grafana would show the name of a missing label in the words of a tile.
# This character has no width.
NOTHING = "\u200b"


def or_nothing(expression: str, label: str) -> str:
    """The expression, or the number 1 with an invisible label."""
    return f'{expression} or on () label_replace(vector(1), "{label}", "{NOTHING}", "", "")'


def gap(codes: str) -> str:
    """The label `gap`: how many of the codes the figure is about, if one of them is broken."""
    counted = (
        f'count_values("good", count({codes} < {queries.BROKEN})) * on () group_left (all) '
        f'count_values("all", count({codes})) and on () {codes} == {queries.BROKEN}'
    )
    joined = f'label_join({counted}, "gap", "/", "good", "all")'
    return or_nothing(f'label_replace({joined}, "gap", "{NO_BREAK}⚠{NO_BREAK}$1", "gap", "(.+)")', "gap")


def rules_with_forecast(
    rules: list[tuple[str, str, str, str]], labels: str, forecast: str, label: str
) -> list[TileRule]:
    """Rules of an expression, a colour, words, and the words while there is a forecast, which contain its label."""
    with_label = labelled(**{label: forecast})
    return [
        *(
            TileRule(f"{number} unless on () {forecast}", colour, words, labels)
            for number, colour, words, _with in rules
        ),
        *(
            TileRule(f"{number} and on () {forecast}", colour, words, labels + with_label)
            for number, colour, _without, words in rules
        ),
    ]


def service_level(
    level: str, missing: str, *, height: int, link: dict[str, Any] | None = None, forecast: str = ""
) -> Panel:
    """The service level against its target. `missing` is the expression of the label gap.

    With `forecast`, the words also have the service level at the end of the day.
    """
    target = queries.total_target("service_level")
    at_risk = queries.rounded(f"{queries.AT_RISK} * {target}")
    labels = labelled(target=named("target", f"100 * {target}", "0.1"), gap=missing)
    judged = [
        (
            f"{level} >= {target}",
            FILL_GOOD,
            Line("▲ OK · target {{target}} %{{gap}}"),
            Line("▲ target {{target}} % · day → {{day}} %{{gap}}"),
        ),
        (
            f"{level} >= {at_risk} < {target}",
            FILL_WARN,
            Line("▼ at risk · target {{target}} %{{gap}}"),
            Line("▼ target {{target}} % · day → {{day}} %{{gap}}"),
        ),
        (
            f"{level} < {at_risk}",
            FILL_BAD,
            Line("▼ missed · target {{target}} %{{gap}}"),
            Line("▼▼ target {{target}} % · day → {{day}} %{{gap}}"),
        ),
    ]
    description = _(
        "Calls answered within the threshold ÷ calls received in the last 30 minutes. The target is the "
        "mean of the skills' targets, weighted by their calls. At risk: below the target. Missed: below "
        "90 % of the target."
    )
    if forecast:
        description = _(
            "Calls answered within the threshold ÷ calls received in the last 30 minutes. The target is the "
            "mean of the skills' targets, weighted by their calls. At risk: below the target. Missed: below "
            "90 % of the target. Day: the service level at the end of the day, if the calls to come are answered as "
            "those of the last hour."
        )
        rules = rules_with_forecast(judged, labels, named("day", f"100 * {forecast}"), "day")
    else:
        rules = [TileRule(number, colour, words, labels) for number, colour, words, _with in judged]
    return tile(
        _("Service level, 30 min"),
        description,
        "percentunit",
        [
            *rules,
            TileRule(f"{level} unless {target}", FILL_NEUTRAL, Line("no target{{gap}}"), labelled(gap=missing)),
        ],
        link,
        value=level,
        decimals=1,
        height=height,
    )


def abandoned(share: str, missing: str, *, height: int, link: dict[str, Any] | None = None) -> Panel:
    """The abandonment against its limit. `missing` is the expression of the label gap."""
    limit = queries.total_target("abandon")
    labels = labelled(target=named("target", f"100 * {limit}", "0.1"), gap=missing)
    return tile(
        _("Abandoned, 30 min"),
        _("Calls abandoned ÷ calls received in the last 30 minutes, and the limit. Red: above twice the limit."),
        "percentunit",
        [
            TileRule(f"{share} <= {limit}", FILL_GOOD, Line("▼ within · limit {{target}} %{{gap}}"), labels),
            TileRule(
                f"{share} > {limit} <= 2 * {limit}", FILL_WARN, Line("▲ above · limit {{target}} %{{gap}}"), labels
            ),
            TileRule(f"{share} > 2 * {limit}", FILL_BAD, Line("▲ far above · limit {{target}} %{{gap}}"), labels),
            TileRule(f"{share} unless {limit}", FILL_NEUTRAL, Line("no target{{gap}}"), labelled(gap=missing)),
        ],
        link,
        value=share,
        decimals=1,
        height=height,
    )
