"""Agents: the day of each agent. For team leaders; it has names of people, so it does not belong on a wallboard."""

from typing import Any

from .. import queries
from ..board import Board
from ..language import Text as _
from ..panels import Column, LabelColumn, bar_gauge, report_state, stat, table, timeseries
from ..style import SECONDS, thresholds
from ..variables import query_result

BY = "operation, agent_id"


def agent_series(name: str) -> str:
    """A series of the chosen agents, once per agent if several exporters have it."""
    selector = queries.raw(f"wolkvox_agent_{name}", 'agent_id=~"$agent_id"')
    return f"max by ({BY}) ({selector})"


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
OCCUPANCY = thresholds((None, "blue"), (0.6, "green"), (0.85, "orange"), (0.9, "red"))
all_agents = queries.with_agent_name(f"max by ({BY}) ({queries.raw('wolkvox_agent_calls_today')})")
chosen_calls = queries.raw("wolkvox_agent_calls_today", 'agent_id=~"$agent_id"')


def busiest_agents(expression: str) -> dict[str, Any]:
    """Arguments of a graph: the 15 agents with the most calls in the time range."""
    return {
        "lines": [(queries.with_agent_name(queries.largest(15, expression, chosen_calls, BY)), "{{agent_name}}")],
        "every": expression,
        "state": STATE,
    }


BOARD = Board(
    uid="wolkvox-agents",
    title=_("wolkvox: agents"),
    description=_(
        "The day of each agent. Names are shown only if agent_names is on in the exporter's "
        "configuration; otherwise the ids are shown."
    ),
    variables=[query_result("agent_id", _("Agent"), f"max by (agent_id, agent_name) ({all_agents})", "agent_name")],
    rows=[
        [
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
                _("After-call work"),
                _("Time in after-call work (ACW) ÷ login time."),
                "percentunit",
                [(f"sum({acw}) / (sum({login} and {acw}) > 0)", "")],
                decimals=1,
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
        ],
        [
            table(
                _("Agents"),
                _("Today so far. A dash means that wolkvox gave no figure."),
                [
                    LabelColumn("operation", _("Operation"), width=140),
                    LabelColumn("agent_id", _("Id"), width=90),
                    LabelColumn("agent_name", _("Agent"), width=260),
                ],
                [
                    Column(_("Calls"), queries.with_agent_name(calls), "none", 0),
                    Column(_("Handling time"), aht, SECONDS, 0),
                    Column(_("After-call work"), acw, "s", 1),
                    Column(_("Occupancy"), occupancy, "percentunit", 1, steps=OCCUPANCY),
                    Column(_("Login time"), login, "s", 1),
                    Column(_("Hits"), agent_series("hits_today"), "none", 0),
                    Column(_("Points"), agent_series("points_today"), "none", 0),
                    Column(_("Transfers"), transfers, "none", 0),
                ],
                height=12,
                state=STATE,
            ),
        ],
        [
            bar_gauge(
                _("Highest occupancy"),
                _("The 15 agents with the highest occupancy among agents with at least 5 calls."),
                "percentunit",
                queries.with_agent_name(f"topk(15, {occupancy} and {calls} >= 5)"),
                "{{agent_name}}",
                height=12,
                steps=OCCUPANCY,
                top=1,
                state=STATE,
            ),
            bar_gauge(
                _("Longest handling time"),
                _("The 15 agents with the longest average handling time among agents with at least 5 calls."),
                SECONDS,
                queries.with_agent_name(f"topk(15, {aht} and {calls} >= 5)"),
                "{{agent_name}}",
                height=12,
                state=STATE,
            ),
        ],
        [
            timeseries(
                _("Calls"),
                _("Calls since the start of the day, for the 15 agents with the most calls in the time range."),
                "none",
                **busiest_agents(calls),
                decimals=0,
            ),
            timeseries(
                _("Occupancy"),
                _("The 15 agents with the most calls in the time range."),
                "percentunit",
                **busiest_agents(occupancy),
                top=1,
            ),
        ],
    ],
)
