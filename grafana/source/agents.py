"""Agents: what each did today. For those who lead them, not for a wall."""

from . import queries as q
from .board import Board, by_result
from .language import Text as _
from .look import SECONDS, thresholds
from .panels import Column, Label, bar_gauge, of_report, stat, table, timeseries

BY = "operation, agent_id"


def of(name):
    selector = q.raw(f"wolkvox_agent_{name}", 'agent_id=~"$agent_id"')
    return f"max by ({BY}) ({selector})"


calls, aht, acw = of("calls_today"), of("average_handling_time_seconds"), of("after_call_work_seconds")
occupancy, login = of("occupancy_ratio"), of("login_time_seconds")
handed_on = q.raw("wolkvox_agent_transfers_today", 'agent_id=~"$agent_id"')
transfers = f"sum by ({BY}) (max by ({BY}, channel, receiver_type) ({handed_on}))"
STATE, TRANSFERS = of_report("agents_kpi", calls), of_report("transfers", transfers)
OCCUPANCY = thresholds((None, "blue"), (0.6, "green"), (0.85, "orange"), (0.9, "red"))
every = q.agents_named(f"max by ({BY}) ({q.raw('wolkvox_agent_calls_today')})")
busiest = q.raw("wolkvox_agent_calls_today", 'agent_id=~"$agent_id"')


def series(expression):
    return {"queries_": [(q.agents_named(q.top(15, expression, busiest, BY)), "{{agent_name}}")], "every": expression, "state": STATE}


BOARD = Board(
    uid="wolkvox-agents",
    title=_("wolkvox: agents"),
    description=_("What each agent did today. Names only where agent_names is on in the exporter's configuration, else ids."),
    variables=[by_result("agent_id", _("Agent"), f"max by (agent_id, agent_name) ({every})", "agent_name")],
    lines=[
        [
            stat(_("Agents today"), _("Agents who were logged in today."), "none", [(f"count({login} > 0)", "")], decimals=0, state=STATE),
            stat(_("Calls"), _("Calls of every direction of the day."), "none", [(f"sum({calls})", "")], decimals=0, state=STATE),
            stat(_("Handling time"), _("Mean time spent on a call (AHT), weighted by calls."), SECONDS, [(q.weighted(aht, calls), "")], decimals=0, state=STATE),
            stat(_("After-call work"), _("Time spent on work after calls (ACW) ÷ time logged in."), "percentunit", [(f"sum({acw}) / (sum({login} and {acw}) > 0)", "")], decimals=1, state=STATE),
            stat(_("Occupancy"), _("Share of the day spent on calls, weighted by the time logged in. Above 85 to 90 % for long, queues collapse."), "percentunit",
                 [(q.weighted(occupancy, login), "")], decimals=1, steps=OCCUPANCY, mode="background", state=STATE),
            stat(_("Transfers"), _("Interactions that agents handed on today."), "none", [(f"sum({transfers})", "")], decimals=0, state=TRANSFERS),
        ],
        [
            table(
                _("Agents"), _("The running day. A dash means that wolkvox gave no figure."),
                [Label("operation", _("Operation"), width=140), Label("agent_id", _("Id"), width=90), Label("agent_name", _("Agent"), width=260)],
                [
                    Column(_("Calls"), q.agents_named(calls), "none", 0),
                    Column(_("Handling time"), aht, SECONDS, 0),
                    Column(_("After-call work"), acw, "s", 1),
                    Column(_("Occupancy"), occupancy, "percentunit", 1, steps=OCCUPANCY),
                    Column(_("Logged in"), login, "s", 1),
                    Column(_("Hits"), of("hits_today"), "none", 0),
                    Column(_("Points"), of("points_today"), "none", 0),
                    Column(_("Transfers"), transfers, "none", 0),
                ],
                height=12, state=STATE,
            ),
        ],
        [
            bar_gauge(_("Highest occupancy"), _("The 15 agents with the highest occupancy of those with 5 calls or more."), "percentunit",
                      q.agents_named(f"topk(15, {occupancy} and {calls} >= 5)"), "{{agent_name}}", height=12, steps=OCCUPANCY, top=1, state=STATE),
            bar_gauge(_("Longest handling time"), _("The 15 agents with the longest mean time on a call of those with 5 calls or more."), SECONDS,
                      q.agents_named(f"topk(15, {aht} and {calls} >= 5)"), "{{agent_name}}", height=12, state=STATE),
        ],
        [
            timeseries(_("Calls"), _("Since the start of the day, of the 15 agents with the most in the time range."), "none", **series(calls), decimals=0),
            timeseries(_("Occupancy"), _("Of the 15 agents with the most calls in the time range."), "percentunit", **series(occupancy), top=1),
        ],
    ],
)
