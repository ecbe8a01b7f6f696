"""Tables: rows by label, columns by query."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .. import queries
from ..language import Text as _
from ..style import EMPTY_CELL, NO_DATA, STATES, Words, value_mappings
from .base import MOST_POINTS, Panel, make_panel, override, query, ref_id
from .states import ReportState


@dataclass
class Column:
    """A column of numbers: a query and how its values are shown."""

    name: str
    expression: str
    unit: str = "short"
    decimals: int | None = None
    steps: dict[str, Any] | None = None
    words: Words | None = None
    width: int | None = None
    # Whether the colour fills the cell; otherwise it is the colour of the text.
    filled: bool = True


@dataclass
class LabelColumn:
    """A column of text: a label of the query results."""

    label: str
    name: str
    width: int | None = None
    # The smallest width of a column that takes the room that is left; Grafana's own is 150 pixels.
    least: int | None = None
    # With several links, a click shows their titles to choose from.
    link: dict[str, Any] | list[dict[str, Any]] | None = None
    mappings: list[dict[str, Any]] | None = None
    # A hidden column is there for the links of the others.
    hidden: bool = False


_FILLED, _COLOURED_TEXT = {"type": "color-background", "mode": "basic"}, {"type": "color-text"}


def _has_colour(mappings: list[dict[str, Any]] | None) -> bool:
    """Whether the mappings have a colour, besides that of an empty cell."""
    return any(
        "color" in result
        for mapping in mappings or []
        if mapping["type"] == "value"
        for result in mapping["options"].values()
    )


def _label_override(column: LabelColumn) -> dict[str, Any]:
    return override(
        "byName",
        column.label,
        displayName=column.name,
        # Without this unit, Grafana takes an id for a number and shows 4187 as 4.19 K.
        unit="string",
        custom__width=column.width,
        custom__minWidth=column.least,
        links=[column.link] if isinstance(column.link, dict) else column.link,
        mappings=column.mappings,
        custom__cellOptions=_COLOURED_TEXT if _has_colour(column.mappings) else None,
        # Grafana 12 renamed the first one to the second one.
        custom__hidden=True if column.hidden else None,
        custom__hideFrom={"viz": True} if column.hidden else None,
    )


def _value_override(field: str, column: Column) -> dict[str, Any]:
    coloured = column.steps or column.words
    return override(
        "byName",
        field,
        displayName=column.name,
        unit=column.unit,
        decimals=column.decimals,
        custom__width=column.width,
        thresholds=column.steps,
        mappings=[*value_mappings(column.words), *EMPTY_CELL] if column.words else None,
        custom__cellOptions=(_FILLED if column.filled else _COLOURED_TEXT) if coloured else None,
    )


def table(
    title: str,
    description: str,
    labels: list[LabelColumn],
    columns: list[Column],
    *,
    sort: Column | str | None = None,
    descending: bool = True,
    width: int = 24,
    height: int = 10,
    no_value: str = NO_DATA,
    state: ReportState | None = None,
    hidden: Sequence[str] = (),
    limit: int | None = None,
    every: str | None = None,
) -> Panel:
    """A table.

    `hidden` are labels that only keep rows apart. `sort` is the query that orders the rows: one of the columns, or a
    `Column` without a name, which is not shown; or it is the name of a label. `limit` is the highest number of rows.
    With `every`, there are rows for each point of the time range at this distance, and the first column is their time.
    With `state`, an operation that is broken or counted nothing has a row with its state; that column is the first,
    because it is seldom filled and must then be seen.
    """
    if state:
        names = [column.label for column in labels if column.label != "operation"]
        rows = state.table_rows(names)
        columns = [*columns, Column(_("State"), rows, "none", words=STATES, width=100, filled=False)]
        if isinstance(sort, Column):
            # Above all numbers, because below them nobody would look for a broken operation. Grafana merges rows only
            # if a label is in the results of all queries or has one value.
            keys = [name for name in names if re.search(rf"\b{name}\b", sort.expression)]
            sort = Column("", f"(({state.table_rows(keys)}) == {queries.BROKEN}) * 1e9 or ({sort.expression})")
    queried = [*columns, *([sort] if isinstance(sort, Column) and sort not in columns else [])]
    # With only one query, Grafana leaves out its refId.
    fields = [f"Value #{ref_id(index)}" if len(queried) > 1 else "Value" for index in range(len(queried))]
    overrides = [_label_override(column) for column in labels]
    overrides += [_value_override(field, column) for field, column in zip(fields, columns, strict=False)]
    order = [*(["Time"] if every else []), *(column.label for column in labels), *fields]
    if state:
        order.insert(0, order.pop(len(labels) + len(columns) - 1))
    if every:
        overrides.append(
            override("byName", "Time", displayName=_("Half-hour"), unit="time:D/M HH:mm", custom__width=100)
        )
    excluded = [*([] if every else ["Time"]), *hidden] + [
        field for field, column in zip(fields, queried, strict=True) if column not in columns
    ]
    transformations: list[dict[str, Any]] = [{"id": "merge", "options": {}}]
    if sort:
        by = {"field": fields[queried.index(sort)] if isinstance(sort, Column) else sort, "desc": descending}
        transformations.append({"id": "sortBy", "options": {"fields": {}, "sort": [by]}})
    if limit:
        transformations.append({"id": "limit", "options": {"limitField": limit}})
    transformations.append(
        {
            "id": "organize",
            "options": {
                "excludeByName": dict.fromkeys(excluded, True),
                "includeByName": {},
                "indexByName": {name: index for index, name in enumerate(order)},
                "renameByName": {},
            },
        }
    )
    return make_panel(
        "table",
        title,
        description,
        width,
        height,
        "short",
        # Grafana merges rows whose common labels are equal. Metric names would differ, so they are removed.
        [query(queries.without_metric_name(column.expression), instant=not every, table=True) for column in queried],
        defaults={"noValue": no_value, "mappings": EMPTY_CELL},
        custom={"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False, "filterable": False},
        overrides=overrides,
        options={
            "cellHeight": "sm",
            "showHeader": True,
        },
        transformations=transformations,
        **({"interval": every, "maxDataPoints": MOST_POINTS} if every else {}),
    )
