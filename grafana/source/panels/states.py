"""The state that a panel shows in place of a figure, or beside it: closed, no volume, no figure or broken.

A panel adds one more query for the state, and shows its code as a word.
"""

from dataclasses import dataclass
from typing import Any

from .. import queries
from ..language import Text as _
from ..style import STATES, fixed_colour, value_mappings
from .base import override, query_override


def _broken(codes: str) -> str:
    """The code of broken operations and skills, if there are any."""
    return f"max({codes} == {queries.BROKEN})"


@dataclass
class SkillState:
    """The state of the chosen skills.

    With `beside` it stands beside figures too, because an empty queue means something else when the skill is closed.
    Without it, the state replaces a missing figure, and stands beside a figure only when an operation is broken: for
    tiles that have a tile with the state in their row.
    """

    beside: bool = True
    codes = queries.skill_state()
    no_figure = f"max({codes}) * 0 + {queries.NO_FIGURE}"

    def state_query(self, figure: str) -> str:
        """The worst code that has to be shown."""
        idle = f"max({self.codes}) >= {queries.CLOSED}"
        if self.beside:
            return f"{idle} or {self.no_figure} unless on () ({figure})"
        return f"{_broken(self.codes)} or ({idle} or {self.no_figure}) unless on () ({figure})"

    def figure_query(self, figure: str) -> str:
        """The figure; a broken skill has none."""
        return queries.with_operation(queries.not_broken(figure))


@dataclass
class ReportState:
    """The state of a report. It replaces a missing figure, and stands beside a figure only when an operation is broken.

    A figure of a report stays correct when the centre closes or nobody calls. `codes` give the reason why nothing was
    counted; `volume` is a series that exists if something was counted.
    """

    codes: str
    volume: str

    def state_query(self, figure: str) -> str:
        """The worst code that has to be shown."""
        instead = f"max(({self.volume}) > 0) * 0 + {queries.NO_FIGURE} or max({self.codes})"
        return f"{_broken(self.codes)} or ({instead}) unless on () ({figure})"

    def figure_query(self, figure: str) -> str:
        """The figure, unchanged: a report that is too old has no series, unless max_age is configured longer."""
        return figure

    def table_rows(self, labels: list[str]) -> str:
        """Rows of a table for operations that are broken or counted nothing. Other labels are a dash."""
        rows = (
            f"max by (operation) ({self.codes} == {queries.BROKEN}) or "
            f"max by (operation) ({self.codes}) unless on (operation) ({self.volume})"
        )
        for label in labels:
            rows = f'label_replace({rows}, "{label}", "–", "", "")'
        return rows


class AllSkillsState(SkillState):
    """The state of many skills at once: the word of a state is for the time in which no skill has a service level.

    A broken operation is always shown, because the figures are then those of the others.
    """

    # The worst code while no skill has a service level.
    idle = f"max({SkillState.codes}) unless min({SkillState.codes}) < {queries.CLOSED}"
    # Why there is no skill at all.
    _report = queries.recorded_collector("empty", "code", queries.SKILLS_COLLECTOR)
    _rules, _exporter = queries.recorded_collector("interval", "seconds"), queries.raw("wolkvox_up")
    no_skill = (
        f"max({_report} == {queries.BROKEN}) or max({_report}) * 0 + {queries.NO_SKILLS} "
        f"or max(absent({_rules}) and on () {_exporter}) * 0 + {queries.NO_RULES} "
        f"or max(absent({_exporter})) * 0 + {queries.NO_EXPORTER}"
    )

    def state_query(self, figure: str) -> str:
        """The worst code that has to be shown.

        A figure that is missing for a moment has no word: at both ends of a gap in the data, the word would be shown
        for a time in which nothing is known.
        """
        return f"{_broken(self.codes)} or {self.idle}"

    def figure_query(self, figure: str) -> str:
        """The figure, unchanged: its expression leaves out broken skills itself."""
        return figure


@dataclass
class PeriodState:
    """The state of a time in the past, which has ended or has figures: a word only replaces a missing figure.

    `received` is the number of calls received.
    """

    received: str

    def state_query(self, figure: str) -> str:
        """The code that has to be shown: no volume, or no figure although there were calls."""
        return f"({self.received} > bool 0) + {queries.NO_VOLUME} unless on () ({figure})"

    def figure_query(self, figure: str) -> str:
        """The figure, unchanged."""
        return figure


State = SkillState | ReportState | PeriodState

SKILL_STATE = SkillState()
SKILL_STATE_INSTEAD = SkillState(beside=False)
ALL_SKILLS_STATE = AllSkillsState()


def report_state(collector: str, volume: str) -> ReportState:
    """The state of the report of this collector."""
    return ReportState(queries.report_state(collector), volume)


def _state_properties() -> dict[str, Any]:
    return {
        "displayName": _("State"),
        "unit": "none",
        "decimals": 0,
        "min": 0,
        "max": queries.BROKEN,
        "mappings": value_mappings(STATES),
    }


def state_override(ref: str) -> dict[str, Any]:
    """Shows the code that this query returns as a word."""
    return query_override(ref, **_state_properties())


# The name of a series that is a state. No operation can be called so.
_STATE_NAME = "(state)"


def named_state(code: str, label: str) -> str:
    """The code as a series whose `label`, by which the legend calls it, is the name of a state."""
    return f'label_replace({code}, "{label}", "{_STATE_NAME}", "", "")'


def state_series_override() -> dict[str, Any]:
    """Shows the code of `named_state` as a word."""
    return override("byName", _STATE_NAME, **_state_properties())


# Milliseconds; every present time is later.
STATE_AXIS_END = 1_000_000_000_000


def state_areas(ref: str) -> list[dict[str, Any]]:
    """Colours the time behind the lines of a graph by state.

    The query returns one series per state code, with the name `state CODE`. Its value is the time in milliseconds, so
    the legend shows when the skill was in that state for the last time.
    """
    areas = query_override(
        ref,
        unit="time:HH:mm",
        min=0,
        # Less than the time, so that the area fills the whole height.
        max=STATE_AXIS_END,
        custom__axisPlacement="hidden",
        custom__lineInterpolation="stepAfter",
        custom__lineWidth=0,
        custom__fillOpacity=35,
        custom__stacking={"group": "B", "mode": "none"},
        custom__hideFrom={"legend": False, "tooltip": True, "viz": False},
    )
    words = [
        override("byName", f"state {code}", displayName=word, color=fixed_colour(colour))
        for code, (word, colour) in STATES.items()
        if code >= queries.CLOSED
    ]
    return [areas, *words]
