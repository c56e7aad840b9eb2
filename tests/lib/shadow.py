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
shadow.py same A B N        N questions to both by raw sockets: prints how
                            many answers were the same bytes
shadow.py ask URL N [HEADER...]
                            N questions; prints how many got 200
"""
import http.server
import json
import socket
import struct
import sys
import threading
import time

LOCK = threading.Lock()


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    mode, log = "ok", None

    def log_message(self, *args):
        pass

    def note(self, body):
        with LOCK:
            self.log.write(json.dumps({
                "method": self.command, "path": self.path,
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

    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.note(body)
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
        if self.mode == "slow":
            time.sleep(.5)
        try:
            asked = json.loads(body)["question"]
        except (ValueError, KeyError):
            asked = self.path.split("&")[0]
        text = "Nobody knows." if self.mode == "other" else \
            "The answer to %s" % asked
        self.answer(200, json.dumps({
            "answer": text, "retrieved": [{"snippet_id": "s1", "text": text}],
            "citations": []}).encode(), "Set-Cookie: sid=hush-cookie")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do


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


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], sys.argv[3])
    elif sys.argv[1] == "same":
        same(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        ask(sys.argv[2], int(sys.argv[3]), sys.argv[4:])
