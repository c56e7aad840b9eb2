"""A stack whose speed is told while it runs.

    python3 paced.py SECONDS

Every question is answered "yes" after SECONDS. GET /pace?seconds=S sets that;
with &after=N&then=T it is T for what comes behind the next N requests.
"""
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

lock = threading.Lock()
pace = {"seconds": float(sys.argv[1]), "after": None, "then": 0.0}


def pause():
    with lock:
        if pace["after"] is None:
            return pace["seconds"]
        pace["after"] -= 1
        return pace["seconds"] if pace["after"] >= 0 else pace["then"]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def reply(self, doc):
        text = json.dumps(doc).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        told = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        with lock:
            pace["seconds"] = float(told["seconds"])
            pace["after"] = int(told["after"]) if "after" in told else None
            pace["then"] = float(told.get("then", 0))
        self.reply(pace)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(pause())
        self.reply({"answer": "yes"})

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print("http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
