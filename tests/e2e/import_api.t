#!/usr/bin/env bash
# import langfuse and phoenix by their APIs: pages, times, a share of it, keys of
# the environment, answers of 429 and 503, what is gone meanwhile; an import that
# is killed goes on where it was.
. tests/lib/tap.sh
export LANGFUSE_PUBLIC_KEY=pk-lf-1 LANGFUSE_SECRET_KEY=sk-lf-hush
export PHOENIX_API_KEY=hush-phoenix
api() { serve "$1" /usr/bin/python3 tests/lib/store_api.py "${@:2}"; }
made() { $lockstep trace cat "$1" "${@:2}" | jq -c 'select(.id)'; }

# ---- Langfuse -------------------------------------------------------------------
api lf2 120 0
status 0 'Langfuse' $lockstep import langfuse --url "$url" --out "$T/l2.zst"
like "$(cat "$T/out")" "^$url: 8 requests\$" \
	'a look, 4 pages, 3 asked again'
is "$(made "$T/l2.zst" | jq -r '.request.body | fromjson | .question' | sort |
	uniq -c | grep -c ' 1 Question')" 120 \
	'observations of one trace on two pages are one'
is "$(made "$T/l2.zst" | jq -c '.response.body | fromjson |
	select(.answer == "Answer 5.") | [.retrieved[0].snippet_id,
	.usage.tokens_in]')" '["d5",11]' 'with what they say in their raw texts'
is "$(made "$T/l2.zst" | jq -r .session | sort -u | wc -l)" 7 'in their sessions'
status 0 'of a time' $lockstep import langfuse --url "$url" --out "$T/t2.zst" \
	--since 2026-01-01T01:00:00Z --until 2026-01-01T01:10:00Z
is "$(made "$T/t2.zst" | wc -l)" 10 'asks for no more'

# ---- an older one -----------------------------------------------------------------
api lf 120 0 older
status 0 'an older Langfuse' $lockstep import langfuse --url "$url" --out "$T/l.zst"
like "$(cat "$T/out")" "^$url: 127 requests; some traces were gone" \
	'a look, 3 pages, 120 traces, 3 asked again'
like "$(cat "$T/out")" '119 exchanges of' 'what is gone is left out'
is "$(made "$T/l.zst" | jq -r '.request.body | fromjson | .question' | sort |
	uniq -c | grep -c ' 1 Question')" 119 'each once'
is "$(made "$T/l.zst" | head -1 | jq -c '.response.body | fromjson |
	[.answer, .retrieved[0].snippet_id, .usage.tokens_in]')" \
	'["Answer 0.","d0",11]' 'with what its observations say'
unlike "$(zstd -qdc "$T/l.zst")" 'hush' 'without the key'
status 0 'of a time' $lockstep import langfuse --url "$url" --out "$T/t.zst" \
	--since 2026-01-01T01:00:00Z --until 2026-01-01T01:10:00Z
is "$(made "$T/t.zst" | wc -l)" 10 'asks for no more'
ok 'in one page' grep -qi 'toTimestamp=2026-01-01T01%3A10%3A00.000Z' "$T/lf.err"
for i in 1 2; do
	status 0 'a share' $lockstep import langfuse --url "$url" \
		--out "$T/s$i.zst" --sample .2 --seed 7
done
n=$(made "$T/s1.zst" | wc -l)
ok "is about so large ($n of 119)" [ "$n" -gt 10 -a "$n" -lt 40 ]
is "$(made "$T/s2.zst" | jq -c .request)" "$(made "$T/s1.zst" | jq -c .request)" \
	'and the same again'
like "$(cat "$T/out")" ": $((n + 4)) requests|: $((n + 5)) requests" \
	'what is not drawn is not asked for'
LANGFUSE_SECRET_KEY=no status 2 'another key' $lockstep import langfuse \
	--url "$url" --out "$T/n.zst"
like "$(cat "$T/err")" 'status 401: check the key in the environment: .*Invalid' \
	'says so'
ok 'and leaves nothing behind' [ ! -e "$T/n.zst" ]
status 2 'no key' env -u LANGFUSE_SECRET_KEY $lockstep import langfuse \
	--url "$url" --out "$T/n.zst"
like "$(cat "$T/err")" 'set LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY' 'says so'
status 2 'a file format has no API' $lockstep import har --url "$url" \
	--out "$T/n.zst"

# ---- Phoenix --------------------------------------------------------------------
api ph 120 0
status 0 'Phoenix' $lockstep import phoenix --url "$url" --project 'my shop' \
	--out "$T/p.zst"
is "$(made "$T/p.zst" | jq -r '.request.body | fromjson | .question' | sort |
	uniq -c | grep -c ' 1 Question')" 120 'spans of one trace on two pages are one'
is "$(made "$T/p.zst" | jq -c '.response.body | fromjson |
	select(.answer == "Answer 5.") | .retrieved[0].text')" '"Text 5."' \
	'with what was retrieved'
status 0 'of a time' $lockstep import phoenix --url "$url" --project 'my shop' \
	--since 2026-01-01T01:00:00Z --until 2026-01-01T01:10:00Z --out "$T/pt.zst"
is "$(made "$T/pt.zst" | wc -l)" 10 'asks for no more'
status 2 'a project that is not there' $lockstep import phoenix --url "$url" \
	--out "$T/n.zst"
like "$(cat "$T/err")" '404: .*; name a project with --project' 'says so'

# ---- cut off --------------------------------------------------------------------
head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n' >"$T/key"
key=(--key-file "$T/key")
for store in 'older 90 older' 'langfuse 5' 'phoenix 4'; do
	read -r name hang more <<<"$store"
	api "$name" 120 "$hang" $more
	what=(import "${name/older/langfuse}" --url "$url" --project 'my shop' --out "$T/$name.zst"
		"${key[@]}")
	$lockstep "${what[@]}" >/dev/null 2>&1 &
	import=$!
	ok "$name: an import is under way" await 30 grep -q hangs "$T/$name.err"
	kill -9 $import
	wait $import 2>/dev/null
	ok 'killed, it has made no trace' [ ! -e "$T/$name.zst" ]
	ok 'and nothing that can be read' bash -c \
		"! grep -q Question '$T/$name.zst.pages'"
	before=$(grep -c / "$T/$name.err")
	status 2 'another question does not go on with its pages' $lockstep \
		"${what[@]}" --since 24h
	like "$(cat "$T/err")" 'pages of another import' 'and says so'
	status 0 'again, it goes on' $lockstep "${what[@]}"
	after=$(($(grep -c / "$T/$name.err") - before))
	case $name in
	older) is "$(made "$T/$name.zst" "${key[@]}" | wc -l)" 119 'to all of them'
		ok "where it was ($after requests)" [ $after -lt 50 ] ;;
	*) is "$(made "$T/$name.zst" "${key[@]}" | wc -l)" 120 'to all of them'
		ok "where it was ($after requests)" [ $after -lt 5 ] ;;
	esac
	ok 'the pages are gone' [ ! -e "$T/$name.zst.pages" ]
done
done_testing
