#!/usr/bin/env python3
"""Receives notifications of Alertmanager and prints them, for trying out alerts without paging anybody.

    sink.py [HOST:PORT]     the default is 127.0.0.1:0, which means any free port

It needs only Python's standard library. Its first line of output is the address that it listens on.
"""

import json
import signal
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def lines(notification: dict[str, Any], path: str) -> Iterator[str]:
    """One line for each alert of a notification."""
    receiver = notification.get("receiver", path.strip("/"))
    for alert in notification.get("alerts", []):
        labels, annotations = alert.get("labels", {}), alert.get("annotations", {})
        shown = ["team", "operation", "skill_name", "collector"]
        about = ", ".join(f"{name} {labels[name]}" for name in shown if labels.get(name))
        name, severity = labels.get("alertname", "an alert"), labels.get("severity", "no severity")
        details = f"{severity}; {about}" if about else severity
        status = alert.get("status", "?")
        yield f"-> {receiver}: {name} {status} ({details}): {annotations.get('summary', '')}"


class Sink(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.respond_ok()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            for line in lines(json.loads(body), self.path):
                print(line, flush=True)
        except (ValueError, AttributeError):
            print(f"-> {self.path}: {len(body)} bytes that are not a notification", flush=True)
        self.respond_ok()

    def respond_ok(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Prints nothing: only notifications are printed, not requests."""


def main() -> None:
    host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:0").rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), Sink)
    # Process 1 of a container ignores SIGTERM unless it has a handler.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    print(f"notifications are printed here: http://{host}:{server.server_port}/", flush=True)
    server.serve_forever()


main()
