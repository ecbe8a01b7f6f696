"""Tiles that stand on more than one board."""

from . import queries as q
from .language import Text as _
from .look import BAD, GOOD, WARN
from .panels import Band, tile

at_risk = q.rounded(f"{q.AT_RISK} * {{reference}}")


def service_level(height):
    return tile(
        _("Service level, 30 min"),
        _("Calls answered in time ÷ calls received in the last 30 minutes. The target is that of the skills, weighted by their calls. At risk is what is below the target, missed what is below 90 % of it."),
        "percentunit", q.service_level(), q.target("service_level"), _("target"),
        [
            Band(">= {reference}", GOOD, _("▲ on target")),
            Band(f">= {at_risk} < {{reference}}", WARN, _("▼ at risk")),
            Band(f"< {at_risk}", BAD, _("▼ missed")),
        ],
        without=_("no target"), decimals=1, height=height,
    )


def abandoned(height):
    return tile(
        _("Abandoned, 30 min"),
        _("Calls abandoned ÷ calls received in the last 30 minutes, and what is not to be exceeded. Red is twice of that."),
        "percentunit", q.abandon(), q.target("abandon"), _("at most"),
        [
            Band("<= {reference}", GOOD, _("▼ within")),
            Band("> {reference} <= 2 * {reference}", WARN, _("▲ above")),
            Band("> 2 * {reference}", BAD, _("▲ far above")),
        ],
        without=_("no target"), decimals=1, height=height,
    )
