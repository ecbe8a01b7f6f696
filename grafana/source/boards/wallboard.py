"""The wallboard: one screen for everybody in the room. A few numbers, each with its target; no names of people."""

from typing import Any

from .. import queries
from ..annotations import firing_alerts as alert_marks
from ..board import Board
from ..language import NO_BREAK, Line
from ..language import Text as _
from ..links import ROW_TO_EXPORTER, figure_url, link, row_url, series_url
from ..panels import (
    ALL_SKILLS_STATE,
    LOOK_BACK,
    Column,
    LabelColumn,
    TileRule,
    state_timeline,
    table,
    tile,
    timeseries,
)
from ..style import (
    EMPTY_CELL,
    FEW_CALLS_WORD,
    FILL_BAD,
    FILL_GOOD,
    FILL_NEUTRAL,
    FILL_WARN,
    FILLED_STATES,
    SECONDS,
    STATES,
)
from ..variables import SKILLS, TEAM
from .alert_tables import SEVERITIES, TO_RUNBOOK, firing_since, of_alerts, with_order, with_short_name
from .shared_panels import abandoned, gap, or_nothing, rules_with_forecast, service_level
from .tile_words import labelled, named

# Heights of the three rows of panels. Together they are the 27 rows of a screen of 1080 pixels. Scaled to 720 pixels,
# each of them is still about a whole number of rows.
TILES, TABLES, GRAPHS = 6, 13, 8
# More lines cannot be read from across a room.
LINES = 8
# The rows of the table of skills: this number of skills, and one row for all others.
ROWS = 8

codes = queries.skill_state()
inbound15m = queries.recorded_skill("inbound_calls", "increase15m")
inbound30m = queries.recorded_skill("inbound_calls", "increase30m")
target = queries.recorded_skill("service_level_target", "ratio")
queue = queries.recorded_skill("calls_in_queue", "max")

# Operations whose skills are too old, or never had a successful poll.
report = queries.recorded_collector("empty", "code", queries.SKILLS_COLLECTOR)
operations = f"count({report})"
broken = f"max by (operation) ({report} == {queries.BROKEN})"
broken_count = f"count({report} == {queries.BROKEN})"

# How many of the operations the figures of a tile are about, if one of them is broken.
GAP = gap(report)


def change(now: str, before: str, tolerance: int) -> str:
    """The label `change`: whether the number has grown or fallen, and both values. Invisible without a value before.

    A difference of less than a quarter and the tolerance is no change.
    """
    grown = f"({now} > bool 1.25 * {before} + {tolerance}) - ({now} < bool 0.75 * {before} - {tolerance})"
    labels = f"{named('now', now)} * on () group_left (before) {named('before', before)}"
    labels = f"{labels} * on () group_left (mark) {named('mark', grown)}"
    for mark, number in (("▲", "1"), ("▼", "-1"), ("=", "0")):
        labels = f'label_replace({labels}, "mark", "{mark}", "mark", "{number}")'
    labels = f'label_join({labels}, "change", "→", "before", "now")'
    labels = f'label_join({labels}, "change", "{NO_BREAK}", "mark", "change")'
    labels = f'label_replace({labels}, "change", "$1{NO_BREAK}·{NO_BREAK}", "change", "(.+)")'
    return or_nothing(labels, "change")


def measured(figure: str, *, always: bool = False) -> str:
    """A figure of the tiles. While every skill is closed or without calls, the tile shows that word instead.

    With `always`, a figure above 0 is shown all the same.
    """
    shown = f"{figure} and on () count({codes} < {queries.CLOSED} or {codes} == {queries.NO_FIGURE})"
    return f"({figure} > 0 or {shown})" if always else f"({shown})"


# The threshold of each skill in seconds. It is a label, and only the upper limit of a bucket turns a label into a
# number.
_bucket = queries.raw_skill("wolkvox_skill_service_level_target_ratio")
_bucket = f"max by (operation, skill_id, threshold_seconds) ({_bucket})"
threshold = (
    f"histogram_quantile(1, max by (operation, skill_id, le) ("
    f'label_replace({_bucket} * 0 + 1, "le", "$1", "threshold_seconds", "(.+)") or '
    f'label_replace({_bucket} * 0 + 1, "le", "+Inf", "", "")))'
)
promised = f"round({queries.weighted_mean(f'({threshold})', inbound15m)})"
# By Little's law, this many callers wait if each of them waits for as long as promised. For one moment, twice as many
# are nothing unusual, and neither are 4.
usual_queue = f"clamp_min(round(2 * sum({threshold} * {inbound15m} / 900)), 4)"

waiting_now = f"sum({queries.recorded_skill_not_broken('calls_in_queue', 'max')})"
waiting_before = f"sum({queries.recorded_skill_not_broken('calls_in_queue', 'max', ' offset 15m')})"
waiting = measured(waiting_now, always=True)
waiting_change = change(waiting_now, waiting_before, 1)

wait_now, wait_before = queries.total_wait(), queries.total_wait(" offset 15m")
wait = measured(wait_now)
wait_change = change(wait_now, wait_before, 5)

received_now = f"sum({queries.recorded_skill_not_broken('inbound_calls', 'increase30m')})"
received = measured(received_now)
last_week = f"sum({queries.recorded_skill_not_broken('inbound_calls', 'increase30m_offset1w')})"
# The number of calls in half an hour is chance: with few calls, more than a quarter of difference is normal.
chance = f"3 * sqrt({last_week})"
more_than_usual = f"> 1.25 * {last_week} + {chance}"
fewer_than_usual = f"< 0.75 * {last_week} - {chance}"

age = queries.recorded_collector("age", "seconds", queries.SKILLS_COLLECTOR)
polled = queries.raw("wolkvox_collector_last_success_timestamp_seconds", 'collector="skills"')
poll_interval = f"max({queries.recorded_collector('interval', 'seconds', queries.SKILLS_COLLECTOR)})"
# If an exporter is gone, the age continues to grow.
age_or_gone = f"max by (operation) ({age} or (time() - max by (operation, collector) (last_over_time({polled}[1d]))))"
broken_age = f"({age_or_gone} and {broken})"
never = f"({broken} unless {broken_age})"
NEVER = [{"type": "value", "options": {"0": {"index": 0, "text": _("never"), "color": FILL_BAD}}}]


def broken_rules(expression: str, **style: Any) -> list[TileRule]:
    """Rules for one broken operation, which has its name in the words, and for several ones."""
    counts = labelled(broken=named("broken", broken_count), all=named("all", operations))
    one, several = f"on () {broken_count} == 1", f"on () {broken_count} > 1"
    return [
        TileRule(f"{expression} and {one}", FILL_BAD, Line("▲ broken: {{operation}}"), **style),
        TileRule(f"max({expression}) and {several}", FILL_BAD, Line("▲ {{broken}} of {{all}} broken"), counts, **style),
    ]


short = queries.short_of_target()
# Few calls prove little, unless the last two hours are below the target beyond chance: the alerts have the same lower
# bound of the burn rate.
few_calls = (
    f"({codes} >= {queries.RISK} <= {queries.MISSED} and {inbound30m} < 30 "
    f"and {queries.recorded_skill('service_level', 'burn_least2h')} < 1) * 0 + {queries.FEW_CALLS}"
)
state = f"({few_calls} or {codes})"

# Rows of broken operations come first, then skills by calls, then those without a service level; there, callers who
# wait count.
rank = (
    f"({broken} * 0 + 1000000 or ({short} and {codes} <= {queries.MISSED}) or "
    f"(({codes} < {queries.BROKEN}) * 1 - 1000 + ({queue} or {codes} * 0)))"
)
# Skills for which there is no row are one row together, with the worst state of them.
_top = f"topk({ROWS}, {rank})"
_others = f"(count({codes} < {queries.BROKEN} or {broken}) - {ROWS} > 0)"
# Rows without a number would be at the top.
sorting = f"{_top} or (min({_top}) - 0.001 and on () {_others}) or {rank} * 0 - 10000000"
others_row = (
    f"label_replace((max({codes} <= {queries.MISSED} unless {_top}) or vector({queries.NO_VOLUME})) "
    f'* on () group_left (others) count_values("others", {_others}), "skill_name", "+ $1", "others", "(.+)")'
)
_reason = queries.raw("wolkvox_collector_failure_info", 'collector="skills"')
_reason = f"topk by (operation) (1, max by (operation, reason) ({_reason}))"
broken_rows = (
    f'label_replace({broken} * on (operation) group_left (reason) {_reason} or on (operation) {broken}, "skill_name", '
    '"$1", "reason", "(.*)")'
)
skill_states = (
    f"{queries.with_skill_name(f'({state} < {queries.BROKEN} or {state} == {queries.FEW_CALLS})')} or {broken_rows} "
    f"or {others_row}"
)
REASONS = {
    "connect": _("⚠ no connection to wolkvox"),
    "timeout": _("⚠ wolkvox does not answer in time"),
    "tls": _("⚠ certificate refused"),
    "http_status": _("⚠ unexpected HTTP status"),
    "unauthorized": _("⚠ token refused"),
    "quota": _("⚠ quota used up"),
    "quota_used_up": _("⚠ quota used up"),
    "concurrency": _("⚠ token used by another program"),
    "maintenance": _("⚠ wolkvox under maintenance"),
    "too_large": _("⚠ response too large"),
    "bad_json": _("⚠ response unreadable"),
    "bad_envelope": _("⚠ response unreadable"),
    "truncated": _("⚠ response incomplete"),
    "internal": _("⚠ error of the exporter"),
}
SKILL_NAMES = [
    {"type": "value", "options": {key: {"index": 0, "text": text} for key, text in REASONS.items()}},
    {"type": "regex", "options": {"pattern": "^\\+ (\\d+)$", "result": {"index": 1, "text": _("and $1 more")}}},
    *EMPTY_CELL,
]

# Alerts about an operation, a number or an exporter have no team and no single skill, and are for everybody.
SELECTED_ALERTS = 'operation=~"$operation|", team=~"$team|"'
ALERT_LABELS = ", ".join(("alertname", "severity", *queries.SUBJECT))
since = firing_since(ALERT_LABELS, SELECTED_ALERTS)
alerts = with_short_name(with_order(f"1000 * {since}", ALERT_LABELS, since, oldest_first=False))
alerts = queries.with_subject(alerts)
alerts = f'label_replace({alerts}, "runbook", "$1", "alertname", "(.+)")'

QUEUE_WORDS = Line("{{change}}usual {{limit}}{{gap}}")
WAIT_WORDS = Line("{{change}}target {{limit}} s{{gap}}")

TO_SKILLS = link(_("Show the skills"), figure_url("wolkvox-skill"))
TO_NUMBERS = link(_("Show the dialled numbers"), figure_url("wolkvox-dnis"))
TO_EXPORTER = link(_("Show the exporter"), figure_url("wolkvox-exporter"))
ROW_TO_SKILL = link(_("Show this skill"), row_url("wolkvox-skill", "skill_id"))
ROW_TO_NUMBER = link(_("Show the dialled number"), row_url("wolkvox-dnis", "dnis"))
THEN = link(_("Show this skill at that time"), series_url("wolkvox-skill", "skill_id", around=True))

queue_labels = labelled(change=waiting_change, limit=named("limit", usual_queue), gap=GAP)
wait_labels = labelled(change=wait_change, limit=named("limit", promised), gap=GAP)
week_labels = labelled(before=named("before", last_week), gap=GAP)
most_waiting = queries.recorded_skill_not_broken("calls_in_queue", "max")
largest = f"topk(5, max_over_time({queue}{queries.POINTS_IN_RANGE}))"


def of_skill(name: str, suffix: str) -> str:
    """A figure of the table of skills; a broken skill has no figures."""
    return queries.not_broken(queries.recorded_skill(name, suffix))


BOARD = Board(
    uid="wolkvox-wall",
    title=_("wolkvox: wallboard"),
    description=_("The contact centre on one screen: callers waiting, figures against their targets, and alerts."),
    variables=[TEAM, SKILLS],
    annotations=alert_marks(f'{SELECTED_ALERTS}, skill_id=~"$skill_id|all|"'),
    refresh="30s",
    shared_cursor=0,
    rows=[
        [
            tile(
                _("Waiting now"),
                _(
                    "Calls waiting in queue now in all selected skills, and the number 15 minutes ago. Usual: up to "
                    "twice the queue at which each caller waits for as long as promised, and at least 4. Orange: above "
                    "it. Red: above twice that. ⚠ 1/3: one operation of three has current figures."
                ),
                "none",
                [
                    TileRule(f"{waiting} <= {usual_queue}", FILL_GOOD, QUEUE_WORDS, queue_labels),
                    TileRule(f"{waiting} > {usual_queue} <= 2 * {usual_queue}", FILL_WARN, QUEUE_WORDS, queue_labels),
                    TileRule(f"{waiting} > 2 * {usual_queue}", FILL_BAD, QUEUE_WORDS, queue_labels),
                    TileRule(
                        f"{waiting} unless {usual_queue}",
                        FILL_NEUTRAL,
                        Line("{{change}}waiting{{gap}}"),
                        labelled(change=waiting_change, gap=GAP),
                    ),
                ],
                TO_SKILLS,
                value=waiting,
                height=TILES,
            ),
            service_level(
                measured(queries.total_service_level()),
                GAP,
                height=TILES,
                link=TO_SKILLS,
                forecast=queries.total_level_at_end_of_day(),
            ),
            abandoned(measured(queries.total_abandonment()), GAP, height=TILES, link=TO_SKILLS),
            tile(
                _("Calls received, 30 min"),
                _(
                    "Calls received in the last 30 minutes, and in the same half-hour a week ago. A difference of up "
                    "to a quarter is normal, and a larger one if there are few calls. To come: the calls of last week "
                    "from this time of the day on, times the calls of today ÷ those of that day so far."
                ),
                "none",
                [
                    *rules_with_forecast(
                        [
                            (
                                f"{received} {more_than_usual}",
                                FILL_WARN,
                                Line("▲ more · last week {{before}}{{gap}}"),
                                Line("▲ last week {{before}} · {{rest}} to come{{gap}}"),
                            ),
                            (
                                f"({received} unless {received_now} {more_than_usual} unless {received_now} "
                                f"{fewer_than_usual})",
                                FILL_NEUTRAL,
                                Line("= usual · last week {{before}}{{gap}}"),
                                Line("= last week {{before}} · {{rest}} to come{{gap}}"),
                            ),
                            (
                                f"{received} {fewer_than_usual}",
                                FILL_WARN,
                                Line("▼ fewer · last week {{before}}{{gap}}"),
                                Line("▼ last week {{before}} · {{rest}} to come{{gap}}"),
                            ),
                        ],
                        week_labels,
                        named("rest", queries.total_calls_to_come()),
                        "rest",
                    ),
                    TileRule(
                        f"{received} unless {last_week}", FILL_NEUTRAL, Line("received{{gap}}"), labelled(gap=GAP)
                    ),
                ],
                TO_NUMBERS,
                value=received,
                height=TILES,
            ),
            tile(
                _("Estimated wait"),
                _(
                    "Estimated wait in queue by Little's law: mean queue ÷ arrival rate over the last 15 minutes, "
                    "and the same figure 15 minutes ago. Target: the threshold of the service level, weighted by "
                    "calls. Orange: longer. Red: more than twice as long."
                ),
                SECONDS,
                [
                    TileRule(f"{wait} <= {promised}", FILL_GOOD, WAIT_WORDS, wait_labels),
                    TileRule(f"{wait} > {promised} <= 2 * {promised}", FILL_WARN, WAIT_WORDS, wait_labels),
                    TileRule(f"{wait} > 2 * {promised}", FILL_BAD, WAIT_WORDS, wait_labels),
                    TileRule(
                        f"{wait} unless {promised}",
                        FILL_NEUTRAL,
                        Line("{{change}}no target{{gap}}"),
                        labelled(change=wait_change, gap=GAP),
                    ),
                ],
                TO_SKILLS,
                value=wait,
                height=TILES,
            ),
            tile(
                _("Age of the data"),
                _(
                    "Time since the last successful poll of the skills: the oldest of all selected operations. "
                    "Broken: the figures of that operation are too old, or it never had any. Each broken operation has "
                    "a row in the table of skills."
                ),
                SECONDS,
                [
                    TileRule(
                        f"max({age}) unless on () {broken}",
                        FILL_GOOD,
                        Line("▼ fresh · every {{interval}} s"),
                        labelled(interval=named("interval", poll_interval)),
                    ),
                    *broken_rules(f"{never} * 0", mappings=NEVER),
                    *broken_rules(f"(floor({broken_age} / 60) unless on () {never})", unit="suffix: min"),
                ],
                TO_EXPORTER,
                height=TILES,
            ),
        ],
        [
            table(
                _("Skills, worst first"),
                _(
                    "Broken operations are at the top. Then come the skills that are short of most calls: so many "
                    "more calls had to be answered within the threshold in the last 30 minutes to reach the target. "
                    "SL, Aband. and Calls: service level, share of abandoned calls, and calls received in these 30 "
                    "minutes. Few calls: below the target, but this can be chance. Day: the service level at the end "
                    "of the day, if the calls to come are answered as those of the last hour. Recover: so many calls "
                    "in a row must be answered within the threshold until the day is on target. Skills that are "
                    "closed or without calls are at the end. The last row counts the skills for which there is no "
                    "room."
                ),
                [
                    LabelColumn("operation", _("Operation"), least=80, link=ROW_TO_EXPORTER),
                    LabelColumn("skill_id", "Id", hidden=True),
                    LabelColumn("skill_name", "Skill", least=110, link=ROW_TO_SKILL, mappings=SKILL_NAMES),
                ],
                [
                    Column(_("State"), skill_states, "none", words={**FILLED_STATES, **FEW_CALLS_WORD}, width=105),
                    Column(
                        _("Short of"),
                        f"clamp_min({short}, 0) and {codes} <= {queries.MISSED}",
                        "none",
                        0,
                        width=70,
                    ),
                    Column(_("SL"), of_skill("service_level", "ratio30m"), "percentunit", 0, width=50),
                    Column(_("Target"), queries.not_broken(target), "percentunit", 0, width=55),
                    Column(_("Day →"), of_skill("service_level", "forecast_today"), "percentunit", 0, width=58),
                    Column(_("Recover"), of_skill("calls_to_recover", "today"), "none", 0, width=80),
                    Column(_("Queue"), queries.not_broken(queue), "none", 0, width=58),
                    Column(_("Aband."), of_skill("abandon", "ratio30m"), "percentunit", 0, width=64),
                    Column(_("Calls"), queries.not_broken(inbound30m), "none", 0, width=75),
                ],
                sort=Column("", sorting),
                limit=ROWS + 1,
                hidden=["reason", "others"],
                width=16,
                height=TABLES,
            ),
            table(
                _("Alerts firing now"),
                _(
                    "Firing alerts of alerts/wolkvox-alerts.rules.yml: critical ones first, then the latest ones. "
                    "Since: when their condition began to hold. A click on an alert opens its runbook. Silences of "
                    "Alertmanager do not hide alerts here."
                ),
                [
                    LabelColumn("severity", _("Severity"), width=80, mappings=[*SEVERITIES, *EMPTY_CELL]),
                    LabelColumn(
                        "alertname",
                        _("Alert"),
                        least=110,
                        link=TO_RUNBOOK,
                        mappings=of_alerts(lambda _name, text: text),
                    ),
                    LabelColumn("about", _("About"), least=110, link=[ROW_TO_SKILL, ROW_TO_NUMBER, ROW_TO_EXPORTER]),
                    LabelColumn("operation", _("Operation"), hidden=True),
                    LabelColumn("skill_id", "Id", hidden=True),
                    LabelColumn("dnis", "DNIS", hidden=True),
                    LabelColumn(
                        "runbook", "Runbook", hidden=True, mappings=of_alerts(lambda name, _text: name.lower())
                    ),
                ],
                [Column(_("Since"), alerts, "time:D/M HH:mm", width=96)],
                sort="order",
                width=8,
                height=TABLES,
                hidden=["skill_name", "collector", "instance", "report", "order"],
                no_value=_("No firing alerts"),
            ),
        ],
        [
            timeseries(
                _("Waiting callers"),
                _(
                    "Calls waiting in queue in all selected skills: the 5 skills with the longest queue in the time "
                    "range, and all others together. Areas without lines: closed, no volume, no figure or broken."
                ),
                "none",
                [
                    (
                        queries.with_last_skill_name(
                            queries.not_broken(f"{queue} and on (operation, skill_id) {largest}")
                        ),
                        "{{skill_name}}",
                    ),
                    (f"sum({most_waiting} unless on (operation, skill_id) {largest})", _("others")),
                ],
                every=f"sum({most_waiting})",
                stacked=True,
                decimals=0,
                height=GRAPHS,
                state=ALL_SKILLS_STATE,
                interval=LOOK_BACK,
                link=THEN,
                # Every point reads all skills. This is one in two minutes for 8 hours.
                points=240,
            ),
            state_timeline(
                _("Service level by skill"),
                _(
                    "The 8 skills that need help most at the end of the time range. OK: on target in the last 30 "
                    "minutes. At risk: below the target. Missed: below 90 % of the target. Closed: outside its "
                    "opening hours. No volume: no calls. No figure: there were calls, but there is no service level "
                    "or no target. Broken: the data are too old. A gap: Prometheus has no data."
                ),
                queries.most_urgent(LINES, queries.with_last_skill_name(state)),
                "{{skill_name}}",
                {**STATES, **FEW_CALLS_WORD},
                THEN,
                height=GRAPHS,
            ),
        ],
    ],
)
