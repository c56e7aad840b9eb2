#!/usr/bin/env python3
"""Personal data of each kind, written in each way, in each place.

personal.py serve         a service that echoes, and streams what is cut
personal.py ask URL       plants them
personal.py check FILE    a trace, decompressed: says what is left in it
"""
import base64
import gzip
import http.client
import http.server
import json
import re
import sys
import urllib.parse

KINDS = {
    "EMAIL": "canary.person@mail.example.com",
    "PHONE": "+49 30 1234567",
    "CARD": "4111 1111 1111 1111",
    "IBAN": "DE89370400440532013000",
    "IP": "203.0.113.77",
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl",
    "KEY": "sk-canaryabcdefghijklmnopqrst",
    "ID": "44051401359",
}


def b64(text):
    return base64.b64encode(text.encode()).decode()


def odd(text):
    """What is no letter and no digit, and the first that is."""
    return [i for i, c in enumerate(text) if not c.isalnum() or i == 0]


def instead(text, how):
    marks = odd(text)
    return "".join(how(c) if i in marks else c for i, c in enumerate(text))


WAYS = {
    "plain": lambda t: t,
    "percent": lambda t: urllib.parse.quote(t, safe=""),
    "percent, all": lambda t: "".join("%%%02X" % b for b in t.encode()),
    "percent twice": lambda t: urllib.parse.quote(
        urllib.parse.quote(t, safe=""), safe=""),
    "entities": lambda t: instead(t, lambda c: "&#%d;" % ord(c)),
    "entities, hex, all": lambda t: "".join("&#x%x;" % ord(c) for c in t),
    "escapes": lambda t: instead(t, lambda c: "\\u%04x" % ord(c)),
    "escapes, all": lambda t: "".join("\\u%04x" % ord(c) for c in t),
    "escapes twice": lambda t: instead(t, lambda c: "\\\\u%04x" % ord(c)),
    "base64": lambda t: b64("me: " + t),
    "base64, no padding": lambda t: b64("so: " + t + ".").rstrip("="),
    "base64 of URLs": lambda t: base64.urlsafe_b64encode(
        ("i>?>? " + t).encode()).decode(),
    "base64 in lines": lambda t: base64.encodebytes(
        ("words in front of it, " * 5 + t).encode()).decode(),
    "base64 of JSON": lambda t: b64(json.dumps({"a": instead(
        t, lambda c: "\\u%04x" % ord(c))})),
    "behind an escape": lambda t: "see {\"n\":\"a\\n" + t + "\\t\"}",
    "unseen": lambda t: "\u200b".join(t[:4]) + t[4:],
    "wide": lambda t: "".join(
        chr(ord(c) + 0xfee0) if c.isalnum() or c in "@.+-" else c for c in t),
    "blanks of print": lambda t: t.replace(" ", "\u00a0"),
    "in quotes": lambda t: "\u201e" + t + "\u201c",
    "without blanks": lambda t: "\u53f7" + t + "\u3002",
}
# Tokens hold no signs that nobody sees; addresses take letters of any script.
LEFT_OUT = {("unseen", "JWT"), ("unseen", "KEY")}


def variants():
    for way, write in WAYS.items():
        for kind, text in KINDS.items():
            if (way, kind) not in LEFT_OUT:
                yield way, kind, write(text)


def sse(events):
    return "".join("data: " + json.dumps(e) + "\n\n" for e in events)


def content(parts):
    return sse({"choices": [{"delta": {"content": p}}]} for p in parts)


def turns(parts):
    return sse({"choices": [{"index": i, "delta": {"content": p}}]}
               for p in parts for i in (0, 1))


def calls(parts):
    return sse({"choices": [{"index": 0, "delta": {"tool_calls": [
        {"index": i, "function": {"arguments": p}}]}}]}
        for p in parts for i in (1, 0))


def items(parts):
    return "".join("event: response.output_text.delta\n" + sse([
        {"output_index": i, "content_index": 0, "item_id": "m%d" % i,
         "delta": p}]) for p in parts for i in (0, 1))


def streams():
    """Each text cut at every byte, in each shape in turn."""
    for n, (kind, text) in enumerate(KINDS.items()):
        whole = "so " + text + " it is"
        for cut in range(1, len(whole)):
            shape = (content, turns, calls, items)[(cut + n) % 4]
            said, at = whole, cut
            if shape is calls:
                said, at = json.dumps({"a": whole}), cut + 7
            yield kind, shape([said[:at], said[at:]])


STREAMS = list(streams())


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def answer(self, body, headers):
        self.send_response(200)
        for k, v in headers:
            self.send_header(k, v)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def do_GET(self):
        if not self.path.startswith("/stream/"):
            return self.answer(b"{}", [("Content-Type", "application/json")])
        body = STREAMS[int(self.path.split("/")[2])][1].encode()
        return self.answer(body, [("Content-Type", "text/event-stream")])

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = [("Content-Type", self.headers["Content-Type"])]
        if self.headers.get("X-Pack"):
            body = gzip.compress(body)
            headers.append(("Content-Encoding", "gzip"))
        if not self.headers.get("X-Trailer"):
            return self.answer(body, headers)
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"2;who=%s\r\n{}\r\n0\r\nX-Who: %s\r\n\r\n" % (
            self.headers["X-Trailer"].encode(),
            self.headers["X-Trailer"].encode()))

    def log_message(self, *args):
        pass


def line(text):
    return " ".join(text.split("\n"))


def header(text):
    return line(text).encode().decode("latin-1")


def send(c, method, target, body=None, **headers):
    headers = {k.replace("_", "-"): v for k, v in headers.items()}
    c.request(method, target, None if body is None else body.encode(), headers)
    if c.getresponse().read() is None:
        raise OSError


def ask(url):
    c = http.client.HTTPConnection(url.split("/")[2], timeout=60)
    for way, kind, text in variants():
        ascii_text = text.isascii() and "\n" not in text
        if ascii_text and not set(" \"&;") & set(text):
            send(c, "GET", "/q/" + text.replace("/", "%2F").replace(
                "?", "%3F").replace("#", "%23") + "/p")
        send(c, "GET", "/q?to=" + urllib.parse.quote(text) + "&k=5",
             X_Who=header(text), Cookie="a=1; who=" + header(text).replace(
                 ";", "%3B"))
        send(c, "POST", "/form", urllib.parse.urlencode({"who": text}),
             Content_Type="application/x-www-form-urlencoded")
        send(c, "POST", "/json", json.dumps({
            "q": text, "said": "so " + text + ", yes", "deep": json.dumps(
                {"a": [text]}), "b64": b64("{\"t\": " + json.dumps(text) + "}"),
            "k": {text: 1}}), Content_Type="application/json",
            **({"X_Pack": "1"} if way == "plain" else {}))
        send(c, "POST", "/text", "--b\r\nContent-Disposition: form-data; "
             "name=\"a\"\r\n\r\n%s\r\n--b--\r\n" % text,
             Content_Type="multipart/form-data; boundary=b")
        send(c, "POST", "/sse", "id: %s\n: %s\ndata: {\ndata: \"a\": %s\n"
             "data: }\n\ndata: %s\n\n" % (
                 line(text), line(text), json.dumps(text), line(text)),
             Content_Type="text/event-stream")
        send(c, "POST", "/lines", "{\"a\":%s}\n[%s]\n" % (
            json.dumps(text), json.dumps(text)),
            Content_Type="application/x-ndjson")
        if ascii_text:
            send(c, "POST", "/trailer", "{}", X_Trailer=header(text),
                 Content_Type="text/plain")
    for i in range(len(STREAMS)):
        send(c, "GET", "/stream/%d" % i)
    print(sum(1 for _ in variants()), len(STREAMS))


def texts(x):
    if isinstance(x, str):
        yield x
    elif isinstance(x, dict):
        for k, v in x.items():
            yield k
            yield from texts(v)
    elif isinstance(x, list):
        for v in x:
            yield from texts(v)


def gathered(stream):
    """The texts of a stream, put together as a client does."""
    got = {}
    for line in stream.splitlines():
        if not line.startswith("data: {"):
            continue
        e = json.loads(line[6:])
        at, x = (e.get("output_index"),), e
        for key in ("choices", "tool_calls"):
            if key in x:
                x = x[key][0]
                at += (x.get("index"),)
                x = x.get("delta", x)
        x = x.get("function", x)
        for key in ("content", "arguments"):
            x = x.get(key, x) if isinstance(x, dict) else x
        if isinstance(x, dict):
            x = x.get("delta")
        got[at] = got.get(at, "") + x
    return got


def check(path):
    lines = [json.loads(line) for line in open(path, encoding="utf-8")]
    lines = [x for x in lines if x["type"] == "exchange"]
    said = [(x["request"]["target"], t) for x in lines for t in texts(x)]
    everything = "\n".join(t for _, t in said)
    bad = 0
    for way, kind, text in variants():
        core = text[len(text) // 4:len(text) * 3 // 4]
        forms = {text, urllib.parse.quote(text), json.dumps(text)[1:-1], core}
        for form in forms:
            if form.strip() and form in everything:
                where = next(w for w, t in said if form in t)
                print("%s, %s: %r in %s" % (kind, way, form, where))
                bad += 1
                break
    for x in lines:
        target = x["request"]["target"]
        if not target.startswith("/stream/"):
            continue
        kind = STREAMS[int(target.split("/")[2])][0]
        for at, text in gathered(x["response"]["body"]).items():
            want = "so [%s] it is" % kind
            if text in (want, json.dumps({"a": want})):
                continue
            # credentials go before any rule is asked, with what is beside them
            # in another answer
            words = re.sub(r"[*]+|\[%s\]|[{}\":]" % kind, " ", text).split()
            if not set(words) <= {"so", "it", "is", "a"}:
                print("%s, %s, %s: %s" % (kind, target, at, text))
                bad += 1
    print(bad, "left of", len(lines), "exchanges")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        print("http://127.0.0.1:%d" % s.server_port, flush=True)
        s.serve_forever()
    elif sys.argv[1] == "ask":
        ask(sys.argv[2])
    else:
        check(sys.argv[2])
