"""Reads an exposition from standard input with the reference parsers and writes its families as JSON.

The argument is `openmetrics` (the strict parser) or `text` (format 0.0.4). If the parser refuses the page, it
exits with status 1 and prints the parser's message to standard error.
"""

import json
import sys
from typing import Any

from prometheus_client import parser as text
from prometheus_client.openmetrics import parser as openmetrics


def number(value: Any) -> str | None:
    """The number as text, because JSON has neither infinity nor NaN."""
    return None if value is None else repr(float(value))


def main() -> None:
    # As bytes: a text stream would turn a carriage return into a line feed before the parser sees it.
    page = sys.stdin.buffer.read().decode("utf-8")
    parse = {"openmetrics": openmetrics, "text": text}[sys.argv[1]].text_string_to_metric_families
    try:
        families = list(parse(page))
    except Exception as error:  # the parsers raise ValueError, KeyError and others for what they refuse
        sys.exit(f"{type(error).__name__}: {error}")
    json.dump(
        [
            {
                "name": family.name,
                "kind": family.type,
                "help": family.documentation,
                "unit": family.unit,
                "samples": [
                    {
                        "name": sample.name,
                        "labels": sample.labels,
                        "value": number(sample.value),
                        "timestamp": number(sample.timestamp),
                    }
                    for sample in family.samples
                ],
            }
            for family in families
        ],
        sys.stdout,
    )


main()
