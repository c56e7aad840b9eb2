#!/usr/bin/env bash
# Encryption at rest: with a key every trace that is written is encrypted, and
# every command reads it with the same key; without it, or with another one, a
# line says so. What is changed, cut off or moved is found out.
. tests/lib/tap.sh
for n in 1 2; do
	head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n' >"$T/key$n"
done
key=(--key-file "$T/key1")

# ---- record ---------------------------------------------------------------
handbook good
serve rec $lockstep record --upstream "$url" --out "$T/t.zst" "${key[@]}"
curl -s -H 'Content-Type: application/json' \
	-d "$(head -1 fixtures/handbook/gold.jsonl | jq -c '{question, k: 3,
	user: "Canary-of-a-user"}')" "$url/query" >/dev/null
head -c 9000000 /dev/zero | tr '\0' 'Z' >"$T/big"
curl -s --data-binary "@$T/big" "$url/canary-path" -o /dev/null
kill -INT $pid
wait $pid
is $? 0 'record'
ok 'nothing of it can be read' bash -c "! grep -rqE \
	'[Cc]anary|exchange|ZZZZ|question' '$T/t.zst' '$T/t.zst.d'"
is "$(head -c 8 "$T/t.zst")" LSTSEAL1 'it begins as such files do'
is "$(LOCKSTEP_KEY=$(cat "$T/key1") $lockstep trace cat "$T/t.zst" |
	grep -c 'Canary-of-a-user')" 1 'with the key of the environment it can'
is "$($lockstep trace info "${key[@]}" --json "$T/t.zst" |
	jq -c '[.encrypted, .exchanges]')" '[true,2]' 'info says what it is'
ok 'verify finds the bodies beside it' $lockstep trace verify "$T/t.zst" \
	"${key[@]}"
is "$($lockstep trace cat - <"$T/t.zst" "${key[@]}" | grep -c '"id"')" 2 \
	'from standard input, too'

# ---- every command, without the key and with another -------------------------
cp fixtures/handbook/gold.jsonl "$T/gold.jsonl"
cat >"$T/s.yml" <<-YAML
	lockstep: 1
	name: sealed
	cases: {trace: t.zst, where: {path: /query}}
	request: {path: /query, body: {question: "{{question}}"}}
	extract: {preset: generic}
	pace: {mode: closed}
	targets: {candidate: {url: "$url"}}
YAML
t=$T/t.zst
while read -r what; do
	eval "set -- $what"
	status 2 "$1 $2 without a key" $lockstep "$@"
	like "$(cat "$T/err")" 't.zst: encrypted: give its key with --key-file' \
		'says so'
	[ "$(wc -l <"$T/err")" = 1 ] || diag "$(cat "$T/err")"
	status 2 'with another one' $lockstep "$@" --key-file "$T/key2"
	like "$(cat "$T/err")" 'encrypted with another key' 'says so'
	rm -f "$T/n.zst" "$T/n.yml" "$T/n.jsonl"
	ok 'with its own it does its work' $lockstep "$@" "${key[@]}"
done <<-'EOF'
	trace info $t
	trace cat $t
	trace verify $t
	trace grep $t -w method=POST
	trace slice $t --out $T/n.zst
	trace dedupe $t --out $T/n.zst
	trace merge $t $t --out $T/n.zst
	trace redact $t --redact all --out $T/n.zst
	trace diff $t $t
	trace convert $t --as har
	trace repair $t --out $T/n.zst
	cases $t --out $T/n.jsonl
	init --trace $t --out $T/n.yml
	check $T/s.yml
EOF
status 2 'a key that is none' $lockstep trace info "$t" --key-file "$T/s.yml"
like "$(cat "$T/err")" 's.yml: not a key: it must be 64 hex digits' 'says so'
status 2 'a key that is not there' $lockstep trace info "$t" --key-file "$T/no"
status 2 'none of the environment' env LOCKSTEP_KEY=abc $lockstep trace info "$t"
like "$(cat "$T/err")" 'LOCKSTEP_KEY: not a key' 'says so'

# ---- run --------------------------------------------------------------------
handbook again
sed -i "s#candidate: {.*#candidate: {url: \"$url\"}}#" "$T/s.yml"
status 0 'a run of its cases' $lockstep run "$T/s.yml" "${key[@]}" \
	--home "$T/h" --report-dir "$T/report"
ok 'its observations cannot be read' bash -c \
	"! zstd -qdc '$T'/h/runs/*/obs.jsonl.zst 2>/dev/null | grep -q ."
is "$(head -c 8 "$T"/h/runs/*/obs.jsonl.zst)" LSTSEAL1 'for they are encrypted'
ok 'they are scored again' $lockstep score last "${key[@]}" --home "$T/h"
status 2 'not without the key' $lockstep score last --home "$T/h"

# ---- import -----------------------------------------------------------------
jq -cn '{q: "Canary import?", a: "no"}' | $lockstep import ndjson - --question /q \
	--answer /a --out "$T/i.zst" "${key[@]}" >/dev/null
ok 'import' bash -c "! grep -q Canary '$T/i.zst'"
is "$($lockstep trace cat "$T/i.zst" "${key[@]}" | grep -c 'Canary import')" 1 \
	'reads back'

# ---- damage -----------------------------------------------------------------
{
	head -1 fixtures/traces/v1.expected.jsonl
	for ((i = 0; i < 300; i++)); do
		printf '{"type":"exchange","id":"i%d","request":{"method":"POST","target":"/","headers":[],"body":"%s"}}\n' \
			$i "$(head -c 75000 /dev/urandom | base64 -w0)"
	done
} >"$T/many.jsonl"
$lockstep trace repair "$T/many.jsonl" --out "$T/many.zst" "${key[@]}" >/dev/null
size=$(stat -c %s "$T/many.zst")
cp "$T/many.zst" "$T/bad.zst"
printf 'changed here' | dd of="$T/bad.zst" bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
status 1 'bytes in the middle are changed' $lockstep trace verify "$T/bad.zst" \
	"${key[@]}"
like "$(cat "$T/out" "$T/err")" 'frame [0-9]+ at byte [0-9]+: damaged: it does not open' \
	'which is told'
ok 'repair keeps the rest' $lockstep trace repair "$T/bad.zst" "${key[@]}"
ok 'which is sound' $lockstep trace verify "$T/bad.zst" "${key[@]}"
n=$($lockstep trace cat "$T/bad.zst" "${key[@]}" | grep -c '"id":"i')
ok "and most of it ($n of 300)" [ "$n" -gt 150 -a "$n" -lt 300 ]
head -c $((size - 500000)) "$T/many.zst" >"$T/torn.zst"
status 1 'an end that is cut off' $lockstep trace verify "$T/torn.zst" "${key[@]}"
like "$(cat "$T/out")" 'cut off' 'is told'
ok 'repair keeps what was written' $lockstep trace repair "$T/torn.zst" "${key[@]}"
n=$($lockstep trace cat "$T/torn.zst" "${key[@]}" | grep -c '"id":"i')
ok "($n of 300)" [ "$n" -gt 250 -a "$n" -lt 300 ]

# a recording that is killed
serve rec $lockstep record --upstream "$url" --out "$T/k.zst" "${key[@]}"
curl -s -d 'before the kill' "$url/query" >/dev/null
ok 'a recording is on the disk within seconds' await 20 bash -c "$lockstep trace \
	cat '$T/k.zst' ${key[*]} 2>/dev/null | grep -q 'before the kill'"
{ kill -9 $pid; wait $pid; } 2>/dev/null
ok 'repair after kill -9' $lockstep trace repair "$T/k.zst" "${key[@]}"
ok 'loses nothing of it' bash -c "$lockstep trace cat '$T/k.zst' ${key[*]} |
	grep -q 'before the kill'"

# ---- every version ever written stays readable --------------------------------
is "$($lockstep trace cat fixtures/traces/v1-sealed.jsonl.zst --key-file \
	fixtures/traces/sealed.key | cmp - fixtures/traces/v1.expected.jsonl 2>&1)" \
	'' 'an encrypted trace of version 1 reads as it did'
ok 'and is sound' $lockstep trace verify fixtures/traces/v1-sealed.jsonl.zst \
	--key-file fixtures/traces/sealed.key
done_testing
