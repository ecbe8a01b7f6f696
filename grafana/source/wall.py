"""The wall: a screen for everybody in the room. Four to six numbers, each with its target; no names of people."""

from . import queries as q
from .board import Board, SKILLS, to_board
from .language import Text as _
from .look import ATTAINMENT, BAD, GOOD, NEUTRAL, QUEUE, SECONDS, STATES, WARN
from .panels import Band, Column, Label, state_timeline, strip, table, tile
from .tiles import abandoned, service_level

waiting = f"sum({q.sound_skill('calls_in_queue', 'max')})"
waited = f"sum({q.sound_skill('calls_in_queue', 'max', ' offset 15m')})"
inbound = f"sum({q.sound_skill('inbound_calls', 'increase30m')})"
last_week = f"sum({q.sound_skill('inbound_calls', 'increase30m_offset1w')})"

age = q.collector("age", "seconds", q.SKILLS_COLLECTOR)
polled = q.raw("wolkvox_collector_last_success_timestamp_seconds", 'collector="skills"')
broken = f"{q.collector('empty', 'code', q.SKILLS_COLLECTOR)} == {q.BROKEN}"
# Of an exporter that is gone, since when it is.
oldest = f"max({age} or (time() - max by (operation, collector) (last_over_time({polled}[1d]))) and on (operation, collector) {broken})"

# Numbers as large as the screen has room for.
TALL = 7
# As many lines as can be read from across a room.
LINES = 15
queue = q.skill("calls_in_queue", "max")
most = f"max_over_time({queue}[$__interval])"
# Callers who wait are shown whatever the state is; nobody waiting is another thing where it is closed.
queue_or_state = f"-({q.state()} == {q.BROKEN}) or {most} > 0 or -({q.state()} >= {q.CLOSED}) or {most}"

firing = 'ALERTS{alertstate="firing", alertname=~"Wolkvox.+", operation=~"$operation|"}'
since = 'ALERTS_FOR_STATE{alertname=~"Wolkvox.+", operation=~"$operation|"}'
alert = "alertname, severity, operation, skill_id, skill_name, dnis"
# How long it has been so: of several alike, the first.
held = f"time() - min by ({alert}) ({since} and ignoring (alertstate) {firing})"
# All their names begin alike, and what they differ in has to be read.
short = f'label_replace({held}, "alertname", "$1", "alertname", "Wolkvox(.+)")'
# What it is about: the first that there is of these, else nothing.
first = f'label_replace(label_join({short}, "about", "|", "skill_name", "dnis", "skill_id"), "about", "$1", "about", "[|]*([^|]*).*")'
SEVERITIES = [{"type": "value", "options": {
    "critical": {"index": 0, "text": _("▲ critical"), "color": BAD},
    "warning": {"index": 1, "text": _("■ warning"), "color": WARN},
    "info": {"index": 2, "text": _("● info"), "color": NEUTRAL},
}}]

BOARD = Board(
    uid="wolkvox-wall",
    title=_("wolkvox: wall"),
    description=_("The contact centre on one screen: what waits, what was promised, what needs somebody now."),
    variables=[SKILLS],
    refresh="30s",
    cursor=0,
    lines=[
        [
            tile(
                _("Waiting now"), _("Calls in queue now, all chosen skills together, and how many there were 15 minutes ago."), "none",
                waiting, waited, _("15 min ago"),
                [
                    Band("> {reference}", WARN, _("▲ more")), Band("== {reference}", NEUTRAL, _("= the same")),
                    Band("< {reference}", GOOD, _("▼ fewer")),
                ],
                without=_("waiting"), decimals=0, height=TALL,
            ),
            service_level(TALL),
            abandoned(TALL),
            tile(
                _("Calls received, 30 min"),
                _("Calls received in the last 30 minutes, and in the same half-hour a week ago. A quarter more or less is as usual."),
                "none", inbound, last_week, _("a week ago"),
                [
                    Band("> 1.25 * {reference}", WARN, _("▲ more")),
                    Band(">= 0.75 * {reference} <= 1.25 * {reference}", NEUTRAL, _("= as usual")),
                    Band("< 0.75 * {reference}", WARN, _("▼ fewer")),
                ],
                without=_("received"), decimals=0, height=TALL,
            ),
            tile(
                _("Estimated wait"),
                _("How long a caller waits, by Little's law: mean queue ÷ arrivals of the last 15 minutes, and the same 15 minutes ago."),
                SECONDS, q.wait(), q.wait(" offset 15m"), _("15 min ago"),
                [
                    Band("> {reference}", WARN, _("▲ longer")), Band("== {reference}", NEUTRAL, _("= the same")),
                    Band("< {reference}", GOOD, _("▼ shorter")),
                ],
                without=_("wait"), decimals=0, height=TALL,
            ),
            tile(
                _("Age of the data"),
                _("Since the last good poll of the skills: the oldest of all chosen operations, and how often they are polled. Too old means that the numbers of that operation are of then, not of now."),
                "s", oldest, f"max({q.collector('interval', 'seconds', q.SKILLS_COLLECTOR)})", _("polled every"),
                [
                    Band(f"unless max({broken})", GOOD, _("▼ fresh")),
                    Band(f"and max({broken})", BAD, _("▲ too old: broken")),
                ],
                decimals=0, state=False, height=TALL,
            ),
        ],
        [
            table(
                _("Skills, worst first"),
                _("Sorted by attainment, service level ÷ target of the last 30 minutes; broken ones on top, closed and idle ones at the end. Service level: answered in time ÷ received. To recover: calls in a row that have to be answered in time until the day is on target."),
                [
                    Label("operation", _("Operation"), width=110),
                    Label("skill_id", _("Id"), width=60),
                    Label("skill_name", "Skill", link={
                        "title": _("Show this skill"), "url": to_board("wolkvox-skill", skill="${__data.fields.skill_id}"), "targetBlank": False,
                    }),
                ],
                [
                    Column(_("State"), q.with_name(q.state()), "none", words=STATES, width=115),
                    Column(_("Attainment"), q.sound(q.attainment()), "percentunit", 0, steps=ATTAINMENT, width=115),
                    Column(_("SL 30 min"), q.sound(q.skill("service_level", "ratio30m")), "percentunit", 1, width=85),
                    Column(_("Target"), q.sound(q.skill("service_level_target", "ratio")), "percentunit", 0, width=65),
                    Column(_("Queue"), q.sound(q.skill("calls_in_queue", "max")), "none", 0, width=60),
                    Column(_("Abandoned"), q.sound(q.skill("abandon", "ratio30m")), "percentunit", 1, width=90),
                    Column(_("Received"), q.sound(q.skill("inbound_calls", "increase30m")), "none", 0, width=80),
                    Column(_("Wait"), q.sound(q.skill("wait", "seconds15m")), SECONDS, 0, width=70),
                    Column(_("SL today"), q.sound(q.skill("service_level_today", "ratio")), "percentunit", 1, width=80),
                    Column(_("To recover"), q.sound(q.skill("calls_to_recover", "today")), "none", 0, width=90),
                ],
                sort=Column("", q.rank()), width=16, height=11,
            ),
            table(
                _("Alerts firing now"),
                _("The alerts of alerts/wolkvox-alerts.rules.yml that fire, and for how long their condition has held; their names are without Wolkvox. Silences of Alertmanager do not hide them here."),
                [
                    Label("severity", _("Severity"), width=95, words=SEVERITIES),
                    Label("alertname", _("Alert"), width=170),
                    Label("about", "Skill, DNIS"),
                    Label("operation", _("Operation"), width=85),
                ],
                [Column(_("For"), first, "s", 0, width=95)],
                width=8, height=11, hidden=["skill_id", "skill_name", "dnis"], no_value=_("No alert is firing"),
            ),
        ],
        [
            strip(
                _("Queue by skill"), _("The most calls that waited at a time, for the 15 skills that need help most at the end of the time range. Where nobody waits, a word says that it is closed, has no volume or no figure. Broken hides the queue. An empty cell: Prometheus has nothing."), "none",
                q.worst(LINES, q.with_last_name(queue_or_state)), "{{skill_name}}", QUEUE, STATES, height=10,
            ),
            state_timeline(
                _("Service level by skill"),
                _("The 15 skills that need help most at the end of the time range. OK: on target in the last 30 minutes. At risk: below it. Missed: below 90 % of it. Closed: by its opening hours. No volume: nobody called. No figure: calls, but no service level, or no target. Broken: the data are too old. A gap: Prometheus has nothing."),
                q.worst(LINES, q.with_last_name(q.state())), "{{skill_name}}", STATES, height=10,
            ),
        ],
    ],
)
