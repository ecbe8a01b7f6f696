"""Selectors, and expressions that several panels share.

There are two kinds of series. Raw series come from the exporter and have the labels job and instance. Recorded series
come from alerts/wolkvox-recording.rules.yml and do not have them. A dashboard never computes a value that a rule
records.
"""

import re
from collections.abc import Callable

# A service level below the target is at risk; below this share of the target it is missed. The rule that records the
# state has the same share.
AT_RISK = "0.9"

# The codes of `skill_state` and `report_state`, as the rules record them; the worst is the last. Their words and
# colours are in style.STATES.
OK, RISK, MISSED, CLOSED, NO_VOLUME, NO_FIGURE, BROKEN = range(7)
# The code of skills and teams with too few calls to judge their service level. No rule records it.
FEW_CALLS = 7
# The codes of tiles when there is no skill: wolkvox has reported none, the recording rules are not loaded, or
# Prometheus scrapes no exporter.
NO_SKILLS, NO_RULES, NO_EXPORTER = 8, 9, 10

# Selects the points of a graph in the time range of the dashboard, and not all samples, of which a week of hundreds of
# series has millions. The end of the range may have no sample: it can be in the future, or the exporter can be gone.
POINTS_IN_RANGE = "[$__range:$__interval] @ end()"

# The labels that every recorded series of a skill has, and the matchers of the skills collector.
SKILL_MATCHERS = 'operation=~"$operation", skill_id=~"$skill_id"'
SKILLS_COLLECTOR = 'operation=~"$operation", collector="skills"'


def raw(name: str, *matchers: str, operation: bool = True) -> str:
    """A series of the exporter, filtered by the variables of the dashboard.

    Series about the exporter process have no operation: pass `operation=False` for them.
    """
    chosen = ['job=~"$job"', 'instance=~"$instance"', *(['operation=~"$operation"'] if operation else []), *matchers]
    return f"{name}{{{', '.join(chosen)}}}"


def raw_skill(name: str, *matchers: str) -> str:
    """A series of the exporter about a skill."""
    return raw(name, 'skill_id=~"$skill_id"', *matchers)


def recorded_skill(name: str, suffix: str, *matchers: str) -> str:
    """A recorded series of a skill."""
    return f"operation_skill:wolkvox_skill_{name}:{suffix}{{{', '.join([SKILL_MATCHERS, *matchers])}}}"


def burn_rate(window: str) -> str:
    """Missed calls of a window divided by those that the target allows; the minimum avoids a division by zero."""
    level, target = recorded_skill("service_level", f"ratio{window}"), recorded_skill("service_level_target", "ratio")
    return f"(1 - {level}) / clamp_min(1 - {target}, 0.001)"


def recorded_collector(name: str, suffix: str, matchers: str = 'operation=~"$operation"') -> str:
    """A recorded series of a collector."""
    return f"operation_collector:wolkvox_collector_{name}:{suffix}{{{matchers}}}"


def without_metric_name(expression: str) -> str:
    """The expression without the metric name in its results; a bare selector keeps the name."""
    return f"max without () ({expression})" if re.match(r"\(?[a-z0-9_:]+\{", expression) else expression


def with_skill_name(expression: str, names: str | None = None) -> str:
    """Adds the label skill_name. Each skill that was seen within a day has exactly one name."""
    names = names or recorded_skill("known", "info")
    return f"({expression}) * on (operation, skill_id) group_left (skill_name) {names}"


def with_last_skill_name(expression: str) -> str:
    """Adds the label skill_name: the last name in the time range, for the whole range."""
    seen = last_in_range(recorded_skill("seen", "timestamp"))
    return with_skill_name(expression, f"(topk by (operation, skill_id) (1, {seen}) * 0 + 1)")


def current(selector: str) -> str:
    """The present value of a series."""
    return selector


def last_in_range(selector: str) -> str:
    """The last value of a series in the time range of the dashboard, as the last point of a graph shows it."""
    return f"last_over_time({selector}{POINTS_IN_RANGE})"


def short_of_target(when: Callable[[str], str] = current) -> str:
    """The calls that had to be answered within the threshold, besides those that were, to be on target."""
    level, target = recorded_skill("service_level", "ratio30m"), recorded_skill("service_level_target", "ratio")
    return f"{when(recorded_skill('inbound_calls', 'increase30m'))} * ({when(target)} - {when(level)})"


def skill_state() -> str:
    """The state code of each skill."""
    return recorded_skill("state", "code")


def not_broken(expression: str) -> str:
    """The expression without broken skills.

    Recorded windows continue for some minutes after the data have ended, but then they are about an earlier time.
    """
    return f"({expression}) and on (operation, skill_id) {skill_state()} < {BROKEN}"


def with_operation(expression: str) -> str:
    """Adds the label `of` with the operation, if two of the chosen operations have a skill with the same id."""
    operations = f"max by (operation) ({skill_state()}) * 0 + 1"
    of = f'label_replace({operations} and on () count({operations}) > 1, "of", " · $1", "operation", "(.+)")'
    return f"({expression}) * on (operation) group_left (of) ({of} or on (operation) {operations})"


def recorded_skill_not_broken(name: str, suffix: str, offset: str = "") -> str:
    """A recorded series of the skills that are not broken now, ready to be summed.

    With an offset it has the same skills, so that a skill that is broken now is missing in both sums.
    """
    return f"({not_broken(recorded_skill(name, suffix) + offset)})"


def urgency(when: Callable[[str], str] = current) -> str:
    """Sorts skills by how much they need help: broken skills, then those short of most calls, then idle ones.

    A skill with few calls is short of few, even if its service level is the lowest.
    """
    code, short = when(skill_state()), short_of_target(when)
    return f"({code} == {BROKEN}) * 0 + 1000000 or ({short} and {code} <= {MISSED}) or {code} * 0 - 1000000"


def most_urgent(count: int, expression: str) -> str:
    """The series of the `count` skills that need help most at the end of the time range."""
    return f"({expression}) and on (operation, skill_id) topk({count}, {urgency(last_in_range)})"


def report_state(collector: str) -> str:
    """The code that says why a report has no figures, for the operations that the chosen exporters poll."""
    polled = raw("wolkvox_collector_interval_seconds", f'collector="{collector}"')
    code = recorded_collector("empty", "code", f'operation=~"$operation", collector="{collector}"')
    return f"({code} and on (operation) last_over_time({polled}[1d]))"


def weighted_mean(value: str, weight: str) -> str:
    """The mean of `value`, weighted. Percentages must be weighted before they are put together."""
    return f"sum({value} * {weight}) / (sum({weight} and {value}) > 0)"


def rounded(ratio: str) -> str:
    """Rounds before a comparison, because a quotient can be slightly above or below the limit that it should equal."""
    return f"round({ratio}, 0.000001)"


def share(part: str, whole: str) -> str:
    """`part` ÷ `whole`: 0, not an empty result, when there is nothing of `part`."""
    return f"(sum({part}) or sum({whole}) * 0) / (sum({whole}) > 0)"


# Over all chosen skills: sums of calls divided by sums of calls.
def total_service_level() -> str:
    in_time = recorded_skill_not_broken("answered_in_time_calls", "increase30m")
    inbound = recorded_skill("inbound_calls", "increase30m")
    return rounded(f"clamp_max(sum({in_time}) / (sum({inbound} and {in_time}) > 0), 1)")


def total_abandonment() -> str:
    abandoned = recorded_skill_not_broken("abandoned_calls", "increase30m")
    inbound = recorded_skill("inbound_calls", "increase30m")
    return rounded(f"clamp_max(sum({abandoned}) / (sum({inbound} and {abandoned}) > 0), 1)")


def total_target(name: str) -> str:
    target = recorded_skill_not_broken(f"{name}_target", "ratio")
    return rounded(weighted_mean(target, recorded_skill("inbound_calls", "increase30m")))


def total_wait(offset: str = "") -> str:
    """Little's law over all skills, in whole seconds; wait × arrivals is the queue, and queues can be added."""
    wait = recorded_skill_not_broken("wait", "seconds15m", offset)
    return f"round({weighted_mean(wait, recorded_skill('inbound_calls', 'increase15m') + offset)})"


# The forecast of the rest of the day, over all chosen skills. It is not shown while the skills that have no forecast
# received more than this share of the calls of today, because the sum would be too low.
_WITHOUT_FORECAST = "0.05"


def _if_complete(total: str, of_each: str) -> str:
    today = recorded_skill_not_broken("inbound_calls", "today")
    missing = f"sum({today} unless {of_each}) > {_WITHOUT_FORECAST} * sum({today})"
    return f"({total} unless on () {missing})"


def total_calls_to_come() -> str:
    to_come = recorded_skill_not_broken("inbound_calls", "forecast_rest_of_day")
    return _if_complete(f"round(sum({to_come}))", to_come)


def total_level_at_end_of_day() -> str:
    """Each skill counts by the calls that it will have had."""
    level = recorded_skill_not_broken("service_level", "forecast_today")
    to_come = recorded_skill("inbound_calls", "forecast_rest_of_day")
    weight = f"({recorded_skill('inbound_calls', 'today')} + {to_come})"
    return _if_complete(rounded(weighted_mean(level, weight)), level)


# The labels that can say what an alert is about.
SUBJECT = ("operation", "skill_id", "skill_name", "dnis", "collector", "instance")


def with_subject(alerts: str) -> str:
    """Adds the label `about`, and with it `report`.

    The subject of an alert is its skill name, dialled number, skill id, operation with report, or exporter: the first
    that it has.
    """
    alerts = f'label_join({alerts}, "report", " ", "operation", "collector")'
    alerts = f'label_replace({alerts}, "report", "$1", "report", " *(.*?) *")'
    alerts = f'label_join({alerts}, "about", "|", "skill_name", "dnis", "skill_id", "report", "instance")'
    return f'label_replace({alerts}, "about", "$1", "about", "[|]*([^|]*).*")'


def largest(count: int, expression: str, selector: str, labels: str) -> str:
    """The `count` series that were largest in the time range: the same series from its beginning to its end."""
    most = f"max by ({labels}) (max_over_time({selector}{POINTS_IN_RANGE}))"
    return f"{expression} and on ({labels}) topk({count}, {most})"


def in_half_hour(day_total: Callable[[str], str]) -> str:
    """How much a total of the day has grown in half an hour; `day_total` is the expression with an offset.

    A new series, and each series after the daily reset, began at 0. A small correction downwards is not a reset.
    """
    now, before = day_total(""), day_total(" offset 30m")
    return f"clamp_min({now} - ({before} < 2 * {now} or {now} * 0 and on (operation) {before}), 0)"


def with_agent_name(expression: str) -> str:
    """Adds the label agent_name; without a name it is the id."""
    # During a change of name, two exporters can have different names for one agent.
    info = f"topk by (operation, agent_id) (1, max by (operation, agent_id, agent_name) ({raw('wolkvox_agent_info')}))"
    return (
        f"({expression}) * on (operation, agent_id) group_left (agent_name) {info} or on (operation, agent_id) "
        f'label_replace({expression}, "agent_name", "$1", "agent_id", "(.+)")'
    )
