#!/usr/bin/env bash
# usage: soak.sh N [NAME...]: N changed copies of each seed of the fuzzers whose
# inputs come from other people's tools and services: the import formats, what
# init reads, conditions, what is redacted. The same changes each time; says what each takes.
set -eu
cd "$(dirname "$0")/../.."
n=$1
shift
[ $# -gt 0 ] || set -- import guess openapi where redact
for name; do
	for seed in tests/fuzz/seeds/"$name"/*; do
		at=$SECONDS
		"$BUILD/tests/fuzz/replay_$name" -n "$n" "$seed"
		echo "$name $(basename "$seed"): $n changes, $((SECONDS - at)) s"
	done
done
