#!/usr/bin/env bash
# A recording in parts: each is a trace of its own, together they are all of
# it; the oldest go as the limits ask; a kill in between costs nothing that
# was said to be written.
. tests/lib/tap.sh

serve stub perl tests/lib/stub.pl
stub=$url
noise 200000 >"$T/random"

record() { # OPTION...: sets url, pid and status
	mkdir -p "$T/d"
	>"$T/rec.out"
	serve rec $lockstep record --upstream "$stub" --out "$T/d/t.jsonl.zst" \
		--status 127.0.0.1:0 "$@"
	url=$(sed -n 's/^recording \(http:[^ ]*\) .*/\1/p' "$T/rec.out")
	await 20 grep -q 'status at' "$T/rec.out"
	status=$(grep -o 'http://[^ ]*/metrics' "$T/rec.out")
}
parts() { ls "$T/d" | grep -E '^t-[0-9]{8}T[0-9]{6}\.[0-9]{3}Z\.jsonl\.zst$'; }
metric() { # NAME at least N
	[ "$(curl -s "$status" | sed -n "s/^lockstep_record_$1 //p")" -ge "$2" ]
}
written() { metric 'exchanges_total{state="written"}' "$1"; }
traffic() { # N requests of 4 KB that do not compress, one connection
	local i
	for ((i = 0; i < $1; i++)); do
		printf 'url=%s/echo?%s\ndata-binary=@%s\noutput=/dev/null\nnext\n' \
			"$url" $i "$T/part$((i % 4))"
	done >"$T/curl.$BASHPID"
	curl -s -H Expect: -K "$T/curl.$BASHPID" 2>/dev/null
}
for i in 0 1 2 3; do
	tail -c +$((i * 4096 + 1)) "$T/random" | head -c 4096 >"$T/part$i"
done
whole() { # every part is sound; prints what their accounts add up to
	local p
	for p in $(parts); do
		$lockstep trace verify "$T/d/$p" >/dev/null || echo "bad: $p"
		zstd -qdc "$T/d/$p" | jq -c 'select(.type == "tail")'
	done | jq -sc '[(map(.seen) | add), (map(.written) | add),
		(map([.dropped[]] | add // 0) | add)]'
}

# ---- by size --------------------------------------------------------------
record --rotate-size 64K --allow /echo
first=$(sed -n 's/^recording .* to //p' "$T/rec.out")
like "$first" 't-[0-9]{8}T[0-9]{6}\.[0-9]{3}Z\.jsonl\.zst$' \
	'the name of a part has the time of its start'
n=0
until metric parts_total 3 || [ $n -ge 1000 ]; do
	traffic 20
	curl -s "$url/status/200" >/dev/null
	sleep .1
	n=$((n + 20)) m=$((m + 1))
done
stop $pid
is "$(whole)" "[$((n + m)),$n,$m]" 'all parts are sound, their accounts add up'
like "$(cat "$T/rec.err")" \
	"t.jsonl.zst: seen $((n + m)) = written $n \+ dropped $m \(path not allowed $m\)" \
	'to the account at the end'
is "$(grep -c '/t-.*Z.jsonl.zst: seen' "$T/rec.err")" "$(parts | wc -l)" \
	'each part is said when it is complete'
like "$(cat "$T/rec.err")" "t.jsonl.zst: $(parts | wc -l) traces" \
	'and how many there are'
ok 'none is much larger than asked' [ -z "$(find "$T/d" -size +512k)" ]
ok 'together they are one trace' $lockstep trace merge "$T"/d/t-* \
	--out "$T/all.zst"
is "$(zstd -qdc "$T/all.zst" | jq -r 'select(.id) | .id' | sort -u | wc -l)" \
	"$n" 'of all exchanges, each once'
is "$(for p in $(parts); do zstd -qdc "$T/d/$p" | head -1; done |
	jq -sc '[(map(.part.n) | . == [range(1; 1 + length)]),
	(map(.clock.wall_ns) | unique | length)]')" '[true,1]' \
	'the heads number them, and their clock is one'

# ---- what is kept ---------------------------------------------------------
mv "$T/d/$(parts | head -1)" "$T/d/t-20200101T000000.000Z.jsonl.zst"
mkdir "$T/d/t-20200101T000000.000Z.jsonl.zst.d"
>"$T/d/t-20200101T000000.000Z.jsonl.zst.d/0123456789abcdef0123456789abcdef"
touch -d '3 days ago' "$T/d/t-20200101T000000.000Z.jsonl.zst"
cp "$first" "$T/other" 2>/dev/null || cp "$T/all.zst" "$T/other"
for f in u-20200101T000000.000Z.jsonl.zst t-notes.jsonl.zst \
		t-20200101T000000.000Z.zst t-20200101T000000.000Z.jsonl.zst2; do
	cp "$T/other" "$T/d/$f"
	touch -d '3 days ago' "$T/d/$f"
done
had=$(parts | wc -l)
record --rotate-age 1h --keep-age 2d
ok 'an old part is deleted' await 20 metric deleted_total 1
like "$(cat "$T/rec.err")" \
	't-20200101T000000.000Z.jsonl.zst: deleted \([0-9]+ bytes\), as --keep-age asks' \
	'and said'
is "$(ls "$T/d" | grep -c 2020)" 3 'with the bodies beside it, nothing else'
stop $pid
is "$(parts | wc -l)" "$had" 'the younger ones stay'
record --rotate-size 64K --keep-files 2
until metric parts_total 3; do traffic 20; sleep .1; done
stop $pid
ok '--keep-files' [ "$(parts | wc -l)" -le 2 ]
like "$(cat "$T/rec.err")" '[0-9]+ older traces deleted \([0-9]+ bytes\)' \
	'the end says how many went'
record --rotate-size 32K --keep-size 100K
until metric parts_total 4; do traffic 10; sleep .1; done
stop $pid
size=$(parts | (cd "$T/d" && xargs cat) | wc -c)
ok '--keep-size' [ "$size" -le 102400 -o "$(parts | wc -l)" = 1 ]
rm -r "$T/d"

# ---- by age ---------------------------------------------------------------
record --rotate-age 200ms
traffic 1
ok 'a part ends though nobody comes any more' await 20 metric parts_total 2
await 20 grep -q 'written 1 ' "$T/rec.err"
stop $pid
is "$(parts | wc -l)" 1 'an empty part at the end is not kept'
rm -r "$T/d"

# ---- a folder that is away for a while, a part that is deleted -------------
record --rotate-size 16K
traffic 1
await 20 written 1
mv "$T/d" "$T/away"
traffic 10
ok 'where no part can be begun, that is said' await 20 grep -q \
	'cannot create' "$T/rec.err"
mv "$T/away" "$T/d"
ok 'and it is begun as soon as it can be' await 20 metric parts_total 2
traffic 1
await 20 written 12
stop $pid
is $? 0 'nothing is lost'
is "$(whole)" '[12,12,0]' 'nothing at all'
rm -r "$T/d"
record --rotate-size 1G
traffic 3
await 20 written 3
rm "$T"/d/t-*
ok 'a part that somebody deletes is replaced' await 20 metric parts_total 2
await 20 grep -q 'written 0 + dropped 3' "$T/rec.err"
traffic 2
kill $pid
wait $pid
is $? 2 'the loss is told at the end'
is "$(whole)" '[2,2,0]' 'what came later is there'
like "$(cat "$T/rec.err")" \
	'seen 5 = written 2 \+ dropped 3 \(the trace was deleted 3\)' \
	'and the account has both'
rm -r "$T/d"

# ---- kill -9 while parts change all the time --------------------------------
for i in 1 2; do
	record --rotate-size 4096
	for j in 1 2; do
		(for k in $(seq 100); do traffic 10; sleep .1; done) &
		clients[j]=$!
	done
	await 20 metric parts_total $((i * 2))
	await 20 written 50
	safe=$(curl -s "$status" | sed -n 's/.*="written"} //p')
	{ kill -9 $pid; wait $pid; } 2>/dev/null
	kill "${clients[@]}" 2>/dev/null
	wait "${clients[@]}" 2>/dev/null
	for p in $(parts); do
		$lockstep trace verify "$T/d/$p" >/dev/null 2>&1 ||
			$lockstep trace repair "$T/d/$p" >/dev/null
	done
	got=$(whole)
	ok "kill -9: what was written is there ($safe of $got)" \
		[ "$(jq '.[1]' <<<"$got")" -ge "$safe" ]
	rm -r "$T/d"
done

# ---- refusals ---------------------------------------------------------------
status=$T/status
status 2 'limits that delete need parts' $lockstep record --upstream "$stub" \
	--out "$T/n.zst" --keep-files 3
like "$(cat "$T/err")" 'add --rotate-size' 'and say so'
status 2 'less to keep than a part' $lockstep record --upstream "$stub" \
	--out "$T/n.zst" --rotate-size 1M --keep-size 1K
status 2 'a size that is none' $lockstep record --upstream "$stub" \
	--out "$T/n.zst" --rotate-size 1X
like "$(cat "$T/err")" 'not a size such as' 'is said'
done_testing
