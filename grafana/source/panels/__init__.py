"""The kinds of panels, one file each. `base` has what all of them share, `states` the words in place of figures."""

from .bar_gauge import bar_gauge
from .base import LOOK_BACK
from .heatmap import heatmap
from .stat import ColourRule, compared_stat, stat
from .state_timeline import state_timeline
from .states import SKILL_STATE, SKILL_STATE_INSTEAD, report_state
from .status_history import status_history
from .table import Column, LabelColumn, table
from .timeseries import timeseries

__all__ = [
    "LOOK_BACK",
    "SKILL_STATE",
    "SKILL_STATE_INSTEAD",
    "ColourRule",
    "Column",
    "LabelColumn",
    "bar_gauge",
    "compared_stat",
    "heatmap",
    "report_state",
    "stat",
    "state_timeline",
    "status_history",
    "table",
    "timeseries",
]
