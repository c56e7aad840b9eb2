#!/usr/bin/env bash
# usage: seed.sh NAME DIR: a small corpus for tests/fuzz/fuzz_NAME.c, made of
# the fixtures, so that fuzzing begins behind the first checks.
set -eu
name=$1 dir=$2
mkdir -p "$dir"
case $name in
trace)
	cp fixtures/traces/*.zst fixtures/traces/*.jsonl "$dir"
	for trace in fixtures/traces/*.zst; do
		n=$(stat -c %s "$trace")
		base=$dir/$(basename "$trace")
		head -c $((n / 2)) "$trace" >"$base.torn"
		head -c $((n - 20)) "$trace" >"$base.table"
		cat "$trace" "$trace" >"$base.twice"
	done
	i=0
	cat fixtures/traces/*.jsonl | while read -r line; do
		printf '%s\n' "$line" >"$dir/line$((i++))"
	done
	;;
safetensors | tokenizer)
	cp tests/fuzz/seeds/model/* "$dir"
	;;
suite | yaml)
	cp suites/*.yml tests/e2e/bad_suites/* "$dir"
	;;
extract | scorer | stream | h1 | import | json | split | lines | credential | guess | \
		openapi | where | live | ical | redact)
	cp "tests/fuzz/seeds/$name"/* "$dir"
	;;
result)
	cp tests/e2e/expected/report/*.json "$dir"
	;;
esac
