#!/usr/bin/env bash
# What is expected and never comes, or cannot be seen, is no PASS; and of a list
# every part counts.
. tests/lib/tap.sh

cat >"$T/service.py" <<'END'
"""Answers eight questions alike: GET /MODE/query, MODE being one of said."""
import json
import sys
sys.path.insert(0, "tests/lib")
from json_service import JsonHandler, serve

TEXT = "The refund period is 14 days."


def parts(*more):
    return {"answer": [{"type": "text", "text": TEXT}, *more]}


said = {
    "plain": {"answer": TEXT},
    "null": {"answer": None},
    "absent": {"id": 7},
    "hollow": {"answer": {"text": ""}},
    "hollow-part": {"answer": {"type": "text", "text": " \u200b"}},
    "hollow-list": {"answer": [{"type": "text", "text": ""}, None]},
    "blank-passage": {"answer": TEXT, "retrieved": [
        {"section_id": "refunds", "text": "\t "}]},
    "five": {"answer": TEXT, "retrieved": [
        {"section_id": name, "text": TEXT}
        for name in ("refunds", "b", "c", "d", "e")]},
    "number": {"answer": [TEXT, 20]},
    "other-number": {"answer": [TEXT, 2000]},
    "part": parts({"type": "action", "action": "refund"}),
    "other-part": parts({"type": "action", "action": "delete_account"}),
    "thought": parts({"type": "thinking", "thinking": "Let me see."}),
    "other-thought": parts({"type": "thinking", "thinking": "Hm, 14 days?"}),
}


class Handler(JsonHandler):
    def do_POST(self):
        text = json.loads(self.body())["q"] + " " + TEXT
        self.reply({"retrieved": [{"section_id": "refunds", "text": text}],
                    **said[self.path.split("/")[1]]})


serve(Handler)
END
serve service python3 "$T/service.py"

# judged STATUS WHAT GOLD CANDIDATE [BASELINE]: modes of the service
judged() {
	cat >"$T/s.yml" <<-YAML
	lockstep: 1
	cases: gold.jsonl
	request: {path: /query, body: {q: "{{question}}"}}
	extract: {answer: /answer, retrieved: {items: /retrieved, section_id: /section_id, text: /text}}
	variants: {paraphrases: 2, seeds: [1]}
	warmup: 0
	gates: {latency: false}
	targets:
	  candidate: {url: "$url", path: /$4/query}
	  ${5:+baseline: {url: "$url", path: /$5/query\}}
	YAML
	seq 8 | jq -c "{id: \"c\(.)\", question: \"Refund period of \(.)?\",
		paraphrases: [\"How long may I return \(.)?\"]} + $3" \
		>"$T/gold.jsonl"
	status "$1" "$2" "$lockstep" run -q "$T/s.yml" --json --set "${set:-warmup=0}"
}
answers='{answers: ["14 days"]}'
sections='{section_ids: ["refunds"]}'

# ---- an answer that is expected ---------------------------------------------
judged 0 'an expected answer that comes passes' "$answers" plain
for mode in null absent hollow hollow-part hollow-list; do
	judged 1 "$mode: an expected answer that never comes fails" \
		"$answers" $mode
	like "$(jq -r '.cases[0].reasons[]' "$T/out")" 'no answer' \
		"$mode: for that"
	judged 4 "$mode: on both stacks it is undecided" "$answers" $mode $mode
	judged 1 "$mode: on the candidate alone it is a loss" \
		"$answers" $mode plain
done
judged 1 'a question that is to be answered' '{unanswerable: false}' null
judged 0 'and one that is' '{unanswerable: false}' plain
judged 0 'an answer that nobody expects need not come' "$sections" absent

# ---- sections that are expected ----------------------------------------------
judged 0 'expected sections that are shown pass' "$sections" plain
judged 1 'of blank passages none is' "$sections" blank-passage
set='extract={"answer": "/answer"}'
judged 4 'sections that no answer can show are not judged' "$sections" plain
like "$(jq -r '.cases[0].reasons[]' "$T/out")" \
	'expects sections, and its answers show no text or id of a passage' \
	'and the case says so'
judged 4 'nor is a critical one' "$sections + {critical: (. == 1)}" plain
like "$(jq -r '.reasons[]' "$T/out")" \
	'critical case c1 could not be judged: it expects sections, and' \
	'which the verdict explains'
judged 0 'beside another stack the answers are compared' "$sections" \
	plain plain
judged 0 'an expected answer is judged' "$answers + $sections" plain
set=

# ---- passages, without gold --------------------------------------------------
judged 0 'equal lists of passages' '{}' plain plain
judged 3 'lists that lost most of their passages are for review' '{}' plain five
like "$(jq -r '.reasons[]' "$T/out")" \
	'the candidate retrieves 1.0 passages an answer, the baseline 5.0' \
	'with the numbers'

# ---- parts of a list ---------------------------------------------------------
judged 0 'equal numbers in a list' '{}' number number
judged 3 'another number in a list is seen' '{}' other-number number
judged 0 'equal parts of a list' '{}' part part
judged 3 'another part of a list is seen' '{}' other-part part
judged 3 'a part more than a text' '{}' part plain
judged 0 'what a model thinks is not its answer' '{}' other-thought thought
done_testing
