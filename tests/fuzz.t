#!/usr/bin/env bash
# The readers of model files over seeds and some thousand changes of each: no
# crash, no sanitizer's word. `make fuzz` goes on where this ends.
set -u
. tests/tap.sh
for name in safetensors tokenizer; do
	ok "$name" timeout 300 "$BUILD/tests/replay_$name" -n 3000 \
		tests/fuzz/*
done
done_testing
