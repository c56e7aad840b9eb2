"""A client with retries: usage drill_client.py MODE [LOG]; $LOCKSTEP_FRONT.

Sends 60 effects, eight at a time. MODE healthy keeps the rules: full jitter
from 0.25 s, Retry-After, at most 6 attempts within 15 s, 400 never again, one
key a request. once, eager, fixed, stubborn, newkey break one of them each.
LOG gets a line an attempt; without its number where MODE is mute.
"""
import concurrent.futures
import email.utils
import http.client
import json
import os
import random
import sys
import time
import urllib.parse

mode = sys.argv[1]
# long enough for a busy machine; stubborn asks in vain for all of it
limit = 2.6 if mode == "stubborn" else 15
front = urllib.parse.urlsplit(os.environ["LOCKSTEP_FRONT"])
draw = random.Random(7)
log = open(sys.argv[2], "w") if len(sys.argv) > 2 else None


def ask(n, key):
    c = http.client.HTTPConnection(front.hostname, front.port, timeout=60)
    try:
        c.request("POST", "/effects", json.dumps({"order": n}),
                  {"Idempotency-Key": key, "Content-Type": "application/json"})
        r = c.getresponse()
        body = r.read()
        return r.status, r.getheader("Retry-After"), body
    except (OSError, http.client.HTTPException):
        return 0, None, b""
    finally:
        c.close()


def wait_of(after, attempt):
    if mode == "fixed":
        return 0.5
    pause = draw.uniform(0, min(10, 0.25 * 2 ** attempt))
    if after is None or mode == "eager":
        return pause
    if after.isdigit():
        return float(after) + 0.02
    when = email.utils.parsedate_to_datetime(after).timestamp()
    return max(0, when - time.time()) + 0.02


def note(n, key, attempt, after, pause):
    line = {"request_id": n, "idempotency_key": key, "attempt": attempt,
            "retry_after": after, "sleep_ms": round(pause * 1000),
            "deadline_ms": round(limit * 1000)}
    if mode == "mute":
        del line["attempt"]
    if log:
        log.write(json.dumps(line) + "\n")


def effect(n):
    begun = time.monotonic()
    for attempt in range(6):
        key = f"k-{n}-{attempt}" if mode == "newkey" else f"k-{n}"
        status, after, _ = ask(n, key)
        if 200 <= status < 300 or mode == "once":
            return
        if status in (400, 401, 403, 404) and mode != "stubborn":
            return
        pause = wait_of(after, attempt)
        note(n, key, attempt + 1, after, pause)
        if time.monotonic() + pause > begun + limit:
            return
        time.sleep(pause)


with concurrent.futures.ThreadPoolExecutor(16) as pool:
    list(pool.map(effect, range(60)))
