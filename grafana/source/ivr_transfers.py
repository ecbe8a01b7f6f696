"""What callers choose in the menus, and where interactions are handed on to."""

from . import queries as q
from .board import Board, by_label, chosen
from .language import Text as _
from .look import SECONDS
from .panels import Column, Label, bar_gauge, of_report, stat, table, timeseries

OPTION = "operation, rp_id, option"


def of(name):
    selector = q.raw(f"wolkvox_ivr_option_{name}", 'rp_id=~"$rp_id"', 'window="$window"')
    return f"max by ({OPTION}) ({selector})"


calls, time = of("calls"), of("time_seconds")
no_choice = q.raw("wolkvox_ivr_option_calls", 'rp_id=~"$rp_id"', 'window="$window"', 'option="PULSE"')
pulse = f"max by ({OPTION}) ({no_choice})"
busiest = q.raw("wolkvox_ivr_option_calls", 'rp_id=~"$rp_id"', 'window="$window"')

WAY = "operation, channel, receiver_type"
CHANNEL = 'channel=~"$channel"'
TO_SKILL = 'receiver_type="skill"'
today = f"max by ({WAY}) ({q.raw('wolkvox_transfers_today', CHANNEL)})"
to_skill = f"max by ({WAY}) ({q.raw('wolkvox_transfers_today', CHANNEL, TO_SKILL)})"
# An hour that is not over when the data end would go on.
in_an_hour = (
    f"max by ({WAY}) (increase({q.raw('wolkvox_transfers_total', CHANNEL)}[1h])) "
    f"unless on (operation) {q.empty('transfers')} == {q.BROKEN}"
)
by_agent = q.raw("wolkvox_agent_transfers_today", CHANNEL)
IVR, TRANSFERS = of_report("ivr", calls), of_report("transfers", today)
every = 'wolkvox_ivr_option_calls{job=~"$job", instance=~"$instance", operation=~"$operation"}'



def options(expression):
    return {"queries_": [(q.top(10, expression, busiest, OPTION), "{{rp_id}}: {{option}}")], "every": expression, "state": IVR}


BOARD = Board(
    uid="wolkvox-ivr-transfers",
    title=_("wolkvox: IVR and transfers"),
    description=_("What callers choose in the menus, how long they stay there, and where interactions are handed on to."),
    variables=[
        by_label("window", _("Window"), every, multi=False, current=chosen("today"), sort=2),
        by_label("rp_id", _("Routing point"), every),
        by_label("channel", _("Channel"), 'wolkvox_transfers_today{job=~"$job", instance=~"$instance", operation=~"$operation"}'),
    ],
    lines=[
        [
            stat(_("Choices in menus"), _("Calls that passed an option in the window; a caller who passes two menus counts twice."), "none", [(f"sum({calls})", "")], decimals=0, width=5, state=IVR),
            stat(_("No choice at all"), _("Share of choices that were none: the caller pressed nothing (PULSE), as far as options are not merged into other. Menus that many leave so are not understood."), "percentunit",
                 [(q.share(pulse, calls), "")], decimals=1, width=5, state=IVR),
            stat(_("Time in menus"), _("Mean time of a call in an option, all options together."), SECONDS, [(f"sum({time}) / (sum({calls} and {time}) > 0)", "")], decimals=0, width=5, state=IVR),
            stat(_("Transfers today"), _("Interactions handed on since the start of the day."), "none", [(f"sum({today})", "")], decimals=0, width=5, state=TRANSFERS),
            stat(_("To a skill"), _("Share of the day's transfers that went to a skill, back into a queue, and not to an agent."), "percentunit",
                 [(q.share(to_skill, today), "")], decimals=1, state=TRANSFERS),
        ],
        [
            bar_gauge(_("Options by calls"), _("The 15 most chosen options of the window. PULSE: nothing was pressed; other: options beyond the cap."), "none",
                      f"topk(15, {calls})", "{{rp_id}}: {{option}}", height=10, state=IVR),
            table(
                _("Options"), _("Calls and time of each option in the window."),
                [Label("operation", _("Operation")), Label("rp_id", _("Routing point")), Label("option", _("Option"))],
                [
                    (most := Column(_("Calls"), calls, "none", 0)),
                    Column(_("Time of a call"), f"{time} / ({calls} > 0)", SECONDS, 0),
                    Column(_("Time"), time, "s", 1),
                ],
                sort=most, width=12, height=10, state=IVR,
            ),
        ],
        [
            timeseries(_("Choices over time"), _("Calls by option in the window, the 10 that were most chosen in the time range. With the window today they fall at midnight."), "none",
                       **options(calls), decimals=0),
            timeseries(_("Time of a call in an option"), _("Mean, of the 10 options that were most chosen in the time range."), SECONDS,
                       **options(f"{time} / ({calls} > 0)")),
        ],
        [
            timeseries(_("Transfers in an hour"), _("Interactions handed on in the hour that ends then, by channel and by who got them. Late reports come up to two hours later."), "none",
                       [(in_an_hour, "{{channel}} → {{receiver_type}}")], decimals=0, state=TRANSFERS),
            bar_gauge(_("Agents who hand on most"), _("The 15 agents with the most transfers today, by name where names are on."), "none",
                      q.agents_named(f"topk(15, sum by (operation, agent_id) (max by (operation, agent_id, channel, receiver_type) ({by_agent})))"), "{{agent_name}}", state=TRANSFERS),
        ],
    ],
)
