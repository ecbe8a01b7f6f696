"""Links from one dashboard to another."""

from typing import Any

# Grafana fills these in: the time range and the values of the basic variables.
KEPT = "${__url_time_range}&${datasource:queryparam}&${job:queryparam}&${instance:queryparam}&${operation:queryparam}"


def cell_url(uid: str, *, skill: str | None = None) -> str:
    """The address of another dashboard for a link in a table cell. It keeps the time range and the variables."""
    return f"/d/{uid}?{KEPT}" + (f"&var-skill_id={skill}" if skill else "")


def dashboard_link(title: str, url: str) -> dict[str, Any]:
    """A link at the top of a dashboard."""
    return {
        "title": title,
        "url": url,
        "type": "link",
        "icon": "dashboard",
        "tags": [],
        "tooltip": "",
        "asDropdown": False,
        "includeVars": True,
        "keepTime": True,
        "targetBlank": False,
    }
