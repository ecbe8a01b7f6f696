#!/usr/bin/env python3
"""A webhook receiver for Alertmanager that prints each notification and pages nobody.

    sink.py [HOST:PORT]     default: 127.0.0.1 and a free port

It needs only the standard library of Python. Its first line of output is the address on which it listens.
"""

import json
import signal
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def lines(notification: dict[str, Any], path: str) -> Iterator[str]:
    """Yields one line for each alert of a notification."""
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
        self.reply_ok()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            for line in lines(json.loads(body), self.path):
                print(line, flush=True)
        except (ValueError, AttributeError):
            print(f"-> {self.path}: {len(body)} bytes that are not a notification of Alertmanager", flush=True)
        self.reply_ok()

    def reply_ok(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Does not log requests; only notifications are printed."""


def main() -> None:
    host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:0").rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), Sink)
    # Without a handler, process 1 of a container ignores SIGTERM.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    print(f"sink: printing the notifications sent to http://{host}:{server.server_port}/", flush=True)
    server.serve_forever()


main()
