"""A stack whose answers to one question change once the plan was sent.

    python3 again.py good|[few-]lost|[few-]noise|[few-]still|few-often|mute|
        part-mute|moment|mixed|tired|no-0|no-1 [once]

Every question is answered "yes". All but `good` answer case-0 with "no" where
its seed is 1 (`few-lost`, `few-noise`: and its wording one of the first two),
nine times over (a plan of 3 wordings x 2 seeds with echoes on alternate
variants); then `lost` says no each time, `noise` never, `still` as before.
`often` says no to every third then. `mute` answers case-0 with 500, `part-mute`
its first wording, `moment` only the first nine times. `mixed` is
`few-lost`, and a noise of case-1 besides: "no" to its first wording at seed 1.
`no-1` always says no to case-1.
`tired` answers a run's first 100 requests, and those behind them with 500.
Each run begins anew, unless it is to happen once. GET /pause?S: what is said
after the plan takes so many seconds from now on. Keys that come twice are
counted at /twice.
"""
import json
import sys
import threading
import time

from json_service import JsonHandler, serve

few = sys.argv[1].startswith("few-") or sys.argv[1] == "mixed"
mode = sys.argv[1].removeprefix("few-")
once = len(sys.argv) > 2
pause = 0
lock = threading.Lock()
asked = {}      # how often a run asked for a case, and for any
keys = set()
twice = 0


def answer(body, run, key):
    """What is said, and whether it is said after the plan."""
    global twice
    case = body["case"]
    with lock:
        twice += key in keys
        keys.add(key)
        n = asked.get((run, case), 0)
        asked[run, case] = n + 1
        all_asked = asked[run] = asked.get(run, 0) + 1
    if mode == "tired":
        return "yes" if all_asked <= 100 else None, False
    if mode.startswith("no-"):
        return "no" if case == "case-" + mode[3:] else "yes", False
    if mode == "good" or case not in (
            ("case-0", "case-1") if mode == "mixed" else ("case-0",)):
        return "yes", False
    if mode == "part-mute":
        return None if body["p"] == 0 else "yes", n >= 9
    if mode == "often" and n >= 9:
        return "no" if n % 3 == 0 else "yes", True
    if mode in ("mute", "moment"):
        return None if mode == "mute" or n < 9 else "yes", n >= 9
    if n < 9 or mode == "still":
        wordings = 0 if case == "case-1" else 1 if few else 2
        bad = body["seed"] == 1 and body["p"] <= wordings
        return "no" if bad else "yes", n >= 9
    if mode in ("lost", "mixed") and case == "case-0":
        return "no", True
    return "yes", True


class Handler(JsonHandler):
    def do_GET(self):
        global pause
        if self.path.startswith("/pause?"):
            pause = float(self.path.split("?")[1])
        self.reply({"twice": twice})

    def do_POST(self):
        body = json.loads(self.body())
        run = "" if once else self.headers.get("X-Lockstep-Run", "")
        said, late = answer(body, run, self.headers.get("Idempotency-Key", ""))
        if late:
            time.sleep(pause)
        self.reply({"answer": said}, 500 if said is None else 200)


serve(Handler)
