"""Selectors, and the expressions that several panels share.

Two kinds of series: raw ones of the exporter carry job and instance, recorded ones (alerts/wolkvox-recording.rules.yml)
do not. What a rule records is never computed here again.
"""

import re

# Share of the target below which it is missed; between this and the target it is at risk.
AT_RISK = "0.9"

# Codes of `state`. look.STATES has their words and colours.
OK, RISK, MISSED, CLOSED, NO_VOLUME, BROKEN, NO_DATA = range(7)

# The labels that all recorded series of skills have, and the few that belong to collectors.
SKILL = 'operation=~"$operation", skill_id=~"$skill_id"'
SKILLS_COLLECTOR = 'operation=~"$operation", collector="skills"'


def raw(name, *matchers, operation=True):
    """A series of the exporter, as chosen by the variables."""
    chosen = ['job=~"$job"', 'instance=~"$instance"', *(['operation=~"$operation"'] if operation else []), *matchers]
    return f"{name}{{{', '.join(chosen)}}}"


def raw_skill(name, *matchers):
    return raw(name, 'skill_id=~"$skill_id"', *matchers)


def skill(name, suffix, *matchers):
    """A recorded series of a skill."""
    return f"operation_skill:wolkvox_skill_{name}:{suffix}{{{', '.join([SKILL, *matchers])}}}"


def collector(name, suffix, matchers='operation=~"$operation"'):
    """A recorded series of a collector."""
    return f"operation_collector:wolkvox_collector_{name}:{suffix}{{{matchers}}}"


def names():
    """Exactly one name for each skill that there was within a day; the id where wolkvox gave none."""
    named = skill("name", "info", 'skill_name!=""')
    nameless = skill("name", "info", 'skill_name=""')
    latest = "topk by (operation, skill_id) (1, last_over_time({}[1d]))".format
    by_id = f'label_replace({latest(nameless)}, "skill_name", "$1", "skill_id", "(.+)")'
    return f"({named} or on (operation, skill_id) {latest(named)} or on (operation, skill_id) {by_id})"


def nameless(expression):
    """Without the name of the series, where there is still one."""
    return f"max without () ({expression})" if re.fullmatch(r"[a-z0-9_:]+\{[^}]*\}", expression) else expression


def with_name(expression):
    return f"({expression}) * on (operation, skill_id) group_left (skill_name) {names()}"


def attainment(window="30m"):
    """Service level by target: 1 is on target, whatever the target is."""
    level = skill("service_level", f"ratio{window}")
    # A promise of 0 % is kept by everybody; no division by it.
    return f"{level} / ({skill('service_level_target', 'ratio')} > 0)"


def state():
    """The code of each skill's state, of the first line that holds."""
    known = f"last_over_time({skill('calls_in_queue', 'max')}[1d])"
    fresh = collector("fresh", "info", SKILLS_COLLECTOR)
    is_open = f"max by (operation, skill_id) ({raw_skill('wolkvox_skill_open')})"
    return " or ".join([
        f"(max by (operation, skill_id) ({known}) * 0 + {BROKEN} unless on (operation) {fresh})",
        f"({is_open} == 0) * 0 + {CLOSED}",
        f"({skill('inbound_calls', 'increase30m')} == 0) * 0 + {NO_VOLUME}",
        f"({attainment()} >= 1) * 0 + {OK}",
        f"({attainment()} >= {AT_RISK}) * 0 + {RISK}",
        f"({attainment()} < {AT_RISK}) * 0 + {MISSED}",
        f"max by (operation, skill_id) ({skill('name', 'info')}) * 0 + {NO_DATA}",
    ])


def weighted(value, weight):
    """The mean of `value` over skills, weighted: what percentages need before they are put together."""
    return f"sum({value} * {weight}) / (sum({weight} and {value}) > 0)"


# Over all skills that are chosen: sums by sums.
def service_level(window="30m"):
    in_time = skill("answered_in_time_calls", f"increase{window}")
    inbound = skill("inbound_calls", f"increase{window}")
    return f"clamp_max(sum({in_time}) / (sum({inbound} and {in_time}) > 0), 1)"


def abandon(window="30m"):
    abandoned = skill("abandoned_calls", f"increase{window}")
    inbound = skill("inbound_calls", f"increase{window}")
    return f"clamp_max(sum({abandoned}) / (sum({inbound} and {abandoned}) > 0), 1)"


def target(name):
    return weighted(skill(f"{name}_target", "ratio"), skill("inbound_calls", "increase30m"))


def wait(offset=""):
    """Little's law over all skills; the weight makes the sum of waits a sum of queues again."""
    inbound = skill("inbound_calls", "increase15m") + offset
    return weighted(skill("wait", "seconds15m") + offset, inbound)


def top(count, expression, selector, by):
    """The series of the `count` largest at the end of the range: the same ones from its beginning to its end."""
    return f"{expression} and on ({by}) topk({count}, sum by ({by}) ({selector} @ end()))"


def agents_named(expression):
    """With the agent's name where there is one, else with the id in its place."""
    info = f"max by (operation, agent_id, agent_name) ({raw('wolkvox_agent_info')})"
    return (
        f"({expression}) * on (operation, agent_id) group_left (agent_name) {info} or on (operation, agent_id) "
        f'label_replace({expression}, "agent_name", "$1", "agent_id", "(.+)")'
    )
