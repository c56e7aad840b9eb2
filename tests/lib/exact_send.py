#!/usr/bin/env python3
"""Sends requests of every kind through a recorder, byte for byte.

usage: exact_send.py ADDRESS [KINDS]
Without KINDS a list of requests that are hard to keep; with it, one request
for every text of json_kinds.tsv, as {"question":"NAME","doc":TEXT}.
"""
import gzip
import socket
import sys
import urllib.parse

host, port = urllib.parse.urlsplit(sys.argv[1]).netloc.split(":")
sock = socket.create_connection((host, int(port)))
reader = sock.makefile("rb")


def send(method, target, body=None, *headers):
    head = [method + b" " + target + b" HTTP/1.1", b"Host: x", *headers]
    if body is not None:
        head.append(b"Content-Length: %d" % len(body))
    sock.sendall(b"\r\n".join(head) + b"\r\n\r\n" + (body or b""))
    size = 0
    while (line := reader.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            size = int(line.split(b":")[1])
    reader.read(size)


JSON = b"Content-Type: application/json"
POST = (b"POST", b"/query")
if len(sys.argv) > 2:
    for line in open(sys.argv[2], encoding="ascii"):
        if line.startswith("#"):
            continue
        verdict, name, text = line.rstrip("\n").split("\t")
        send(*POST, b'{"question":"%s: %s","doc":%s}' % (
            verdict.encode(), name.encode(),
            urllib.parse.unquote_to_bytes(text)), JSON)
    sys.exit(0)

send(*POST, b'{"question":"big","id":12345678901234567890,"f":1.0,"e":1E400}',
     JSON)
send(*POST, b'{"question":"twice","k":1,"k":2}', JSON)
send(*POST, b'{ "question" : "blanks \\u00e9 \\/",  "z":1,\r\n "a":2 }\n',
     JSON)
send(*POST, b'{"question":"nul","text":"a\\u0000b"}', JSON)
send(*POST, b'{"question":"half","text":"\\ud83d","more":"{{question}}"}', JSON)
send(*POST, b'{"question":"latin","text":"caf\xe9"}', JSON)
send(*POST, b'\xef\xbb\xbf{"question":"mark"}', JSON)
send(*POST, b"question=form+question%3F&k=5",
     b"Content-Type: application/x-www-form-urlencoded")
send(*POST, b'--xy\r\nContent-Disposition: form-data; name="k"\r\n\r\n5\r\n'
     b'--xy\r\nContent-Disposition: form-data; name="question"\r\n\r\n'
     b'in parts?\r\n--xy--\r\n',
     b"Content-Type: multipart/form-data; boundary=xy")
send(*POST, gzip.compress(b'{"question":"packed"}'), JSON,
     b"Content-Encoding: gzip")
send(b"PUT", b"/query?tenant=7", b'{"question":"put"}',
     b"Content-Type: application/vnd.own+json; v=2")
send(b"GET", b"/find?q=caf%C3%A9+%26+tea&k=1")
send(b"GET", b"/caf\xe9?q=%e9t%e9+latin&x=\xe9")
send(b"DELETE", b"/find?q=gone")
send(*POST, b'{"question":"no type"}')
send(b"POST", b"/find?q=an+empty+body", b"", JSON)
