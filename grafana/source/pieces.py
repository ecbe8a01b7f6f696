"""How a board looks: colours, mappings, variables, links, panels, and the grid they stand on."""

from dataclasses import dataclass, field

from . import queries
from .language import Text as _

SCHEMA_VERSION = 39
# What panels were written for; newer Grafanas migrate from here.
PLUGIN_VERSION = "10.4.0"
COLUMNS = 24

GOOD, WARN, BAD = "green", "orange", "red"
NEUTRAL, QUIET, ASLEEP, BROKEN, UNKNOWN = "blue", "#6e7a87", "#3b4654", "purple", "#8a6d3b"

# What a skill may be, by the codes of queries.state.
STATES = {
    queries.OK: (_("▲ OK"), GOOD),
    queries.RISK: (_("▼ At risk"), WARN),
    queries.MISSED: (_("▼ Missed"), BAD),
    queries.CLOSED: (_("Closed"), ASLEEP),
    queries.NO_VOLUME: (_("No volume"), QUIET),
    queries.BROKEN: (_("Broken"), BROKEN),
    queries.NO_DATA: (_("No data"), UNKNOWN),
}
NOTHING = _("No data")

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


def mappings(words):
    options = {str(code): {"color": colour, "index": index, "text": text} for index, (code, (text, colour)) in enumerate(words.items())}
    return [{"type": "value", "options": options}]


def thresholds(*steps):
    """`steps` are (from, colour); the first begins at the bottom."""
    return {"mode": "absolute", "steps": [{"color": colour, "value": value} for value, colour in steps]}


PLAIN = thresholds((None, NEUTRAL))
# Of attainment, the share of a target that is reached.
ATTAINMENT = thresholds((None, BAD), (float(queries.AT_RISK), WARN), (1, GOOD))
# Of a ratio by the limit that it should not exceed.
EXCESS = thresholds((None, GOOD), (1.000001, WARN), (2, BAD))
QUEUE = thresholds((None, "#1f3044"), (1, NEUTRAL), (3, "yellow"), (6, WARN), (10, BAD))


# --- queries of panels


def target(expression, legend="", instant=False, table=False):
    """One query. `ref` is set by the panel."""
    return {
        "datasource": DATASOURCE,
        "editorMode": "code",
        "expr": expression,
        "format": "table" if table else "time_series",
        "instant": instant,
        "legendFormat": legend or "__auto",
        "range": not instant,
    }


def lettered(targets):
    return [{**one, "refId": chr(ord("A") + index)} for index, one in enumerate(targets)]


def override(matcher, option, **properties):
    """`properties` by their ids, dots written as two underscores."""
    listed = [{"id": name.replace("__", "."), "value": value} for name, value in properties.items() if value is not None]
    return {"matcher": {"id": matcher, "options": option}, "properties": listed}


def of_query(letter, **properties):
    return override("byFrameRefID", letter, **properties)


def fixed(colour):
    return {"mode": "fixed", "fixedColor": colour}


# --- panels: a dictionary each, with `w` and `h` for the grid


def panel(kind, title, description, width, height, unit, targets, *, defaults=None, custom=None, overrides=(), options=None, **more):
    config = {
        "color": {"mode": "thresholds"},
        "custom": custom or {},
        "mappings": [],
        "noValue": NOTHING,
        "thresholds": PLAIN,
        "unit": unit,
        **(defaults or {}),
    }
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "w": width,
        "h": height,
        "fieldConfig": {"defaults": config, "overrides": list(overrides)},
        "options": options or {},
        "pluginVersion": PLUGIN_VERSION,
        "targets": lettered(targets),
        **more,
    }


def stat_options(mode="background", text="value_and_name", orientation="horizontal"):
    return {
        "colorMode": mode,
        "graphMode": "none",
        "justifyMode": "center",
        "orientation": orientation,
        "percentChangeColorMode": "standard",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "showPercentChange": False,
        "textMode": text,
        "wideLayout": True,
    }


@dataclass
class Band:
    """When a value has a colour, and the words that say the same: `condition` compares it with {reference}."""

    condition: str
    colour: str
    name: str


def tile(title, description, unit, value, reference, reference_name, bands, *, width=4, height=5, decimals=None, without=None, state=True):
    """A large number beside what it is measured by.

    Its colour follows from both, so there is one query for each band, of which one answers. `without` are the words
    where there is no reference; in place of a value that there is not stands the state.
    """
    held, against = f"({value})", f"({reference})"
    targets, overrides = [], []

    def add(expression, **properties):
        overrides.append(of_query(chr(ord("A") + len(targets)), **properties))
        targets.append(target(expression, instant=True))

    for band in bands:
        condition = band.condition.replace("{reference}", against)
        add(f"{held} {condition}", displayName=band.name, color=fixed(band.colour))
    if without:
        add(f"{held} unless {against}", displayName=without, color=fixed(NEUTRAL))
    if state:
        add(f"max(({queries.state()}) >= {queries.CLOSED}) unless {held}", displayName=_("State"), unit="none", mappings=mappings(STATES))
    add(reference, displayName=reference_name, color=fixed(ASLEEP))
    return panel(
        "stat", title, description, width, height, unit, targets,
        defaults={"decimals": decimals} if decimals is not None else None,
        overrides=overrides, options=stat_options(),
    )


def stat(title, description, unit, queries_, *, width=4, height=4, steps=PLAIN, words=None, decimals=None, mode="value", overrides=(), no_value=NOTHING):
    """Numbers: `queries_` are (expression, legend)."""
    defaults = {"thresholds": steps, "mappings": mappings(words) if words else [], "noValue": no_value}
    if decimals is not None:
        defaults["decimals"] = decimals
    text = "value_and_name" if len(queries_) > 1 or "{{" in queries_[0][1] else "value"
    return panel(
        "stat", title, description, width, height, unit,
        [target(expression, legend, instant=True) for expression, legend in queries_],
        defaults=defaults, overrides=overrides, options=stat_options(mode, text, "auto"),
    )


LINE = {
    "axisBorderShow": False, "axisCenteredZero": False, "axisColorMode": "text", "axisLabel": "", "axisPlacement": "auto",
    "barAlignment": 0, "drawStyle": "line", "fillOpacity": 8, "gradientMode": "none",
    "hideFrom": {"legend": False, "tooltip": False, "viz": False}, "lineInterpolation": "linear", "lineWidth": 2,
    "pointSize": 4, "scaleDistribution": {"type": "linear"}, "showPoints": "never", "spanNulls": False,
    "stacking": {"group": "A", "mode": "none"}, "thresholdsStyle": {"mode": "off"},
}


def timeseries(title, description, unit, queries_, *, width=12, height=8, top=None, bottom=0, dashed="", stacked=False, bars=False, decimals=None, overrides=(), legend=True):
    """Lines: `queries_` are (expression, legend); those whose letter is in `dashed` are targets, not measurements."""
    custom = dict(LINE)
    if stacked:
        custom.update(stacking={"group": "A", "mode": "normal"}, fillOpacity=40, lineWidth=1)
    if bars:
        custom.update(drawStyle="bars", fillOpacity=60, lineWidth=0)
    defaults = {"color": {"mode": "palette-classic"}}
    defaults.update({name: value for name, value in (("min", bottom), ("max", top), ("decimals", decimals)) if value is not None})
    aims = [
        of_query(letter, color=fixed(QUIET), custom__lineStyle={"fill": "dash", "dash": [8, 8]}, custom__fillOpacity=0, custom__lineWidth=1)
        for letter in dashed
    ]
    return panel(
        "timeseries", title, description, width, height, unit,
        [target(expression, name) for expression, name in queries_],
        defaults=defaults, custom=custom, overrides=[*aims, *overrides],
        options={
            "legend": {"calcs": ["lastNotNull"] if legend else [], "displayMode": "list", "placement": "bottom", "showLegend": legend},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
    )


def state_timeline(title, description, expression, legend, words, *, width=12, height=8):
    return panel(
        "state-timeline", title, description, width, height, "none", [target(expression, legend)],
        defaults={"mappings": mappings(words), "color": {"mode": "thresholds"}},
        custom={"fillOpacity": 85, "hideFrom": {"legend": False, "tooltip": False, "viz": False}, "insertNulls": False, "lineWidth": 0, "spanNulls": False},
        options={
            "alignValue": "center", "mergeValues": True, "rowHeight": 0.88, "showValue": "auto",
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False},
            "tooltip": {"mode": "single", "sort": "none"},
        },
        interval="1m", maxDataPoints=180,
    )


def strip(title, description, unit, expression, legend, steps, *, width=12, height=8):
    """Cells, one line a series: how much, when."""
    return panel(
        "status-history", title, description, width, height, unit, [target(expression, legend)],
        defaults={"thresholds": steps, "decimals": 0},
        custom={"fillOpacity": 85, "hideFrom": {"legend": False, "tooltip": False, "viz": False}, "lineWidth": 1},
        options={
            "colWidth": 0.92, "rowHeight": 0.9, "showValue": "auto",
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False},
            "tooltip": {"mode": "single", "sort": "none"},
        },
        # As many cells as can be told apart from across a room.
        interval="1m", maxDataPoints=48,
    )


def bar_gauge(title, description, unit, expression, legend, *, width=12, height=8, steps=PLAIN, top=None):
    defaults = {"thresholds": steps, "min": 0, **({"max": top} if top is not None else {})}
    return panel(
        "bargauge", title, description, width, height, unit, [target(expression, legend, instant=True)], defaults=defaults,
        options={
            "displayMode": "basic", "maxVizHeight": 40, "minVizHeight": 10, "minVizWidth": 0, "namePlacement": "auto",
            "orientation": "horizontal", "showUnfilled": True, "sizing": "auto", "valueMode": "text",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        },
    )


def gauge(title, description, unit, expression, legend, *, width=6, height=6, steps=PLAIN, top=1):
    return panel(
        "gauge", title, description, width, height, unit, [target(expression, legend, instant=True)],
        defaults={"thresholds": steps, "min": 0, "max": top},
        options={
            "minVizHeight": 75, "minVizWidth": 75, "orientation": "auto", "showThresholdLabels": False, "showThresholdMarkers": True,
            "sizing": "auto", "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        },
    )


def heatmap(title, description, unit, expression, *, width=12, height=8):
    """Of a histogram's buckets."""
    return panel(
        "heatmap", title, description, width, height, unit,
        [{**target(expression, "{{le}}"), "format": "heatmap"}],
        options={
            "calculate": False, "cellGap": 1, "cellValues": {"unit": "none"},
            "color": {"mode": "scheme", "scheme": "Blues", "steps": 32, "fill": "dark-blue", "exponent": 0.5, "scale": "exponential", "reverse": False},
            "exemplars": {"color": "rgba(255,0,255,0.7)"}, "filterValues": {"le": 1e-9}, "legend": {"show": False},
            "rowsFrame": {"layout": "auto"}, "showValue": "never", "tooltip": {"mode": "single", "showColorScale": False, "yHistogram": False},
            "yAxis": {"axisPlacement": "left", "reverse": False, "unit": unit},
        },
    )


@dataclass
class Column:
    """A column of figures, and how it is shown."""

    name: str
    expression: str
    unit: str = "short"
    decimals: int | None = None
    steps: dict | None = None
    words: dict | None = None
    width: int | None = None


@dataclass
class Label:
    """A column of words: a label of the first query."""

    label: str
    name: str
    width: int | None = None
    link: dict | None = None
    words: list | None = None


def table(title, description, labels, columns, *, sort=None, falling=True, width=24, height=10, no_value=NOTHING):
    """Rows by label, columns by query. `sort` is the query, as a `Column` without a name, that the rows are ordered by."""
    every = [*columns, *([sort] if sort and sort not in columns else [])]
    letters = [chr(ord("A") + index) for index in range(len(every))]
    # With one query only, Grafana leaves the letter out.
    values = [f"Value #{letter}" if len(every) > 1 else "Value" for letter in letters]
    overrides = []
    for one in labels:
        overrides.append(override(
            "byName", one.label, displayName=one.name, custom__width=one.width, links=[one.link] if one.link else None, mappings=one.words,
            custom__cellOptions={"type": "color-text"} if one.words else None,
        ))
    for value, column in zip(values, columns):
        coloured = column.steps or column.words
        overrides.append(override(
            "byName", value, displayName=column.name, unit=column.unit, decimals=column.decimals, custom__width=column.width,
            thresholds=column.steps, mappings=mappings(column.words) if column.words else None,
            custom__cellOptions={"type": "color-background", "mode": "basic"} if coloured else None,
        ))
    order = [one.label for one in labels] + values
    hidden = ["Time"] + [value for value, column in zip(values, every) if column not in columns]
    transformations = [{"id": "merge", "options": {}}]
    if sort:
        transformations.append({"id": "sortBy", "options": {"fields": {}, "sort": [{"field": values[every.index(sort)], "desc": falling}]}})
    transformations.append({"id": "organize", "options": {
        "excludeByName": dict.fromkeys(hidden, True), "includeByName": {},
        "indexByName": {name: index for index, name in enumerate(order)}, "renameByName": {},
    }})
    return panel(
        "table", title, description, width, height, "short",
        [target(column.expression, instant=True, table=True) for column in every],
        defaults={"noValue": no_value},
        custom={"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False, "filterable": False},
        overrides=overrides,
        options={"cellHeight": "sm", "showHeader": True, "footer": {"show": False, "reducer": ["sum"], "fields": "", "countRows": False}},
        transformations=transformations,
    )


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
    'max by (skill_id, skill_name) (last_over_time(operation_skill:wolkvox_skill_name:info{operation=~"$operation"}[1d]))', "skill_name",
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
