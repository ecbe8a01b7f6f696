"""The kinds of panels, one file each. `base` has what all of them share, `states` the words in place of figures."""

from .bar_gauge import bar_gauge
from .base import LOOK_BACK
from .heatmap import heatmap
from .stat import stat
from .state_timeline import state_timeline
from .states import ALL_SKILLS_STATE, SKILL_STATE, SKILL_STATE_INSTEAD, report_state
from .table import Column, LabelColumn, table
from .tile import TileRule, tile
from .timeseries import timeseries

__all__ = [
    "ALL_SKILLS_STATE",
    "LOOK_BACK",
    "SKILL_STATE",
    "SKILL_STATE_INSTEAD",
    "Column",
    "LabelColumn",
    "TileRule",
    "bar_gauge",
    "heatmap",
    "report_state",
    "stat",
    "state_timeline",
    "table",
    "tile",
    "timeseries",
]
