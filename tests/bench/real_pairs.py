#!/usr/bin/env python3
"""Runs `lockstep run` on pairs of servers that this project did not write.

usage: real_pairs.py --dir DIR --lockstep PROGRAM [--python NAME=PYTHON ...]
                     [--kinds LIST] [--modes LIST] [--runs N] [--out FILE]

DIR holds sections.jsonl and gold.jsonl. kinds: python, datasette, chroma,
litellm. modes: equal (two equal servers), slow (the candidate slower by what
an equal run just before said is surely seen), gone (a quarter of the
candidate's index is missing). Every run gets fresh processes on both arms.
Writes one line of JSON a run to FILE and a table to standard output.
"""
import argparse
import collections
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
DIM = 256
WORD = re.compile(r"[a-z0-9]+")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def http(url, body=None, method=None):
    req = urllib.request.Request(
        url, None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(req, timeout=60) as r:
        return json.loads(r.read() or b"null")


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def vector(text, df, n):
    """Hashed words, weighed by how rare they are."""
    v = [0.0] * DIM
    for w in WORD.findall(text.lower()):
        h = int(hashlib.md5(w.encode()).hexdigest()[:8], 16)
        v[h % DIM] += (1 if h & 1 << 20 else -1) * (n - df.get(w, 0)) / n
    size = sum(x * x for x in v) ** .5 or 1
    return [round(x / size, 5) for x in v]


class Procs:
    """What this run started; ended by process, never by name."""

    def __init__(self, log_dir):
        self.log_dir, self.live, self.n = log_dir, [], 0

    def start(self, argv, env=None, says=False):
        self.n += 1
        log = open(self.log_dir / f"{self.n}.log", "wb")
        p = subprocess.Popen(argv, stdout=subprocess.PIPE if says else log,
                             stderr=log, env={**os.environ, **(env or {})},
                             start_new_session=True)
        self.live.append(p)
        if says:
            return p.stdout.readline().decode().strip()
        return None

    def stop(self):
        for p in self.live:
            try:
                os.killpg(p.pid, 15)
            except ProcessLookupError:
                pass
        for p in self.live:
            try:
                p.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, 9)
                p.wait()
        self.live = []


def await_url(url, seconds=180):
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > end:
                sys.exit(f"{url} did not come up")
            time.sleep(.1)


class Kind:
    """One kind of server. arms(): two URLs, the second with what is gone."""

    def __init__(self, work, procs, python, sections, gold):
        self.work, self.procs, self.python = work, procs, python
        self.gold = gold
        some = random.Random(15)
        self.sections = {"full": sections, "gone": [
            s for s in sections if some.random() >= .25]}
        work.mkdir(exist_ok=True)
        self.prepare()

    def prepare(self):
        pass

    def helper(self, *argv):
        return self.procs.start(
            [sys.executable, str(HERE / "real_pairs_server.py"),
             *map(str, argv)], says=True)

    def arms(self, data):
        urls = [self.up(i, d) for i, d in enumerate(("full", data))]
        for url in urls:
            await_url(url + self.ready)
        return urls

    def slow_arms(self, share, _ms):
        """Two URLs, the second slower by a share of its time, as 0.2, or by
        the milliseconds that this comes to: a passage before each."""
        return [self.helper("slower", url.rsplit(":", 1)[1], s)
                for url, s in zip(self.arms("full"), (0, share))]

    ready = "/"
    cases = "gold_sections.jsonl"  # no model writes an answer

    def suite(self, path):
        path.write_text(f"lockstep: 1\nname: {type(self).__name__}\n"
                        f"cases: {self.cases}\n" + self.manifest)


class Python(Kind):
    manifest = ("sections: sections.jsonl\n"
                "request: {path: /query, body: {question: "
                "\"{{question}}\", seed: \"{{seed}}\"}}\n"
                "extract: {preset: generic}\n")

    def prepare(self):
        for name, s in self.sections.items():
            write(self.work / f"{name}.jsonl", s)

    def up(self, i, data, ms=0):
        return self.helper("rag", self.work / f"{data}.jsonl", "--delay-ms",
                           ms)

    def slow_arms(self, _share, ms):
        # http.server sends head and body apart, which waits 40 ms for an
        # acknowledgement or not, by the peer's state: a passage changes that
        return [self.up(i, "full", d) for i, d in enumerate((0, ms))]


class Datasette(Kind):
    manifest = ("sections: sections.jsonl\n"
                "request: {method: GET, path: \"/rag/search.json?_shape="
                "objects&q={{question}}\"}\n"
                "extract: {retrieved: {items: /rows, section_id: "
                "/section_id, snippet_id: /section_id, text: /text}}\n")
    ready = "/rag.json"

    def prepare(self):
        words = "lower(:q)"
        for c in "?',.\"-():;$%&/!*^+[]{}":
            words = f"replace({words}, '{c.replace(chr(39), chr(39) * 2)}'" \
                    ", ' ')"
        for _ in range(4):
            words = f"replace({words}, '  ', ' ')"
        sql = ("select section_id, text, rank from s where s match replace("
               f"trim({words}), ' ', ' OR ') order by rank limit 5")
        self.meta = self.work / "metadata.json"
        self.meta.write_text(json.dumps({"databases": {"rag": {
            "queries": {"search": {"sql": sql}}}}}))
        for name, s in self.sections.items():
            (self.work / name).mkdir(exist_ok=True)
            db = sqlite3.connect(self.work / name / "rag.db")
            db.execute("drop table if exists s")
            db.execute("create virtual table s using fts5(section_id "
                       "unindexed, text)")
            db.executemany("insert into s values(?, ?)", [
                (x["section_id"], x["text"]) for x in s])
            db.commit()
            db.close()

    def up(self, i, data):
        port = free_port()
        self.procs.start([self.python, "-m", "datasette", "serve",
                          str(self.work / data / "rag.db"), "-m",
                          str(self.meta), "-h", "127.0.0.1", "-p",
                          str(port)])
        return f"http://127.0.0.1:{port}"


class Chroma(Kind):
    manifest = ("sections: sections.jsonl\n"
                "request: {method: POST, path: \"PATH/query\", body: "
                "{query_embeddings: [\"{{case.vector}}\"], n_results: 5, "
                "include: [documents, metadatas, distances]}}\n"
                "extract: {preset: chroma}\n")
    ready = "/api/v2/heartbeat"
    cases = "gold_vectors.jsonl"
    base = "/api/v2/tenants/default_tenant/databases/default_database" \
        "/collections"

    def prepare(self):
        everything = self.sections["full"]
        df = collections.Counter(w for s in everything for w in set(
            WORD.findall(s["text"].lower())))
        n = len(everything)
        write(self.work.parent / self.cases, [
            {**without_answers(g), "vector": vector(g["question"], df, n)}
            for g in self.gold])
        self.path = {}
        for name, sections in self.sections.items():
            url = self.serve(self.work / name)
            await_url(url + self.ready)
            got = http(url + self.base, {"name": "documents"})
            self.path[name] = f"{self.base}/{got['id']}"
            for at in range(0, len(sections), 200):
                some = sections[at:at + 200]
                http(url + self.path[name] + "/add", {
                    "ids": [s["section_id"] for s in some],
                    "documents": [s["text"] for s in some],
                    "metadatas": [{"section_id": s["section_id"]}
                                  for s in some],
                    "embeddings": [vector(s["text"], df, n) for s in some]})
            self.procs.stop()

    def serve(self, folder):
        port = free_port()
        self.procs.start([str(pathlib.Path(self.python).parent / "chroma"),
                          "run", "--path", str(folder), "--host",
                          "127.0.0.1", "--port", str(port)],
                         {"ANONYMIZED_TELEMETRY": "False"})
        return f"http://127.0.0.1:{port}"

    def up(self, i, data):
        folder = self.work / f"arm{i}"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.work / data, folder)
        return self.serve(folder)

    def arms(self, data):
        self.now = data
        return super().arms(data)

    def suite(self, path):
        super().suite(path)
        text = path.read_text().replace("PATH", self.path["full"])
        if self.path[self.now] != self.path["full"]:
            text += ("targets: {candidate: {path: \"" +
                     self.path[self.now] + "/query\"}}\n")
        path.write_text(text)


class Litellm(Kind):
    manifest = ("request: {path: /v1/chat/completions, body: {model: rag, "
                "messages: [{role: user, content: \"{{question}}\"}], seed: "
                "\"{{seed}}\"}}\nextract: {preset: openai}\n")
    ready = "/health/liveliness"
    cases = "gold.jsonl"

    def arms(self, data):
        self.model = self.helper("openai", self.work.parent / "gold.jsonl")
        return super().arms(data)

    def up(self, i, data):
        config, port = self.work / f"{data}.yaml", free_port()
        config.write_text(json.dumps({"model_list": [{
            "model_name": "rag", "litellm_params": {
                "model": f"openai/{data}", "api_key": "none",
                "api_base": self.model + "/v1"}}]}))
        self.procs.start([str(pathlib.Path(self.python).parent / "litellm"),
                          "--config", str(config), "--host", "127.0.0.1",
                          "--port", str(port)],
                         {"LITELLM_LOCAL_MODEL_COST_MAP": "True",
                          "LITELLM_TELEMETRY": "False", "HOME":
                          str(self.work), "NO_PROXY": "127.0.0.1"})
        return f"http://127.0.0.1:{port}"


KINDS = {"python": Python, "datasette": Datasette, "chroma": Chroma,
         "litellm": Litellm}


def without_answers(g):
    return {k: v for k, v in g.items() if k != "answers"}


def write(path, rows):
    with open(path, "w", encoding="utf-8") as f:
        for row in rows:
            f.write(json.dumps(row) + "\n")


def gate(report, name):
    return next((g for g in report["gates"] if g["name"] == name), {})


def one_run(o, kind, urls, name, env):
    """The report of one run, and what it took."""
    suite = o.dir / f"{name}.yml"
    kind.suite(suite)
    began = time.monotonic()
    p = subprocess.run([str(o.lockstep), "run", str(suite), "--baseline",
                        urls[0], "--candidate", urls[1], "--json", "-q"],
                       capture_output=True, env=env, timeout=600,
                       check=False)
    took = time.monotonic() - began
    if not p.stdout:
        sys.exit(p.stderr.decode())
    return json.loads(p.stdout), took


def yields(rows, name):
    """What a wait of 1 % makes a server of this kind slower by, in %: less
    than 1 where requests that wait leave it idle. The median of the runs
    before, since a wait can set off others."""
    return statistics.median([1] + [
        (r["latency"][0]["value"] - 1) / r["slow"]["share"] for r in rows
        if r["kind"] == name and r["mode"] == "slow"])


def slow_pair(o, kind, name, env, rows):
    """What an equal run says is surely seen, and a run on a candidate that is
    slower by it; both behind the same passages."""
    for _ in range(5):
        report, _ = one_run(o, kind, kind.slow_arms(0, 0), name, env)
        kind.procs.stop()
        body = gate(report, "latency_body")
        if body.get("visible"):
            break
    else:
        sys.exit(f"{name}: five equal runs do not say what is surely seen")
    share = (body["visible"] - 1) / max(.5, yields(rows, name))
    base_ms = body["baseline"] / 1e6
    urls = kind.slow_arms(share, share * base_ms)
    report, took = one_run(o, kind, urls, name, env)
    return report, took, {"seen": body["visible"], "share": share,
                          "base_ms": base_ms}


def judge(o, kind, name, mode, i, env, rows):
    extra = None
    if mode == "slow":
        report, took, extra = slow_pair(o, kind, name, env, rows)
    else:
        urls = kind.arms("gone" if mode == "gone" else "full")
        report, took = one_run(o, kind, urls, name, env)
    kind.procs.stop()
    latency = [gate(report, g) for g in ("latency_body", "latency_p95")]
    return {"kind": name, "mode": mode, "run": i, "id": report["run"]["id"],
            "verdict": report["verdict"], "seconds": round(took, 1),
            "reasons": report["reasons"], "slow": extra,
            "latency": [{k: g.get(k) for k in (
                "name", "verdict", "value", "limit", "p", "p_holm", "baseline",
                "candidate", "visible", "n")} for g in latency],
            "load": os.getloadavg()[0]}


def table(rows):
    print("| server | candidate | runs | PASS | INCONCLUSIVE | FAIL | other |"
          " seconds a run | latency surely seen |")
    print("|---|---|---|---|---|---|---|---|---|")
    for key in dict.fromkeys((r["kind"], r["mode"]) for r in rows):
        mine = [r for r in rows if (r["kind"], r["mode"]) == key]
        n = collections.Counter(r["verdict"] for r in mine)
        other = len(mine) - n["PASS"] - n["INCONCLUSIVE"] - n["FAIL"]
        seen = sorted(r["latency"][0]["visible"] for r in mine
                      if r["latency"][0]["visible"])
        print("| {} | {} | {} | {} | {} | {} | {} | {:.1f} | {} |".format(
            *key, len(mine), n["PASS"], n["INCONCLUSIVE"], n["FAIL"], other,
            sum(r["seconds"] for r in mine) / len(mine),
            "-" if not seen else
            f"+{100 * (seen[len(seen) // 2] - 1):.0f} %"))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--dir", type=pathlib.Path, required=True)
    p.add_argument("--lockstep", type=pathlib.Path, required=True)
    p.add_argument("--python", action="append", default=[])
    p.add_argument("--kinds", default="python,datasette,chroma,litellm")
    p.add_argument("--modes", default="equal")
    p.add_argument("--runs", type=int, default=25)
    p.add_argument("--out", type=pathlib.Path)
    o = p.parse_args()
    # stopped from outside, the servers go, too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pythons = dict(x.split("=", 1) for x in o.python)
    sections, gold = (lines(o.dir / f) for f in ("sections.jsonl",
                                                 "gold.jsonl"))
    write(o.dir / "gold_sections.jsonl", map(without_answers, gold))
    env = {**os.environ, "LOCKSTEP_HOME": str(o.dir / "home")}
    rows = lines(o.out) if o.out and o.out.exists() else []
    for name in o.kinds.split(","):
        if name != "python" and name not in pythons:
            print(f"{name} is left out: no package", file=sys.stderr)
            continue
        procs = Procs(o.dir)
        try:
            kind = KINDS[name](o.dir / name, procs, pythons.get(name),
                               sections, gold)
            for mode in o.modes.split(","):
                for i in range(o.runs):
                    rows.append(judge(o, kind, name, mode, i, env, rows))
                    row = rows[-1]
                    print(f"{name} {mode} {i + 1}: {row['verdict']} "
                          f"{row['seconds']} s {row['reasons'][:1]}",
                          file=sys.stderr, flush=True)
                    if o.out:
                        with open(o.out, "a", encoding="utf-8") as f:
                            f.write(json.dumps(row) + "\n")
        finally:
            procs.stop()
    table(rows)
    for r in rows:
        if r["verdict"] != "PASS" and r["mode"] == "equal":
            print(f"{r['kind']} {r['run'] + 1} ({r['id']}): {r['verdict']}",
                  *r["reasons"], sep="\n    ")


if __name__ == "__main__":
    main()
