"""By dialled number: which campaign, line or number is in trouble."""

from . import queries as q
from .board import Board, by_label, chosen
from .language import Text as _
from .look import SECONDS, thresholds
from .panels import Column, Label, bar_gauge, of_report, stat, table, timeseries


BY = "operation, skill_id, dnis"


def of(name, *matchers):
    """A figure of numbers, whoever scraped it."""
    chosen_by = ['skill_id=~"$skill_id"', 'dnis=~"$dnis"', 'window="$window"', *matchers]
    return f"max by ({BY}) ({q.raw('wolkvox_dnis_' + name, *chosen_by)})"


threshold = 'threshold_seconds="$threshold_seconds"'
inbound, answered, abandoned = of("inbound_calls"), of("answered_calls"), of("abandoned_calls")
level = of("service_level_ratio", threshold)
asa, ata = of("average_speed_of_answer_seconds"), of("average_time_to_abandon_seconds")

busiest = q.raw("wolkvox_dnis_inbound_calls", 'skill_id=~"$skill_id"', 'dnis=~"$dnis"', 'window="$window"')
merged = q.raw("wolkvox_dnis_merged", 'skill_id=~"$skill_id"', 'window="$window"')
every = 'wolkvox_dnis_inbound_calls{job=~"$job", instance=~"$instance", operation=~"$operation"'
missed = Column(_("Not in time"), f"{inbound} * (1 - {level})", "none", 0)
STATE = of_report("dnis", inbound)
SHARE = thresholds((None, "red"), (0.72, "orange"), (0.8, "green"))
LOSS = thresholds((None, "green"), (0.05, "orange"), (0.1, "red"))


def series(expression):
    return {"queries_": [(q.top(10, expression, busiest, BY), "{{dnis}}")], "every": expression, "state": STATE}


BOARD = Board(
    uid="wolkvox-dnis",
    title=_("wolkvox: dialled numbers"),
    description=_("Calls, service level, abandonment and waits by dialled number (DNIS), for the day or a rolling window. wolkvox rebuilds these figures about every 10 minutes."),
    variables=[
        by_label("skill_id", "Skill", every + "}"),
        by_label("window", _("Window"), every + "}", multi=False, current=chosen("today"), sort=2),
        by_label(
            "threshold_seconds", _("Threshold (s)"), 'wolkvox_dnis_service_level_ratio{job=~"$job", instance=~"$instance", operation=~"$operation"}',
            multi=False, current=chosen("20"), sort=3,
        ),
        by_label("dnis", "DNIS", every + ', skill_id=~"$skill_id", window="$window"}'),
    ],
    lines=[
        [
            stat(_("Calls received"), _("Calls received in the window."), "none", [(f"sum({inbound})", "")], decimals=0, state=STATE),
            stat(_("Service level"), _("Calls answered within the threshold ÷ calls received, over all numbers: each number's share weighted by its calls. Colours are for the customary 80 %."), "percentunit",
                 [(q.weighted(level, inbound), "")], decimals=1, steps=SHARE, mode="background", state=STATE),
            stat(_("Abandoned"), _("Calls abandoned ÷ calls received, over all numbers. Orange from 5 %, red from 10 %."), "percentunit",
                 [(f"sum({abandoned}) / (sum({inbound}) > 0)", "")], decimals=1, steps=LOSS, mode="background", state=STATE),
            stat(_("Wait of the answered"), _("Mean wait of the calls answered (ASA), weighted by answered calls."), SECONDS, [(q.weighted(asa, answered), "")], decimals=0, state=STATE),
            stat(_("Wait of the abandoned"), _("Mean wait of the calls abandoned (ATA), weighted by abandoned calls."), SECONDS, [(q.weighted(ata, abandoned), "")], decimals=0, state=STATE),
            stat(_("Numbers"), _("Numbers with calls in the window, and those merged into other because there are more than max_dnis."), "none",
                 [(f"count({inbound})", _("shown")), (f"sum(max by (operation, skill_id) ({merged}))", _("merged"))], decimals=0, state=STATE),
        ],
        [
            table(
                _("Numbers, worst first"), _("By calls not answered within the threshold, so that a bad share of few calls does not stand on top. ASA and ATA: mean wait of the calls answered and abandoned. The skill all means that skills are merged."),
                [Label("operation", _("Operation"), width=140), Label("skill_id", "Skill", width=90), Label("dnis", "DNIS")],
                [
                    missed,
                    Column(_("Service level"), level, "percentunit", 1, steps=SHARE),
                    Column(_("Abandoned"), f"{abandoned} / ({inbound} > 0)", "percentunit", 1, steps=LOSS),
                    Column(_("Received"), inbound, "none", 0),
                    Column(_("Answered"), answered, "none", 0),
                    Column(_("Hung up"), abandoned, "none", 0),
                    Column("ASA", asa, SECONDS, 0),
                    Column("ATA", ata, SECONDS, 0),
                ],
                sort=missed, height=11, state=STATE,
            ),
        ],
        [
            bar_gauge(_("Calls by number"), _("The 15 numbers with the most calls in the window."), "none", f"topk(15, {inbound})", "{{dnis}}", width=8, height=10, state=STATE),
            timeseries(_("Calls received"), _("In the window, of the 10 numbers that were busiest in the time range."), "none", **series(inbound), width=16, height=10, decimals=0),
        ],
        [
            timeseries(_("Service level"), _("Of the 10 numbers that were busiest in the time range."), "percentunit", **series(level), width=8, top=1),
            timeseries(_("Abandoned"), _("Calls abandoned ÷ calls received, of the 10 numbers that were busiest in the time range."), "percentunit",
                       **series(of("abandon_ratio")), width=8),
            timeseries(_("Wait of the answered"), _("Mean wait of the calls answered (ASA), of the 10 numbers that were busiest in the time range."), SECONDS, **series(asa), width=8),
        ],
    ],
)
