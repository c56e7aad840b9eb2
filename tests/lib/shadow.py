#!/usr/bin/env python3
"""Services and users around `lockstep shadow`.

shadow.py serve MODE LOG    a service on a free port; each request is a line
                            of JSON in LOG. MODE says how it answers:
    ok | other              an answer by the question; another one
    slow                    the same, half a second later
    hang                    never
    reset                   a reset behind the request
    flood                   100 MB
    shed                    429, Retry-After: 60
    fail                    500
    pinned                  as ok, with pins
    turn:HOW:N              two passages, a tool call; after N answers it goes
                            bad: drift, flip, coverage, 5xx or loop; none
    odd                     a number in the path is the status, without a body;
                            /query/large is 5 MB, /query/head 80 KB of headers
    lost                    as a shadow that is joined, which takes a batch of
                            pairs first without an answer
    slowly                  as a shadow that is joined, which answers a batch
                            when FILE, LOG.go, is there
    early                   as ok, written before the request is read
shadow.py status [FILE]     a shadow's status: FILE as it is each time, 503 where
                            there is none; without FILE more pairs each time,
                            with a hard stop now and then
shadow.py same A B N        N questions to both by raw sockets: prints how
                            many answers were the same bytes
shadow.py ask URL N [HEADER...]
                            N questions; prints how many got 200
shadow.py mirror URL N HEADER SPANS LOG SKIP
                            N copies with ids in HEADER; the answers of all
                            but SKIP of them, as spans to SPANS (some gzipped,
                            some in two parts), as lines to LOG ("": not there)
shadow.py cut URL N         N users who leave in mid-answer, half of them by a
                            reset; prints how many had its beginning
shadow.py large URL SPANS   a copy whose trace has a span of 9 MB, then others
shadow.py load URL USERS FILE
                            that many users ask, each when it has its answer,
                            until FILE is there; prints "right R wrong W broken
                            B unreachable U": B got less than a whole answer
"""
import gzip
import http.server
import json
import os
import socket
import struct
import sys
import threading
import time
import urllib.request

LOCK = threading.Lock()


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    mode, log = "ok", None

    def log_message(self, *args):
        pass

    def note(self, body):
        with LOCK:
            self.log.write(json.dumps({
                "at": time.monotonic_ns(), "method": self.command, "path": self.path,
                "headers": dict(self.headers.items()),
                "body": body.decode("latin-1")}) + "\n")
            self.log.flush()

    def answer(self, status, body, *headers):
        head = "HTTP/1.1 %d X\r\nContent-Type: application/json\r\n" % status
        head += "".join(h + "\r\n" for h in headers)
        self.wfile.write(head.encode() + b"Content-Length: %d\r\n\r\n"
                         % len(body) + body)

    def flood(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n"
                         b"\r\n")
        try:
            for _ in range(1600):
                self.wfile.write(b"x" * 65536)
        except OSError:
            self.close_connection = True

    def lose(self, body):
        with LOCK:
            lost = b'"batch"' in body.split(b"\n")[0] and not Service.answered
            Service.answered += lost
        if lost:
            self.connection.close()
            self.close_connection = True
        else:
            self.answer(200, b'{"taken":true}')

    def odd(self):
        how = self.path.split("?")[0].split("/")[-1]
        said = b'{"answer": "x", "retrieved": [], "citations": []}'
        if how.isdigit():
            self.wfile.write(b"HTTP/1.1 %s X\r\nLocation: /\r\n%s\r\n" % (
                how.encode(), b"Content-Length: 0\r\n" if how[:2] == "30" and
                how != "304" else b""))
        elif self.command == "HEAD":
            self.wfile.write(b"HTTP/1.1 200 X\r\nContent-Length: 48\r\n\r\n")
        elif how == "large":
            self.answer(200, said + b" " * 5000000)
        elif how == "head":
            self.answer(200, said, *["X-%d: %s" % (i, "v" * 1000)
                                     for i in range(80)])
        else:
            self.answer(200, said)

    def slowly(self, body):
        while b'"batch"' in body.split(b"\n")[0] and \
                not os.path.exists(self.log.name + ".go"):
            time.sleep(.05)
        self.answer(200, b'{"taken":true,"rps":50}')

    answered = 0

    def turning(self, body):
        how, after = self.mode.split(":")[1:]
        with LOCK:
            Service.answered += 1
            bad = Service.answered > int(after)
        if bad and how == "5xx":
            self.answer(500, b"{}")
            return
        asked = json.loads(body)["question"]
        text = "Nobody knows." if bad and how == "drift" else \
            "The answer to %s" % asked
        found = [{"section_id": "s1", "text": "leave is long"},
                 {"section_id": "s2", "text": "pay is low"}]
        if bad and how == "flip":
            found.reverse()
        if bad and how == "coverage":
            found = found[1:]
        call = {"id": "c", "type": "function", "function": {
            "name": "look", "arguments": "{}"}}
        self.answer(200, json.dumps({
            "answer": text, "retrieved": found, "citations": [],
            "choices": [{"message": {
                "content": text, "tool_calls":
                    [call] * (3 if bad and how == "loop" else 1)}}]
        }).encode())

    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.note(body)
        if self.mode.startswith("turn:"):
            self.turning(body)
            return
        if self.mode == "hang":
            time.sleep(3600)
        if self.mode == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if self.mode == "flood":
            self.flood()
            return
        if self.mode == "shed":
            self.answer(429, b"{}", "Retry-After: 60")
            return
        if self.mode == "fail":
            self.answer(500, b"{}")
            return
        if self.mode == "lost":
            self.lose(body)
            return
        if self.mode == "odd":
            self.odd()
            return
        if self.mode == "slowly":
            self.slowly(body)
            return
        if self.mode == "slow":
            time.sleep(.5)
        try:
            asked = json.loads(body)["question"]
        except (ValueError, KeyError):
            asked = self.path.split("&")[0]
        text = "Nobody knows." if self.mode == "other" else \
            "The answer to %s" % asked
        said = {"answer": text, "citations": [],
                "retrieved": [{"snippet_id": "s1", "text": text}]}
        if self.mode == "pinned":
            said["pins"] = {"MODEL_VER": "m-7", "INDEX_HASH": "0a1b",
                            "PROMPT_VER": "p"}
        self.answer(200, json.dumps(said).encode(),
                    "Set-Cookie: sid=hush-cookie")

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


def serve(mode, log):
    Service.mode, Service.log = mode, open(log, "a")
    server = Server(("127.0.0.1", 0), Service)
    print("http://127.0.0.1:%d" % server.server_address[1], flush=True)
    server.serve_forever()


def early():
    """Sends an answer to whoever connects, then reads what was asked."""
    body = json.dumps({"answer": "Early.", "retrieved": [],
                       "citations": []}).encode()
    s = socket.create_server(("127.0.0.1", 0), backlog=128)
    print("http://127.0.0.1:%d" % s.getsockname()[1], flush=True)
    while True:
        c = s.accept()[0]
        try:
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                      b"Connection: close\r\nContent-Length: %d\r\n\r\n"
                      % len(body) + body)
            c.settimeout(30)
            while c.recv(65536):
                pass
        except OSError:
            pass
        c.close()


START = time.time()


def turning_status():
    n = int((time.time() - START) * 2000)
    bad = n // 300 % 2 == 1
    return json.dumps({
        "verdict_code": 3 if bad else 1, "pairs": n, "seconds": n,
        "hard_stop": bad, "reason": "answer drift",
        "window": {"pairs_needed": 100, "seconds_needed": 0},
        "stops": []}).encode()


class Status(http.server.BaseHTTPRequestHandler):
    path_of = None

    def do_GET(self):
        try:
            body = open(self.path_of, "rb").read() if self.path_of else \
                turning_status()
        except OSError:
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def status(path):
    Status.path_of = path
    server = http.server.HTTPServer(("127.0.0.1", 0), Status)
    print("http://127.0.0.1:%d" % server.server_address[1], flush=True)
    server.serve_forever()


def connect(url):
    host, port = url.split("//")[1].split(":")
    return socket.create_connection((host, int(port)), timeout=60)


def exchange(sock, i, headers=()):
    body = json.dumps({"question": "How long is leave number %d?" % i})
    sock.sendall(("POST /query HTTP/1.1\r\nHost: h\r\n%sContent-Length: %d"
                  "\r\n\r\n%s" % ("".join(h + "\r\n" for h in headers),
                                  len(body), body)).encode())
    got = b""
    while b"\r\n\r\n" not in got:
        more = sock.recv(65536)
        if not more:
            return got
        got += more
    head, rest = got.split(b"\r\n\r\n", 1)
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r")[0])
    while len(rest) < length:
        more = sock.recv(65536)
        if not more:
            break
        rest += more
    return head + b"\r\n\r\n" + rest


def same(a, b, n):
    one, two = connect(a), connect(b)
    print(sum(exchange(one, i) == exchange(two, i) for i in range(n)))


def ask(url, n, headers):
    sock = connect(url)
    print(sum(exchange(sock, i, headers).startswith(b"HTTP/1.1 200")
              for i in range(n)))


def span(trace, i, parent, kind, attributes):
    return {"traceId": trace, "spanId": "%016x" % i, "name": "s",
            "parentSpanId": parent, "kind": kind,
            "startTimeUnixNano": "1700000000000000000",
            "endTimeUnixNano": "1700000000020000000",
            "attributes": [{"key": k, "value": {"stringValue": v}}
                           for k, v in attributes.items()]}


def send_spans(url, spans, packed):
    body = json.dumps({"resourceSpans": [{"scopeSpans": [
        {"spans": spans}]}]}).encode()
    head = {"Content-Type": "application/json"}
    if packed:
        body, head["Content-Encoding"] = gzip.compress(body), "gzip"
    with urllib.request.urlopen(urllib.request.Request(
            url, body, head), timeout=60) as r:
        assert r.status == 200 and r.read() == b"{}"


def mirror(url, n, header, spans, log, skip):
    for i in range(n):
        trace = "%032x" % (i + 1)
        value = "00-%s-00f067aa0ba902b7-01" % trace \
            if header == "traceparent" else "id-%d" % i
        asked = "How long is leave number %d?" % i
        with urllib.request.urlopen(urllib.request.Request(
                url + "/query", json.dumps({"question": asked}).encode(),
                {header: value}), timeout=60) as r:
            assert r.status == 204
        if i < skip:
            continue
        if spans:
            inner = span(trace, 2, "%016x" % 1, 1, {
                "openinference.span.kind": "LLM",
                "input.value": asked,
                "output.value": "The answer to %s" % asked})
            outer = span(trace, 1, "00f067aa0ba902b7", 2, {
                "openinference.span.kind": "CHAIN",
                "input.value": asked,
                "output.value": "The answer to %s" % asked})
            if i % 3 == 0:
                send_spans(spans, [inner], i % 2)
                send_spans(spans, [outer], i % 2)
            else:
                send_spans(spans, [inner, outer], i % 2)
        if log:
            with open(log, "a") as f:
                f.write(json.dumps({
                    "http_" + header.lower().replace("-", "_"): value,
                    "status": 200, "request_time": "0.021"}) + "\n")


def large(url, spans):
    trace, asked = "%032x" % 7, "How long is leave?"
    with urllib.request.urlopen(urllib.request.Request(
            url + "/query", json.dumps({"question": asked}).encode(),
            {"traceparent": "00-%s-00f067aa0ba902b7-01" % trace}),
            timeout=60) as r:
        assert r.status == 204
    send_spans(spans, [span(trace, 2, "%016x" % 1, 1, {
        "output.value": "x" * 9000000})], 0)
    send_spans(spans, [span(trace, 1, "00f067aa0ba902b7", 2, {
        "openinference.span.kind": "CHAIN", "input.value": asked,
        "output.value": "The answer to %s" % asked})], 0)


def leave(url, share, step, count):
    for i in range(*share, step):
        sock = connect(url)
        sock.settimeout(60)
        try:
            body = b'{"question":"%d"}' % i
            sock.sendall(b"POST /query HTTP/1.1\r\nHost: h\r\n"
                         b"Content-Length: %d\r\n\r\n%s" %
                         (len(body), body))
            count[i] = sock.recv(12 + i * 7919 % 65536)[:12] == b"HTTP/1.1 200"
            if i % 2:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
        finally:
            sock.close()


def cut(url, n):
    users, count = 20, [False] * n
    threads = [threading.Thread(target=leave,
                                args=(url, (i, n), users, count))
               for i in range(users)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print(sum(count))


def user(url, who, until, count):
    sock, n = None, 0
    while not os.path.exists(until):
        n += 1
        try:
            sock = sock or connect(url)
        except OSError:
            count["unreachable"] += 1
            time.sleep(.02)
            continue
        asked = who * 1000000 + n
        try:
            got = exchange(sock, asked)
        except (OSError, IndexError):
            got = b""
        if b"leave number %d?" % asked in got and got.endswith(b"}"):
            count["right"] += 1
            time.sleep(.003)
            continue
        count["wrong" if got.endswith(b"}") else "broken"] += 1
        sock.close()
        sock = None
        time.sleep(.05)     # not into the queue of what is just dying


def load(url, users, until):
    counts = [dict(right=0, wrong=0, broken=0, unreachable=0)
              for _ in range(users)]
    threads = [threading.Thread(target=user, args=(url, i, until, counts[i]))
               for i in range(users)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print(" ".join("%s %d" % (k, sum(c[k] for c in counts))
                   for k in counts[0]))


if __name__ == "__main__":
    if sys.argv[1] == "serve" and sys.argv[2] == "early":
        early()
    elif sys.argv[1] == "serve":
        serve(sys.argv[2], sys.argv[3])
    elif sys.argv[1] == "status":
        status(sys.argv[2] if len(sys.argv) > 2 else None)
    elif sys.argv[1] == "mirror":
        mirror(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5],
               sys.argv[6], int(sys.argv[7]))
    elif sys.argv[1] == "cut":
        cut(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "large":
        large(sys.argv[2], sys.argv[3])
    elif sys.argv[1] == "load":
        load(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    elif sys.argv[1] == "same":
        same(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        ask(sys.argv[2], int(sys.argv[3]), sys.argv[4:])
