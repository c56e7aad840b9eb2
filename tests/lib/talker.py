"""A service that answers as its path says: /KIND/v1/chat/completions. It prints
its address. Kinds are named below; usage: talker.py BR_FILE ZST_FILE"""
import gzip, json, sys, time, zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = "The refund period is 14 days."
WHOLE = {"choices": [{"message": {"role": "assistant", "content": TEXT},
                      "finish_reason": "stop"}]}
BODY = json.dumps(WHOLE).encode()
RAW = zlib.compressobj(wbits=-15)
RAW = RAW.compress(BODY) + RAW.flush()
PACKED = {  # kind: coding, bytes
    "plain": (None, BODY),
    "gzip": ("gzip", gzip.compress(BODY)),
    "members": ("gzip", gzip.compress(BODY[:9]) + gzip.compress(BODY[9:])),
    "xgzip": ("X-GZIP", gzip.compress(BODY)),
    "deflate": ("deflate", zlib.compress(BODY)),
    "raw": ("deflate", RAW),
    "list": ("deflate, gzip", gzip.compress(zlib.compress(BODY))),
    "identity": ("identity", BODY),
    "unpacked": ("gzip", BODY),
    "unknown": ("exi", gzip.compress(BODY)),
    "short": ("gzip", gzip.compress(BODY)[:-6]),
    "corrupt": ("gzip", b"\x1f\x8bnothing of the kind"),
}
CAFE = json.dumps({"choices": [{"message": {"content":
    "The caf\u00e9 \u201cat\u201d 14."}}]}, ensure_ascii=False)
CHARSETS = {  # kind: charset, bytes
    "cp1252": ("windows-1252", CAFE.encode("cp1252")),
    "utf16": ("utf-16", CAFE.encode("utf-16")),
    "utf16mute": (None, CAFE.encode("utf-16-be")),
    "mislabelled": ("iso-8859-1", CAFE.encode()),
    "klingon": ("x-klingon", CAFE.encode("cp1252")),
    "halved": ("utf-16", CAFE.encode("utf-16")[:-1]),
}


def delta(text):
    return json.dumps({"choices": [{"delta": {"content": text}}]})


WORDS = [TEXT[i:i + 6] for i in range(0, len(TEXT), 6)]
EVENTS = "".join("data: %s\n\n" % delta(w) for w in WORDS)
DONE = "data: [DONE]\n\n"
STREAMS = {
    "lf": EVENTS + DONE,
    "cr": (EVENTS + DONE).replace("\n", "\r"),
    "crlf": (EVENTS + DONE).replace("\n", "\r\n"),
    "bom": "\ufeff" + EVENTS + DONE,
    "blank": EVENTS + "data: [DONE] \n\n",
    "lines": "".join("".join("data: %s\n" % line for line in json.dumps(
        json.loads(delta(w)), indent=1).split("\n")) + "\n"
        for w in WORDS) + DONE,
    "zipped": EVENTS + DONE,
    "failed": EVENTS + 'data: {"error": {"message": "overloaded"}}\n\n' + DONE,
    "broken": EVENTS + 'event: error\ndata: {"message": "overloaded"}\n\n',
    "vllm": EVENTS + 'data: {"object": "error", "message": "overloaded", '
            '"type": "InternalServerError", "code": 500}\n\n' + DONE,
    "detail": EVENTS + 'data: {"detail": "overloaded"}\n\n' + DONE,
    "endless": EVENTS,
    "stopped": EVENTS + 'data: {"choices": [{"delta": {}, '
               '"finish_reason": "stop"}]}\n\n' + DONE,
}
SAID = {
    "object": dict(content={"text": TEXT}), "blank2": dict(content=" \u200b"),
    "number": dict(content=14),
    "call": dict(content=None, tool_calls=[{"function": {
        "name": "refund", "arguments": '{"days": 14, "a": 1}'}}]),
    "other": dict(content=None, tool_calls=[{"function": {
        "name": "delete", "arguments": "{}"}}]),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def give(self, body, kind="application/json", coding=None):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        if coding:
            self.send_header("Content-Encoding", coding)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.path.split("/")[1]
        if kind == "mute":
            self.give(gzip.compress(BODY), "text/plain", "gzip")
        elif kind in PACKED:
            self.give(PACKED[kind][1], coding=PACKED[kind][0])
        elif kind in CHARSETS:
            said, body = CHARSETS[kind]
            self.give(body, "application/json" +
                      ("; charset=" + said if said else ""))
        elif kind in STREAMS:
            body = STREAMS[kind].encode()
            zipped = kind == "zipped"
            self.give(gzip.compress(body) if zipped else body,
                      "text/event-stream", "gzip" if zipped else None)
        elif kind in SAID:
            self.give(json.dumps({"choices": [
                {"message": SAID[kind]}]}).encode())
        elif kind in ("length", "content_filter"):
            whole = json.loads(BODY)
            whole["choices"][0]["finish_reason"] = kind
            self.give(json.dumps(whole).encode())
        else:
            self.send_error(404)


with open(sys.argv[1], "rb") as br, open(sys.argv[2], "rb") as zst:
    PACKED["br"] = ("br", br.read())
    PACKED["zstd"] = ("zstd", zst.read())
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print("http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
