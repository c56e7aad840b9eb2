#!/usr/bin/env python3
"""Services of shapes that init has to find out. usage: shapes.py MODE PORT|0
openapi: describes itself; GET /healthz, POST /v1/tickets/ask with a nested body
stream:  POST /talk answers pieces as JSON lines, sources first
events:  POST /talk answers server-sent events of a shape of its own
graphql: POST /graphql, an answer in pieces, passages as parallel lists
rude:    POST /ask, and it hangs up on any other path
chroma:  a heartbeat; mute: 404 to all; page: 200 with a page to all
Prints its address; ends with its parent."""
import ctypes, hashlib, http.server, json, re, signal, sys

ctypes.CDLL(None).prctl(1, signal.SIGTERM)
mode = sys.argv[1]
OPENAPI = {
    "openapi": "3.1.0", "info": {"title": "Ticket desk", "version": "7"},
    "paths": {
        "/healthz": {"get": {"responses": {}}},
        "/v1/feedback": {"post": {"requestBody": {"content": {
            "application/json": {"schema": {"type": "object", "properties": {
                "stars": {"type": "integer"}}, "required": ["stars"]}}}}}},
        "/v1/tickets/ask": {"post": {"requestBody": {"content": {
            "application/json": {"schema": {
                "$ref": "#/components/schemas/Ask"}}}}}}},
    "components": {"schemas": {
        "Ask": {"type": "object", "required": ["input", "mode", "limits"],
                "properties": {
                    "input": {"$ref": "#/components/schemas/Input"},
                    "mode": {"enum": ["exact", "loose"]},
                    "limits": {"type": "object", "required": ["top"],
                               "properties": {"top": {"type": "integer",
                                                      "default": 4},
                                              "hidden": {"type": "string"}}},
                    "trace": {"anyOf": [{"type": "string"},
                                        {"type": "null"}]}}},
        "Input": {"type": "object", "required": ["question"],
                  "properties": {"question": {"type": "string"}}}}}}


def plain(question):
    return " ".join(re.findall(r"\w+", question.lower()))


def passages(question):
    question = plain(question)
    h = hashlib.sha256(question.encode()).hexdigest()
    return [{"passage": f"Passage {h[i:i + 6]} says what {question[:30]} is "
             f"about, in so many words {h[i + 2:i + 9]}.",
             "ref": {"id": h[i:i + 8], "file": f"{h[i]}.md"},
             "relevance": 1 - i / 20} for i in range(4)]


def say(question):
    question = plain(question)
    return f"It is about {question} and that is {len(question)} letters long"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def send(self, status, text, kind="application/json"):
        text = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        if mode == "rude":
            self.close_connection = True
            return None
        if mode == "page":
            return self.send(200, "<html>hello</html>", "text/html")
        if mode == "openapi" and self.path == "/openapi.json":
            return self.send(200, json.dumps(OPENAPI))
        if mode == "chroma" and self.path == "/api/v2/heartbeat":
            return self.send(200, '{"nanosecond heartbeat": 17}')
        self.send(404, '{"detail": "Not Found"}')

    def do_POST(self):
        n = int(self.headers.get("Content-Length") or 0)
        doc = json.loads(self.rfile.read(n))
        if mode == "openapi" and self.path == "/v1/tickets/ask":
            if not doc["input"]["question"] or doc["mode"] != "exact" or \
                    doc["limits"]["top"] != 4:
                return self.send(422, '{"detail": "no"}')
            q = doc["input"]["question"]
            return self.send(200, json.dumps({
                "result": {"said": say(q), "asked": q, "model": "m-1"},
                "found": passages(q), "used": [passages(q)[0]["ref"]["id"]],
                "meter": {"prompt_tokens": len(q), "completion_tokens": 9}}))
        if mode == "graphql" and self.path == "/graphql":
            q = doc["variables"]["input"]["text"]
            found = passages(q)
            half = len(say(q)) // 2
            return self.send(200, json.dumps({"data": {"answer": {
                "content": {"parts": [
                    {"kind": "heading", "value": "Answer"},
                    {"kind": "text", "value": say(q)[:half]},
                    {"kind": "text", "value": say(q)[half:]}]},
                "sources": {
                    "ids": [1000 + i + len(q) for i in range(4)],
                    "texts": [p["passage"] for p in found],
                    "scores": [p["relevance"] for p in found]}}}}))
        if mode == "rude":
            if self.path == "/ask":
                q = doc["question"]
                return self.send(200, json.dumps({"answer": say(q),
                                                  "docs": passages(q)}))
            self.close_connection = True
            return None
        if mode in ("stream", "events") and self.path == "/talk":
            q = doc["message"]
            words = say(q).split(" ")
            events = [{"kind": "found", "docs": passages(q)}] + \
                [{"kind": "piece", "part": w + " "} for w in words]
            if mode == "stream":
                events.append({"kind": "end", "done": True})
                return self.send(200, "".join(json.dumps(e) + "\n"
                                 for e in events), "application/x-ndjson")
            text = "".join(f"event: {e['kind']}\ndata: {json.dumps(e)}\n\n"
                           for e in events)
            return self.send(200, text + "event: finished\ndata: {}\n\n",
                             "text/event-stream")
        if mode == "page":
            return self.send(200, "<html>hello</html>", "text/html")
        self.send(404, '{"detail": "Not Found"}')


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


server = Server(("127.0.0.1", int(sys.argv[2])), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
