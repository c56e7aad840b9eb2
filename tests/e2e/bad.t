#!/bin/bash
# Bad input: one clear line that says what, where and what to do, exit status
# 2 or an outcome for each case, and nothing already written is lost.
set -u
. tests/lib/tap.sh

hb=$PWD/fixtures/handbook
odd=("$PWD/tests/lib/odd.pl" "$hb/sections.jsonl")
serve good perl "${odd[@]}"
good=$url
head -20 "$hb/gold.jsonl" >"$T/gold.jsonl"
cat >"$T/ok.yml" <<YAML
lockstep: 1
name: odd
cases: gold.jsonl
sections: $hb/sections.jsonl
variants: {paraphrases: 2, seeds: [1]}
warmup: 4
request:
  path: /v9/ask
  headers: {X-Key: "k1"}
  body: {ask: {text: "{{question}}", n: 5}}
extract:
  retrieved: {items: /groups/*/docs, snippet_id: /key,
    section_id: /where/doc, text: /body}
  answer: /say/0/t
  citations: {items: /because, section_id: /ref}
gates: {latency: false}
YAML
run() { "$lockstep" run -q --json "$@"; }
both() { run "$@" --baseline "$good" --candidate "$good"; }

# bad NAME PATTERN COMMAND...: exit status 2, nothing on stdout, and one line
# on stderr that says so
bad() {
	local name=$1 want=$2; shift 2
	status 2 "$name: exit status 2" "$@"
	is "$(wc -l <"$T/err") $(wc -c <"$T/out")" '1 0' \
		"$name: one line, and no result"
	like "$(cat "$T/err")" "$want" "$name: what, where, what to do"
}
edited() { sed "$1" "$T/ok.yml" >"$T/bad.yml"; }

# ---- the suite ----------------------------------------------------------
printf 'lockstep: 1\ncases: [a\nname: x\n' >"$T/wrong.yml"
bad 'wrong YAML' 'wrong\.yml:[34]:[0-9]+: ' run "$T/wrong.yml"
printf '{"lockstep": 1, "cases": }\n' >"$T/wrong.json"
bad 'wrong JSON' 'wrong\.json:1:[0-9]+: ' run "$T/wrong.json"
edited 's/^warmup/warmpu/'
bad 'unknown key' 'bad\.yml:6:1: unknown key "warmpu".*"warmup"' \
	both "$T/bad.yml"
edited 's/preset/preset/; s/^  answer: /  anwser: /'
bad 'unknown key within' 'bad\.yml:14:3: .*"anwser".*"answer"' \
	both "$T/bad.yml"
edited 's/k1/${NOT_SET_HERE}/'
bad 'unset name' 'bad\.yml:9:.*\$\{NOT_SET_HERE\}' both "$T/bad.yml"
edited 's/k1/${file:none.key}/'
bad 'missing secret file' 'none\.key' both "$T/bad.yml"
bad 'missing suite' 'none\.yml: cannot open: No such file' \
	both "$T/none.yml"
edited 's/gold.jsonl/none.jsonl/'
bad 'missing gold' 'none\.jsonl.*No such file' both "$T/bad.yml"
edited 's|^sections: .*|sections: none.jsonl|'
bad 'missing sections' 'none\.jsonl.*No such file' both "$T/bad.yml"
sed '3s/.$//' "$T/gold.jsonl" >"$T/cut.jsonl"
bad 'gold with a bad line' 'cut\.jsonl:3: ' both "$T/ok.yml" \
	--set cases="$T/cut.jsonl"
bad 'gold with an id twice' '(twice|again|already)' both "$T/ok.yml" \
	--set cases=<(cat "$T/gold.jsonl" "$T/gold.jsonl")
bad '--set that is no key' 'nope' both "$T/ok.yml" --set nope=1
bad 'an empty folder' 'has no \.yml' run "$(mktemp -d "$T/d.XXXX")"
bad 'unknown option' 'frobnicate' both "$T/ok.yml" --frobnicate
bad 'unknown command' 'rnu.*run' "$lockstep" rnu
bad 'no candidate' 'no candidate.*--candidate' run "$T/ok.yml"
bad 'a candidate that is no URL' '127\.0\.0\.1:9000.*http://' run "$T/ok.yml" \
	--candidate 127.0.0.1:9000

# ---- targets ------------------------------------------------------------
bad 'nobody listens' '127\.0\.0\.1:1 .*refused.*start it' run "$T/ok.yml" \
	--candidate http://127.0.0.1:1 \
	--set targets.candidate.ready.timeout=200ms
serve silent perl "${odd[@]}" 0 '' silent
status 2 'a service that never answers' run "$T/ok.yml" --candidate "$url" \
	--set give_up_after=0 \
	--set targets.candidate.deadline=100ms --set pace.concurrency=64
is "$(jq -c '.arms.candidate.outcomes.timeout' "$T/out")" 40 \
	'is an outcome per request'
like "$(jq -r .headline "$T/out")" 'no arm ever answered' 'and said so'
serve broken perl "${odd[@]}" 0 '' broken
status 1 'a third of the answers is cut in half' run "$T/ok.yml" \
	--baseline "$good" --candidate "$url" --set variants.repeats=3
ok 'which is an outcome of its own' jq -e \
	'.arms.candidate.outcomes | .bad_json > 5 and .ok > 20' "$T/out"
serve html perl "${odd[@]}" 0 '' html
status 5 'a page where an answer is expected' run "$T/ok.yml" \
	--baseline "$good" --candidate "$url"
ok 'which stopped the run after 20 of them' jq -e '.run.stop_reason ==
	"all failed alike" and ([.arms.candidate, .arms.candidate2] |
	map(.outcomes.bad_json) | add | . >= 20 and . < 50)' "$T/out"
like "$(jq -r .headline "$T/out")" \
	'first 20 requests to the candidate all failed alike: bad_json' \
	'and says so first'
status 5 'a suite that goes on all the same' run "$T/ok.yml" \
	--baseline "$good" --candidate "$url" --set give_up_after=0
is "$(jq .arms.candidate.outcomes.bad_json "$T/out")" 40 \
	'asks everything that it planned'
bad 'record on a port in use' 'cannot listen on .*or 0' "$lockstep" record \
	--listen "${good#http://}" --upstream "$good" --out "$T/r.zst"
cat >"$T/start.yml" <<YAML
extends: ok.yml
targets:
  candidate: {url: "$good", start: "exec perl ${odd[*]} ${good##*:}"}
YAML
bad 'a target on a port in use' 'already.*\{\{port\}\}' run "$T/start.yml"
cat >"$T/start.yml" <<'YAML'
extends: ok.yml
targets:
  candidate:
    url: "http://127.0.0.1:{{port}}"
    start: "echo the index is not there >&2; exit 3"
YAML
bad 'a target that ends at once' 'status 3.*the index is not there' \
	run "$T/start.yml"

# ---- traces -------------------------------------------------------------
status 0 'a sound run' both "$T/ok.yml" --set variants.repeats=8
obs=$(ls "$T/home/runs/"*/obs.jsonl.zst | tail -1)
# in blocks as a long run leaves them, however fast this one was
zstd -qdc "$obs" | split -l 20 --filter='zstd -qc' >"$T/blocks.zst"
head -c $(($(stat -c %s "$T/blocks.zst") / 2)) "$T/blocks.zst" >"$T/torn.zst"
run "$T/ok.yml" --baseline "recorded:$T/torn.zst" --candidate "$good" \
	--set variants.repeats=8 >"$T/out" 2>"$T/err"
like $? '^[04]$' 'a torn recording answers with what it has'
like "$(cat "$T/err")" 'torn\.zst: cut off.*trace verify' 'and says so'
ok 'what it lacks is not judged' jq -e '.arms.baseline.sent > 20 and
	([.cases[] | select(.verdict == "unjudged")] | length) > 0' "$T/out"
jq -c '.id = "other-" + .id' "$T/gold.jsonl" >"$T/other.jsonl"
status 5 'a recording of other cases' run "$T/ok.yml" \
	--baseline "recorded:$obs" --candidate "$good" \
	--set cases="$T/other.jsonl"
like "$(cat "$T/err")" 'none of its [0-9]+ exchanges.*cases: \{trace' \
	'is told, and what to do'
is "$(wc -l <"$T/err")" 1 'once'
{ printf 'PK\003\004'; head -c 5000 /dev/urandom; } >"$T/noise.zst"
bad 'a trace that is none' 'noise\.zst: not a trace' run "$T/ok.yml" \
	--baseline "recorded:$T/noise.zst" --candidate "$good"
bad 'a missing trace' 'none\.zst: cannot open' run "$T/ok.yml" \
	--baseline "recorded:$T/none.zst" --candidate "$good"
cp "$obs" "$T/keep.zst"
bad 'record does not overwrite' 'keep\.zst: exists already' "$lockstep" \
	record --listen 127.0.0.1:0 --upstream "$good" --out "$T/keep.zst"
ok 'and leaves it as it was' cmp "$obs" "$T/keep.zst"

# ---- the store ----------------------------------------------------------
mkdir "$T/garbage" "$T/newer"
head -c 5000 /dev/urandom >"$T/garbage/store.db"
cp "$T/garbage/store.db" "$T/was.db"
bad 'a store that is none' 'store\.db.*not a database.*move' \
	both "$T/ok.yml" --home "$T/garbage"
ok 'is left as it was' cmp "$T/was.db" "$T/garbage/store.db"
cp "$T/home/store.db" "$T/newer/"
# user_version, big endian, at byte 60 of the file
printf '\0\0\0\143' | dd of="$T/newer/store.db" bs=1 seek=60 conv=notrunc \
	status=none
bad 'a store of a newer lockstep' 'newer lockstep \(schema 99' \
	both "$T/ok.yml" --home "$T/newer"
bad 'a home that is a file' 'gold\.jsonl' both "$T/ok.yml" \
	--home "$T/gold.jsonl"
before=$(ls "$T/home/runs" | wc -l)
bad 'reports into a file' 'gold\.jsonl/r: cannot create' both "$T/ok.yml" \
	--report-dir "$T/gold.jsonl/r"
is "$(ls "$T/home/runs" | wc -l)" "$before" 'is found before anything is sent'
bad 'a run that is not there' 'no run "nope".*lockstep runs' "$lockstep" \
	show nope

# ---- a full disk --------------------------------------------------------
small() { (trap '' XFSZ; ulimit -f "$1"; shift; run "$@"); }
for blocks in 8 24 60; do
	home=$T/full$blocks
	small $blocks "$T/ok.yml" --baseline "$good" --candidate "$good" \
		--home "$home" --set variants.repeats=4 >"$T/out" 2>"$T/err"
	is $? 2 "a disk that is full at $blocks KiB ends the run"
	is "$(wc -l <"$T/err")" 1 'in one line'
	[ "$(wc -l <"$T/err")" = 1 ] || diag "$(cat "$T/err")"
done
status 0 'with room again, the last one is resumed' "$lockstep" resume last \
	--home "$home" -q --json
is "$(jq -c '.arms.candidate.sent' "$T/out")" 160 'and is whole'

# ---- the same observations, the same report -----------------------------
home=$T/home
run=$(basename "$(dirname "$obs")")
for threads in 1 1 2 4; do
	"$lockstep" score "$run" -j $threads --json -q >"$T/out" 2>"$T/err"
	jq -S 'del(.run)' "$T/out" | sha256sum
done >"$T/sums"
is "$(sort -u "$T/sums" | wc -l)" 1 \
	'scored twice, and by 1, 2 and 4 threads: the same bytes'
is "$(jq -S 'del(.run)' "$T/home/runs/$run/report.json" | sha256sum)" \
	"$(head -1 "$T/sums")" 'which are those of the run'
done_testing
