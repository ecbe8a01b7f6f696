"""The distribution of a histogram over time."""

from .base import Panel, make_panel, query


def heatmap(title: str, description: str, unit: str, expression: str, *, width: int = 12, height: int = 8) -> Panel:
    """The expression returns the increase of each bucket of a histogram."""
    return make_panel(
        "heatmap",
        title,
        description,
        width,
        height,
        unit,
        [{**query(expression, "{{le}}"), "format": "heatmap"}],
        options={
            "calculate": False,
            "cellGap": 1,
            "cellValues": {"unit": "none"},
            "color": {
                "mode": "scheme",
                "scheme": "Blues",
                "steps": 32,
                "fill": "dark-blue",
                "exponent": 0.5,
                "scale": "exponential",
                "reverse": False,
            },
            "exemplars": {"color": "rgba(255,0,255,0.7)"},
            "filterValues": {"le": 1e-9},
            "legend": {"show": False},
            "rowsFrame": {"layout": "auto"},
            "showValue": "never",
            "tooltip": {"mode": "single", "showColorScale": False, "yHistogram": False},
            "yAxis": {"axisPlacement": "left", "reverse": False, "unit": unit},
        },
    )
