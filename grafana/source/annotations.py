"""Alerts as marks on the graphs: when they fired, in the colour of their severity."""

from typing import Any

from . import queries
from .language import Text as _
from .panels.base import DATASOURCE
from .style import BAD, WARN

# Grafana joins marks that are no further apart than this to one mark with a beginning and an end.
STEP = "60s"


def _marks(name: str, colour: str, severity: str, matchers: str, only: str, *, enable: bool = True) -> dict[str, Any]:
    labels = ", ".join(("alertname", *queries.SUBJECT))
    firing = f'ALERTS{{alertstate="firing", alertname=~"Wolkvox.+", {severity}, {matchers}}}'
    firing = f"max by ({labels}) ({firing})" + (f" and on (operation) {only}" if only else "")
    # Grafana shows the name of a label that is missing.
    about = f'label_replace({queries.with_subject(firing)}, "about", "–", "about", "")'
    expression = f'label_replace({about}, "alertname", "$1", "alertname", "Wolkvox(.+)")'
    return {
        "name": name,
        "datasource": DATASOURCE,
        "enable": enable,
        # A switch at the top of the dashboard.
        "hide": False,
        "iconColor": colour,
        # Grafana 10 reads the expression here, and newer versions in `target`.
        "expr": expression,
        "step": STEP,
        "target": {"expr": expression, "interval": STEP, "refId": "Anno", "range": True, "instant": False},
        "titleFormat": "{{alertname}}",
        "textFormat": "{{about}}",
        "tagKeys": "",
        "useValueForTime": False,
    }


def firing_alerts(matchers: str, only: str = "", *, others: bool = True) -> list[dict[str, Any]]:
    """Marks for the alerts with these matchers: critical ones are red, others orange.

    With `only`, the alerts of the operations that this expression has. Without `others`, the orange ones are switched
    off at first.
    """
    return [
        _marks(_("Critical alerts"), BAD, 'severity="critical"', matchers, only),
        _marks(_("Other alerts"), WARN, 'severity!="critical"', matchers, only, enable=others),
    ]
