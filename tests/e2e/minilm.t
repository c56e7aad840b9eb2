#!/usr/bin/env bash
# A real embedding service over HTTP: all-MiniLM-L6-v2 behind /v1/embeddings.
set -u
. tests/lib/tap.sh
python=$(tests/bench/minilm_setup.sh 2>"$T/why") ||
	skip_all "no MiniLM: $(tail -1 "$T/why")"

serve minilm "$python" tests/bench/minilm_server.py --busy 3 --key k3y
export LOCKSTEP_EMBED_KEY=k3y
printf '%s\t%s\n' 'A man is playing a guitar.' 'Someone plays an instrument.' \
	'A man is playing a guitar.' 'The stock market fell sharply.' |
	$lockstep embed -p -e "openai:$url" >"$T/pairs"
# From the teacher's own library, to four digits.
is "$(cut -f2 "$T/pairs" | xargs)" "$(cat tests/e2e/meaning/minilm.txt)" \
	'vectors arrive, in the order of the texts'
seq 1 200 | sed 's/^/text number /' |
	$lockstep embed --stats -e "openai:$url#minilm" >"$T/many" 2>"$T/stats"
is "$(wc -l <"$T/many")" 200 'a vector for each of 200 texts'
is "$(awk '{ print NF }' "$T/many" | sort -u)" 384 'of 384 dimensions'
like "$(cat "$T/stats")" '[1-9][0-9]* retries, 0 batches failed' \
	'503 is asked again, and nothing is lost'
like "$(cat "$T/stats")" ' [1-9][0-9]{2,} tokens' 'tokens are counted'
is "$(echo 'text number 7' | $lockstep embed -e "openai:$url")" \
	"$(sed -n 7p "$T/many")" 'a vector does not depend on its batch'
like "$(seq 1 200 | sed 's/^/text number /' | $lockstep embed --stats \
	-e "openai:$url#minilm" 2>&1 >"$T/again")" \
	'200 vectors from the store, 0 made' 'the store keeps them'
ok 'as they were' cmp "$T/many" "$T/again"
LOCKSTEP_EMBED_KEY=wrong $lockstep embed --stats -e "openai:$url" \
	<<<'another' >"$T/out" 2>"$T/err"
like "$(cat "$T/out" "$T/err")" 'gave no vector' 'a wrong key gives none'
like "$(cat "$T/err")" '0 retries.*status 401' 'and is not tried again'
unlike "$(cat "$T/err")" 'wrong|k3y' 'the key is not printed'
done_testing
