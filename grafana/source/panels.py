"""Panels, each a dictionary with `w` and `h` in place of its position: the board gives it one."""

from dataclasses import dataclass

from . import queries
from .language import Text as _
from .look import NEUTRAL, NO_CELL, NO_VALUE, NOTHING, PLAIN, QUIET, SLATE, STATES, fixed, mappings

# What panels were written for; newer Grafanas migrate from here.
PLUGIN_VERSION = "10.4.0"

# The least $__interval of panels that look back over it: two evaluations of a rule always fall into it.
LOOK_BACK = "2m"

# The uid is whatever the reader chooses.
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


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


def letter(index):
    """What a panel calls its query with that place."""
    return chr(ord("A") + index)


def lettered(targets):
    return [{**one, "refId": letter(index)} for index, one in enumerate(targets)]


def override(matcher, option, **properties):
    """`properties` by their ids, dots written as two underscores."""
    listed = [{"id": name.replace("__", "."), "value": value} for name, value in properties.items() if value is not None]
    return {"matcher": {"id": matcher, "options": option}, "properties": listed}


def of_query(which, **properties):
    return override("byFrameRefID", which, **properties)


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


def stat_options(mode="background", text="value_and_name", orientation="horizontal", wide=False):
    return {
        "colorMode": mode,
        "graphMode": "none",
        "justifyMode": "center",
        "orientation": orientation,
        "percentChangeColorMode": "standard",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "showPercentChange": False,
        "textMode": text,
        # Wide: the name is beside the value, else above it, where it leaves the value more room.
        "wideLayout": wide,
    }


class OfSkills:
    """The state of skills stands beside their figures too: a queue of nobody is another thing when it is closed."""

    codes = queries.state()

    def now(self, figure):
        """The worst code there is to be named."""
        missing = f"max({self.codes}) * 0 + {queries.NO_FIGURE} unless on () ({figure})"
        return f"max({self.codes}) >= {queries.CLOSED} or {missing}"

    def whole(self, figure):
        """What is broken has no figure."""
        return queries.sound(figure)


@dataclass
class OfReport:
    """The state of a report is said in the place of a figure, or beside it when an operation is broken: what was counted
    stays right when the centre closes or nobody calls. `codes` say why nothing was counted, `volume` whether something was."""

    codes: str
    volume: str

    def now(self, figure):
        """The worst code there is to be named."""
        broken = f"max({self.codes} == {queries.BROKEN})"
        instead = f"max(({self.volume}) > 0) * 0 + {queries.NO_FIGURE} or max({self.codes})"
        return f"{broken} or ({instead}) unless on () ({figure})"

    def whole(self, figure):
        """What is too old is gone by itself, unless it was configured to stay."""
        return figure

    def rows(self, labels):
        """The codes of operations that are broken or counted nothing, with a dash for other labels: rows of a table."""
        made = f"max by (operation) ({self.codes} == {queries.BROKEN}) or max by (operation) ({self.codes}) unless on (operation) ({self.volume})"
        for label in labels:
            made = f'label_replace({made}, "{label}", "–", "", "")'
        return made


OF_SKILL = OfSkills()


def of_report(collector, volume):
    return OfReport(queries.empty(collector), volume)


def named(which):
    """The query with that letter is a state: it is shown by its word."""
    return of_query(which, displayName=_("State"), unit="none", decimals=0, min=0, max=queries.BROKEN, mappings=mappings(STATES))


@dataclass
class Band:
    """When a value has a colour, and the words that say the same: `condition` compares it with {reference}."""

    condition: str
    colour: str
    name: str


def tile(title, description, unit, value, reference, reference_name, bands, *, width=4, height=5, decimals=None, without=None, state=True):
    """A large number beside what it is measured by.

    Its colour follows from both, so there is one query for each band, of which one answers. `without` are the words
    where there is no reference. With `state`, it is named where there is no value or no skill is measured, and beside the
    value where an operation is broken.
    """
    codes = OF_SKILL.codes
    held = f"({value})"
    against = f"({reference})"
    targets, overrides = [], []

    def add(expression, **properties):
        overrides.append(of_query(letter(len(targets)), **properties))
        targets.append(target(expression, instant=True))

    for band in bands:
        condition = band.condition.replace("{reference}", against)
        add(f"{held} {condition}", displayName=band.name, color=fixed(band.colour))
    if without:
        add(f"{held} unless {against}", displayName=without, color=fixed(NEUTRAL))
    if state:
        unmeasured = f"max({codes}) unless min({codes}) < {queries.CLOSED}"
        missing = f"max({codes}) * 0 + {queries.NO_FIGURE} unless {held}"
        overrides.append(named(letter(len(targets))))
        targets.append(target(f"max({codes} == {queries.BROKEN}) or {unmeasured} or {missing}", instant=True))
    add(reference, displayName=reference_name, color=fixed(SLATE))
    return panel(
        "stat", title, description, width, height, unit, targets,
        defaults={"mappings": NO_VALUE, **({"decimals": decimals} if decimals is not None else {})},
        overrides=overrides, options=stat_options(),
    )


def stat(title, description, unit, queries_, *, width=4, height=4, steps=PLAIN, words=None, decimals=None, mode="value", state=None):
    """Numbers: `queries_` are (expression, legend), and the state of the first one."""
    defaults = {"thresholds": steps, "mappings": [*(mappings(words) if words else []), *NO_VALUE]}
    if decimals is not None:
        defaults["decimals"] = decimals
    text = "value_and_name" if len(queries_) > 1 or "{{" in queries_[0][1] else "value"
    targets = [target(state.whole(expression) if state else expression, legend, instant=True) for expression, legend in queries_]
    overrides = []
    if state:
        overrides.append(named(letter(len(targets))))
        targets.append(target(state.now(queries_[0][0]), instant=True))
    return panel(
        "stat", title, description, width, height, unit, targets,
        defaults=defaults, overrides=overrides, options=stat_options(mode, text, "auto", wide=True),
    )


LINE = {
    "axisBorderShow": False, "axisCenteredZero": False, "axisColorMode": "text", "axisLabel": "", "axisPlacement": "auto",
    "barAlignment": 0, "drawStyle": "line", "fillOpacity": 0, "gradientMode": "none",
    "hideFrom": {"legend": False, "tooltip": False, "viz": False}, "lineInterpolation": "linear", "lineWidth": 2,
    "pointSize": 4, "scaleDistribution": {"type": "linear"}, "showPoints": "never", "spanNulls": False,
    "stacking": {"group": "A", "mode": "none"}, "thresholdsStyle": {"mode": "off"},
}


def bands(which):
    """The query with that letter has one series for each state that there was, called by its code: it colours the time behind the lines."""
    behind = of_query(
        which, unit="none", min=0, max=1, mappings=[{"type": "value", "options": {"1": {"index": 0, "text": "✓"}}}],
        custom__axisPlacement="hidden", custom__lineInterpolation="stepAfter", custom__lineWidth=0, custom__fillOpacity=35,
        custom__stacking={"group": "B", "mode": "none"}, custom__hideFrom={"legend": False, "tooltip": True, "viz": False},
    )
    words = [
        override("byName", f"state {code}", displayName=word, color=fixed(colour))
        for code, (word, colour) in STATES.items() if code >= queries.CLOSED
    ]
    return [behind, *words]


def timeseries(title, description, unit, queries_, *, width=12, height=8, top=None, bottom=0, dashed="", stacked=False, decimals=None, interval=None, state=None, every=None, no_value=NOTHING):
    """Lines: `queries_` are (expression, legend); those whose letter is in `dashed` are targets, not measurements.

    Where the queries are of some series only, `every` is the figure of all: it tells whether there is one.
    """
    if state:
        figure = every or " or ".join(expression for index, (expression, _legend) in enumerate(queries_) if letter(index) not in dashed)
        queries_ = [(state.whole(expression), legend) for expression, legend in queries_]
        # The word keeps the code apart from whatever else is called by a number.
        queries_.append((f'count_values("state", {state.now(figure)})', "state {{state}}"))
    custom = dict(LINE)
    if stacked:
        custom.update(stacking={"group": "A", "mode": "normal"}, fillOpacity=40, lineWidth=1)
    defaults = {"color": {"mode": "palette-classic"}, "noValue": no_value}
    defaults.update({name: value for name, value in (("min", bottom), ("max", top), ("decimals", decimals)) if value is not None})
    aims = [
        of_query(which, color=fixed(QUIET), custom__lineStyle={"fill": "dash", "dash": [8, 8]}, custom__lineWidth=1)
        for which in dashed
    ]
    if state:
        aims += bands(letter(len(queries_) - 1))
    return panel(
        "timeseries", title, description, width, height, unit,
        [target(expression, name) for expression, name in queries_],
        defaults=defaults, custom=custom, overrides=aims,
        options={
            # Of many lines the names take all the room there is below.
            "legend": {"calcs": [] if every else ["lastNotNull"], "displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        **({"interval": interval} if interval else {}),
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


def strip(title, description, unit, expression, legend, steps, words, *, width=12, height=8):
    """Cells, one line a series: how much, when. A state is the negative of its code."""
    return panel(
        "status-history", title, description, width, height, unit, [target(expression, legend)],
        defaults={"thresholds": steps, "decimals": 0, "mappings": mappings({-code: word for code, word in words.items() if code >= queries.CLOSED})},
        custom={"fillOpacity": 85, "hideFrom": {"legend": False, "tooltip": False, "viz": False}, "lineWidth": 1},
        options={
            "colWidth": 0.92, "rowHeight": 0.9, "showValue": "auto",
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False},
            "tooltip": {"mode": "single", "sort": "none"},
        },
        # As many cells as can be told apart from across a room.
        interval=LOOK_BACK, maxDataPoints=48,
    )


def bar_gauge(title, description, unit, expression, legend, state, *, width=12, height=8, steps=PLAIN, top=None):
    """Bars, or the state where there is none."""
    defaults = {"thresholds": steps, "mappings": NO_VALUE, "min": 0, **({"max": top} if top is not None else {})}
    targets = [target(expression, legend, instant=True), target(state.now(expression), instant=True)]
    return panel(
        "bargauge", title, description, width, height, unit, targets, defaults=defaults, overrides=[named("B")],
        options={
            "displayMode": "basic", "maxVizHeight": 40, "minVizHeight": 10, "minVizWidth": 0, "namePlacement": "auto",
            "orientation": "horizontal", "showUnfilled": True, "sizing": "auto", "valueMode": "text",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
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


def table(title, description, labels, columns, *, sort=None, falling=True, width=24, height=10, no_value=NOTHING, state=None, hidden=()):
    """Rows by label, columns by query; `hidden` are labels that only tell rows apart. `sort` is the query, as a `Column` without a name, that the rows are ordered by.

    With `state`, an operation that is broken or counted nothing has a row that says so.
    """
    if state:
        why = state.rows([one.label for one in labels if one.label != "operation"])
        columns = [*columns, Column(_("State"), why, "none", words=STATES)]
    every = [*columns, *([sort] if sort and sort not in columns else [])]
    letters = [letter(index) for index in range(len(every))]
    # With one query only, Grafana leaves the letter out.
    values = [f"Value #{one}" if len(every) > 1 else "Value" for one in letters]
    overrides = []
    for one in labels:
        overrides.append(override(
            # Else an id is taken for a number, and 4187 is shown as 4.19 K.
            "byName", one.label, displayName=one.name, unit="string", custom__width=one.width, links=[one.link] if one.link else None, mappings=one.words,
            custom__cellOptions={"type": "color-text"} if one.words else None,
        ))
    for value, column in zip(values, columns):
        coloured = column.steps or column.words
        overrides.append(override(
            "byName", value, displayName=column.name, unit=column.unit, decimals=column.decimals, custom__width=column.width,
            thresholds=column.steps, mappings=[*mappings(column.words), *NO_CELL] if column.words else None,
            custom__cellOptions={"type": "color-background", "mode": "basic"} if coloured else None,
        ))
    order = [one.label for one in labels] + values
    hidden = ["Time", *hidden] + [value for value, column in zip(values, every) if column not in columns]
    transformations = [{"id": "merge", "options": {}}]
    if sort:
        transformations.append({"id": "sortBy", "options": {"fields": {}, "sort": [{"field": values[every.index(sort)], "desc": falling}]}})
    transformations.append({"id": "organize", "options": {
        "excludeByName": dict.fromkeys(hidden, True), "includeByName": {},
        "indexByName": {name: index for index, name in enumerate(order)}, "renameByName": {},
    }})
    return panel(
        "table", title, description, width, height, "short",
        # Rows are put together where all that they share is equal, which the name of a recorded series never is.
        [target(queries.nameless(column.expression), instant=True, table=True) for column in every],
        defaults={"noValue": no_value, "mappings": NO_CELL},
        custom={"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False, "filterable": False},
        overrides=overrides,
        options={"cellHeight": "sm", "showHeader": True, "footer": {"show": False, "reducer": ["sum"], "fields": "", "countRows": False}},
        transformations=transformations,
    )
