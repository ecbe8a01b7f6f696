"""Selectors, and the expressions that several panels share.

Two kinds of series: raw ones of the exporter carry job and instance, recorded ones (alerts/wolkvox-recording.rules.yml)
do not. What a rule records is never computed here again.
"""

import re

# Share of the target below which it is missed; between this and the target it is at risk. The rule of the state has it too.
AT_RISK = "0.9"

# Codes of `state` and `empty`, as the rules record them, the worst last. look.STATES has their words and colours.
OK, RISK, MISSED, CLOSED, NO_VOLUME, NO_FIGURE, BROKEN = range(7)

# What was last there in the range that is shown. The end of it may have nothing: it is in the future, or the exporter is gone.
LAST_SHOWN = "[$__range] @ end()"

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


def nameless(expression):
    """Without the name of the series, where there may still be one."""
    return f"max without () ({expression})" if re.match(r"\(?[a-z0-9_:]+\{", expression) else expression


def with_name(expression, names=None):
    """With the skill's name; each skill that there was within a day has exactly one."""
    return f"({expression}) * on (operation, skill_id) group_left (skill_name) {names or skill('known', 'info')}"


def with_last_name(expression):
    """With the last name that a skill had in the range that is shown, from its beginning to its end."""
    return with_name(expression, f"(topk by (operation, skill_id) (1, {last_shown(skill('seen', 'timestamp'))}) * 0 + 1)")


def now(selector):
    """A series as it is."""
    return selector


def last_shown(selector):
    """A series as it last was in the range that is shown."""
    return f"last_over_time({selector}{LAST_SHOWN})"


def attainment(when=now):
    """Service level by target: 1 is on target, whatever the target is."""
    # A promise of 0 % is kept by everybody; no division by it.
    return rounded(f"{when(skill('service_level', 'ratio30m'))} / ({when(skill('service_level_target', 'ratio'))} > 0)")


def state():
    """The code of each skill's state."""
    return skill("state", "code")


def sound(expression):
    """Without what is broken: windows go on for a while after the data have ended, but are of another time."""
    return f"({expression}) and on (operation, skill_id) {state()} < {BROKEN}"


def sound_skill(name, suffix, offset=""):
    """A recorded series of the skills that are not broken now, to be summed, also as it was before: what is gone now is not missed."""
    return f"({sound(skill(name, suffix) + offset)})"


def rank(when=now):
    """How much a skill needs help: broken ones first, then by how far from the target, then those that nobody calls."""
    code = when(state())
    return f"({code} == {BROKEN}) * 0 + 1000 or 1 - ({attainment(when)} and {code} <= {MISSED}) or {code} * 0 - 1000"


def worst(count, expression):
    """The series of the `count` skills that need help most, as they last were in the range that is shown."""
    return f"({expression}) and on (operation, skill_id) topk({count}, {rank(last_shown)})"


def empty(name):
    """The code of why a report, by its collector's name, has no figure; of operations that the chosen exporters poll."""
    polled = raw("wolkvox_collector_interval_seconds", f'collector="{name}"')
    code = collector("empty", "code", f'operation=~"$operation", collector="{name}"')
    return f"({code} and on (operation) last_over_time({polled}[1d]))"


def weighted(value, weight):
    """The mean of `value` over skills, weighted: what percentages need before they are put together."""
    return f"sum({value} * {weight}) / (sum({weight} and {value}) > 0)"


def rounded(ratio):
    """To be compared with another: a quotient of windows, or nine tenths of a target, is a little more or less than it should be."""
    return f"round({ratio}, 0.000001)"


def share(part, whole):
    """The share that `part` has of `whole`: none of it is 0, not nothing."""
    return f"(sum({part}) or sum({whole}) * 0) / (sum({whole}) > 0)"


# Over all skills that are chosen: sums by sums.
def service_level():
    in_time, inbound = sound_skill("answered_in_time_calls", "increase30m"), skill("inbound_calls", "increase30m")
    return rounded(f"clamp_max(sum({in_time}) / (sum({inbound} and {in_time}) > 0), 1)")


def abandon():
    abandoned, inbound = sound_skill("abandoned_calls", "increase30m"), skill("inbound_calls", "increase30m")
    return rounded(f"clamp_max(sum({abandoned}) / (sum({inbound} and {abandoned}) > 0), 1)")


def target(name):
    return rounded(weighted(sound_skill(f"{name}_target", "ratio"), skill("inbound_calls", "increase30m")))


def wait(offset=""):
    """Little's law over all skills, in whole seconds; the weight makes the sum of waits a sum of queues again."""
    return f"round({weighted(sound_skill('wait', 'seconds15m', offset), skill('inbound_calls', 'increase15m') + offset)})"


def top(count, expression, selector, by):
    """The series of the `count` that were largest in the range: the same ones from its beginning to its end."""
    return f"{expression} and on ({by}) topk({count}, max by ({by}) (max_over_time({selector}{LAST_SHOWN})))"


def agents_named(expression):
    """With the agent's name where there is one, else with the id in its place."""
    # Two exporters may have two names for a moment.
    info = f"topk by (operation, agent_id) (1, max by (operation, agent_id, agent_name) ({raw('wolkvox_agent_info')}))"
    return (
        f"({expression}) * on (operation, agent_id) group_left (agent_name) {info} or on (operation, agent_id) "
        f'label_replace({expression}, "agent_name", "$1", "agent_id", "(.+)")'
    )
