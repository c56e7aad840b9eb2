"""A small server that pages as Langfuse's and Phoenix's APIs do, over traces of
its own making, strict about what it is asked.
usage: store_api.py N HANG [older]: N traces; the request of that number (0: none)
is never answered, once; older: a Langfuse without the second version. Prints its address, and each request on stderr; ends with
its parent."""
import base64, ctypes, datetime, json, signal, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

ctypes.CDLL(None).prctl(1, signal.SIGTERM)
n, hang, older = int(sys.argv[1]), int(sys.argv[2]), len(sys.argv) > 3
start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
lock, asked, state = threading.Lock(), {}, {"hang": hang, "n": 0}
BASIC = "Basic " + base64.b64encode(b"pk-lf-1:sk-lf-hush").decode()


def iso(i, ms=0):
    t = start + datetime.timedelta(minutes=i, milliseconds=ms)
    return t.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def trace(i):
    return {"id": f"trace/{i}", "timestamp": iso(i), "name": "ask",
            "input": {"question": f"Question {i}?"},
            "output": f"Answer {i}.", "sessionId": f"s{i % 7}",
            "userId": "u", "latency": 0.5, "tags": []}


def full(i):
    def observation(kind, k, **more):
        return {"id": f"o{i}-{k}", "traceId": f"trace/{i}", "type": kind,
                "startTime": iso(i, k), "endTime": iso(i, k + 9),
                "level": "DEFAULT", "parentObservationId": None, **more}
    return {**trace(i), "observations": [
        observation("SPAN", 1, name="retrieve", input=f"Question {i}?",
                    output=[{"id": f"d{i}", "text": f"Text {i}.",
                             "score": .5}]),
        observation("GENERATION", 2, name="llm", model="m",
                    output=f"Answer {i}.", usageDetails={
                        "input": 11, "output": 5})]}


GROUPS = {"core": "id traceId startTime endTime projectId "
          "parentObservationId type", "basic": "name level statusMessage "
          "userId sessionId isRootObservation", "io": "input output",
          "model": "model", "usage": "usageDetails", "time": "createdAt",
          "metadata": "metadata", "trace_context": "tags release traceName"}


def raw(v):
    return v if v is None or isinstance(v, str) else json.dumps(v)


def observations(i):
    """The second version's: texts are raw, what was not asked for is not
    there."""
    t = full(i)
    root = {"id": f"o{i}-0", "traceId": t["id"], "type": "SPAN",
            "name": "ask", "startTime": iso(i), "endTime": iso(i, 500),
            "level": "DEFAULT", "parentObservationId": None,
            "isRootObservation": True, "input": t["input"],
            "output": t["output"]}
    for o in [root] + [{**o, "parentObservationId": f"o{i}-0",
                        "isRootObservation": False}
                       for o in t["observations"]]:
        yield {**o, "projectId": "p", "userId": t["userId"],
               "sessionId": t["sessionId"], "input": raw(o.get("input")),
               "output": raw(o.get("output")), "createdAt": iso(i),
               "metadata": {}, "tags": [], "traceName": "ask",
               "statusMessage": None, "release": None}


def spans(i):
    def span(k, kind, parent, attributes):
        return {"id": f"g{i}-{k}", "name": kind.lower(), "context": {
            "trace_id": f"{i:032x}", "span_id": f"{i:08x}{k:08x}"},
            "span_kind": kind, "parent_id": parent, "start_time": iso(i, k),
            "end_time": iso(i, k + 9), "status_code": "OK",
            "status_message": "", "attributes": attributes, "events": []}
    root = f"{i:08x}{1:08x}"
    return [span(1, "CHAIN", None, {"input.value": f"Question {i}?",
                                    "output.value": f"Answer {i}."}),
            span(2, "RETRIEVER", root, {
                "input.value": f"Question {i}?",
                "retrieval.documents": [{"document": {
                    "id": f"d{i}", "content": f"Text {i}.",
                    "score": .5}}]})]


def between(when, low, high):
    return (not low or when >= low) and (not high or when < high)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, **headers):
        body = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def langfuse(self, path, q):
        if self.headers["Authorization"] != BASIC:
            return self.answer(401, {"message": "Invalid credentials"})
        if path == "/api/public/v2/observations":
            return self.second(q)
        if path == "/api/public/traces":
            if q["orderBy"] != "timestamp.asc":
                return self.answer(400, {"message": "orderBy"})
            page, limit = int(q["page"]), int(q["limit"])
            if not (page >= 1 and 1 <= limit <= 100):
                return self.answer(400, {"message": "page"})
            found = [trace(i) for i in range(n) if between(
                iso(i), q.get("fromTimestamp"), q.get("toTimestamp"))]
            return self.answer(200, {
                "data": found[(page - 1) * limit:page * limit],
                "meta": {"page": page, "limit": limit,
                         "totalItems": len(found),
                         "totalPages": -(-len(found) // limit)}})
        i = int(unquote(path.rsplit("/", 1)[1]).removeprefix("trace/"))
        if i == 13:
            return self.answer(404, {"message": "Trace not found"})
        self.answer(200, full(i))

    def second(self, q):
        if older:
            return self.answer(404, {"message": "Not Found"})
        names = {f for g in ["core"] + q.get("fields", "basic").split(",")
                 for f in GROUPS[g].split()}
        found = [o for i in range(n) for o in observations(i) if between(
            o["startTime"], q.get("fromStartTime"), q.get("toStartTime"))]
        found.reverse()
        at = int(base64.b64decode(q.get("cursor", "MA==")))
        some = found[at:at + min(int(q["limit"]), 100)]
        meta = {}
        if at + len(some) < len(found):
            meta["cursor"] = base64.b64encode(
                str(at + len(some)).encode()).decode()
        self.answer(200, {"data": [{k: v for k, v in o.items() if k in names}
                                   for o in some], "meta": meta})

    def phoenix(self, path, q):
        if self.headers["Authorization"] != "Bearer hush-phoenix":
            return self.answer(401, {"detail": "Invalid token"})
        if path != "/v1/projects/my%20shop/spans":
            return self.answer(404, {"detail": "Project not found"})
        found = [s for i in range(n) for s in spans(i) if between(
            s["start_time"], q.get("start_time"), q.get("end_time"))]
        # newest first, as it gives them, and no more than it likes at once
        found.reverse()
        at = int(q.get("cursor", "0"))
        some = found[at:at + min(int(q["limit"]), 70)]
        more = at + len(some) < len(found)
        self.answer(200, {"data": some, "next_cursor":
                          str(at + len(some)) if more else None})

    def do_GET(self):
        u = urlsplit(self.path)
        q = {k: v[0] for k, v in parse_qs(u.query).items()}
        with lock:
            state["n"] += 1
            first = asked.setdefault(self.path, 0) == 0
            asked[self.path] += 1
            number = state["n"]
            print(number, self.path, file=sys.stderr, flush=True)
            if number == state["hang"]:
                state["hang"] = -1
                print("hangs", file=sys.stderr, flush=True)
        if state["hang"] == -1 and number == hang:
            time.sleep(600)
        if first and number in (2, 5):
            return self.answer(429, {"message": "slow down"}, Retry_After="0")
        if first and number == 7:
            return self.answer(503, {"message": "not now"})
        if u.path.startswith("/api/public/"):
            return self.langfuse(u.path, q)
        return self.phoenix(u.path, q)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
