"""Serves the series of a page with prometheus_client, as its documentation shows it.

The argument is a file with a page in text format. The first line of the output is "port" and the port.
"""

import re
import sys

from prometheus_client import Gauge, start_http_server

SAMPLE = re.compile(r"(wolkvox_dnis_\w+){(.*)} (.+)")
LABEL = re.compile(r'(\w+)="([^"]*)"')


def main(path: str) -> None:
    """Makes a gauge for each family and a child for each sample, and serves them until the process is ended."""
    gauges: dict[str, Gauge] = {}
    with open(path, encoding="utf-8") as page:
        for line in page:
            match = SAMPLE.match(line)
            if match is None:
                continue
            name, labels, value = match.groups()
            labels = dict(LABEL.findall(labels))
            if name not in gauges:
                gauges[name] = Gauge(name, "Figures of a number", list(labels))
            gauges[name].labels(**labels).set(float(value))
    server, thread = start_http_server(0, addr="127.0.0.1")
    print(f"port {server.server_port}", flush=True)
    thread.join()


if __name__ == "__main__":
    main(sys.argv[1])
