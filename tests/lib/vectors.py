#!/usr/bin/env python3
"""A vector store as real ones are: collections by a handshake that answers
with an id of this process's making, searches by vectors in batches, a GET by
id, a session header. usage: vectors.py [--blind] [--gone] PORT|0
--blind: nearest neighbours come in reverse order
Prints "listening on URL"; ends with its parent."""
import ctypes, http.server, json, os, signal, sys, uuid

ctypes.CDLL(None).prctl(1, signal.SIGTERM)
blind = "--blind" in sys.argv
collections, calls = {}, {"make": 0, "add": 0}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def say(self, status, doc):
        text = json.dumps(doc).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        part = self.path.split("?")[0].split("/")
        if self.path == "/healthz":
            return self.say(200, {"ok": True})
        if self.path == "/calls":
            return self.say(200, calls)
        rows = collections.get(part[2]) if len(part) == 5 else None
        if rows is None or part[4] not in rows:
            return self.say(404, {"error": "no such record"})
        self.say(200, {"id": part[4], "document": rows[part[4]][1]})

    def do_POST(self):
        doc = json.loads(self.body())
        part = self.path.split("/")
        if self.path == "/collections":
            calls["make"] += 1
            made = str(uuid.uuid4())
            collections[made] = {}
            return self.say(200, {"id": made, "name": doc["name"]})
        rows = collections.get(part[2]) if len(part) == 4 else None
        if rows is None:
            return self.say(404, {"error": "no such collection"})
        if part[3] == "add":
            calls["add"] += 1
            for i, v, d in zip(doc["ids"], doc["vectors"], doc["documents"]):
                rows[i] = (v, d)
            return self.say(201, {"added": len(doc["ids"])})
        out = {"ids": [], "documents": []}
        for q in doc["vectors"]:
            near = sorted(rows, key=lambda i: sum((a - b) ** 2
                          for a, b in zip(rows[i][0], q)), reverse=blind)
            near = near[:doc.get("k", 3)]
            out["ids"].append(near)
            out["documents"].append([rows[i][1] for i in near])
        self.say(200, out)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


server = Server(("127.0.0.1", int(sys.argv[-1])), Handler)
print(f"listening on http://127.0.0.1:{server.server_port}",
      flush=True)
server.serve_forever()
