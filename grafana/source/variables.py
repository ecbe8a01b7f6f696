"""The variables at the top of a dashboard."""

from typing import Any

from . import queries
from .language import Text as _
from .panels.base import DATASOURCE

Variable = dict[str, Any]


def _query_variable(
    name: str,
    label: str,
    query: str,
    *,
    kind: int,
    regex: str = "",
    multi: bool = True,
    every: bool = True,
    every_value: str | None = ".+",
    current: dict[str, Any] | None = None,
    description: str = "",
    sort: int = 1,
) -> Variable:
    """The query of a variable. With `multi`, several values can be selected, and with `every` also All.

    `every_value` is the regular expression for All; without it, All is the list of all values.
    """
    every = multi and every
    all_selected = {"selected": True, "text": ["All"], "value": ["$__all"]}
    return {
        "name": name,
        "label": label,
        "description": description,
        "type": "query",
        "datasource": DATASOURCE,
        "query": {"qryType": kind, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
        "definition": query,
        "regex": regex,
        "refresh": 2,
        "sort": sort,
        "hide": 0,
        "skipUrlSync": False,
        "options": [],
        "multi": multi,
        "includeAll": every,
        **({"allValue": every_value} if every and every_value else {}),
        "current": current or (all_selected if every else {}),
    }


def label_values(name: str, label: str, selector: str, **options: Any) -> Variable:
    """A variable with every value of the label that has the name of the variable."""
    return _query_variable(name, label, f"label_values({selector}, {name})", kind=1, **options)


def query_result(name: str, label: str, expression: str, text_label: str, **options: Any) -> Variable:
    """A variable with every value of the label that has the name of the variable; readers see `text_label` instead."""
    # Grafana writes label values without escaping quotes in them.
    regex = f'/{name}="(?<value>[^"]+)",{text_label}="(?<text>.*)"}}/'
    return _query_variable(name, label, f"query_result({expression})", kind=3, regex=regex, **options)


def selected(value: str) -> dict[str, Any]:
    """The initial value of a variable."""
    return {"selected": True, "text": value, "value": value}


# The values of a window come from the exporter, and are not translated.
WINDOW = _("today: since the start of the day. 30m and others: the last minutes, hours or days.")

# The address of the runbook, for links. Prometheus has it from alerts/wolkvox-addresses.rules.yml, so that each site
# sets it in one place. The value of the series is the time of its last sample, so the newest address is the highest.
RUNBOOK = {
    **_query_variable(
        "runbook",
        "Runbook",
        "query_result(topk(1, last_over_time(site:wolkvox_addresses:timestamp[$__range])))",
        kind=3,
        regex='/runbook="([^"]+)"/',
        multi=False,
    ),
    # Neither readers nor the addresses of other dashboards need it.
    "hide": 2,
    "skipUrlSync": True,
}

# Every dashboard has these.
BASIC = [
    {
        "name": "datasource",
        "label": _("Data source"),
        "description": "",
        "type": "datasource",
        "query": "prometheus",
        "regex": "",
        "refresh": 1,
        "hide": 0,
        "skipUrlSync": False,
        "multi": False,
        "includeAll": False,
        "options": [],
        "current": {},
    },
    label_values("job", "Job", "wolkvox_up"),
    label_values("instance", _("Instance"), 'wolkvox_up{job=~"$job"}'),
    label_values("operation", _("Operation"), 'wolkvox_up{job=~"$job", instance=~"$instance"}'),
    RUNBOOK,
]

# A skill without a team has no value here, and only All selects it.
TEAM = label_values(
    "team",
    _("Team"),
    'operation_skill:wolkvox_skill_name:info{operation=~"$operation"}',
    every_value=".*",
    description=_("The team of a skill, from the targets in the configuration. It selects the skills of the team."),
)
# The time range may end in the future, so the variable looks back over the whole range.
_SEEN = 'operation_skill:wolkvox_skill_seen:timestamp{operation=~"$operation"}'
_NAME = 'operation_skill:wolkvox_skill_name:info{operation=~"$operation"'
# A broken skill has no team now, so the skills are those that did not belong to another team within a day.
_OTHER_TEAMS = (
    f'(last_over_time({_NAME}, team!~"$team"}}[1d]) unless on (operation, skill_id) {_NAME}, team=~"$team"}})'
)
_OF_TEAM = (
    f"(topk by (operation, skill_id) (1, last_over_time({_SEEN}[$__range])) "
    f"unless on (operation, skill_id) {_OTHER_TEAMS})"
)
# All is the list of the skills, because a regular expression for all of them would ignore the team.
SKILLS = query_result(
    "skill_id", "Skill", f"max by (skill_id, skill_name) ({_OF_TEAM})", "skill_name", every_value=None
)
# One skill at first, because each one has a row of panels: the one that needs help most, which is the first value.
_FIRST = f"{_OF_TEAM} * 0"
ONE_SKILL = query_result(
    "skill_id",
    "Skill",
    f"sort_desc(max by (skill_id, skill_name) ({_FIRST} + on (operation, skill_id) group_left () "
    f"({queries.urgency()}) or {_FIRST} - 1e9))",
    "skill_name",
    every=False,
    sort=0,
)

# Teams and skills of the recorded half-hours. A skill can have no team.
_HALF_HOURS = 'operation_skill:wolkvox_skill_inbound_calls:half_hour{operation=~"$operation"'
TEAM_OF_HALF_HOURS = label_values("team", _("Team"), _HALF_HOURS + "}", every_value=".*")
SKILLS_OF_TEAM = query_result(
    "skill_id",
    "Skill",
    "max by (skill_id, skill_name) (topk by (operation, skill_id) (1, "
    + f'last_over_time({_HALF_HOURS}, team=~"$team"}}[7d] offset -30m)))',
    "skill_name",
)
