"""The wallboard: one screen for everybody in the room. A few numbers, each with its target; no names of people."""

from typing import Any

from .. import queries
from ..board import Board
from ..language import Text as _
from ..links import cell_url
from ..panels import ColourRule, Column, LabelColumn, compared_stat, state_timeline, status_history, table
from ..style import ATTAINMENT_THRESHOLDS, BAD, GOOD, NEUTRAL, QUEUE_THRESHOLDS, SECONDS, STATES, WARN
from ..variables import SKILLS
from .shared_panels import abandoned, service_level

waiting = f"sum({queries.recorded_skill_not_broken('calls_in_queue', 'max')})"
waiting_before = f"sum({queries.recorded_skill_not_broken('calls_in_queue', 'max', ' offset 15m')})"
inbound = f"sum({queries.recorded_skill_not_broken('inbound_calls', 'increase30m')})"
last_week = f"sum({queries.recorded_skill_not_broken('inbound_calls', 'increase30m_offset1w')})"

age = queries.recorded_collector("age", "seconds", queries.SKILLS_COLLECTOR)
polled = queries.raw("wolkvox_collector_last_success_timestamp_seconds", 'collector="skills"')
broken = f"{queries.recorded_collector('empty', 'code', queries.SKILLS_COLLECTOR)} == {queries.BROKEN}"
# If an exporter is gone, the age continues to grow.
oldest_age = (
    f"max({age} or (time() - max by (operation, collector) (last_over_time({polled}[1d]))) "
    f"and on (operation, collector) {broken})"
)

# The numbers are as large as the screen allows.
TALL = 7
# More lines cannot be read from across a room.
LINES = 15
queue = queries.recorded_skill("calls_in_queue", "max")
most_waiting = f"max_over_time({queue}[$__interval])"
# Waiting callers are shown in every state but broken. Where nobody waits, the state is shown, if there is one to show.
queue_or_state = (
    f"-({queries.skill_state()} == {queries.BROKEN}) or {most_waiting} > 0 or "
    f"-({queries.skill_state()} >= {queries.CLOSED}) or {most_waiting}"
)

firing = 'ALERTS{alertstate="firing", alertname=~"Wolkvox.+", operation=~"$operation|"}'
pending_since = 'ALERTS_FOR_STATE{alertname=~"Wolkvox.+", operation=~"$operation|"}'
ALERT_LABELS = "alertname, severity, operation, skill_id, skill_name, dnis"
# For how long the condition of an alert has held; of several equal alerts, the oldest counts.
firing_for = f"time() - min by ({ALERT_LABELS}) ({pending_since} and ignoring (alertstate) {firing})"
# All names begin with Wolkvox, so the table leaves it out.
short_names = f'label_replace({firing_for}, "alertname", "$1", "alertname", "Wolkvox(.+)")'
# The subject of an alert: its skill name, dialled number or skill id, the first that it has.
alerts = (
    f'label_replace(label_join({short_names}, "about", "|", "skill_name", "dnis", "skill_id"), '
    '"about", "$1", "about", "[|]*([^|]*).*")'
)
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


def skill_column(title: str, expression: str, unit: str, decimals: int, width: int, **style: Any) -> Column:
    """A column of the table of skills; a broken skill has no figures."""
    return Column(title, queries.not_broken(expression), unit, decimals, width=width, **style)


BOARD = Board(
    uid="wolkvox-wall",
    title=_("wolkvox: wallboard"),
    description=_("The contact centre on one screen: callers waiting, figures against their targets, and alerts."),
    variables=[SKILLS],
    refresh="30s",
    shared_cursor=0,
    rows=[
        [
            compared_stat(
                _("Waiting now"),
                _("Calls waiting in queue now in all selected skills, and the number 15 minutes ago."),
                "none",
                waiting,
                waiting_before,
                _("15 min ago"),
                [
                    ColourRule("> {reference}", WARN, _("▲ more")),
                    ColourRule("== {reference}", NEUTRAL, _("= the same")),
                    ColourRule("< {reference}", GOOD, _("▼ fewer")),
                ],
                no_reference=_("waiting"),
                decimals=0,
                height=TALL,
            ),
            service_level(TALL),
            abandoned(TALL),
            compared_stat(
                _("Calls received, 30 min"),
                _(
                    "Calls received in the last 30 minutes, and in the same half-hour a week ago. A difference of up "
                    "to a quarter is normal."
                ),
                "none",
                inbound,
                last_week,
                _("a week ago"),
                [
                    ColourRule("> 1.25 * {reference}", WARN, _("▲ more")),
                    ColourRule(">= 0.75 * {reference} <= 1.25 * {reference}", NEUTRAL, _("= as usual")),
                    ColourRule("< 0.75 * {reference}", WARN, _("▼ fewer")),
                ],
                no_reference=_("received"),
                decimals=0,
                height=TALL,
            ),
            compared_stat(
                _("Estimated wait"),
                _(
                    "Estimated wait in queue by Little's law: mean queue ÷ arrival rate over the last 15 minutes, "
                    "and the same figure 15 minutes ago."
                ),
                SECONDS,
                queries.total_wait(),
                queries.total_wait(" offset 15m"),
                _("15 min ago"),
                [
                    ColourRule("> {reference}", WARN, _("▲ longer")),
                    ColourRule("== {reference}", NEUTRAL, _("= the same")),
                    ColourRule("< {reference}", GOOD, _("▼ shorter")),
                ],
                no_reference=_("wait"),
                decimals=0,
                height=TALL,
            ),
            compared_stat(
                _("Age of the data"),
                _(
                    "Time since the last successful poll of the skills: the oldest of all selected operations, and "
                    "the poll interval. Too old: the figures of that operation are not current."
                ),
                "s",
                oldest_age,
                f"max({queries.recorded_collector('interval', 'seconds', queries.SKILLS_COLLECTOR)})",
                _("poll interval"),
                [
                    ColourRule(f"unless max({broken})", GOOD, _("▼ fresh")),
                    ColourRule(f"and max({broken})", BAD, _("▲ too old: broken")),
                ],
                decimals=0,
                show_state=False,
                height=TALL,
            ),
        ],
        [
            table(
                _("Skills, worst first"),
                _(
                    "Sorted by attainment: service level ÷ target in the last 30 minutes. Broken skills are at the "
                    "top, closed and idle skills at the end. Service level: calls answered within the threshold ÷ "
                    "calls received. To recover: how many calls in a row must be answered within the threshold until "
                    "the day is on target."
                ),
                [
                    LabelColumn("operation", _("Operation"), width=110),
                    LabelColumn("skill_id", _("Id"), width=60),
                    LabelColumn(
                        "skill_name",
                        "Skill",
                        link={
                            "title": _("Show this skill"),
                            "url": cell_url("wolkvox-skill", skill="${__data.fields.skill_id}"),
                            "targetBlank": False,
                        },
                    ),
                ],
                [
                    Column(_("State"), queries.with_skill_name(queries.skill_state()), "none", words=STATES, width=115),
                    skill_column(
                        _("Attainment"), queries.attainment(), "percentunit", 0, 115, steps=ATTAINMENT_THRESHOLDS
                    ),
                    skill_column(
                        _("SL 30 min"), queries.recorded_skill("service_level", "ratio30m"), "percentunit", 1, 85
                    ),
                    skill_column(
                        _("Target"), queries.recorded_skill("service_level_target", "ratio"), "percentunit", 0, 65
                    ),
                    skill_column(_("Queue"), queries.recorded_skill("calls_in_queue", "max"), "none", 0, 60),
                    skill_column(_("Abandoned"), queries.recorded_skill("abandon", "ratio30m"), "percentunit", 1, 90),
                    skill_column(_("Received"), queries.recorded_skill("inbound_calls", "increase30m"), "none", 0, 80),
                    skill_column(_("Wait"), queries.recorded_skill("wait", "seconds15m"), SECONDS, 0, 70),
                    skill_column(
                        _("SL today"), queries.recorded_skill("service_level_today", "ratio"), "percentunit", 1, 80
                    ),
                    skill_column(_("To recover"), queries.recorded_skill("calls_to_recover", "today"), "none", 0, 90),
                ],
                sort=Column("", queries.urgency()),
                width=16,
                height=11,
            ),
            table(
                _("Alerts firing now"),
                _(
                    "Firing alerts of alerts/wolkvox-alerts.rules.yml, and how long their condition has held. Names "
                    "are shown without the prefix Wolkvox. Silences of Alertmanager do not hide alerts here."
                ),
                [
                    LabelColumn("severity", _("Severity"), width=95, mappings=SEVERITIES),
                    LabelColumn("alertname", _("Alert"), width=170),
                    LabelColumn("about", "Skill, DNIS"),
                    LabelColumn("operation", _("Operation"), width=85),
                ],
                [Column(_("Active for"), alerts, "s", 0, width=95)],
                width=8,
                height=11,
                hidden=["skill_id", "skill_name", "dnis"],
                no_value=_("No firing alerts"),
            ),
        ],
        [
            status_history(
                _("Queue by skill"),
                _(
                    "Maximum of calls waiting in queue at a time, for the 15 skills that need help most at the end "
                    "of the time range. Where nobody waits, a word says that the skill is closed, has no volume or "
                    "has no figure. A broken skill shows no queue. An empty cell: Prometheus has no data."
                ),
                "none",
                queries.most_urgent(LINES, queries.with_last_skill_name(queue_or_state)),
                "{{skill_name}}",
                QUEUE_THRESHOLDS,
                STATES,
                height=10,
            ),
            state_timeline(
                _("Service level by skill"),
                _(
                    "The 15 skills that need help most at the end of the time range. OK: on target in the last 30 "
                    "minutes. At risk: below the target. Missed: below 90 % of the target. Closed: outside its "
                    "opening hours. No volume: no calls. No figure: there were calls, but there is no service level "
                    "or no target. Broken: the data are too old. A gap: Prometheus has no data."
                ),
                queries.most_urgent(LINES, queries.with_last_skill_name(queries.skill_state())),
                "{{skill_name}}",
                STATES,
                height=10,
            ),
        ],
    ],
)
