#!/usr/bin/env python3
"""Credentials of every form, each holding the word CANARY.

canary.py serve             a service whose answers are full of them
canary.py ask URL           requests full of them, by raw sockets
"""
import base64
import gzip
import http.server
import json
import socket
import sys
import urllib.parse

JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0NTY3ODkwIn0.CANARYsignature"

HEADERS = """
Authorization: Bearer CANARY1
Proxy-Authorization: Basic CANARY2
Cookie: sid=CANARY3; PHPSESSID=CANARY3
X-Api-Key: CANARY4
Api-Key: CANARY5
X-CSRFToken: CANARY6
X-apitoken: CANARY7
X-Sessid: CANARY8
PHPSESSID: CANARY9
authkey: CANARY10
pw: CANARY11
X-Client-Assertion: CANARY12
DPoP: CANARY13
X-Amzn-Oidc-Data: CANARY14
X-Amzn-Oidc-Identity: CANARY15
X-Goog-IAP-JWT-Assertion: CANARY16
X-Goog-Authenticated-User-Email: CANARY17
X-MS-CLIENT-PRINCIPAL: CANARY18
X-MS-TOKEN-AAD-ACCESS-TOKEN: CANARY19
CF-Access-Jwt-Assertion: CANARY20
X-Forwarded-User: CANARY21
X-Forwarded-Client-Cert: CANARY22
X-Auth-Request-Email: CANARY23
Remote-User: CANARY24
Ocp-Apim-Subscription-Key: CANARY25
X-Hub-Signature-256: sha256=CANARY26
x-aMz-sEcUrItY-tOkEn: CANARY27
X-Refresh: CANARYunnamed
""".strip().splitlines()[:-1] + [
    "X-Anything: Bearer CANARY30",
    "X-Other: basic CANARY31",
    "X-Third: " + JWT,
    "X-List: a, " + JWT,
    "Referer: http://u:CANARY32@h/p?api_key=CANARY33#access_token=CANARY34",
    "X-Back: /x;jsessionid=CANARY35/y?q=1&next=%2Flogin%3Ftoken%3DCANARY36",
    "X-Deep: https://h/?u=https%253A%252F%252Fa%253ACANARY37%2540b%252F",
    "Link: <https://h/a?sig=CANARY38>; rel=next, <//u:CANARY39@h/>; rel=x",
    "X-Repeated-Token: CANARY40",
    "X-Repeated-Token: CANARY41",
    "Origin: https://me:CANARY42@h",
    "X-Note: my key is sk-CANARY0123456789, use it",
    "X-Setting: db_password=CANARY43abc",
    "Baggage: userId=1,token=CANARY45",
    'X-User: {"password": "CANARY46"}',
    "Sec-WebSocket-Protocol: v4, base64url.bearer.authorization.io.CANARY44",
]

MEMBERS = {
    "password": "CANARY50", "client_secret": "CANARY51", "apiKey": "CANARY52",
    "access_token": "CANARY53", "refresh-token": "CANARY54",
    "client_assertion": "CANARY55", "id_token": JWT,
    "credentials": ["CANARY56", "CANARY57"], "otp": "CANARY58\\\"CANARY58",
    "link": "https://u:CANARY59@h/x?X-Amz-Signature=CANARY60&q=1",
    "note": "Bearer CANARY61", "aws_secret_access_key": "CANARY62",
    "deep": {"list": [{"pwd": "CANARY63"}]},
    "prose": "My key is sk-CANARY0123456789.\nUse Bearer CANARY0123456789 at "
             "postgres://u:CANARY@h/db, or\nDB_PASSWORD=CANARY12345 and "
             "ghp_CANARY0123456789abcdefghijklmnopqrst0, curl -u a:CANARY h\n"
             "Cookie: a=CANARY; b=CANARY\nuse me:CANARY@db:5432, see https://"
             "hooks.slack.com/services/T01234567/B01234567/aCANARYb01234567",
    "jwk": {"kty": "RSA", "n": "a", "d": "CANARY0123456789abcd"},
    "headers": [{"name": "X-Api-Key", "value": "CANARY"}],
    "env": {"OPENAI_API_KEY": "CANARY", "dbPassword": "CANARY"},
    "soap": "<o:Password T='x'>CANARY</o:Password>",
    "pem": "-----BEGIN PRIVATE KEY-----\nCANARYabcdefghijklmnopqrstuvwxyz012"
           "\n-----END PRIVATE KEY-----\n",
}

# JSON within JSON, once and twice, in base64, and names written in escapes
INNER = {"password": "CANARY64", "note": "Bearer CANARY65"}
MEMBERS.update({
    "arguments": json.dumps(INNER),
    "outer": json.dumps({"inner": json.dumps({"pwd": "CANARY66"})}),
    "packed": base64.b64encode(json.dumps(INNER).encode()).decode(),
})
# and deeper than anyone reads
nested = json.dumps(INNER)
for _ in range(12):
    nested = json.dumps({"in": nested})
MEMBERS["nested"] = nested
ESCAPED = ('{"pass\\u0077ord":"CANARY67","back":"https:\\/\\/u:CANARY68@h\\/",'
           '"a":"{\\u0022pwd\\u0022:\\u0022CANARY69\\u0022}"}')

TARGETS = [
    "/q?api_key=CANARY70&q=ok", "/q?%61pi_key=CANARY71", "/q?pw=CANARY72",
    "/q;jsessionid=CANARY73?q=1", "/q?next=https%3A%2F%2Fu%3ACANARY74%40h",
    "/fetch/https://u:CANARY75@h/x?token=CANARY76", "/q?v=" + JWT,
    "/q?client_assertion=CANARY77&DPoP=CANARY78", "/q?X-CSRFToken=CANARY79",
    "/q?PHPSESSID=CANARY80&authkey=CANARY81&x-apitoken=CANARY82",
    "/q?h=Bearer%20CANARY83", "/q?q=my%20key%20is%20sk-CANARY0123456789",
    "/q?q=my+key+is+sk-CANARY0123456789", "/q/sk-CANARY0123456789/x",
    "/reset-password/aCANARYb0123456789", "/v1/token/aCANARYb0123456789/x?q=1",
]

# what a stream says, cut so that no piece is a secret by itself
PIECES = ["My key is sk", "-", "CANARY0123", "456789", ". Or Bea", "rer ",
          "CANARY01234567", "89 at https://u:", "CANARY@h/."]
ARGUMENTS = ["{\"pass", "word\": \"", "CANARY", "hunter", "\"}"]


def stream():
    for i, piece in enumerate(PIECES):
        yield {"choices": [{"index": 0, "delta": {"content": piece}}]}
        if i < len(ARGUMENTS):
            yield {"choices": [{"index": 1, "delta": {"tool_calls": [
                {"index": 0, "function": {"arguments": ARGUMENTS[i]}}]}}]}


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer_stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Trailer", "X-Sum, X-Token, X-Said")
        self.end_headers()
        events = [json.dumps(e) for e in stream()]
        if "plain" in self.path:
            events = PIECES
        for event in events + ["[DONE]"]:
            line = b"data: " + event.encode() + b"\n\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.write(b"0\r\nX-Sum: 1\r\nX-Token: CANARY95\r\n"
                         b"X-Said: Bearer CANARY96abc\r\n\r\n")

    def answer(self):
        n = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(n)
        if "stream" in self.path:
            return self.answer_stream()
        body = json.dumps(dict(MEMBERS, answer="All is well.", hits=[
            {"id": "s1", "text": "All is well here."}])).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        for h in HEADERS + ["Set-Cookie: sid=CANARY90",
                            "set-cookie2: x=CANARY91",
                            "Location: http://u:CANARY92@h/?token=CANARY93",
                            "WWW-Authenticate: Digest nonce=CANARY94"]:
            self.send_header(*h.split(": ", 1))
        if "packed" in self.path:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer


def serve():
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    print("http://127.0.0.1:%d" % httpd.server_port, flush=True)
    httpd.serve_forever()


def send(address, head, body=b""):
    with socket.create_connection(address, 10) as s:
        s.sendall(head.encode() + b"\r\n" + body)
        s.shutdown(socket.SHUT_WR)
        answer = b""
        while True:
            piece = s.recv(65536)
            if not piece:
                break
            answer += piece
    return answer.split(b" ", 2)[1].decode() if b" " in answer else "none"


def ask(url):
    address = ("127.0.0.1", urllib.parse.urlparse(url).port)
    plain = "Host: h\r\nConnection: close\r\n"
    form = urllib.parse.urlencode({"user": "me", "password": "CANARY100",
                                   "token": "CANARY101",
                                   "back": "https://u:CANARY102@h/",
                                   "payload": json.dumps(INNER)})
    multipart = ("--b\r\nContent-Disposition: form-data; name=\"passwd\""
                 "\r\n\r\nCANARY103\r\n--b--\r\n")
    prose = "my key is sk-CANARY0123456789,\npassword: CANARY12345"
    bodies = [(json.dumps(MEMBERS), "application/json"),
              (prose, "text/plain"),
              ("user,password,city\nme,CANARY,x\nyou,\"CANARY\",y\n",
               "text/csv"),
              (json.dumps(MEMBERS, indent=2), "text/plain"),
              (ESCAPED, "application/json"),
              (form, "application/x-www-form-urlencoded"),
              (multipart, "multipart/form-data; boundary=b"),
              ("data: " + json.dumps(MEMBERS) + "\n\n", "text/event-stream")]
    got = [send(address, "GET %s HTTP/1.1\r\n%s" % (t, plain))
           for t in TARGETS]
    got += [send(address, "GET /%s HTTP/1.1\r\n%s" % (t, plain))
            for t in ("packed", "stream", "stream/plain")]
    got += [send(address, "GET /q HTTP/1.1\r\n%s%s\r\n" %
                 (plain, "\r\n".join(HEADERS)))]
    got += [send(address, "POST /q HTTP/1.1\r\n%sContent-Type: %s\r\n"
                 "Content-Length: %d\r\n" % (plain, kind, len(body)),
                 body.encode()) for body, kind in bodies]
    packed = gzip.compress(json.dumps(MEMBERS).encode())
    got += [send(address, "POST /q HTTP/1.1\r\n%sContent-Encoding: gzip\r\n"
                 "Content-Length: %d\r\n" % (plain, len(packed)), packed)]
    # a folded line is refused or joined; either way it is nowhere
    got += [send(address, "GET /q HTTP/1.1\r\n%sAuthorization:\r\n"
                 " Bearer CANARY104\r\n" % plain)]
    print(" ".join(got))


if __name__ == "__main__":
    serve() if sys.argv[1] == "serve" else ask(sys.argv[2])
