#!/usr/bin/env bash
# lockstep embed: its output, its errors, pairs that no embedder tells apart,
# the published models under ../shared where they are at hand.
set -u
. tests/lib/tap.sh

is "$(printf 'a b\n\n' | $lockstep embed -e lexical | tail -1)" \
	'- the text has no word' 'an empty line has no vector, and says why'
printf 'one text\n' | $lockstep embed >"$T/a"
printf 'x\none text\n' | $lockstep embed | tail -1 >"$T/b"
ok 'a vector does not depend on its company' cmp "$T/a" "$T/b"
is "$(cut -d' ' -f1-256 "$T/a" | tr ' ' '\n' | awk '{ s += $1 * $1 }
	END { printf "%.4f", s }')" 1.0000 'the dense part has unit length'
is "$(printf 'one text\n' | $lockstep embed --json | jq '.[0].dense |
	length')" 256 'the same as JSON'
is "$(printf 'a cat\ta cat\n' | $lockstep embed -p | cut -f1,2)" \
	$'0.0000\t0.0000' 'a text is at no distance from itself'
printf '5\ta cat sat\ta cat sat\n0\ta cat sat\tpay by card\n%s\n' \
	$'3\ta cat sat\tthe cat sits' >"$T/s.tsv"
like "$($lockstep embed --eval "$T/s.tsv")" '^Spearman 1.0000 over 3 pairs' \
	'--eval agrees with plain judgements'
status 2 'a bad score is an error' $lockstep embed --eval <(echo 'x	a	b')
like "$(cat "$T/err")" 'not a score' 'and it says which'
status 2 'an unknown embedder is an error' $lockstep embed -e bultin </dev/null
like "$(cat "$T/err")" 'builtin, lexical, model2vec:DIR' 'and it lists them'
like "$(printf 'a\nb\na\n' | $lockstep embed --stats 2>&1 >/dev/null)" \
	'3 texts, 1 known' 'a text is embedded once'

# A service that is not there: missing with a reason, never a number.
like "$(echo x | timeout 60 $lockstep embed -e openai:http://127.0.0.1:1 \
	--stats 2>&1)" 'gave no vector' 'a dead service gives no vector'
status 2 'no key in an address' $lockstep embed \
	-e openai:http://me:secret@127.0.0.1:1 </dev/null

# Words kept, meaning changed: what the document says is what is measured.
cut -f2,3 tests/e2e/meaning/pairs.tsv | $lockstep embed -p | cut -f1,3,4 |
	paste <(cut -f1,4 tests/e2e/meaning/pairs.tsv) - |
	awk -F'\t' '{ printf "| %s | %s / %s | %.2f | `contains: \"%s\"` |\n",
	$1, $4, $5, $3, $2 }' >"$T/pairs.md"
is "$(grep -cxFf "$T/pairs.md" README.md)" \
	"$(wc -l <tests/e2e/meaning/pairs.tsv)" \
	'the README shows the pairs with the distances they have'
is "$(awk -F'\t' 'index($2, $4) && !index($3, $4)' tests/e2e/meaning/pairs.tsv |
	wc -l)" "$(wc -l <tests/e2e/meaning/pairs.tsv)" \
	'and an assertion that tells each pair apart'

# calibrate: a curve of one's own, and a suite that judges with it.
hb=fixtures/handbook
printf '%s\n' 'lockstep: 1' 'name: cal' "cases: $PWD/$hb/gold.jsonl" \
	"sections: $PWD/$hb/sections.jsonl" 'embedder: lexical' \
	'targets: {candidate: {url: "http://127.0.0.1:1"}}' >"$T/cal.yml"
$lockstep calibrate "$T/cal.yml" --json >"$T/cal.json"
ok 'calibrate: right sections are nearer than wrong ones' jq -e \
	'.auc_same > .85 and .auc_other > .95 and .t_lo <= .t and
	.t <= .t_hi and (.limits | length == 4)' "$T/cal.json"
cmp -s <($lockstep calibrate "$T/cal.yml" --json) "$T/cal.json"
is $? 0 'and the same again'
like "$($lockstep calibrate "$T/cal.yml" -e builtin)" \
	'embedder_t: 0\.[0-9]{4}' 'it says what to write into the suite'
status 2 'a suite without sections cannot be calibrated' \
	$lockstep calibrate <(grep -v sections "$T/cal.yml")

# Golden vectors of the reference implementation.
models=../shared/data/models
toy() { # NAME EMBEDDINGS TEXT
	[ -d $models ] || return 0
	printf '%s\n' "$3" | $lockstep embed --json \
		-e model2vec:$models/model2vec-toy/$1 >"$T/toy.json"
	ok "$1: as the reference, within 1e-4" jq -e -n \
		--slurpfile a "$T/toy.json" \
		--slurpfile b $models/model2vec-toy/$2 \
		'[$a[0][0].dense, $b[0][0]] | transpose |
		map(.[0] - .[1] | fabs) | length > 1 and max < 1e-4'
}
hellos=$(printf 'hello %.0s' $(seq 1000))
toy test-model-float32 embeddings_short.json 'hello world'
toy test-model-float32 embeddings_long.json "$hellos"
toy test-model-vocab-quantized embeddings_vocab_quantized.json "$hellos"
if [ -d $models ]; then
	jq -r '.[].text' $models/static-minilm-256-int8/golden.json |
		$lockstep embed --json \
		-e model2vec:$models/static-minilm-256-int8 >"$T/full.json"
	is "$(jq -n --slurpfile a "$T/full.json" --slurpfile b \
		$models/static-minilm-256-int8/golden.json \
		'[range($b[0] | length)] | map($a[0][.].dense as $x |
		$b[0][.].mean as $y | if $x == null then
		($y | map(fabs) | max) else ([$x, $y] | transpose |
		map(.[0] - .[1] | fabs) | max) end) | map(. < 1e-4) | all')" \
		true 'a full-size model: as the reference, within 1e-4'
fi
done_testing
