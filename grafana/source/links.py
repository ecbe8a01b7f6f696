"""Links from one dashboard to another."""

from collections.abc import Sequence
from typing import Any

from .language import Text as _

# Grafana fills these in: the time range and the values of the basic variables.
KEPT_BUT_OPERATION = "${__url_time_range}&${datasource:queryparam}&${job:queryparam}&${instance:queryparam}"
KEPT = KEPT_BUT_OPERATION + "&${operation:queryparam}"

# The address of alerts/RUNBOOK.md, from the hidden variable RUNBOOK of variables.py. It is part of an address already,
# so its slashes must not be escaped.
RUNBOOK = "${runbook:raw}"


# An hour before and an hour after the time on which somebody clicked, in milliseconds.
AROUND_THE_CLICK = "time=${__value.time}&time.window=7200000"


def figure_url(uid: str) -> str:
    """The address of another dashboard for a link on a number. It keeps the time range and the variables."""
    return f"/d/{uid}?{KEPT}"


def row_url(uid: str, *labels: str, keep: Sequence[str] = ()) -> str:
    """The address of another dashboard for a link in a row of a table.

    It keeps the time range and the variables in `keep`, and selects the operation and the other `labels` of the row:
    two operations can have a skill with the same id.
    """
    return f"/d/{uid}?{KEPT_BUT_OPERATION}{_kept(keep)}{_chosen('__data.fields', labels)}"


def instance_url() -> str:
    """The address of the dashboard of the exporter for a link in a row about one exporter, which has no operation."""
    return "/d/wolkvox-exporter?" + KEPT.replace("${instance:queryparam}", _selected("__data.fields", "instance"))


def series_url(uid: str, *labels: str, keep: Sequence[str] = (), around: bool = False) -> str:
    """The address of another dashboard for a link on a series, as `row_url`.

    With `around`, the time range is not kept: it is around the time on which somebody clicked.
    """
    kept = KEPT_BUT_OPERATION.replace("${__url_time_range}", AROUND_THE_CLICK) if around else KEPT_BUT_OPERATION
    return f"/d/{uid}?{kept}{_kept(keep)}{_chosen('__field.labels', labels)}"


def _kept(variables: Sequence[str]) -> str:
    return "".join(f"&${{{variable}:queryparam}}" for variable in variables)


def _chosen(source: str, labels: Sequence[str]) -> str:
    return "".join("&" + _selected(source, label) for label in ("operation", *labels))


def _selected(source: str, label: str) -> str:
    # Names of operations and options can have characters that mean something in an address.
    return f"var-{label}=${{{source}.{label}:percentencode}}"


def link(title: str, url: str) -> dict[str, Any]:
    """A link of a figure or of a table cell."""
    return {"title": title, "url": url, "targetBlank": False}


ROW_TO_EXPORTER = link(_("Show the exporter of this operation"), row_url("wolkvox-exporter"))


def _top_link(title: str, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "title": title,
        "url": "",
        "type": kind,
        "icon": "dashboard",
        "tags": [],
        "tooltip": "",
        "asDropdown": False,
        "includeVars": True,
        "keepTime": True,
        "targetBlank": False,
        **more,
    }


def dashboards_menu(tag: str) -> dict[str, Any]:
    """A menu at the top of a dashboard, with all dashboards that have the tag."""
    return _top_link(_("Dashboards"), "dashboards", icon="external link", tags=[tag], asDropdown=True)


def dashboard_link(title: str, url: str) -> dict[str, Any]:
    """A link at the top of a dashboard."""
    return _top_link(title, "link", url=url)
