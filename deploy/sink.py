#!/usr/bin/env python3
"""Where notifications of Alertmanager go while nobody is to be woken: each is printed.

    sink.py [HOST:PORT]     127.0.0.1:0, a port that is free, unless told otherwise

Python's standard library is all it takes. It says where it listens in its first line.
"""

import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def lines(notification, path):
    """What a person wants to know of a notification, a line for each alert."""
    receiver = notification.get("receiver", path.strip("/"))
    for alert in notification.get("alerts", []):
        labels, annotations = alert.get("labels", {}), alert.get("annotations", {})
        about = ["team", "operation", "skill_name", "collector"]
        about = ", ".join(f"{name} {labels[name]}" for name in about if labels.get(name))
        name, severity = labels.get("alertname", "an alert"), labels.get("severity", "no severity")
        status = alert.get("status", "?")
        yield f"-> {receiver}: {name} {status} ({severity}{'; ' if about else ''}{about}): {annotations.get('summary', '')}"


class Sink(BaseHTTPRequestHandler):
    def do_GET(self):
        self.say_yes()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            for line in lines(json.loads(body), self.path):
                print(line, flush=True)
        except (ValueError, AttributeError):
            print(f"-> {self.path}: {len(body)} bytes that are no notification", flush=True)
        self.say_yes()

    def say_yes(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Requests are no news, notifications are."""


def main():
    host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:0").rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), Sink)
    # As process 1 of a container it would ignore the request to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    print(f"notifications are printed here: http://{host}:{server.server_port}/", flush=True)
    server.serve_forever()


main()
