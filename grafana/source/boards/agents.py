"""Agents: the day of each agent. For team leaders; it has names of people, so it does not belong on a wallboard."""

from .. import queries
from ..annotations import firing_alerts as alert_marks
from ..board import Board
from ..language import Text as _
from ..links import ROW_TO_EXPORTER, link, row_url, series_url
from ..panels import Column, LabelColumn, bar_gauge, report_state, stat, table, timeseries
from ..style import BAD, FILL_BAD, FILL_NEUTRAL, FILL_WARN, NEUTRAL, SECONDS, WARN, thresholds
from ..variables import query_result
from .alert_tables import with_runbook

BY = "operation, agent_id"


def agent_series(name: str, offset: str = "") -> str:
    """A series of the chosen agents, once per agent if several exporters have it."""
    selector = queries.raw(f"wolkvox_agent_{name}", 'agent_id=~"$agent_id"')
    return f"max by ({BY}) ({selector}{offset})"


def calls_today(offset: str) -> str:
    return agent_series("calls_today", offset)


calls, aht, acw = (
    agent_series("calls_today"),
    agent_series("average_handling_time_seconds"),
    agent_series("after_call_work_seconds"),
)
occupancy, login = agent_series("occupancy_ratio"), agent_series("login_time_seconds")
transfers_by_receiver = queries.raw("wolkvox_agent_transfers_today", 'agent_id=~"$agent_id"')
transfers = f"sum by ({BY}) (max by ({BY}, channel, receiver_type) ({transfers_by_receiver}))"
STATE, TRANSFERS = report_state("agents_kpi", calls), report_state("transfers", transfers)
LOGGED_IN, LOGGED_IN_A_WEEK_AGO = (
    f'operation:wolkvox_agents_logged_in:{suffix}{{operation=~"$operation"}}'
    for suffix in ("estimate", "mean30m_offset167h30m")
)
# There is no target for occupancy, so only too much of it has a colour that warns.
OCCUPANCY = thresholds((None, FILL_NEUTRAL), (0.85, FILL_WARN), (0.9, FILL_BAD))
OCCUPANCY_CELLS = thresholds((None, "transparent"), (0.85, FILL_WARN), (0.9, FILL_BAD))
OCCUPANCY_BARS = thresholds((None, NEUTRAL), (0.85, WARN), (0.9, BAD))
ONLY = _("Show only this agent")
BAR_TO_AGENT = link(ONLY, series_url("wolkvox-agents", "agent_id"))
all_agents = queries.with_agent_name(f"max by ({BY}) ({queries.raw('wolkvox_agent_calls_today')})")


BOARD = Board(
    uid="wolkvox-agents",
    title=_("wolkvox: agents"),
    description=_(
        "The day of each agent. Names are shown only if agent_names is on in the exporter's "
        "configuration; otherwise the ids are shown."
    ),
    annotations=alert_marks('alertname="WolkvoxStaffingLow", operation=~"$operation"'),
    variables=[query_result("agent_id", _("Agent"), f"max by (agent_id, agent_name) ({all_agents})", "agent_name")],
    rows=[
        [
            with_runbook(
                stat(
                    _("Agents now"),
                    _(
                        "Agents logged in now, from the growth of their login times. Needs polls at least every 5 "
                        "minutes."
                    ),
                    "none",
                    [(f"sum({LOGGED_IN})", "")],
                    decimals=0,
                    state=STATE,
                ),
                "StaffingLow",
            ),
            stat(
                _("Agents today"),
                _("Agents who logged in today."),
                "none",
                [(f"count({login} > 0)", "")],
                decimals=0,
                state=STATE,
            ),
            stat(
                _("Calls"),
                _("Calls of the day in every direction."),
                "none",
                [(f"sum({calls})", "")],
                decimals=0,
                state=STATE,
            ),
            stat(
                _("Handling time"),
                _("Average handling time of a call (AHT), weighted by calls."),
                SECONDS,
                [(queries.weighted_mean(aht, calls), "")],
                decimals=0,
                state=STATE,
            ),
            stat(
                _("Occupancy"),
                _(
                    "Share of the day that agents spend on calls and their documentation, weighted by login time. If "
                    "it stays above 85 to 90 % for long, queues grow very fast."
                ),
                "percentunit",
                [(queries.weighted_mean(occupancy, login), "")],
                decimals=1,
                steps=OCCUPANCY,
                mode="background",
                state=STATE,
            ),
            stat(
                _("Transfers"),
                _("Interactions that agents transferred today."),
                "none",
                [(f"sum({transfers})", "")],
                decimals=0,
                state=TRANSFERS,
            ),
        ],
        [
            with_runbook(
                timeseries(
                    _("Agents logged in"),
                    _(
                        "Agents logged in now, from the growth of their login times. Dashed: the mean of the half-hour "
                        "that began at the same time a week ago."
                    ),
                    "none",
                    [
                        (f"sum({LOGGED_IN})", _("logged in")),
                        (f"sum({LOGGED_IN_A_WEEK_AGO})", _("a week ago")),
                    ],
                    width=24,
                    decimals=0,
                    dashed="B",
                    state=STATE,
                ),
                "StaffingLow",
            ),
        ],
        [
            table(
                _("Agents"),
                _(
                    "Today so far, the highest occupancy first; a click on the head of a column sorts by it. A dash "
                    "means that wolkvox gave no figure. After-call work (ACW) is the value of wolkvox's field "
                    "acw_time: its documentation does not say if that is the mean of a call or the total of the day. "
                    "Compare it with a report of wolkvox before you use it."
                ),
                [
                    LabelColumn("operation", _("Operation"), width=140, link=ROW_TO_EXPORTER),
                    LabelColumn("agent_id", _("Id"), width=80),
                    LabelColumn(
                        "agent_name", _("Agent"), width=250, link=link(ONLY, row_url("wolkvox-agents", "agent_id"))
                    ),
                ],
                [
                    (busiest := Column(_("Occupancy"), occupancy, "percentunit", 0, steps=OCCUPANCY_CELLS)),
                    Column(_("Calls"), queries.with_agent_name(calls), "none", 0),
                    Column(_("Handling time"), aht, SECONDS, 0),
                    Column(_("After-call work"), acw, SECONDS, 0),
                    Column(_("Login time"), login, "dthms", 0),
                    Column(_("Hits"), agent_series("hits_today"), "none", 0),
                    Column(_("Points"), agent_series("points_today"), "none", 0),
                    Column(_("Transfers"), transfers, "none", 0),
                ],
                sort=busiest,
                height=17,
                state=STATE,
            ),
        ],
        [
            bar_gauge(
                _("Highest occupancy"),
                _("The 9 agents with the highest occupancy among agents with at least 5 calls."),
                "percentunit",
                queries.with_agent_name(f"topk(9, {occupancy} and {calls} >= 5)"),
                "{{agent_name}}",
                height=10,
                steps=OCCUPANCY_BARS,
                top=1,
                state=STATE,
                link=BAR_TO_AGENT,
            ),
            bar_gauge(
                _("Longest handling time"),
                _("The 9 agents with the longest average handling time among agents with at least 5 calls."),
                SECONDS,
                queries.with_agent_name(f"topk(9, {aht} and {calls} >= 5)"),
                "{{agent_name}}",
                height=10,
                state=STATE,
                link=BAR_TO_AGENT,
            ),
        ],
        [
            timeseries(
                _("Calls, 30 min"),
                _("Calls of all selected agents together, in the half-hour before each point."),
                "none",
                [(f"sum({queries.in_half_hour(calls_today)})", _("calls"))],
                decimals=0,
                state=STATE,
            ),
            timeseries(
                _("Occupancy"),
                _(
                    "Occupancy of the day so far: all selected agents together, weighted by login time, and the value "
                    "that one of ten agents exceeds."
                ),
                "percentunit",
                [
                    (queries.weighted_mean(occupancy, login), _("all together")),
                    (f"quantile(0.9, {occupancy})", _("one of ten above")),
                ],
                top=1,
                state=STATE,
            ),
        ],
    ],
)
