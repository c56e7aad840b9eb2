#!/usr/bin/env python3
"""A judge made of a package from PyPI: rapidfuzz, answer against sections."""
import json
import sys

from rapidfuzz import fuzz

for line in sys.stdin:
    asked = json.loads(line)
    sections = asked["expected"].get("sections", [])
    scores = [fuzz.token_set_ratio(asked["answer"] or "", s["text"])
              / 100 for s in sections]
    print(json.dumps({"id": asked["id"],
                      "metrics": {"grounded": max(scores, default=None)}}),
          flush=True)
