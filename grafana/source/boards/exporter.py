"""The exporter: can the figures on the other dashboards be trusted, and if not, why?"""

from .. import queries
from ..annotations import firing_alerts as alert_marks
from ..board import Board, row_panel
from ..language import Text as _
from ..language import Uid
from ..links import instance_url, link, row_url, series_url
from ..panels import Column, LabelColumn, heatmap, stat, state_timeline, table, timeseries
from ..style import (
    BAD,
    FILL_BAD,
    FILL_BROKEN,
    FILL_GOOD,
    FILL_WARN,
    GOOD,
    SECONDS,
    WARN,
    on_a_tile,
    text_mappings,
    thresholds,
)
from .alert_tables import firing_alerts, with_runbook

BY = "operation, collector"
age = queries.recorded_collector("age", "seconds")
interval = queries.recorded_collector("interval", "seconds")
fresh = queries.recorded_collector("fresh", "info")
success = f"max by ({BY}) ({queries.raw('wolkvox_collector_success')})"

CONDITIONS = {
    0: (_("▲ Fresh"), FILL_GOOD),
    1: (_("▼ Last poll failed"), FILL_WARN),
    2: (_("▼ Broken: too old"), FILL_BROKEN),
    3: (_("▼ Never succeeded"), FILL_BAD),
}
# A collector without a successful poll has no age.
never = f"({success} == 0 unless on ({BY}) {age}) * 0"
condition = f"{age} * 0 + 2 unless {fresh} or {never} + 3 or ({success} == 0) * 0 + 1 or {success} * 0"
# Those without an age are at the top: more seconds than any age.
oldest = f"{age} or {never} + 1000000000"
# Two exporters can have different reasons; one of them is shown.
reason = f"topk by ({BY}) (1, max by ({BY}, reason) ({queries.raw('wolkvox_collector_failure_info')}))"
# Collectors of which single requests fail, for example the one of a skill, while the poll as a whole succeeds.
request_failing = (
    f"(min by ({BY}) ({queries.raw('wolkvox_collector_request_success')}) == 0 and on ({BY}) ({success} == 1))"
)
# The state of the collectors, not an increase of a counter: that is 0 if the only failure happened before the first
# scrape, also while the operation is refused.
failing = f"max by ({BY}) ({queries.raw('wolkvox_collector_failure_info')}) or {request_failing}"
POLLING = {0: (_("▼ Failing"), FILL_BAD), 1: (_("▲ Up"), FILL_GOOD)}
SCRAPE = {0: (_("▼ Not reached"), FILL_BAD), 1: (_("▲ Reached"), FILL_GOOD)}
CONFIGURATION = {0: (_("▼ Rejected"), BAD), 1: (_("▲ Loaded"), GOOD)}
CONFIGURATION_CELLS = {0: (_("▼ Rejected"), FILL_BAD), 1: (_("▲ Loaded"), FILL_GOOD)}
QUOTA_THRESHOLDS = thresholds((None, FILL_GOOD), (0.8, FILL_WARN), (0.95, FILL_BAD))
DENOMINATORS = text_mappings(
    {
        "inbound": _("calls received"),
        "answered": _("calls answered"),
    }
)
EVIDENCE = text_mappings(
    {
        "assumed": _("assumed"),
        "inferred": _("inferred"),
        "contradictory": _("contradictory"),
    }
)
ERROR_THRESHOLDS = thresholds((None, GOOD), (1, WARN))
# The dashboard with the figures of each report.
BOARDS = text_mappings(
    {
        "skills": Uid("wolkvox-wall"),
        "dnis": Uid("wolkvox-dnis"),
        "agents_kpi": Uid("wolkvox-agents"),
        "transfers": Uid("wolkvox-ivr-transfers"),
        "ivr": Uid("wolkvox-ivr-transfers"),
    }
)

quota_limit = f"max by (operation) ({queries.raw('wolkvox_api_quota_limit')})"
quota_used = f"max by (operation) ({queries.raw('wolkvox_api_quota_used')})"


def in_an_hour(name: str, by: str) -> str:
    return f"sum by ({by}) (increase({queries.raw(name)}[1h]))"


def increase_in_range(name: str, by: str) -> str:
    return f"sum by ({by}) (increase({queries.raw(name)}[$__range])) > 0"


def process_series(name: str) -> str:
    """A series without the label operation."""
    return queries.raw(name, operation=False)


request_duration = process_series("wolkvox_api_request_duration_seconds_bucket")
running_for = f"time() - max by (instance) ({process_series('process_start_time_seconds')})"
build = f"max by (instance, version, revision) ({process_series('wolkvox_exporter_build_info')})"

BOARD = Board(
    uid="wolkvox-exporter",
    title=_("wolkvox: exporter"),
    description=_(
        "Can the figures be trusted? Age of the data, quota, failures by reason, parse errors, and the "
        "exporter process."
    ),
    annotations=alert_marks('category="exporter", operation=~"$operation|"'),
    rows=[
        [
            with_runbook(
                stat(
                    _("Polling"),
                    _(
                        "Whether the last poll of every enabled collector of every operation succeeded. The table of "
                        "collectors says which one failed. No data: Prometheus scrapes no exporter."
                    ),
                    "none",
                    [(f"min(max by (operation) ({queries.raw('wolkvox_up')}))", "")],
                    words=on_a_tile(POLLING),
                    mode="background",
                ),
                "DataStale",
            ),
            with_runbook(
                stat(
                    _("Scrape"),
                    _(
                        "Whether Prometheus can scrape every exporter. The table of exporters says which one is not "
                        "reached. If the exporter is reached but wolkvox does not answer, polling fails."
                    ),
                    "none",
                    [(f"min({process_series('up')})", "")],
                    words=on_a_tile(SCRAPE),
                    mode="background",
                ),
                "ExporterDown",
            ),
            with_runbook(
                stat(
                    _("Quota used"),
                    _(
                        "Requests to wolkvox today ÷ requests that the licenses allow per local day, of the operation "
                        "that has used most. At 100 % polling stops until midnight. No data: no licenses are "
                        "configured."
                    ),
                    "percentunit",
                    [(f"max({quota_used} / ({quota_limit} > 0))", "")],
                    steps=QUOTA_THRESHOLDS,
                    mode="background",
                    decimals=1,
                ),
                "QuotaNearlyUsed",
            ),
            with_runbook(
                stat(
                    _("Configuration"),
                    _("Whether every exporter could load its configuration the last time."),
                    "none",
                    [(f"min({process_series('wolkvox_exporter_config_last_reload_successful')})", "")],
                    words=on_a_tile(CONFIGURATION),
                ),
                "ConfigReloadFailed",
            ),
            with_runbook(
                stat(
                    _("Parse errors"),
                    _(
                        "Values in responses of wolkvox that could not be parsed, in the time range and since the "
                        "first scrape. Such a value has no sample."
                    ),
                    "none",
                    [(f"sum(increase({queries.raw('wolkvox_parse_errors_total')}[$__range]))", "")],
                    steps=ERROR_THRESHOLDS,
                    decimals=0,
                ),
                "ParseErrors",
            ),
            with_runbook(
                stat(
                    _("Failing collectors"),
                    _("Collectors whose last poll failed, or of which single requests fail."),
                    "none",
                    [(f"count({failing}) or count({success}) * 0", "")],
                    steps=ERROR_THRESHOLDS,
                    decimals=0,
                ),
                "RequestFailing",
            ),
        ],
        [
            table(
                _("Collectors"),
                _(
                    "Each collector of each operation, the oldest data first. Reason: why the last poll failed; "
                    "empty if it succeeded."
                ),
                [
                    LabelColumn("operation", _("Operation")),
                    LabelColumn(
                        "collector",
                        _("Collector"),
                        width=105,
                        link=link(_("Show the figures of this report"), row_url("${__data.fields.board}")),
                    ),
                    LabelColumn("reason", _("Reason"), width=120),
                    LabelColumn("board", _("Dashboard"), hidden=True, mappings=BOARDS),
                ],
                [
                    Column(
                        _("Condition"),
                        f"label_replace(({condition}) * on ({BY}) group_left (reason) {reason} or on ({BY}) "
                        f'({condition}), "board", "$1", "collector", "(.+)")',
                        "none",
                        words=CONDITIONS,
                        width=180,
                    ),
                    Column(_("Age"), age, "dthms", 0, width=90),
                    Column(_("Interval"), interval, "dthms", 0, width=90),
                    Column(
                        _("Duration"),
                        f"max by ({BY}) ({queries.raw('wolkvox_collector_duration_seconds')})",
                        SECONDS,
                        2,
                        width=90,
                    ),
                    Column(_("Rows"), f"max by ({BY}) ({queries.raw('wolkvox_collector_rows')})", "none", 0, width=65),
                ],
                sort=Column("", oldest),
                width=14,
                height=9,
            ),
            state_timeline(
                _("Freshness"),
                _(
                    "Fresh; last poll failed (the values of the poll before are still shown); broken: too old to be "
                    "shown; or never succeeded since the exporter started. A gap: Prometheus scraped no exporter."
                ),
                condition,
                "{{operation}} {{collector}}",
                CONDITIONS,
                link(_("Show this operation at that time"), series_url("wolkvox-exporter", around=True)),
                width=10,
                height=9,
            ),
        ],
        [
            firing_alerts(
                _(
                    "Alerts about the exporter that fire, and how long their condition has held. A click on the name "
                    "opens the runbook, which says what to do. Silences of Alertmanager do not hide alerts here."
                ),
                'category="exporter", operation=~"$operation|"',
                [
                    LabelColumn("operation", _("Operation"), width=130),
                    LabelColumn("collector", _("Collector"), width=110),
                    LabelColumn("instance", _("Instance"), width=150),
                ],
                width=14,
                height=8,
            ),
            table(
                _("Exporters"),
                _("Whether Prometheus reaches each exporter, its configuration, version, revision and uptime."),
                [
                    LabelColumn("instance", _("Instance"), link=link(_("Show only this exporter"), instance_url())),
                    LabelColumn("version", _("Version"), width=80),
                    LabelColumn("revision", _("Revision"), width=125),
                ],
                [
                    Column(
                        _("Scrape"),
                        f"max by (instance) ({process_series('up')})",
                        "none",
                        words=SCRAPE,
                        width=135,
                    ),
                    Column(
                        _("Configuration"),
                        f"max by (instance) ({process_series('wolkvox_exporter_config_last_reload_successful')})",
                        "none",
                        words=CONFIGURATION_CELLS,
                        width=125,
                    ),
                    Column(
                        _("Uptime"),
                        f"({running_for}) * on (instance) group_right () {build}",
                        "dthms",
                        0,
                        width=105,
                    ),
                ],
                width=10,
                height=8,
            ),
        ],
        [
            timeseries(
                _("Age of the data"),
                _("Time since the last successful poll. It should grow to the poll interval and then fall to zero."),
                "dthms",
                [(age, "{{operation}} {{collector}}")],
            ),
            timeseries(
                _("Quota"),
                _("Requests to wolkvox in the local day. Dashed: the number that the licenses allow."),
                "none",
                [(quota_used, "{{operation}}"), (quota_limit, _("limit of {{operation}}"))],
                dashed="B",
                decimals=0,
            ),
        ],
        [
            timeseries(
                _("Failures by reason"),
                _(
                    "Collectors whose last poll failed, by reason, and collectors of which single requests fail. "
                    "docs/operation.md says what to do for each reason."
                ),
                "none",
                [
                    (
                        "count by (operation, reason) (max by (operation, collector, reason) "
                        f"({queries.raw('wolkvox_collector_failure_info')}))",
                        "{{operation}} {{reason}}",
                    ),
                    (f"count by (operation) {request_failing}", _("single requests of {{operation}}")),
                ],
                stacked=True,
                decimals=0,
                no_value=_("No failures"),
            ),
            timeseries(
                _("Requests to wolkvox per hour"),
                _(
                    "Requests in the hour before each point by report, including failed ones, and those that failed or "
                    "had a doubtful response, by reason."
                ),
                "none",
                [
                    (in_an_hour("wolkvox_api_requests_total", "endpoint"), "{{endpoint}}"),
                    (in_an_hour("wolkvox_api_request_failures_total", "reason") + " > 0", _("failed: {{reason}}")),
                ],
                decimals=0,
            ),
        ],
        [row_panel(_("Responses of wolkvox"), collapsed=True)],
        [
            heatmap(
                _("Request duration"),
                _("Requests to wolkvox by duration."),
                "s",
                f"sum by (le) (increase({request_duration}[$__rate_interval]))",
            ),
            timeseries(
                _("Request duration, 95th percentile"),
                _("95 % of the requests take no longer than this, by report."),
                "s",
                [
                    (
                        f"histogram_quantile(0.95, sum by (le, endpoint) (rate({request_duration}[$__rate_interval])))",
                        "{{endpoint}}",
                    )
                ],
            ),
        ],
        [
            table(
                _("Parse errors by field"),
                _(
                    "Values that could not be parsed, by report and field, in the time range and since the first "
                    "scrape. The log shows what they look like."
                ),
                [
                    LabelColumn("operation", _("Operation")),
                    LabelColumn("endpoint", _("Report")),
                    LabelColumn("field", _("Field")),
                ],
                [
                    (
                        errors := Column(
                            _("Errors"),
                            increase_in_range("wolkvox_parse_errors_total", "operation, endpoint, field"),
                            "none",
                            0,
                        )
                    )
                ],
                sort=errors,
                width=12,
                height=8,
                no_value=_("No parse errors"),
            ),
            table(
                _("Unusual responses"),
                _(
                    "Responses that had no rows, whose JSON was repaired, or that had duplicate rows, in the time "
                    "range and since the first scrape."
                ),
                [LabelColumn("operation", _("Operation")), LabelColumn("endpoint", _("Report"))],
                [
                    Column(
                        _("Empty responses"),
                        increase_in_range("wolkvox_api_empty_answers_total", "operation, endpoint"),
                        "none",
                        0,
                    ),
                    Column(
                        _("Repaired JSON"),
                        increase_in_range("wolkvox_json_repairs_total", "operation, endpoint"),
                        "none",
                        0,
                    ),
                    Column(
                        _("Duplicate rows"),
                        increase_in_range("wolkvox_duplicate_rows_total", "operation, endpoint"),
                        "none",
                        0,
                    ),
                ],
                width=12,
                height=8,
                no_value=_("No unusual responses"),
            ),
        ],
        [
            table(
                _("Service level denominator"),
                _(
                    "The calls that wolkvox divides by, inferred from its figures. Evidence: assumed, inferred or "
                    "contradictory."
                ),
                [
                    LabelColumn("operation", _("Operation")),
                    LabelColumn("denominator", _("Denominator"), mappings=DENOMINATORS),
                    LabelColumn("evidence", _("Evidence"), mappings=EVIDENCE),
                ],
                [],
                sort=Column(
                    "",
                    (
                        "max by (operation, denominator, evidence) "
                        f"({queries.raw('wolkvox_skill_service_level_denominator_info')})"
                    ),
                ),
                width=24,
                height=5,
            ),
        ],
        [row_panel(_("Exporter process"), collapsed=True)],
        [
            timeseries(
                _("Memory"),
                _("Resident memory of the exporter process."),
                "bytes",
                [(process_series("process_resident_memory_bytes"), "{{instance}}")],
                width=8,
            ),
            timeseries(
                _("CPU"),
                _("Processor time in use; 100 % is one whole core."),
                "percentunit",
                [(f"rate({process_series('process_cpu_seconds_total')}[$__rate_interval])", "{{instance}}")],
                width=8,
            ),
            timeseries(
                _("Open files"),
                _("Open file descriptors. Dashed: the limit, once half of it is used."),
                "none",
                [
                    (process_series("process_open_fds"), "{{instance}}"),
                    (
                        f"{process_series('process_max_fds')} and {process_series('process_open_fds')} > "
                        f"0.5 * {process_series('process_max_fds')}",
                        _("limit of {{instance}}"),
                    ),
                ],
                width=8,
                dashed="B",
                decimals=0,
            ),
        ],
    ],
)
