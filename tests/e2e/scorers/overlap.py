#!/usr/bin/env python3
"""A judge that counts words: the share of the answer's words that stand in
what was retrieved (faithfulness), and of the expected sections' (support)."""
import json
import re
import sys


def words(text):
    return set(re.findall(r"[a-z0-9]+", (text or "").lower()))


def share(part, whole):
    return len(part & whole) / len(part) if part else None


for line in sys.stdin:
    asked = json.loads(line)
    answer = words(asked["answer"])
    retrieved = words(" ".join(s.get("text", "") for s in asked["retrieved"]))
    expected = words(" ".join(
        s["text"] for s in asked["expected"].get("sections", [])))
    metrics = {"faithfulness": share(answer, retrieved),
               "support": share(answer, expected) if expected else None}
    print(json.dumps({
        "id": asked["id"],
        "metrics": metrics,
        "why": {name: "no answer" for name, v in metrics.items() if v is None},
    }), flush=True)
