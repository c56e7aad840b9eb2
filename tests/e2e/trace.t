#!/usr/bin/env bash
# lockstep trace: reading with other tools, tears, damage, slices, merging,
# a full disk.
. tests/lib/tap.sh

# exchanges N [START_NS]: N records as JSON lines, with a head
exchanges() {
	jq -cn --argjson n "$1" --arg start "${2:-1700000000000000000}" '
	  {type: "head", lockstep_trace: 1, kind: "test",
	   clock: {wall_ns: $start}},
	  (range($n) | {type: "exchange", id: "x\(.)",
	    key: {case: "c\(. / 4 | floor)", p: 0, s: 0, r: 0,
	      arm: (if . % 2 == 0 then "baseline" else "candidate" end)},
	    sent: (. * 1000000), due: (. * 1000000),
	    outcome: (if . % 10 == 3 then "http_5xx" else "ok" end),
	    request: {method: "POST", target: "/q", body: "{\"n\":\(.)}"},
	    response: {status: 200, body: ("text \(. * 7919 % 1000) " * 20)},
	    "new field": [1.50, 1e2, "\u00e4"]}),
	  {type: "marker", note: "of a later version"}'
}

exchanges 1000 >"$T/plain.jsonl"
ok 'plain JSON lines become a trace' \
	$lockstep trace repair "$T/plain.jsonl" --out "$T/t.zst"
ok 'which is sound' $lockstep trace verify "$T/t.zst"
is "$(stat -c %a "$T/t.zst")" 600 'a trace is readable by its owner alone'
is "$(zstd -qdc "$T/t.zst" | jq -c . | wc -l)" 1003 \
	'zstd -dc | jq reads it: head, exchanges, another record, account'
ok 'zstd itself finds it whole' zstd -qt "$T/t.zst"
is "$(zstd -qdc "$T/t.zst" | head -1002 | cmp - "$T/plain.jsonl" 2>&1)" '' \
	'lines are byte for byte those that went in'
is "$($lockstep trace cat "$T/t.zst" | cmp - <(zstd -qdc "$T/t.zst") 2>&1)" '' \
	'cat prints what zstd -dc prints'
is "$($lockstep trace cat - <"$T/t.zst" | wc -l)" 1003 \
	'a pipe can be read'
is "$(zstd -qdc "$T/t.zst" | $lockstep trace cat - | wc -l)" 1003 \
	'also of plain text'
is "$(zstd -qdc "$T/t.zst" | tail -1)" \
	'{"type":"tail","seen":1000,"written":1000,"dropped":{}}' \
	'the account: seen = written + dropped'

# info
info=$($lockstep trace info --json "$T/t.zst")
is "$(jq -c '[.exchanges, .outcomes.ok, .outcomes.http_5xx,
	.arms.baseline, .account.seen, .torn, .seek_table, .problem]' \
	<<<"$info")" '[1000,900,100,500,1000,false,true,null]' \
	'info --json counts'
like "$($lockstep trace info "$T/t.zst")" 'exchanges 1000, ok 900' \
	'info says it in words'

# choosing
is "$($lockstep trace cat --outcome http_5xx "$T/t.zst" | wc -l)" 100 \
	'cat --outcome'
is "$($lockstep trace cat --arm candidate --from 100ms --to 200ms \
	"$T/t.zst" | jq -s -c '[length, .[0].id, .[-1].id]')" \
	'[50,"x101","x199"]' 'cat --arm --from --to'
is "$($lockstep trace cat --id x7 --id x9 "$T/t.zst" | jq -r .id | xargs)" \
	'x7 x9' 'cat --id, twice'
is "$($lockstep trace cat --case c3 "$T/t.zst" | jq -r .id | xargs)" \
	'x12 x13 x14 x15' 'cat --case'
status 2 'an unknown outcome is refused' \
	$lockstep trace cat --outcome fine "$T/t.zst"
like "$(cat "$T/err")" 'no outcome is named "fine"' 'with its name'

# slices
ok 'slice' $lockstep trace slice "$T/t.zst" --out "$T/s.zst" --from 500ms
ok 'the slice is sound' $lockstep trace verify "$T/s.zst"
is "$(zstd -qdc "$T/s.zst" | sed 1d | sed '$d' | cmp - \
	<(sed -n '502,1002p' "$T/plain.jsonl") 2>&1)" '' \
	'a slice keeps lines, unknown fields and records byte for byte'
is "$(zstd -qdc "$T/s.zst" | head -1 | jq -c '[.kind, .clock.wall_ns,
	.source.kind]')" '["slice","1700000000000000000","test"]' \
	'its head keeps the clock and names the source'
is "$(zstd -qdc "$T/s.zst" | tail -1 | jq -c .dropped)" \
	'{"not chosen":500}' 'its account says what was left out'
status 2 'a slice does not overwrite' \
	$lockstep trace slice "$T/t.zst" --out "$T/s.zst"
k=0
for seed in 1 1 2; do
	k=$((k + 1))
	rm -f "$T/sample"
	$lockstep trace slice "$T/t.zst" --out "$T/sample" --sample 20 \
		--seed $seed 2>/dev/null
	zstd -qdc "$T/sample" | jq -r 'select(.key).key.case' | uniq -c \
		>"$T/sample.$k"
done
is "$(awk '{print $1}' "$T/sample.1" | sort | uniq -c | xargs)" '20 4' \
	'a sample takes whole cases'
ok 'the same seed takes the same' cmp "$T/sample.1" "$T/sample.2"
ok 'another seed takes others' \
	bash -c "! cmp -s '$T/sample.1' '$T/sample.3'"

# tears: the unit test cuts at every byte; here through the command
exchanges 300 >"$T/small.jsonl"
$lockstep trace repair "$T/small.jsonl" --out "$T/small.zst" >/dev/null
size=$(stat -c %s "$T/small.zst")
for cut in 0 1 5 $((size / 3)) $((size / 2)) $((size - 200)) \
	$((size - 30)) $((size - 1)); do
	head -c $cut "$T/small.zst" >"$T/cut.zst"
	$lockstep trace verify "$T/cut.zst" >"$T/out" 2>"$T/err"
	is $? 1 "cut at $cut of $size: verify says damaged"
	kept=$($lockstep trace cat "$T/cut.zst" 2>/dev/null |
		grep -c '"type":"exchange"')
	ok "cut at $cut: repaired in place" \
		$lockstep trace repair "$T/cut.zst"
	is "$($lockstep trace verify "$T/cut.zst")" \
		"$T/cut.zst: sound, $kept exchanges" \
		"cut at $cut: sound afterwards, nothing lost on the way"
	is "$(stat -c %s "$T/cut.zst.damaged" 2>/dev/null)" \
		"$([ "$kept" -gt 0 ] || [ $cut = 0 ] || echo $cut)" \
		"cut at $cut: what held nothing readable is kept"
	rm -f "$T/cut.zst.damaged"
done

# mended a second time, the first original stays
head -c 5 "$T/small.zst" >"$T/cut.zst"
cp "$T/cut.zst" "$T/original"
$lockstep trace repair "$T/cut.zst" >"$T/out"
status 0 'what is mended is sound' $lockstep trace repair "$T/cut.zst"
ok 'and what it was before stays' cmp "$T/original" "$T/cut.zst.damaged"
head -c 7 "$T/small.zst" >"$T/cut.zst"
status 2 'another original does not take its place' \
	$lockstep trace repair "$T/cut.zst"
like "$(cat "$T/err")" 'cut.zst.damaged exists from' 'and that is said'
is "$(stat -c '%s' "$T/cut.zst")" 7 'nor is it lost'

# damage in the middle
cp "$T/t.zst" "$T/bad.zst"
printf 'garbage' | dd of="$T/bad.zst" bs=1 seek=2000 conv=notrunc \
	status=none
status 1 'a damaged frame: verify' $lockstep trace verify "$T/bad.zst"
like "$(cat "$T/out")" 'frame 1 at byte [0-9]+: ' 'says which and where'
status 1 'cat goes on behind it' $lockstep trace cat "$T/bad.zst"
like "$(cat "$T/out")" '"type":"tail"' 'to the very end'
ok 'repair' $lockstep trace repair "$T/bad.zst"
like "$(cat "$T/ok.out")" '1 damaged frames left out' 'says what was lost'
ok 'and the rest is sound' $lockstep trace verify "$T/bad.zst"
like "$(zstd -qdc "$T/bad.zst" | tail -1)" '"damaged":1000' \
	'the account counts what is gone'
status 2 'a file that is no trace' $lockstep trace cat /bin/true
like "$(cat "$T/err")" 'not a trace' 'is named so'
status 2 'a missing file' $lockstep trace info "$T/none"

# merging
exchanges 100 1700000000000500000 | sed 's/"x/"a/' >"$T/a.jsonl"
exchanges 100 1700000000000000000 | sed 's/"x/"b/' >"$T/b.jsonl"
ok 'merge' $lockstep trace merge "$T/a.jsonl" "$T/b.jsonl" --out "$T/m.zst"
ok 'the merged trace is sound' $lockstep trace verify "$T/m.zst"
is "$(zstd -qdc "$T/m.zst" | jq -rc 'select(.id) | .id' | head -4 | xargs)" \
	'b0 a0 b1 a1' 'in the order of time'
is "$(zstd -qdc "$T/m.zst" | jq -c 'select(.id == "a7") | [.sent, .due]')" \
	'[7500000,7500000]' 'times are moved to the earliest start'
is "$(zstd -qdc "$T/m.zst" | grep '"b7"' | cmp - <(grep '"b7"' \
	"$T/b.jsonl") 2>&1)" '' 'nothing else is touched'

# every version ever written stays readable
for version in 1 1-bytes; do
	old=fixtures/traces/v$version.jsonl
	is "$($lockstep trace cat $old.zst | cmp - \
		fixtures/traces/v$version.expected.jsonl 2>&1)" '' \
		"a trace of version $version reads as it did"
	ok "and is sound" $lockstep trace verify $old.zst
done
is "$($lockstep trace cat --arm candidate fixtures/traces/v1.jsonl.zst |
	jq -c '[.key.case, ."a later field".kept]')" '["c-7",[1.5,1000,null]]' \
	'fields of a later version pass through'
ok 'a slice of it' $lockstep trace slice fixtures/traces/v1.jsonl.zst \
	--out "$T/v1s.zst"
is "$(zstd -qdc "$T/v1s.zst" | sed '1d;$d' | cmp - \
	<(sed '1d;$d' fixtures/traces/v1.expected.jsonl) 2>&1)" '' \
	'has every record byte for byte'
ok 'and its body file' $lockstep trace verify "$T/v1s.zst"

# a full disk
status 2 'no room for the output is an error' \
	bash -c "ulimit -f 8; exec $lockstep trace repair '$T/plain.jsonl' \
		--out '$T/full.zst'"
like "$(cat "$T/err")" 'cannot write .*File too large' 'that says so'

done_testing
