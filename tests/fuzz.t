#!/usr/bin/env bash
# The readers of model files, manifests, answers and scorers' lines over seeds and some
# thousand changes of each: no crash, no sanitizer's word. `make fuzz` goes on
# where this ends.
set -u
. tests/tap.sh
for name in safetensors tokenizer; do
	ok "$name" timeout 300 "$BUILD/tests/replay_$name" -n 3000 \
		tests/fuzz/*
done
for name in yaml suite; do
	ok "$name" timeout 300 "$BUILD/tests/replay_$name" -n 200 \
		suites/*.yml tests/bad_suites/*
done
ok extract timeout 300 "$BUILD/tests/replay_extract" -n 2000 \
	tests/fuzz_extract/*
ok scorer timeout 300 "$BUILD/tests/replay_scorer" -n 20000 \
	tests/fuzz_scorer/*
done_testing
