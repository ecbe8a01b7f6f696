"""The manager's dashboard: days by half-hour, compared with the week before, and the error budget of the month.

Every figure is made of the recorded half-hours, so it says nothing about the present moment.
"""

from typing import Any

from .. import half_hours, queries
from ..annotations import firing_alerts as alert_marks
from ..board import Board, row_panel
from ..half_hours import FEW, FEW_IN_HALF_HOUR, Calls, begun, begun_of_each_skill, by_weekday, within
from ..language import Line
from ..language import Text as _
from ..links import KEPT, link, row_url
from ..panels import Column, LabelColumn, PeriodState, signed_tile, status_history, table, timeseries
from ..panels.base import Panel
from ..style import (
    FEW_CALLS_WORD,
    FILL_BAD,
    FILL_GOOD,
    FILL_WARN,
    FILLED_STATES,
    SLATE,
    thresholds,
)
from ..variables import SKILLS_OF_TEAM, TEAM_OF_HALF_HOURS
from .alert_tables import with_runbook
from .tile_words import labelled, named, signed

EVERY = "30m"
TILES, GRAPHS, TABLES = 5, 8, 9
# More rows are a list to search in, not the worst.
ROWS = 7
# Of one half-hour, the skills that missed or exceeded their target by most calls.
SKILLS_OF_A_HALF_HOUR = 3

chosen, days7 = Calls(within()), Calls(within("7d"))
this_month = "now/M"

# A time range that somebody chose by dates also holds for the panels that have a range of their own. Then there is no
# figure of the month, because the range does not begin with one. At noon of the first day, the date is the same in UTC.
IN_MONTH = "and on () day_of_month(vector(time() - $__range_s + 43200)) == 1"


def level_tile(title: str, description: str, calls: Calls, width: int, time_from: str | None = None) -> Panel:
    """A service level with its target. Its sign says how much of the target is reached, or that there are few calls."""
    few = f"({calls.rated} < {FEW} and {calls.attainment} < 1) * 0"
    signs = signed(
        f"{few} or clamp(floor({queries.rounded(f'10 * {calls.attainment}')}), 8, 10)",
        {10: "▲", 9: "▼", 8: "▼▼", 0: "~"},
    )
    level = f"({calls.level} {IN_MONTH if time_from else ''})"
    return with_runbook(
        signed_tile(
            title,
            description,
            "percentunit",
            level + labelled(sign=signs, target=named("target", f"100 * {calls.target}", "0.1")),
            Line("{{sign}} target {{target}} %"),
            {"▲": FILL_GOOD, "▼": FILL_WARN, "▼▼": FILL_BAD, "~": SLATE},
            state=PeriodState(calls.received).state_query(level),
            decimals=1,
            width=width,
            height=TILES,
            time_from=time_from,
        ),
        "ServiceLevelSlowBurn",
    )


# The limit of several skills is the mean of their limits, weighted by their calls.
share_of_limit = queries.rounded(f"{chosen.abandonment} / ({chosen.abandon_limit} > 0)")
abandon_signs = signed(
    f"({chosen.received} < {FEW} and {share_of_limit} > 1) * 0 or clamp(ceil({share_of_limit}), 1, 3)",
    {1: "▼", 2: "▲", 3: "▲▲", 0: "~"},
)
abandon_limit = named("limit", f"100 * {chosen.abandon_limit}", "0.1")

week_before = Calls(within(a_week_before=True)).received
growth = signed(
    f"({chosen.received} > bool 1.25 * {week_before} + 10) - ({chosen.received} < bool 0.75 * {week_before} - 10)",
    {1: "▲", -1: "▼", 0: "="},
)
before = f'{named("before", week_before)} or on () label_replace(vector(1), "before", "–", "", "")'

# The error budget of the month: the missed calls that the target allows. The rest of the month is assumed to have as
# many calls a day as the last 7 days. If there are fewer than 7 days of data, it is as many as those days have.
month = Calls(within())
_days = f"scalar(max(count_over_time({half_hours.series('inbound_calls')}[7d] offset -29m59s))) / 48"
# The 15 days after the beginning of a month are in the same month.
_length = "scalar(days_in_month(vector(time() - $__range_s + 1296000)))"
days_left = f"clamp_min(vector({_length} - $__range_s / 86400), 0)"
budget = f"({month.allowed_missed} + {days7.allowed_missed} / ({_days}) * {days_left})"
missed_a_day = f"({days7.missed} / ({_days}))"
spent_at_end = f"({month.missed} + {missed_a_day} * {days_left})"
left = queries.rounded(f"1 - {month.missed} / ({budget} > 0)")
budget_signs = signed(f"({left} > bool 0) + ({spent_at_end} <= bool {budget})", {2: "▲", 1: "▼", 0: "▼▼"})
LASTS, USED_UP = 0, 1
_day = f"1000 * (time() + 86400 * ({budget} - {month.missed}) / {missed_a_day})"
runs_out = (
    f"({month.missed} >= {budget}) * 0 + {USED_UP} or ({spent_at_end} <= {budget}) * 0 + {LASTS} or on () "
    f'label_replace({_day}, "sign", "▼", "", "")'
)
RUNS_OUT = [
    {
        "type": "value",
        "options": {
            str(LASTS): {"index": 0, "text": Line("▲ lasts"), "color": FILL_GOOD},
            str(USED_UP): {"index": 1, "text": Line("▼▼ used up"), "color": FILL_BAD},
        },
    }
]

now = Calls(begun())
last_week = Calls(begun(7))

# Codes of cells without a figure.
NO_CALLS, FEW_IN_CELL = -2, -1
# Close to the background of a dark panel, because most cells of a night have no calls.
NO_CALLS_COLOUR = "#2a2f36"
WITHOUT_FIGURE = [
    {
        "type": "value",
        "options": {
            str(NO_CALLS): {"index": 0, "text": "–", "color": NO_CALLS_COLOUR},
            str(FEW_IN_CELL): {"index": 1, "text": "~", "color": SLATE},
        },
    }
]
NO_CALLS_CELL = [{"type": "value", "options": {"0": {"index": 0, "text": "–", "color": NO_CALLS_COLOUR}}}]


def within_limit(first: float, last: float | None, sign: str) -> dict[str, Any]:
    """The cells that are good have a sign, so that numbers stand only where something is to be seen.

    A cell has room for two characters on a screen of 1280 pixels, and Grafana cuts what is longer.
    """
    result = {"index": 2, "text": sign, "color": FILL_GOOD}
    return {"type": "range", "options": {"from": first, "to": last, "result": result}}


WEEKDAYS = {
    f"day {number}": name
    for number, name in enumerate(
        (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")), 1
    )
}
# Yesterday. The days before it are the same range, earlier.
WEEK = {"timeFrom": "now/d", "timeShift": "1d/d", "hideTimeOverride": True}


def level_cells(days: int) -> str:
    """The share of the target that is reached, in whole percent: 99.6 % is below the target, so it is 99."""
    calls = Calls(begun(days))
    enough = f"({calls.rated} >= {FEW_IN_HALF_HOUR})"
    attainment = queries.rounded(f"100 * {calls.in_time} / ({enough} - {calls.allowed_missed})")
    return f"floor({attainment}) or ({calls.rated} > 0) * 0 + {FEW_IN_CELL} or ({calls.received} == 0) + {NO_CALLS}"


def abandonment_cells(days: int) -> str:
    """Abandonment as a multiple of the limit, rounded up: 1.04 is above the limit, so it is 2."""
    calls = Calls(begun(days))
    enough = f"({calls.received} >= {FEW_IN_HALF_HOUR})"
    multiple = queries.rounded(f"{calls.abandoned} / {enough} / ({calls.abandon_limit} > 0)")
    few = f"({calls.received} > 0 < {FEW_IN_HALF_HOUR}) * 0 + {FEW_IN_CELL}"
    return f"clamp_min(ceil({multiple}), 1) or {few} or ({calls.received} == 0) + {NO_CALLS}"


of_skill = Calls(begun_of_each_skill(), "operation, skill_id")
# While a skill is renamed, its series can have different names.
_name = f"topk by (operation, skill_id) (1, {begun_of_each_skill()('inbound_calls')}) * 0 + 1"
_enough = f"({of_skill.rated} >= {FEW_IN_HALF_HOUR})"
TO_SKILL = link(_("Show this skill"), row_url("wolkvox-skill", "skill_id"))


def half_hour_table(title: str, description: str, name: str, calls: str) -> Panel:
    """A table with a row for each of the half-hours and skills with the most of these calls."""
    top = f"topk({SKILLS_OF_A_HALF_HOUR}, ({calls} and {_enough}) >= 1)"
    named_top = f"({top}) * on (operation, skill_id) group_left (skill_name) ({_name})"
    first = Column(name, named_top, "none", 0, width=105)

    def of_top(figure: str) -> str:
        return f"{figure} and {top}"

    return table(
        title,
        description,
        [
            LabelColumn("operation", _("Operation"), width=105),
            LabelColumn("skill_id", "Id", hidden=True),
            LabelColumn("skill_name", "Skill", link=TO_SKILL),
        ],
        [
            first,
            Column(_("SL"), of_top(of_skill.level), "percentunit", 0, width=60),
            Column(_("Target"), of_top(of_skill.target), "percentunit", 0, width=70),
            Column(_("Received"), of_top(of_skill.received), "none", 0, width=85),
        ],
        sort=first,
        limit=ROWS,
        width=13,
        height=TABLES,
        every=EVERY,
        no_value=_("No such half-hours"),
    )


of_team = Calls(within(), "team")
team_state = (
    f"({of_team.rated} < {FEW} and {of_team.attainment} < 1) * 0 + {queries.FEW_CALLS} or "
    f"({of_team.attainment} >= 1) * 0 + {queries.OK} or "
    f"({of_team.attainment} >= {queries.AT_RISK}) * 0 + {queries.RISK} or "
    f"({of_team.attainment} < {queries.AT_RISK}) * 0 + {queries.MISSED} or "
    f"({of_team.received} == 0) * 0 + {queries.NO_VOLUME} or {of_team.received} * 0 + {queries.NO_FIGURE}"
)
TO_TEAM = link(_("Show this team"), f"/d/wolkvox-day?{KEPT}&var-team=${{__data.fields.team:percentencode}}")
short_of = Column(_("Short of"), f"clamp_min({of_team.short_of}, 0)", "none", 0, width=75)

BOARD = Board(
    uid="wolkvox-day",
    title=_("wolkvox: days"),
    description=_(
        "For the manager: the chosen days by half-hour against the same days a week before, the week, the month with "
        "its error budget, and the teams. A half-hour is named by its beginning, and appears a few minutes after its "
        "end."
    ),
    annotations=alert_marks('operation=~"$operation", skill_id=~"$skill_id"', others=False),
    variables=[TEAM_OF_HALF_HOURS, SKILLS_OF_TEAM],
    time_from="now-1d/d",
    time_to="now-1d/d",
    refresh="5m",
    rows=[
        [
            level_tile(
                _("Service level"),
                _(
                    "Calls answered within the threshold ÷ calls received in the time range, and the target, weighted "
                    "by calls. ▲ on target, ▼ below it, ▼▼ below 90 % of it, ~ below it, but with fewer than 30 calls."
                ),
                chosen,
                4,
            ),
            with_runbook(
                signed_tile(
                    _("Abandoned"),
                    _(
                        "Calls abandoned ÷ calls received in the time range, and the limit, weighted by calls. ▼ "
                        "within the limit, ▲ above it, ▲▲ above twice the limit, ~ above it, but with fewer than 30 "
                        "calls."
                    ),
                    "percentunit",
                    f"({chosen.abandonment})"
                    + labelled(
                        sign=abandon_signs,
                        limit=f'{abandon_limit} or on () label_replace(vector(1), "limit", "–", "", "")',
                    ),
                    Line("{{sign}} limit {{limit}} %"),
                    {"▼": FILL_GOOD, "▲": FILL_WARN, "▲▲": FILL_BAD, "~": SLATE},
                    state=PeriodState(chosen.received).state_query(chosen.abandonment),
                    decimals=1,
                    width=4,
                    height=TILES,
                ),
                "AbandonmentHigh",
            ),
            signed_tile(
                _("Calls received"),
                _(
                    "Calls received in the time range, and in the same time a week before. ▲ and ▼: more or fewer by "
                    "a quarter and 10 calls."
                ),
                "none",
                f"({chosen.received})" + labelled(sign=growth, before=before),
                Line("{{sign}} before {{before}}"),
                {},
                state=f"vector({queries.NO_VOLUME}) and on () {chosen.received} == 0",
                width=4,
                height=TILES,
            ),
            level_tile(
                _("SL 7 days"),
                _(
                    "Calls answered within the threshold ÷ calls received in the 7 days before the end of the time "
                    "range, and the target."
                ),
                days7,
                3,
            ),
            level_tile(
                _("SL this month"),
                _(
                    "Calls answered within the threshold ÷ calls received since the first day of this month, and the "
                    "target. If the time range is chosen by dates, there is no figure."
                ),
                month,
                3,
                this_month,
            ),
            signed_tile(
                _("Budget left"),
                _(
                    "The error budget of this month is the number of calls that the target allows to be missed, which "
                    "means abandoned or answered too late: those of the month so far, and for its rest as many a day "
                    "as in the last 7 days. ▲ lasts until the end of the month at the pace of the last 7 days, ▼ does "
                    "not, ▼▼ used up. If the time range is chosen by dates, there is no figure."
                ),
                "percentunit",
                f"({left} {IN_MONTH})"
                + labelled(
                    sign=budget_signs,
                    spent=named("spent", month.missed),
                    budget=named("budget", budget),
                ),
                Line("{{sign}} {{spent}} of {{budget}}"),
                {"▲": FILL_GOOD, "▼": FILL_WARN, "▼▼": FILL_BAD},
                state=PeriodState(month.received).state_query(f"{left} {IN_MONTH}"),
                width=3,
                height=TILES,
                time_from=this_month,
            ),
            signed_tile(
                _("Runs out"),
                _(
                    "The day on which the error budget of this month is used up, if as many calls a day are missed as "
                    "in the last 7 days. If the time range is chosen by dates, there is no figure."
                ),
                "time:D/M",
                f"({runs_out}) {IN_MONTH}",
                Line("{{sign}} as in 7 days"),
                {"▼": FILL_WARN},
                state=PeriodState(month.received).state_query(f"{left} {IN_MONTH}"),
                mappings=RUNS_OUT,
                width=3,
                height=TILES,
                time_from=this_month,
            ),
        ],
        [
            timeseries(
                _("Calls by half-hour"),
                _(
                    "Calls received and abandoned in each half-hour. Dashed: received at the same time a week before. "
                    "0 is no calls, a gap is no data."
                ),
                "none",
                [
                    (now.received, _("received")),
                    (last_week.received, _("a week before")),
                    (now.abandoned, _("abandoned")),
                ],
                dashed="B",
                filled="A",
                steps=True,
                decimals=0,
                height=GRAPHS,
                interval=EVERY,
            ),
            timeseries(
                _("Service level by half-hour"),
                _(
                    "Calls answered within the threshold ÷ calls received in each half-hour, now and at the same time "
                    "a week before. Dashed: the target. Areas without lines: no volume, or no figure."
                ),
                "percentunit",
                [
                    (now.level, _("service level")),
                    (now.target, _("target")),
                    (last_week.level, _("a week before")),
                ],
                dashed="B",
                filled="A",
                steps=True,
                decimals=0,
                top=1,
                height=GRAPHS,
                interval=EVERY,
                every=now.level,
                state=PeriodState(now.received),
            ),
        ],
        [
            status_history(
                _("Service level by weekday, % of the target"),
                _(
                    "The share of the target that each half-hour of the last 7 whole days reached, where it is less "
                    "than 100: 90 is a service level of 72 % with a target of 80 %. ▲: on target. Red: below 90. ~: "
                    "fewer than 10 calls. –: no calls. A gap: no data. The figure is a share of the target, because "
                    "skills have different targets."
                ),
                by_weekday(level_cells),
                "day {{day}}",
                WEEKDAYS,
                mappings=[*WITHOUT_FIGURE, within_limit(100, None, "▲")],
                steps=thresholds((None, FILL_BAD), (90, FILL_WARN), (100, FILL_GOOD)),
                interval=EVERY,
                **WEEK,
            ),
        ],
        [
            half_hour_table(
                _("Worst half-hours"),
                _(
                    "The half-hours and skills of the time range that were short of most calls: so many more calls had "
                    "to be answered within the threshold to reach the target. At most 3 skills of a half-hour; those "
                    "with fewer than 10 calls are left out. A click on a skill opens its dashboard."
                ),
                _("Short of"),
                of_skill.short_of,
            ),
            table(
                _("Teams"),
                _(
                    "The teams in the time range: first the team that was short of most calls to reach its target. Few "
                    "calls: below the target, but with fewer than 30 calls. –: skills without a team. A click on a "
                    "team shows only this team."
                ),
                [LabelColumn("team", _("Team"), link=TO_TEAM)],
                [
                    Column(_("State"), team_state, "none", words={**FILLED_STATES, **FEW_CALLS_WORD}, width=100),
                    short_of,
                    Column(_("SL"), of_team.level, "percentunit", 1, width=70),
                    Column(_("Target"), of_team.target, "percentunit", 0, width=65),
                    Column(_("Abandoned"), of_team.abandonment, "percentunit", 1, width=95),
                    Column(_("Limit"), of_team.abandon_limit, "percentunit", 0, width=65),
                    Column(_("Received"), of_team.received, "none", 0, width=85),
                ],
                sort=short_of,
                width=11,
                height=TABLES,
            ),
        ],
        [row_panel(_("Calls and abandonment by weekday, best half-hours"), collapsed=True)],
        [
            status_history(
                _("Calls by weekday"),
                _(
                    "Calls received in each half-hour of the last 7 whole days. –: no calls. A gap: no data. A "
                    "lighter cell has more calls."
                ),
                by_weekday(lambda days: Calls(begun(days)).received),
                "day {{day}}",
                WEEKDAYS,
                mappings=NO_CALLS_CELL,
                show_values=False,
                interval=EVERY,
                **WEEK,
            ),
        ],
        [
            status_history(
                _("Abandonment by weekday, multiple of the limit"),
                _(
                    "Abandonment in each half-hour of the last 7 whole days ÷ the limit, rounded up: 2 is above the "
                    "limit and up to twice the limit. ▼: within the limit. ~: fewer than 10 calls. –: no calls. A "
                    "gap: no data."
                ),
                by_weekday(abandonment_cells),
                "day {{day}}",
                WEEKDAYS,
                mappings=[*WITHOUT_FIGURE, within_limit(1, 1, "▼")],
                steps=thresholds((None, FILL_GOOD), (2, FILL_WARN), (3, FILL_BAD)),
                interval=EVERY,
                **WEEK,
            ),
        ],
        [
            {
                **half_hour_table(
                    _("Best half-hours"),
                    _(
                        "The half-hours and skills of the time range that exceeded their target by most calls. At most "
                        "3 skills of a half-hour; those with fewer than 10 calls are left out."
                    ),
                    _("Exceeded by"),
                    f"(-{of_skill.short_of})",
                ),
                "w": 24,
            },
        ],
    ],
)
