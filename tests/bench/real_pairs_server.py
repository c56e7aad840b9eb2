#!/usr/bin/env python3
"""Servers for tests/bench/real_pairs.py; each prints its address on 127.0.0.1.

usage: real_pairs_server.py rag SECTIONS [--delay-ms N]
       real_pairs_server.py openai GOLD
       real_pairs_server.py slower PORT SHARE

rag     a threaded http.server: searches the sections by words, answers as the
        generic preset reads it
openai  the model behind a LLM proxy: POST /v1/chat/completions gives the
        question's first answer; the model "gone" does not know every fourth
slower  passes every connection on to 127.0.0.1:PORT; every answer takes longer
        by SHARE of the time that it took
"""
import argparse
import asyncio
import collections
import http.server
import json
import math
import re
import selectors
import sys
import time

WORD = re.compile(r"[a-z0-9]+")


def words(text):
    return WORD.findall(text.lower())


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


class Index:
    """BM25 over sections."""

    def __init__(self, sections):
        self.sections = sections
        self.post = collections.defaultdict(list)
        sizes = []
        for i, s in enumerate(sections):
            count = collections.Counter(words(s["text"]))
            sizes.append(sum(count.values()))
            for w, n in count.items():
                self.post[w].append((i, n))
        mean = sum(sizes) / max(1, len(sizes))
        self.norm = [1.2 * (.25 + .75 * n / mean) for n in sizes]

    def search(self, question, k):
        score = collections.defaultdict(float)
        for w in set(words(question)):
            found = self.post.get(w, [])
            idf = math.log(1 + len(self.sections) / (1 + len(found)))
            for i, n in found:
                score[i] += idf * n * 2.2 / (n + self.norm[i])
        best = sorted(score, key=lambda i: (-score[i], i))[:k]
        return [(self.sections[i], score[i]) for i in best]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.reply({"ok": True})

    def do_POST(self):
        size = int(self.headers.get("Content-Length", 0))
        self.reply(self.server.answer(json.loads(self.rfile.read(size))))


class ModelHandler(Handler):
    # as servers of models do: else each proxy's own connections wait 40 ms for
    # an acknowledgement or not, for as long as they live
    disable_nagle_algorithm = True


def serve(answer, handler=Handler):
    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128
    server = Server(("127.0.0.1", 0), handler)
    server.answer = answer
    print("http://127.0.0.1:%d" % server.server_port, flush=True)
    server.serve_forever()


def rag(path, delay_ms):
    index = Index(lines(path))

    def answer(body):
        found = index.search(body["question"], 5)
        if delay_ms > 0:
            time.sleep(delay_ms / 1e3)
        return {"answer": found[0][0]["text"] if found else "nothing",
                "retrieved": [{"snippet_id": s["section_id"],
                               "section_id": s["section_id"],
                               "text": s["text"], "score": score}
                              for s, score in found]}
    serve(answer)


def openai(path):
    known, gone = {}, set()
    for i, g in enumerate(lines(path)):
        for q in [g["question"], *g.get("paraphrases", []),
                  *g.get("same_answer_questions", [])]:
            known[q] = g["answers"][0]
            if i % 4 == 0:
                gone.add(q)

    def answer(body):
        q = body["messages"][-1]["content"]
        text = known.get(q, "nothing about it")
        if body["model"] == "gone" and q in gone:
            text = "another matter altogether"
        return {"id": "r", "object": "chat.completion", "created": 1,
                "model": body["model"],
                "choices": [{"index": 0, "finish_reason": "stop", "message":
                             {"role": "assistant", "content": "It is " + text
                              + "."}}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 9,
                          "total_tokens": 18}}
    serve(answer, ModelHandler)


class Passage:
    """One connection: the first bytes of an answer wait."""

    def __init__(self, port, share):
        self.port, self.share, self.asked = port, share, None

    async def up(self, reader, writer):
        while data := await reader.read(65536):
            if self.asked is None:
                self.asked = time.monotonic()
            writer.write(data)
            await writer.drain()
        writer.close()

    async def down(self, reader, writer):
        while data := await reader.read(65536):
            if self.asked is not None:
                took, self.asked = time.monotonic() - self.asked, None
                await asyncio.sleep(took * self.share)
            writer.write(data)
            await writer.drain()
        writer.close()

    async def run(self, reader, writer):
        try:
            r, w = await asyncio.open_connection("127.0.0.1", self.port)
            await asyncio.gather(self.up(reader, w), self.down(r, writer))
        except OSError:
            writer.close()


async def slower(port, share):
    server = await asyncio.start_server(
        lambda r, w: Passage(port, share).run(r, w), "127.0.0.1", 0)
    print("http://127.0.0.1:%d" % server.sockets[0].getsockname()[1],
          flush=True)
    async with server:
        await server.serve_forever()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("what", choices=("rag", "openai", "slower"))
    p.add_argument("of")
    p.add_argument("share", nargs="?", type=float, default=0)
    p.add_argument("--delay-ms", type=float, default=0)
    o = p.parse_args()
    if o.what == "rag":
        rag(o.of, o.delay_ms)
    elif o.what == "openai":
        openai(o.of)
    else:
        # epoll would wait in whole milliseconds
        asyncio.SelectorEventLoop(selectors.SelectSelector()) \
            .run_until_complete(slower(int(o.of), o.share))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
