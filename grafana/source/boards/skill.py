"""One skill at a time: for its supervisor, when the wallboard is red."""

from .. import queries
from ..annotations import firing_alerts as alert_marks
from ..board import Board, row_panel
from ..language import Text as _
from ..language import named
from ..links import link, series_url
from ..panels import LOOK_BACK, SKILL_STATE, SKILL_STATE_INSTEAD, LabelColumn, stat, state_timeline, timeseries
from ..style import FILLED_STATES, SECONDS, STATES, on_a_tile
from ..variables import ONE_SKILL, TEAM
from .alert_tables import firing_alerts, with_runbook
from .shared_panels import abandoned, gap, service_level

legend = "{{operation}}"
# Two operations can have a skill with the same id, and one of them can be broken.
GAP = gap(queries.skill_state())

# Alerts about the skill or about its whole operation.
ALERTS = 'operation=~"$operation", skill_id=~"$skill_id|", collector=~"skills|"'
BOARD = Board(
    uid="wolkvox-skill",
    title=_("wolkvox: skill"),
    description=_(
        "One row of panels per skill: recent windows against their targets, queue, wait, abandonment and "
        "the day so far."
    ),
    annotations=alert_marks(ALERTS, only=queries.skill_state()),
    variables=[TEAM, ONE_SKILL],
    rows=[
        [row_panel("$skill_id", repeat="skill_id")],
        [
            with_runbook(
                stat(
                    _("State"),
                    _(
                        "Service level of the last 30 minutes against its target, or the reason why there is no "
                        "service level."
                    ),
                    "none",
                    [(queries.skill_state(), legend)],
                    words=on_a_tile(FILLED_STATES),
                    mode="background",
                    height=6,
                ),
                "ServiceLevelFastBurn",
            ),
            with_runbook(service_level(f"({queries.total_service_level()})", GAP, height=6), "ServiceLevelFastBurn"),
            with_runbook(abandoned(f"({queries.total_abandonment()})", GAP, height=6), "AbandonmentHigh"),
            with_runbook(
                stat(
                    _("Waiting now"),
                    _("Calls waiting in queue now."),
                    "none",
                    [(queries.recorded_skill("calls_in_queue", "max"), legend)],
                    decimals=0,
                    width=4,
                    height=6,
                    state=SKILL_STATE_INSTEAD,
                ),
                "QueueStuck",
            ),
            stat(
                _("Estimated wait"),
                _("Mean queue ÷ arrival rate over the last 15 minutes (Little's law)."),
                SECONDS,
                [(queries.recorded_skill("wait", "seconds15m"), legend)],
                decimals=0,
                width=4,
                height=6,
                state=SKILL_STATE_INSTEAD,
            ),
            stat(
                _("Service level today"),
                _(
                    "Service level of the day so far, as wolkvox shows it. Late in the day it hardly changes, so "
                    "look at the recent windows."
                ),
                "percentunit",
                [(queries.recorded_skill("service_level_today", "ratio"), legend)],
                decimals=1,
                width=4,
                height=6,
                state=SKILL_STATE_INSTEAD,
            ),
        ],
        [
            state_timeline(
                _("State over time"),
                _("OK, at risk, missed, closed, no volume, no figure or broken. A gap: Prometheus has no data."),
                queries.skill_state(),
                legend,
                STATES,
                link(_("Show this skill at that time"), series_url("wolkvox-skill", "skill_id", around=True)),
                width=14,
                height=4,
            ),
            stat(
                _("Forecast until the end of the day"),
                _(
                    "Calls to come: the calls of last week from this time of the day on, times the calls of today ÷ "
                    "those of that day so far. SL at the end: the service level of the day, if these calls are "
                    "answered as those of the last hour. To recover: so many calls in a row must be answered within "
                    "the threshold until the day is on target."
                ),
                "none",
                [
                    (queries.recorded_skill("inbound_calls", "forecast_rest_of_day"), named(_("calls to come"))),
                    (queries.recorded_skill("service_level", "forecast_today"), named(_("SL at the end"))),
                    (queries.recorded_skill("calls_to_recover", "today"), named(_("to recover"))),
                ],
                decimals=0,
                width=10,
                height=4,
                units={1: "percentunit"},
                state=SKILL_STATE_INSTEAD,
            ),
        ],
        [
            timeseries(
                _("Service level"),
                _(
                    "Calls answered within the threshold ÷ calls received, over 15 minutes, 30 minutes and 2 hours. "
                    "Dashed: the target."
                ),
                "percentunit",
                [
                    (queries.recorded_skill("service_level", "ratio15m"), named("15 min")),
                    (queries.recorded_skill("service_level", "ratio30m"), named("30 min")),
                    (queries.recorded_skill("service_level", "ratio2h"), named("2 h")),
                    (queries.recorded_skill("service_level_target", "ratio"), named(_("target"))),
                ],
                top=1,
                dashed="D",
                width=7,
                state=SKILL_STATE,
            ),
            timeseries(
                _("Abandonment"),
                _("Calls abandoned ÷ calls received, over 15 minutes, 30 minutes and 1 hour. Dashed: the limit."),
                "percentunit",
                [
                    (queries.recorded_skill("abandon", "ratio15m"), named("15 min")),
                    (queries.recorded_skill("abandon", "ratio30m"), named("30 min")),
                    (queries.recorded_skill("abandon", "ratio1h"), named("1 h")),
                    (queries.recorded_skill("abandon_target", "ratio"), named(_("limit"))),
                ],
                dashed="D",
                width=7,
                state=SKILL_STATE,
            ),
            firing_alerts(
                _(
                    "Alerts that fire for this skill or for its whole operation, and how long their condition has "
                    "held. A click on the name opens the runbook, which says what to do. Silences of Alertmanager do "
                    "not hide alerts here."
                ),
                ALERTS,
                [LabelColumn("operation", _("Operation"), hidden=True)],
                only=queries.skill_state(),
                width=10,
                height=8,
            ),
        ],
        [
            with_runbook(
                timeseries(
                    _("Calls, 30 min"),
                    _("Calls received, answered and abandoned in half an hour. Dashed: received a week ago."),
                    "none",
                    [
                        (queries.recorded_skill("inbound_calls", "increase30m"), named(_("received"))),
                        (queries.recorded_skill("inbound_calls", "increase30m_offset1w"), named(_("a week ago"))),
                        (queries.recorded_skill("answered_calls", "increase30m"), named(_("answered"))),
                        (queries.recorded_skill("abandoned_calls", "increase30m"), named(_("abandoned"))),
                    ],
                    width=8,
                    dashed="B",
                    decimals=0,
                    state=SKILL_STATE,
                ),
                "NoCalls",
            ),
            timeseries(
                _("Queue"),
                _("Maximum of calls waiting in queue at a time."),
                "none",
                [
                    (
                        f"max_over_time({queries.recorded_skill('calls_in_queue', 'max')}[$__interval])",
                        named(_("waiting")),
                    )
                ],
                width=8,
                decimals=0,
                interval=LOOK_BACK,
                state=SKILL_STATE,
            ),
            timeseries(
                _("Estimated wait"),
                _("Mean queue ÷ arrival rate over 15 minutes (Little's law)."),
                SECONDS,
                [(queries.recorded_skill("wait", "seconds15m"), named(_("wait")))],
                width=8,
                decimals=0,
                state=SKILL_STATE,
            ),
        ],
        # Closed at first, because each open panel sends its queries for each skill.
        [row_panel(_("More about $skill_id"), repeat="skill_id", collapsed=True)],
        [
            timeseries(
                _("Burn rate"),
                _(
                    "Calls not answered within the threshold ÷ the number that the target allows. Above 1 the target "
                    "is not reached. With a target of 80 % the maximum is 5. The service level alerts use this "
                    "figure."
                ),
                "none",
                [
                    (queries.burn_rate(window), named(name))
                    for window, name in (("15m", "15 min"), ("30m", "30 min"), ("2h", "2 h"))
                ],
                decimals=2,
                state=SKILL_STATE,
            ),
            timeseries(
                _("Service level by threshold, today"),
                _(
                    "Service level of the day so far for each threshold that wolkvox reports. The target applies to "
                    "one of them."
                ),
                "percentunit",
                [
                    (
                        (
                            "max by (operation, skill_id, threshold_seconds) "
                            f"({queries.raw_skill('wolkvox_skill_service_level_ratio')})"
                        ),
                        named("{{threshold_seconds}} s"),
                    )
                ],
                top=1,
                state=SKILL_STATE,
            ),
        ],
        [
            stat(
                _("Calls today"),
                _("Calls received, answered and abandoned since wolkvox's daily reset."),
                "none",
                [
                    (
                        f"max by (operation, skill_id) ({queries.raw_skill(f'wolkvox_skill_{name}_calls_today')})",
                        named(word),
                    )
                    for name, word in (
                        ("inbound", _("received")),
                        ("answered", _("answered")),
                        ("abandoned", _("abandoned")),
                    )
                ],
                width=18,
                decimals=0,
                state=SKILL_STATE_INSTEAD,
            ),
            stat(
                _("Corrections"),
                _(
                    "How often wolkvox corrected a day total downwards in the time range. The daily reset is not "
                    "counted."
                ),
                "none",
                [
                    (
                        (
                            "max by (operation, skill_id) "
                            f"(increase({queries.raw_skill('wolkvox_skill_corrections_total')}[$__range]))"
                        ),
                        legend,
                    )
                ],
                width=6,
                decimals=0,
                state=SKILL_STATE_INSTEAD,
            ),
        ],
    ],
)
