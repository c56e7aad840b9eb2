"""A service of another make: usage drill_service.py [FAULT...]

Orders with receipts, search with versions in a header, a limit a customer, and
an index behind an alias, a beta path, a release, switches of its own. Everything
has other names than the demo stack's. Faults: dup, leak, bare, shared, noversion,
mix, stuck, bleed, dead.
"""
import hashlib
import itertools
import json
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

faults = set(sys.argv[1:])
lock = threading.Lock()
orders, receipts, buckets = [], {}, {}
state = {"green": False, "beta": True, "release": False}
frozen = False
asked = 0
unflagged, greens = itertools.count(1), itertools.count(1)
RATE, BURST = 50.0, 30.0


def take(who):
    """Seconds until who may ask; 0: now."""
    if "unlimited" in faults:
        return 0
    now = time.monotonic()
    key = "all" if "shared" in faults else who
    tokens, at = buckets.get(key, (BURST, now))
    tokens = min(BURST, tokens + (now - at) * RATE)
    wait = 0 if tokens >= 1 else (1 - tokens) / RATE
    buckets[key] = (tokens - 1 if wait == 0 else tokens, now)
    return wait


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *args):
        pass

    def send(self, status, doc, headers=()):
        body = json.dumps(doc).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def order(self, doc):
        if frozen and "leak" not in faults:
            later = [] if "bare" in faults else [
                ("Retry-After", formatdate(time.time() + 60, usegmt=True))]
            return self.send(503, {"reason": {"id": "FROZEN"}}, later)
        key = self.headers.get("X-Request-Token", "")
        if key in receipts and "dup" not in faults:
            number, first = receipts[key]
            if first != doc:
                return self.send(409, {"changed": sorted(
                    k for k in doc if first.get(k) != doc[k])})
            return self.send(201, {"order": {"number": number}})
        orders.append(doc)
        receipts[key] = (len(orders), doc)
        self.send(201, {"order": {"number": len(orders)}})

    def search(self, doc):
        wait = take(self.headers.get("X-Customer", ""))
        if wait > 0:
            return self.send(429, {}, [] if "bare" in faults else [
                ("Retry-After", formatdate(time.time() + 1, usegmt=True))])
        global asked
        asked += 1
        if state["release"] and asked % 3 == 0:
            return self.send(500, {})
        green = state["green"]
        # each of these kinds by its own number: chance decides nothing
        beta = state["beta"] and (self.headers.get("X-Beta") == "1" or
                                  ("bleed" in faults and
                                   next(unflagged) % 3 == 0))
        served = green and not ("mix" in faults and next(greens) % 5 == 0)
        words = hashlib.sha256((doc["text"] + " new" * served).encode()
                               ).hexdigest()[:8]
        version = "MODEL_VER=%s; INDEX_HASH=%s" % (
            "m-8" if beta else "m-7", "def456" if green else "abc123")
        want = self.headers.get("X-Want")
        have = dict(v.split("=") for v in version.split("; "))
        if want and "noversion" not in faults:
            bad = [k for k, v in json.loads(want).items() if have.get(k) != v]
            if bad:
                return self.send(409, {"versions": bad})
        self.send(200, {"out": {"reply": "about " + words, "found": [
            {"ref": words, "passage": doc["text"] + " is " + words}]}},
            [("X-Versions", version)])

    def switch(self, name):
        what, on = name.rsplit("-", 1)
        if not (what == "green" and on == "off" and "stuck" in faults or
                what == "release" and on == "off" and "dead" in faults):
            state[what] = on == "on"
        self.send(200, {})

    def do_POST(self):
        global frozen
        n = int(self.headers.get("Content-Length", 0))
        try:
            raw = self.rfile.read(n)
        except OSError:
            raw = b""
        if len(raw) < n:
            self.close_connection = True
            return
        with lock:
            if self.path == "/v2/orders":
                self.order(json.loads(raw))
            elif self.path == "/v2/search":
                self.search(json.loads(raw))
            elif self.path in ("/ops/freeze", "/ops/thaw"):
                frozen = self.path == "/ops/freeze"
                self.send(200, {})
            elif self.path.startswith("/ops/"):
                self.switch(self.path[5:])
            else:
                self.send(404, {})

    def do_GET(self):
        with lock:
            self.send(200, {"books": {"orders": len(orders)}})


ThreadingHTTPServer.request_queue_size = 256
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
