"""Expressions over half-hours, as alerts/wolkvox-half-hours.rules.yml records them: one sample for each and skill.

A half-hour is named by its beginning. Its sample comes in the half-hour after it, so a query looks half an hour ahead.
The second that is missing to a whole number keeps a sample that is recorded exactly at the end of a half-hour.
"""

from collections.abc import Callable

from . import queries

# Seconds.
_HALF_HOUR, _DAY, _WEEK = 1_800, 86_400, 604_800
# Fewer calls prove little: with 10 calls, each is as much as lies between the target and "missed". In a time of several
# hours the wallboard's limit holds.
FEW_IN_HALF_HOUR, FEW = 10, 30
MATCHERS = 'operation=~"$operation", team=~"$team", skill_id=~"$skill_id"'

# The calls of each skill or team, by the name of the recorded series.
OfEach = Callable[[str], str]


def _duration(seconds: int) -> str:
    """A duration of PromQL; it may be negative."""
    sign, seconds = "-" if seconds < 0 else "", abs(seconds)
    hours, minutes = divmod(seconds // 60, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds % 60, "s"))
    return sign + "".join(f"{number}{unit}" for number, unit in parts if number)


def series(name: str) -> str:
    """The recorded half-hours of the chosen skills."""
    return f"operation_skill:wolkvox_skill_{name}:half_hour{{{MATCHERS}}}"


def _totals_or_skills(name: str, range_and_offset: str) -> str:
    """The calls that make up those of the chosen skills: for All the totals of teams, which are far fewer series, else
    the calls of each skill.

    For All, $skill_id is the regular expression `.+`. Of the two selectors, only one has series: `total`, the id of the
    totals, and the name of a metric match `.+`, but not the id of a skill.
    """
    totals = f"operation_team:wolkvox_skill_{name}:half_hour{{{MATCHERS}}}"
    skills = f'{{__name__="operation_skill:wolkvox_skill_{name}:half_hour", __name__!~"$skill_id", {MATCHERS}}}'
    return " or ".join(f"sum_over_time({selector}{range_and_offset})" for selector in (totals, skills))


def within(window: str = "$__range", *, a_week_before: bool = False) -> OfEach:
    """The calls in the half-hours that began within the window, to be added up."""
    offset = _duration((_WEEK if a_week_before else 0) - _HALF_HOUR + 1)
    return lambda name: _totals_or_skills(name, f"[{window}] offset {offset}")


def begun(days_before: int = 0) -> OfEach:
    """The calls in the half-hour that begins at the time of evaluation, or some days before it, to be added up."""
    offset = _duration(days_before * _DAY - 2 * _HALF_HOUR + 1)
    return lambda name: _totals_or_skills(name, f"[30m] offset {offset}")


def begun_of_each_skill() -> OfEach:
    """The calls of each skill in the half-hour that begins at the time of evaluation."""
    offset = _duration(-2 * _HALF_HOUR + 1)
    return lambda name: f"last_over_time({series(name)}[30m] offset {offset})"


class Calls:
    """Calls, and the figures that follow from them: of all skills together, or with `by` for each value of labels.

    `each` gives the calls of each skill or team. A service level is a sum divided by a sum, never a mean.
    """

    def __init__(self, each: OfEach, by: str = "") -> None:
        self._each = each
        self._sum = f"sum by ({by})" if by else "sum"
        self.received, self.rated, self.in_time = self._of("inbound"), self._of("rated"), self._of("answered_in_time")
        self.allowed_missed, self.abandoned = self._of("allowed_missed"), self._of("abandoned")
        # Calls that had to be answered in time to be on target, and those that were missed.
        self.needed = f"({self.rated} - {self.allowed_missed})"
        self.missed = f"({self.rated} - {self.in_time})"
        self.short_of = f"({self.needed} - {self.in_time})"
        # In one half-hour, calls of the half-hour before can be answered too.
        self.level = queries.rounded(f"clamp_max({self.in_time} / ({self.rated} > 0), 1)")
        self.target = queries.rounded(f"1 - {self.allowed_missed} / ({self.rated} > 0)")
        # The share of the target that is reached: 1 is on target.
        self.attainment = queries.rounded(f"{self.in_time} / ({self.needed} > 0)")
        self.abandonment = queries.rounded(f"clamp_max({self.abandoned} / ({self.received} > 0), 1)")
        # Only skills with a limit have one.
        self.abandon_limit = queries.rounded(f"{self._of('allowed_abandoned')} / ({self._of('limited')} > 0)")

    def _of(self, name: str) -> str:
        return f"{self._sum}({self._each(f'{name}_calls')})"


def weekday(days: int) -> str:
    """The number 1 with the label `day`: the weekday of the day that begins at the start of the range, or some days
    before it. 1 is Monday.

    Noon of this day has the same date in UTC as in every time zone of America and Europe.
    """
    start = "last_over_time(vector(time())[1m:1m] @ start())"
    noon = f"{start} + {_DAY // 2 - days * _DAY}"
    return f'count_values("day", (day_of_week({noon}) + 6) % 7 + 1)'


def by_weekday(of: Callable[[int], str]) -> str:
    """The half-hours of the day that the range covers, and of the six days before it, each with the label `day`.

    `of` returns an expression without labels for the number of days before. The range must be one day, because a day
    before is this range, earlier.
    """
    days = [f"({of(days)}) * on () group_left (day) {weekday(days)}" for days in range(7)]
    return f"({' or '.join(days)}) and on () vector($__range_s) <= 90000"
