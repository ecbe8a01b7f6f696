"""The kinds of panels, one file each. `base` has what all of them share, `states` the words in place of figures."""

from .bar_gauge import bar_gauge
from .base import LOOK_BACK
from .heatmap import heatmap
from .stat import stat
from .state_timeline import state_timeline
from .states import ALL_SKILLS_STATE, SKILL_STATE, SKILL_STATE_INSTEAD, PeriodState, report_state
from .status_history import status_history
from .table import Column, LabelColumn, table
from .tile import TileRule, signed_tile, tile
from .timeseries import timeseries

__all__ = [
    "ALL_SKILLS_STATE",
    "LOOK_BACK",
    "SKILL_STATE",
    "SKILL_STATE_INSTEAD",
    "Column",
    "LabelColumn",
    "PeriodState",
    "TileRule",
    "bar_gauge",
    "heatmap",
    "report_state",
    "signed_tile",
    "stat",
    "state_timeline",
    "status_history",
    "table",
    "tile",
    "timeseries",
]
