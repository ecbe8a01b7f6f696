"""Dialled numbers (DNIS): which campaign, line or number has a problem."""

from typing import Any

from .. import queries
from ..annotations import firing_alerts as alert_marks
from ..board import Board
from ..language import Text as _
from ..links import ROW_TO_EXPORTER, link, row_url, series_url
from ..panels import Column, LabelColumn, bar_gauge, report_state, stat, table, timeseries
from ..style import FILL_BAD, FILL_GOOD, FILL_WARN, SECONDS, thresholds
from ..variables import WINDOW, label_values, selected
from .alert_tables import with_runbook

BY = "operation, skill_id, dnis"


def number_series(name: str, *matchers: str) -> str:
    """A series of the chosen numbers, once per number if several exporters have it."""
    chosen = ['skill_id=~"$skill_id"', 'dnis=~"$dnis"', 'window="$window"', *matchers]
    return f"max by ({BY}) ({queries.raw('wolkvox_dnis_' + name, *chosen)})"


threshold = 'threshold_seconds="$threshold_seconds"'
inbound = number_series("inbound_calls")
answered = number_series("answered_calls")
abandoned = number_series("abandoned_calls")
service_level = number_series("service_level_ratio", threshold)
asa, ata = number_series("average_speed_of_answer_seconds"), number_series("average_time_to_abandon_seconds")

chosen_calls = queries.raw("wolkvox_dnis_inbound_calls", 'skill_id=~"$skill_id"', 'dnis=~"$dnis"', 'window="$window"')
merged_numbers = queries.raw("wolkvox_dnis_merged", 'skill_id=~"$skill_id"', 'window="$window"')
all_numbers = 'wolkvox_dnis_inbound_calls{job=~"$job", instance=~"$instance", operation=~"$operation"'
not_in_time = Column(_("Not within threshold"), f"{inbound} * (1 - {service_level})", "none", 0)
STATE = report_state("dnis", inbound)
LEVEL_THRESHOLDS = thresholds((None, FILL_BAD), (0.72, FILL_WARN), (0.8, FILL_GOOD))
ABANDON_THRESHOLDS = thresholds((None, FILL_GOOD), (0.05, FILL_WARN), (0.1, FILL_BAD))
# A link to the same dashboard keeps these variables.
SELECTION = ["skill_id", "window", "threshold_seconds"]
ONLY = _("Show only this number")
# More lines cannot be told apart.
LINES = 6
ALL_SKILLS = [{"type": "value", "options": {"all": {"index": 0, "text": _("all")}}}]
# The same as the value of a variable, for the link: a link takes the text of a cell.
EVERY_SKILL = [{"type": "value", "options": {"all": {"index": 0, "text": "$__all"}}}]


def calls_today(offset: str) -> str:
    """Calls received since the start of the day, whatever the selected window is."""
    chosen = ['skill_id=~"$skill_id"', 'dnis=~"$dnis"', 'window="today"']
    return f"max by ({BY}) ({queries.raw('wolkvox_dnis_inbound_calls', *chosen)}{offset})"


def busiest_numbers(expression: str) -> dict[str, Any]:
    """Arguments of a graph: the numbers with the most calls in the time range."""
    return {
        "lines": [(queries.largest(LINES, expression, chosen_calls, BY), "{{dnis}}")],
        "every": expression,
        "state": STATE,
    }


BOARD = Board(
    uid="wolkvox-dnis",
    title=_("wolkvox: dialled numbers"),
    description=_(
        "Calls, service level, abandonment and average waits by dialled number (DNIS), for the day or a "
        "rolling window. wolkvox updates these figures about every 10 minutes."
    ),
    annotations=alert_marks('operation=~"$operation", skill_id=~"$skill_id", dnis=~"$dnis", window="$window"'),
    variables=[
        label_values("skill_id", "Skill", all_numbers + "}"),
        label_values(
            "window", _("Window"), all_numbers + "}", multi=False, current=selected("today"), sort=2, description=WINDOW
        ),
        label_values(
            "threshold_seconds",
            _("Threshold (s)"),
            'wolkvox_dnis_service_level_ratio{job=~"$job", instance=~"$instance", operation=~"$operation"}',
            multi=False,
            current=selected("20"),
            sort=3,
        ),
        label_values("dnis", "DNIS", all_numbers + ', skill_id=~"$skill_id", window="$window"}'),
    ],
    rows=[
        [
            stat(
                _("Calls received"),
                _("Calls received in the window."),
                "none",
                [(f"sum({inbound})", "")],
                decimals=0,
                state=STATE,
            ),
            with_runbook(
                stat(
                    _("Service level"),
                    _(
                        "Calls answered within the threshold ÷ calls received, for all numbers together: the service "
                        "level of each number is weighted by its calls. The colours are for a target of 80 %."
                    ),
                    "percentunit",
                    [(queries.weighted_mean(service_level, inbound), "")],
                    decimals=1,
                    steps=LEVEL_THRESHOLDS,
                    mode="background",
                    state=STATE,
                ),
                "DnisServiceLevelLow",
            ),
            with_runbook(
                stat(
                    _("Abandoned"),
                    _("Calls abandoned ÷ calls received, for all numbers together. Orange from 5 %, red from 10 %."),
                    "percentunit",
                    [(f"sum({abandoned}) / (sum({inbound}) > 0)", "")],
                    decimals=1,
                    steps=ABANDON_THRESHOLDS,
                    mode="background",
                    state=STATE,
                ),
                "DnisAbandonmentHigh",
            ),
            stat(
                _("Wait of answered calls"),
                _("Average wait of answered calls (ASA), weighted by answered calls."),
                SECONDS,
                [(queries.weighted_mean(asa, answered), "")],
                decimals=0,
                state=STATE,
            ),
            stat(
                _("Wait of abandoned calls"),
                _("Average wait of abandoned calls (ATA), weighted by abandoned calls."),
                SECONDS,
                [(queries.weighted_mean(ata, abandoned), "")],
                decimals=0,
                state=STATE,
            ),
            stat(
                _("Numbers"),
                _(
                    "Numbers with calls in the window, and numbers merged into “other” because there are more than "
                    "max_dnis."
                ),
                "none",
                [
                    (f"count({inbound})", _("shown")),
                    (f"sum(max by (operation, skill_id) ({merged_numbers}))", _("merged")),
                ],
                decimals=0,
                state=STATE,
            ),
        ],
        [
            table(
                _("Numbers, worst first"),
                _(
                    "Sorted by calls not answered within the threshold, so that a number with few calls is not at "
                    "the top. ASA and ATA: average wait of answered and of abandoned calls. The skill “all” means "
                    "that skills are merged."
                ),
                [
                    LabelColumn("operation", _("Operation"), width=140, link=ROW_TO_EXPORTER),
                    LabelColumn(
                        "skill_id",
                        "Skill",
                        width=90,
                        link=link(
                            _("Show this skill"),
                            row_url("wolkvox-skill") + "&var-skill_id=${__data.fields.chosen:percentencode}",
                        ),
                        mappings=ALL_SKILLS,
                    ),
                    LabelColumn("dnis", "DNIS", link=link(ONLY, row_url("wolkvox-dnis", "dnis", keep=SELECTION))),
                    LabelColumn("chosen", _("Skill on its dashboard"), hidden=True, mappings=EVERY_SKILL),
                ],
                [
                    not_in_time,
                    Column(_("Service level"), service_level, "percentunit", 1, steps=LEVEL_THRESHOLDS),
                    Column(
                        _("Abandoned"), f"{abandoned} / ({inbound} > 0)", "percentunit", 1, steps=ABANDON_THRESHOLDS
                    ),
                    Column(_("Received"), f'label_replace({inbound}, "chosen", "$1", "skill_id", "(.+)")', "none", 0),
                    Column(_("Answered"), answered, "none", 0),
                    Column(_("Abandoned calls"), abandoned, "none", 0),
                    Column("ASA", asa, SECONDS, 0),
                    Column("ATA", ata, SECONDS, 0),
                ],
                sort=not_in_time,
                height=11,
                state=STATE,
            ),
        ],
        [
            bar_gauge(
                _("Calls by number"),
                _("The 11 numbers with the most calls in the window."),
                "none",
                f"topk(11, {inbound})",
                "{{dnis}}",
                width=8,
                height=10,
                state=STATE,
                link=link(ONLY, series_url("wolkvox-dnis", "dnis", keep=SELECTION)),
            ),
            timeseries(
                _("Calls received, 30 min"),
                _(
                    "Calls received today in the half-hour before each point, for the 6 numbers with the most calls in "
                    "the time range. wolkvox updates the figures about every 10 minutes."
                ),
                "none",
                **busiest_numbers(queries.in_half_hour(calls_today)),
                width=16,
                height=10,
                decimals=0,
            ),
        ],
        [
            timeseries(
                _("Service level"),
                _("The 6 numbers with the most calls in the time range."),
                "percentunit",
                **busiest_numbers(service_level),
                width=8,
                top=1,
            ),
            timeseries(
                _("Abandoned"),
                _("Calls abandoned ÷ calls received, for the 6 numbers with the most calls in the time range."),
                "percentunit",
                **busiest_numbers(number_series("abandon_ratio")),
                width=8,
            ),
            timeseries(
                _("Wait of answered calls"),
                _("Average wait of answered calls (ASA), for the 6 numbers with the most calls in the time range."),
                SECONDS,
                **busiest_numbers(asa),
                width=8,
            ),
        ],
    ],
)
