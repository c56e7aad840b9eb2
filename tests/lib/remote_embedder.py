#!/usr/bin/env python3
"""A stand-in for an embedding service: hashed words, no meaning."""
import hashlib
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def vector(text):
    out = [0.0] * 64
    for word in text.lower().split():
        out[hashlib.md5(word.encode()).digest()[0] % 64] += 1
    return out


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps({
            "data": [{"index": i, "embedding": vector(text)}
                     for i, text in enumerate(asked["input"])],
            "usage": {"total_tokens": len(asked["input"])},
        }).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
