"""Panels that are on more than one dashboard."""

from .. import queries
from ..language import Text as _
from ..panels import ColourRule, compared_stat
from ..panels.base import Panel
from ..style import FILL_BAD, FILL_GOOD, FILL_WARN

# Below the target and above this, a skill is at risk.
at_risk = queries.rounded(f"{queries.AT_RISK} * {{reference}}")


def service_level(height: int) -> Panel:
    return compared_stat(
        _("Service level, 30 min"),
        _(
            "Calls answered within the threshold ÷ calls received in the last 30 minutes. The target is the "
            "mean of the skills' targets, weighted by their calls. At risk: below the target. Missed: below "
            "90 % of the target."
        ),
        "percentunit",
        queries.total_service_level(),
        queries.total_target("service_level"),
        _("target"),
        [
            ColourRule(">= {reference}", FILL_GOOD, _("▲ on target")),
            ColourRule(f">= {at_risk} < {{reference}}", FILL_WARN, _("▼ at risk")),
            ColourRule(f"< {at_risk}", FILL_BAD, _("▼ missed")),
        ],
        no_reference=_("no target"),
        decimals=1,
        height=height,
    )


def abandoned(height: int) -> Panel:
    return compared_stat(
        _("Abandoned, 30 min"),
        _("Calls abandoned ÷ calls received in the last 30 minutes, and the limit. Red: above twice the limit."),
        "percentunit",
        queries.total_abandonment(),
        queries.total_target("abandon"),
        _("limit"),
        [
            ColourRule("<= {reference}", FILL_GOOD, _("▼ within")),
            ColourRule("> {reference} <= 2 * {reference}", FILL_WARN, _("▲ above")),
            ColourRule("> 2 * {reference}", FILL_BAD, _("▲ far above")),
        ],
        no_reference=_("no target"),
        decimals=1,
        height=height,
    )
