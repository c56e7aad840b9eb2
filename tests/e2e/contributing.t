#!/usr/bin/env bash
# CONTRIBUTING.md is true: each of its examples is put into a copy of the tree,
# the copy is built, and the metric, the gate, the preset, the report writer
# and the import format are there for a user.
set -u
. tests/lib/tap.sh
. tests/lib/tree.sh
copy_tree

# a block of C behind `FILE` is that file, behind `The row in FILE` goes above
# its last #undef
/usr/bin/python3 - "$copy" CONTRIBUTING.md >"$T/put" <<'PY'
import re
import sys

top, page = sys.argv[1:]
text = open(page, encoding="utf-8").read()
for row, path, code in re.findall(
    r"^(The row in )?`([\w/]+\.[ch])`\n\n```c\n(.*?)^```$", text, re.S | re.M
):
    path = top + "/" + path
    if row:
        lines = open(path, encoding="utf-8").read()
        at = lines.rindex("\n#undef ") + 1
        while lines[:at].rstrip().rpartition("\n")[2].startswith("#undef"):
            at = lines[:at].rstrip().rindex("\n") + 1
        code = lines[:at] + code + lines[at:]
    open(path, "w", encoding="utf-8").write(code)
    print("row" if row else "file", path)
PY
is "$(sort "$T/put" | cut -d' ' -f1 | uniq -c | xargs)" '4 file 5 row' \
	'five rows, four files'
ok 'the copy builds without a warning' make -s -j2 -C "$copy" \
	CFLAGS=-O0 WERROR=-Werror BUILD=build build/lockstep || done_testing
lockstep=$copy/build/lockstep

status 0 'the metric is defined' "$lockstep" metrics answer_words
like "$(<"$T/out")" 'words of the answer' 'in its words'
like "$("$lockstep" report --help | tr -s ' \n' ' ')" 'messages, line ' \
	'the writer is in --help'
like "$("$lockstep" check --schema)" '"example"' \
	'the preset is a word of the schema'
like "$("$lockstep" check --keys)" '`gates.answer_words` .* `0.25`' \
	'the gate is a key, with its default'
like "$("$lockstep" import --help)" "^  pairs  " "the format is in --help"

# ---- and at work ----------------------------------------------------------------
printf 'What is it?\tA test of many words.\nno tab\n' >"$T/pairs.txt"
status 0 'the format is read' "$lockstep" import pairs "$T/pairs.txt" \
	--out "$T/pairs.zst"
ok 'into a trace' sh -c "zstd -dc '$T/pairs.zst' | grep -q 'many words'"
cat >"$T/suite.yml" <<YAML
lockstep: 1
name: example
cases: [{id: a, question: What is it?}]
extract: {preset: example}
YAML
ok 'a suite of the preset is right' "$lockstep" check "$T/suite.yml"
hb=$PWD/fixtures/handbook
head -20 "$hb/gold.jsonl" >"$T/gold.jsonl"
cat >"$T/run.yml" <<YAML
lockstep: 1
name: run
cases: gold.jsonl
sections: $hb/sections.jsonl
gates: {latency: false, answer_words: 0.5}
YAML
handbook one
"$lockstep" run -q --json "$T/run.yml" --baseline "$url" --candidate "$url" \
	>"$T/report.json" 2>"$T/err"
is "$(jq -r '[.cases[].metrics.answer_words.candidate | select(. > 0)] |
	length' "$T/report.json")" 20 'the metric has a number in each case'
is "$(jq -r '.gates[] | select(.name == "answer_words") |
	"\(.limit) \(.verdict) \(.unit)"' "$T/report.json")" '1.5 PASS ratio' \
	'the gate is judged, by its limit'
status 0 'the report is written' "$lockstep" report last --format line
like "$(<"$T/out")" '^PASS: ' 'in one line'
status 0 'and by its ending' "$lockstep" report last --out "$T/x.line"
like "$(<"$T/x.line")" '^PASS: ' 'too'
done_testing
