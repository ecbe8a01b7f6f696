"""Links from one dashboard to another."""

from typing import Any

from .language import Text as _

# Grafana fills these in: the time range and the values of the basic variables.
KEPT_BUT_OPERATION = "${__url_time_range}&${datasource:queryparam}&${job:queryparam}&${instance:queryparam}"
KEPT = KEPT_BUT_OPERATION + "&${operation:queryparam}"

# The address of alerts/RUNBOOK.md, from the hidden variable RUNBOOK of variables.py. It is part of an address already,
# so its slashes must not be escaped.
RUNBOOK = "${runbook:raw}"


def cell_url(uid: str, *, skill: str | None = None) -> str:
    """The address of another dashboard for a link in a table cell. It keeps the time range and the variables."""
    return f"/d/{uid}?{KEPT}" + (f"&var-skill_id={skill}" if skill else "")


def row_url(uid: str, *labels: str) -> str:
    """The address of another dashboard for a link in a row of a table.

    It keeps the time range, and selects the operation and the other `labels` of the row: two operations can have a
    skill with the same id.
    """
    chosen = "".join(f"&var-{label}=${{__data.fields.{label}}}" for label in ("operation", *labels))
    return f"/d/{uid}?{KEPT_BUT_OPERATION}{chosen}"


def link(title: str, url: str) -> dict[str, Any]:
    """A link of a figure or of a table cell."""
    return {"title": title, "url": url, "targetBlank": False}


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
