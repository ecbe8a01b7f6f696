"""What fires, since when, and what to do: tables of alerts, and links from panels to the runbook."""

from collections.abc import Callable, Sequence
from typing import Any

from ..language import Text as _
from ..links import RUNBOOK, link
from ..panels import Column, LabelColumn, table
from ..panels.base import Panel
from ..style import BAD, EMPTY_CELL, NEUTRAL, WARN

SEVERITIES = [
    {
        "type": "value",
        "options": {
            "critical": {"index": 0, "text": _("▲ critical"), "color": BAD},
            "warning": {"index": 1, "text": _("■ warning"), "color": WARN},
            "info": {"index": 2, "text": _("● info"), "color": NEUTRAL},
        },
    }
]
# The meaning of each alert, by its name without the prefix Wolkvox.
ALERT_NAMES = {
    "ServiceLevelFastBurn": _("Callers wait far too long"),
    "ServiceLevelSlowBurn": _("Service level low for 2 h"),
    "ServiceLevelLowTraffic": _("Service level low, few calls"),
    "AbandonmentHigh": _("Many callers abandon"),
    "QueueStuck": _("Nobody answers the queue"),
    "NoCalls": _("No calls arrive"),
    "StaffingLow": _("Too few agents"),
    "DnisServiceLevelLow": _("Service level low"),
    "DnisAbandonmentHigh": _("Many callers abandon"),
    "ExporterDown": _("Exporter does not answer"),
    "DataStale": _("Data too old"),
    "RequestFailing": _("A request fails"),
    "Unauthorized": _("Token refused"),
    "QuotaNearlyUsed": _("Quota nearly used up"),
    "QuotaExhausted": _("Quota used up"),
    "ParseErrors": _("Unreadable values"),
    "ResultTruncated": _("Response incomplete"),
    "ConfigReloadFailed": _("New configuration refused"),
    "StateNotWritten": _("State file not written"),
    "LabelsReplaced": _("Labels replaced"),
    "ServiceLevelDefinitionDoubtful": _("Service level: base unclear"),
    "TargetNotMeasurable": _("Target not measurable"),
}


# What to do first, in a few words. The section of the runbook has the rest.
FIRST_STEPS = {
    "ServiceLevelFastBurn": _("End breaks, move agents here"),
    "ServiceLevelSlowBurn": _("Spread breaks, borrow an agent"),
    "ServiceLevelLowTraffic": _("Add a second agent"),
    "AbandonmentHigh": _("Call the number and listen"),
    "QueueStuck": _("Is an agent logged in and ready?"),
    "NoCalls": _("Call the number from outside"),
    "StaffingLow": _("Ask the supervisor of the shift"),
    "DnisServiceLevelLow": _("Look at the skill of the number"),
    "DnisAbandonmentHigh": _("Call the number and listen"),
    "ExporterDown": _("Check process and network"),
    "DataStale": _("Read the reason in the table"),
    "RequestFailing": _("Check the id of the skill"),
    "Unauthorized": _("Check the token in wolkvox"),
    "QuotaNearlyUsed": _("Run check-config, poll less"),
    "QuotaExhausted": _("Stop other programs, poll less"),
    "ParseErrors": _("Look for the field in the log"),
    "ResultTruncated": _("Read the log, ask for fewer rows"),
    "ConfigReloadFailed": _("Run check-config"),
    "StateNotWritten": _("Free space on the disk"),
    "LabelsReplaced": _("Add honor_labels: true"),
    "ServiceLevelDefinitionDoubtful": _("Compare with a report of wolkvox"),
    "TargetNotMeasurable": _("Use 10, 20 or 30 seconds"),
}


def of_alerts(text_of: Callable[[str, str], str]) -> list[dict[str, Any]]:
    """Value mappings of the names of alerts."""
    options = {name: {"index": 0, "text": text_of(name, text)} for name, text in ALERT_NAMES.items()}
    return [{"type": "value", "options": options}, *EMPTY_CELL]


def with_runbook(panel: Panel, alert: str) -> Panel:
    """The panel with a link to the section of the runbook that says what to do when its figure is bad."""
    assert alert in ALERT_NAMES, alert
    one = {"title": _("What to do"), "url": f"{RUNBOOK}#wolkvox{alert.lower()}", "targetBlank": True}
    return {**panel, "links": [one]}


TO_RUNBOOK = link(_("Open the runbook"), f"{RUNBOOK}#wolkvox${{__data.fields.runbook}}")


def firing_since(labels: str, matchers: str) -> str:
    """The time at which the condition of each firing alert began to hold; of equal alerts, the oldest counts."""
    selected = f'alertname=~"Wolkvox.+", {matchers}'
    firing = f'ALERTS{{alertstate="firing", {selected}}}'
    return f"min by ({labels}) (ALERTS_FOR_STATE{{{selected}}} and ignoring (alertstate) {firing})"


def with_short_name(alerts: str) -> str:
    """The alerts without the beginning of their names: all begin with Wolkvox, so a table leaves it out."""
    return f'label_replace({alerts}, "alertname", "$1", "alertname", "Wolkvox(.+)")'


def with_order(value: str, labels: str, since: str, *, oldest_first: bool) -> str:
    """Adds the label `order`, by which a table can be sorted downwards: critical alerts first, then by age.

    `since` is that of `firing_since`. A severity is further away from the next than any time, and all numbers have ten
    digits, so that they can be sorted as texts. Alerts of another severity, which a customer can add, come last.
    """
    first = 9 if oldest_first else 6
    bases = " or ".join(
        f'label_replace(vector({(first - 3 * rank) * 1_000_000_000}), "severity", "{severity}", "", "")'
        for rank, severity in enumerate(("critical", "warning", "info"))
    )
    known = f"{'-' if oldest_first else ''}({since}) + on (severity) group_left () ({bases})"
    key = f"{known} or ({since}) * 0 + 1000000000"
    return f'({value}) * on ({labels}) group_left (order) count_values by ({labels}) ("order", {key})'


def firing_alerts(
    description: str,
    matchers: str,
    about: Sequence[LabelColumn],
    only: str = "",
    *,
    width: int,
    height: int,
) -> Panel:
    """The alerts with these matchers: critical ones first, then by age.

    `about` are the columns of the subject. With `only`, the alerts of the operations that this expression has.
    """
    labels = ", ".join(["alertname", "severity", *(column.label for column in about)])

    since = firing_since(labels, matchers)
    if only:
        since = f"({since} and on (operation) {only})"
    alerts = with_short_name(with_order(f"time() - {since}", labels, since, oldest_first=True))
    for column in ("runbook", "todo"):
        alerts = f'label_replace({alerts}, "{column}", "$1", "alertname", "(.+)")'
    return table(
        _("Alerts firing now"),
        description,
        [
            LabelColumn("severity", _("Severity"), width=95, mappings=SEVERITIES),
            LabelColumn(
                "alertname", _("Alert"), least=110, link=TO_RUNBOOK, mappings=of_alerts(lambda _name, text: text)
            ),
            LabelColumn(
                "todo",
                _("What to do"),
                least=110,
                link=TO_RUNBOOK,
                mappings=of_alerts(lambda name, _text: FIRST_STEPS[name]),
            ),
            *about,
            # The section of the runbook, whose address has small letters.
            LabelColumn("runbook", "Runbook", hidden=True, mappings=of_alerts(lambda name, _text: name.lower())),
        ],
        [Column(_("Active for"), alerts, "dthms", 0, width=110)],
        sort="order",
        hidden=["order"],
        width=width,
        height=height,
        no_value=_("No firing alerts"),
    )
