#!/usr/bin/env python3
"""A service that says exactly what it is told, and keeps what it got.

usage: exact.py LOG [ANSWERS]
ANSWERS  lines of QUESTION<TAB>ANSWER, the answer sent byte for byte; one that
         begins with "data: " is a stream, its events parted by |; a body
         that is not among them is answered {"answer":"some words"}
LOG      a line of JSON for every request: [method, target, headers, body],
         the target and the body as latin-1, so that no byte is lost
Prints its address.
"""
import json
import socketserver
import sys

LOG = open(sys.argv[1], "a")
ANSWERS = {}
if len(sys.argv) > 2:
    for line in open(sys.argv[2], "rb").read().split(b"\n"):
        question, tab, answer = line.partition(b"\t")
        if tab:
            ANSWERS[question.decode()] = answer


def question(body):
    try:
        return json.loads(body.decode())["question"]
    except (ValueError, KeyError, TypeError):
        return None


class Handler(socketserver.StreamRequestHandler):
    def one(self):
        line = self.rfile.readline()
        if not line:
            return False
        method, target, _ = line.split(b" ")
        headers, size = [], 0
        while (h := self.rfile.readline()) not in (b"\r\n", b""):
            name, _, value = h.rstrip(b"\r\n").partition(b":")
            headers.append([name.decode("latin-1"),
                            value.strip().decode("latin-1")])
            if name.lower() == b"content-length":
                size = int(value)
        body = self.rfile.read(size)
        LOG.write(json.dumps([method.decode(), target.decode("latin-1"),
                              headers, body.decode("latin-1")]) + "\n")
        LOG.flush()
        answer = ANSWERS.get(question(body), b'{"answer":"some words"}')
        kind = b"application/json"
        if answer.startswith(b"data: "):
            kind = b"text/event-stream"
            answer = answer.replace(b"|", b"\n\n") + b"\n\n"
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"
                         b"Content-Length: %d\r\n\r\n%s"
                         % (kind, len(answer), answer))
        return True

    def handle(self):
        try:
            while self.one():
                pass
        except OSError:
            pass


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


with Server(("127.0.0.1", 0), Handler) as server:
    print("http://127.0.0.1:%d" % server.server_address[1], flush=True)
    server.serve_forever()
