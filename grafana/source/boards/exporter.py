"""The exporter: can the figures on the other dashboards be trusted, and if not, why?"""

from .. import queries
from ..board import Board
from ..language import Text as _
from ..panels import Column, LabelColumn, heatmap, stat, state_timeline, table, timeseries
from ..style import BAD, BROKEN, GOOD, WARN, thresholds

BY = "operation, collector"
age = queries.recorded_collector("age", "seconds")
interval = queries.recorded_collector("interval", "seconds")
fresh = queries.recorded_collector("fresh", "info")
success = f"max by ({BY}) ({queries.raw('wolkvox_collector_success')})"

CONDITIONS = {0: (_("▲ Fresh"), GOOD), 1: (_("▼ Last poll failed"), WARN), 2: (_("▼ Broken: too old"), BROKEN)}
condition = f"{age} * 0 + 2 unless {fresh} or ({success} == 0) * 0 + 1 or {success} * 0"
# Two exporters can have different reasons; one of them is shown.
reason = f"topk by ({BY}) (1, max by ({BY}, reason) ({queries.raw('wolkvox_collector_failure_info')}))"
# Collectors of which single requests fail, for example the one of a skill, while the poll as a whole succeeds.
request_failing = (
    f"(min by ({BY}) ({queries.raw('wolkvox_collector_request_success')}) == 0 and on ({BY}) ({success} == 1))"
)
# The state of the collectors, not an increase of a counter: that is 0 if the only failure happened before the first
# scrape, also while the operation is refused.
failing = f"max by ({BY}) ({queries.raw('wolkvox_collector_failure_info')}) or {request_failing}"
POLLING = {0: (_("▼ Failing"), BAD), 1: (_("▲ Up"), GOOD)}
SCRAPE = {0: (_("▼ Not reached"), BAD), 1: (_("▲ Reached"), GOOD)}
CONFIGURATION = {0: (_("▼ Rejected"), BAD), 1: (_("▲ Loaded"), GOOD)}
QUOTA_THRESHOLDS = thresholds((None, GOOD), (0.8, WARN), (0.95, BAD))
ERROR_THRESHOLDS = thresholds((None, GOOD), (1, WARN))

quota_limit = f"max by (operation) ({queries.raw('wolkvox_api_quota_limit')})"
quota_used = f"max by (operation) ({queries.raw('wolkvox_api_quota_used')})"


def rate(name: str, by: str) -> str:
    return f"sum by ({by}) (rate({queries.raw(name)}[$__rate_interval]))"


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
    rows=[
        [
            stat(
                _("Polling"),
                _(
                    "Whether the last poll of every enabled collector succeeded. No data: Prometheus scrapes no "
                    "exporter."
                ),
                "none",
                [(f"max by (operation) ({queries.raw('wolkvox_up')})", "{{operation}}")],
                words=POLLING,
                mode="background",
            ),
            stat(
                _("Scrape"),
                _(
                    "Whether Prometheus can scrape the exporter. If the exporter is reached but wolkvox does not "
                    "answer, polling fails."
                ),
                "none",
                [(process_series("up"), "{{instance}}")],
                words=SCRAPE,
                mode="background",
            ),
            stat(
                _("Quota used"),
                _(
                    "Requests to wolkvox today ÷ requests that the licenses allow per local day. At 100 % polling "
                    "stops until midnight. No data: no licenses are configured."
                ),
                "percentunit",
                [(f"{quota_used} / ({quota_limit} > 0)", "{{operation}}")],
                steps=QUOTA_THRESHOLDS,
                mode="background",
                decimals=1,
            ),
            stat(
                _("Configuration"),
                _("Whether the last load of the configuration succeeded."),
                "none",
                [(process_series("wolkvox_exporter_config_last_reload_successful"), "{{instance}}")],
                words=CONFIGURATION,
            ),
            stat(
                _("Parse errors"),
                _(
                    "Values in responses of wolkvox that could not be parsed, in the time range and since the first "
                    "scrape. Such a value has no sample."
                ),
                "none",
                [(f"sum(increase({queries.raw('wolkvox_parse_errors_total')}[$__range]))", "")],
                steps=ERROR_THRESHOLDS,
                decimals=0,
            ),
            stat(
                _("Failing collectors"),
                _("Collectors whose last poll failed, or of which single requests fail."),
                "none",
                [(f"count({failing}) or count({success}) * 0", "")],
                steps=ERROR_THRESHOLDS,
                decimals=0,
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
                    LabelColumn("collector", _("Collector")),
                    LabelColumn("reason", _("Reason")),
                ],
                [
                    Column(
                        _("Condition"),
                        f"({condition}) * on ({BY}) group_left (reason) {reason} or on ({BY}) ({condition})",
                        "none",
                        words=CONDITIONS,
                    ),
                    (oldest := Column(_("Age"), age, "s", 0)),
                    Column(_("Poll interval"), interval, "s", 0),
                    Column(
                        _("Poll duration"),
                        f"max by ({BY}) ({queries.raw('wolkvox_collector_duration_seconds')})",
                        "s",
                        2,
                    ),
                    Column(_("Rows"), f"max by ({BY}) ({queries.raw('wolkvox_collector_rows')})", "none", 0),
                ],
                sort=oldest,
                width=14,
                height=9,
            ),
            state_timeline(
                _("Freshness"),
                _(
                    "Fresh; last poll failed (the values of the poll before are still shown); or broken: too old to "
                    "be shown. A gap: Prometheus scraped no exporter."
                ),
                condition,
                "{{operation}} {{collector}}",
                CONDITIONS,
                width=10,
                height=9,
            ),
        ],
        [
            timeseries(
                _("Age of the data"),
                _("Time since the last successful poll. It should grow to the poll interval and then fall to zero."),
                "s",
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
                _("Requests to wolkvox"),
                _(
                    "Requests per second by report, including failed ones, and those that failed or had a doubtful "
                    "response, by reason."
                ),
                "reqps",
                [
                    (rate("wolkvox_api_requests_total", "endpoint"), "{{endpoint}}"),
                    (rate("wolkvox_api_request_failures_total", "reason") + " > 0", _("failed: {{reason}}")),
                ],
            ),
        ],
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
                    LabelColumn("denominator", _("Denominator")),
                    LabelColumn("evidence", _("Evidence")),
                ],
                [],
                sort=Column(
                    "",
                    (
                        "max by (operation, denominator, evidence) "
                        f"({queries.raw('wolkvox_skill_service_level_denominator_info')})"
                    ),
                ),
                width=12,
                height=5,
            ),
            table(
                _("Exporter versions"),
                _("Version, revision and uptime of each exporter."),
                [
                    LabelColumn("instance", _("Instance")),
                    LabelColumn("version", _("Version")),
                    LabelColumn("revision", _("Revision")),
                ],
                [
                    Column(
                        _("Uptime"),
                        f"({running_for}) * on (instance) group_right () {build}",
                        "s",
                        0,
                    )
                ],
                width=12,
                height=5,
            ),
        ],
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
                _("CPU cores in use; 1 is one whole core."),
                "none",
                [(f"rate({process_series('process_cpu_seconds_total')}[$__rate_interval])", "{{instance}}")],
                width=8,
            ),
            timeseries(
                _("Open files"),
                _("Open file descriptors. Dashed: the limit."),
                "none",
                [
                    (process_series("process_open_fds"), "{{instance}}"),
                    (process_series("process_max_fds"), _("limit of {{instance}}")),
                ],
                width=8,
                dashed="B",
                decimals=0,
            ),
        ],
    ],
)
