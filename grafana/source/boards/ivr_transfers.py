"""What callers choose in the menus, and where interactions are transferred to."""

from typing import Any

from .. import queries
from ..annotations import firing_alerts as alert_marks
from ..board import Board
from ..language import Text as _
from ..links import ROW_TO_EXPORTER, link, row_url, series_url
from ..panels import Column, LabelColumn, bar_gauge, report_state, stat, table, timeseries
from ..style import SECONDS
from ..variables import WINDOW, label_values, selected

OPTION = "operation, rp_id, option"


def option_series(name: str) -> str:
    """A series of the chosen menu options, once per option if several exporters have it."""
    selector = queries.raw(f"wolkvox_ivr_option_{name}", 'rp_id=~"$rp_id"', 'window="$window"')
    return f"max by ({OPTION}) ({selector})"


calls, time = option_series("calls"), option_series("time_seconds")
pulse = queries.raw("wolkvox_ivr_option_calls", 'rp_id=~"$rp_id"', 'window="$window"', 'option="PULSE"')
calls_without_choice = f"max by ({OPTION}) ({pulse})"
chosen_calls = queries.raw("wolkvox_ivr_option_calls", 'rp_id=~"$rp_id"', 'window="$window"')

RECEIVER = "operation, channel, receiver_type"
# More lines cannot be told apart.
LINES = 6
CHANNEL = 'channel=~"$channel"'
TO_SKILL = 'receiver_type="skill"'
today = f"max by ({RECEIVER}) ({queries.raw('wolkvox_transfers_today', CHANNEL)})"
to_skill = f"max by ({RECEIVER}) ({queries.raw('wolkvox_transfers_today', CHANNEL, TO_SKILL)})"


def in_an_hour(receiver: str) -> str:
    """Transfers to this kind of receiver in an hour.

    The increase continues after the data have ended, so broken operations are left out.
    """
    transferred = queries.raw("wolkvox_transfers_total", CHANNEL, receiver)
    return (
        f"sum(max by ({RECEIVER}) (increase({transferred}[1h])) "
        f"unless on (operation) {queries.report_state('transfers')} == {queries.BROKEN})"
    )


def calls_today(offset: str) -> str:
    """Calls by option since the start of the day, whatever the selected window is."""
    selector = queries.raw("wolkvox_ivr_option_calls", 'rp_id=~"$rp_id"', 'window="today"')
    return f"max by ({OPTION}) ({selector}{offset})"


by_agent = queries.raw("wolkvox_agent_transfers_today", CHANNEL)
IVR, TRANSFERS = report_state("ivr", calls), report_state("transfers", today)
# A link to the same dashboard keeps these variables.
SELECTION = ["window", "channel"]
ONLY = _("Show only this routing point")
all_options = 'wolkvox_ivr_option_calls{job=~"$job", instance=~"$instance", operation=~"$operation"}'


def busiest_options(expression: str) -> dict[str, Any]:
    """Arguments of a graph: the options with the most calls in the time range."""
    return {
        "lines": [(queries.largest(LINES, expression, chosen_calls, OPTION), "{{rp_id}}: {{option}}")],
        "every": expression,
        "state": IVR,
    }


BOARD = Board(
    uid="wolkvox-ivr-transfers",
    title=_("wolkvox: IVR and transfers"),
    description=_(
        "Options that callers choose in the menus, time in the menus, and where interactions are transferred to."
    ),
    annotations=alert_marks('operation=~"$operation", collector=~"ivr|transfers"'),
    variables=[
        label_values(
            "window", _("Window"), all_options, multi=False, current=selected("today"), sort=2, description=WINDOW
        ),
        label_values("rp_id", _("Routing point"), all_options),
        label_values(
            "channel",
            _("Channel"),
            'wolkvox_transfers_today{job=~"$job", instance=~"$instance", operation=~"$operation"}',
        ),
    ],
    rows=[
        [
            stat(
                _("Choices in menus"),
                _(
                    "Calls that passed through an option in the window. A caller who passes through two menus counts "
                    "twice."
                ),
                "none",
                [(f"sum({calls})", "")],
                decimals=0,
                width=5,
                state=IVR,
            ),
            stat(
                _("No option chosen"),
                _(
                    "Share of menu visits in which the caller pressed nothing (PULSE). PULSE is not counted where it "
                    "is merged into “other”. If the share is high, callers do not understand the menu."
                ),
                "percentunit",
                [(queries.share(calls_without_choice, calls), "")],
                decimals=1,
                width=5,
                state=IVR,
            ),
            stat(
                _("Time in menus"),
                _("Average time of a call in an option, for all options together."),
                SECONDS,
                [(f"sum({time}) / (sum({calls} and {time}) > 0)", "")],
                decimals=0,
                width=5,
                state=IVR,
            ),
            stat(
                _("Transfers today"),
                _("Interactions transferred since the start of the day."),
                "none",
                [(f"sum({today})", "")],
                decimals=0,
                width=5,
                state=TRANSFERS,
            ),
            stat(
                _("Transferred to a skill"),
                _(
                    "Share of the day's transfers that went to a skill, which means back into a queue, and not to an "
                    "agent."
                ),
                "percentunit",
                [(queries.share(to_skill, today), "")],
                decimals=1,
                state=TRANSFERS,
            ),
        ],
        [
            bar_gauge(
                _("Options by calls"),
                _(
                    "The 11 options with the most calls in the window. PULSE: the caller pressed nothing. “other”: "
                    "options beyond the configured maximum."
                ),
                "none",
                f"topk(11, {calls})",
                "{{rp_id}}: {{option}}",
                height=10,
                state=IVR,
                link=link(ONLY, series_url("wolkvox-ivr-transfers", "rp_id", keep=SELECTION)),
            ),
            table(
                _("Options"),
                _("Calls and time of each option in the window."),
                [
                    LabelColumn("operation", _("Operation"), width=120, link=ROW_TO_EXPORTER),
                    LabelColumn(
                        "rp_id",
                        _("Routing point"),
                        width=175,
                        link=link(ONLY, row_url("wolkvox-ivr-transfers", "rp_id", keep=SELECTION)),
                    ),
                    LabelColumn("option", _("Option")),
                ],
                [
                    (most := Column(_("Calls"), calls, "none", 0, width=85)),
                    Column(_("Average time"), f"{time} / ({calls} > 0)", SECONDS, 0, width=135),
                    Column(_("Total time"), time, "dthms", 0, width=110),
                ],
                sort=most,
                width=12,
                height=10,
                state=IVR,
            ),
        ],
        [
            timeseries(
                _("Choices, 30 min"),
                _(
                    "Calls of today in the half-hour before each point, for the 6 options with the most calls in the "
                    "time range."
                ),
                "none",
                **busiest_options(queries.in_half_hour(calls_today)),
                decimals=0,
            ),
            timeseries(
                _("Average time in an option"),
                _("The 6 options with the most calls in the time range."),
                SECONDS,
                **busiest_options(f"{time} / ({calls} > 0)"),
            ),
        ],
        [
            timeseries(
                _("Transfers per hour"),
                _(
                    "Interactions of the selected channels that were transferred in the hour before each point, by "
                    "receiver. wolkvox reports some transfers up to two hours late."
                ),
                "none",
                [
                    (in_an_hour('receiver_type="agent"'), _("to an agent")),
                    (in_an_hour(TO_SKILL), _("to a skill")),
                ],
                decimals=0,
                state=TRANSFERS,
            ),
            bar_gauge(
                _("Agents with the most transfers"),
                _("The 9 agents with the most transfers today. Names are shown only if agent_names is on."),
                "none",
                queries.with_agent_name(
                    "topk(9, sum by (operation, agent_id) (max by (operation, agent_id, channel, "
                    f"receiver_type) ({by_agent})))"
                ),
                "{{agent_name}}",
                state=TRANSFERS,
                link=link(_("Show this agent"), series_url("wolkvox-agents", "agent_id")),
            ),
        ],
    ],
)
