"""A stack whose speed is told while it runs.

    python3 paced.py SECONDS

Every question is answered "yes" after SECONDS. GET /pace?seconds=S sets that;
with &after=N&then=T it is T for what comes behind the next N requests.
"""
import sys
import threading
import time
from urllib.parse import parse_qs, urlsplit

from json_service import JsonHandler, serve

lock = threading.Lock()
pace = {"seconds": float(sys.argv[1]), "after": None, "then": 0.0}


def pause():
    with lock:
        if pace["after"] is None:
            return pace["seconds"]
        pace["after"] -= 1
        return pace["seconds"] if pace["after"] >= 0 else pace["then"]


class Handler(JsonHandler):
    def do_GET(self):
        told = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        with lock:
            pace["seconds"] = float(told["seconds"])
            pace["after"] = int(told["after"]) if "after" in told else None
            pace["then"] = float(told.get("then", 0))
        self.reply(pace)

    def do_POST(self):
        self.body()
        time.sleep(pause())
        self.reply({"answer": "yes"})


serve(Handler)
