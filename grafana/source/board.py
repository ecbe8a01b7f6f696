"""A dashboard as a whole: variables, links, and the grid that panels stand on."""

from dataclasses import dataclass, field

from .language import Text as _
from .panels import DATASOURCE

SCHEMA_VERSION = 39
COLUMNS = 24


def row(title, repeat=None):
    made = {"type": "row", "title": title, "collapsed": False, "panels": [], "w": COLUMNS, "h": 1}
    return {**made, "repeat": repeat, "repeatDirection": "h"} if repeat else made


def placed(lines):
    """Panels with ids and places, for lines of panels from left to right, each as high as its highest."""
    panels, top = [], 0
    for line in lines:
        left = 0
        for one in line:
            one = dict(one)
            width, height = one.pop("w"), one.pop("h")
            assert height == line[0]["h"], f"{one['title']} is not as high as its neighbour"
            panels.append({"id": len(panels) + 1, **one, "gridPos": {"h": height, "w": width, "x": left, "y": top}})
            left += width
        assert left == COLUMNS, f"the line of {line[0]['title']} is {left} columns wide"
        top += line[0]["h"]
    return panels


# --- variables


def _query(name, label, query, *, kind, regex="", multi=True, current=None, description="", sort=1):
    return {
        "name": name, "label": label, "description": description, "type": "query", "datasource": DATASOURCE,
        "query": {"qryType": kind, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
        "definition": query, "regex": regex, "refresh": 2, "sort": sort, "hide": 0, "skipUrlSync": False, "options": [],
        "multi": multi, "includeAll": multi, **({"allValue": ".+"} if multi else {}),
        "current": current or ({"selected": True, "text": ["All"], "value": ["$__all"]} if multi else {}),
    }


def by_label(name, label, selector, **more):
    """Every value of the label that is called like the variable."""
    return _query(name, label, f"label_values({selector}, {name})", kind=1, **more)


def by_result(name, label, expression, text, **more):
    """Every value of the label that is called like the variable, shown as what the label `text` says."""
    # Grafana writes labels without escaping quotes in them.
    return _query(name, label, f"query_result({expression})", kind=3, regex=f'/{name}="(?<value>[^"]+)",{text}="(?<text>.*)"}}/', **more)


def chosen(value):
    return {"selected": True, "text": value, "value": value}


BASIC = [
    {
        "name": "datasource", "label": _("Data source"), "description": "", "type": "datasource", "query": "prometheus", "regex": "",
        "refresh": 1, "hide": 0, "skipUrlSync": False, "multi": False, "includeAll": False, "options": [], "current": {},
    },
    by_label("job", "Job", "wolkvox_up"),
    by_label("instance", _("Instance"), 'wolkvox_up{job=~"$job"}'),
    by_label("operation", _("Operation"), 'wolkvox_up{job=~"$job", instance=~"$instance"}'),
]

SKILLS = by_result(
    "skill_id", "Skill",
    # The range may end in the future.
    'max by (skill_id, skill_name) (topk by (operation, skill_id) (1, last_over_time(operation_skill:wolkvox_skill_seen:timestamp{operation=~"$operation"}[$__range])))',
    "skill_name",
)


# --- links


def to_board(uid, *, skill=None):
    """A link to another board with time and variables kept, in a table to one skill."""
    kept = "${__url_time_range}&${datasource:queryparam}&${job:queryparam}&${instance:queryparam}&${operation:queryparam}"
    return f"/d/{uid}?{kept}" + (f"&var-skill_id={skill}" if skill else "")


def link(title, url):
    return {
        "title": title, "url": url, "type": "link", "icon": "dashboard", "tags": [], "tooltip": "", "asDropdown": False,
        "includeVars": True, "keepTime": True, "targetBlank": False,
    }


@dataclass
class Board:
    """A dashboard: what it is called and for, its variables beside the basic ones, and its lines of panels."""

    uid: str
    title: str
    description: str
    lines: list
    variables: list = field(default_factory=list)
    since: str = "now-6h"
    refresh: str = "1m"
    cursor: int = 1

    def dashboard(self, boards):
        others = [link(board.title, f"/d/{board.uid}") for board in boards if board is not self]
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": ["wolkvox"],
            "schemaVersion": SCHEMA_VERSION,
            "version": 1,
            "editable": False,
            "graphTooltip": self.cursor,
            "style": "dark",
            "time": {"from": self.since, "to": "now"},
            "refresh": self.refresh,
            "timezone": "browser",
            "weekStart": "",
            "fiscalYearStartMonth": 0,
            "liveNow": False,
            "timepicker": {},
            "annotations": {"list": []},
            "links": others,
            "templating": {"list": [*BASIC, *self.variables]},
            "panels": placed(self.lines),
        }
