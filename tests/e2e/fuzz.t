#!/usr/bin/env bash
# The readers of JSON, model files, manifests, answers, reports, lines of
# scorers and of files beside a suite, HTTP, conditions, what finds credentials,
# redaction and what init finds out, over seeds and some thousand changes of
# each: no crash, no word of a sanitizer. `make soak` and `make fuzz` go on
# where this ends.
set -u
. tests/lib/tap.sh
for name in safetensors tokenizer; do
	ok "$name" timeout 300 "$BUILD/tests/fuzz/replay_$name" -n 3000 \
		tests/fuzz/seeds/model/*
done
for name in yaml suite; do
	ok "$name" timeout 300 "$BUILD/tests/fuzz/replay_$name" -n 200 \
		suites/*.yml tests/e2e/bad_suites/*
done
ok extract timeout 300 "$BUILD/tests/fuzz/replay_extract" -n 2000 \
	tests/fuzz/seeds/extract/*
ok scorer timeout 300 "$BUILD/tests/fuzz/replay_scorer" -n 20000 \
	tests/fuzz/seeds/scorer/*
ok 'heads and bodies' timeout 300 "$BUILD/tests/fuzz/replay_h1" -n 5000 \
	tests/fuzz/seeds/h1/*
ok import timeout 300 "$BUILD/tests/fuzz/replay_import" -n 200 \
	tests/fuzz/seeds/import/*
ok json timeout 300 "$BUILD/tests/fuzz/replay_json" -n 20000 \
	tests/fuzz/seeds/json/*
ok 'one array out of JSON' timeout 300 "$BUILD/tests/fuzz/replay_split" \
	-n 20000 tests/fuzz/seeds/split/*
ok 'reports' timeout 300 "$BUILD/tests/fuzz/replay_result" -n 2000 \
	tests/e2e/expected/report/*.json
ok 'gold, sections, acceptances' timeout 300 "$BUILD/tests/fuzz/replay_lines" \
	-n 1500 tests/fuzz/seeds/lines/*
ok 'credentials' timeout 300 "$BUILD/tests/fuzz/replay_credential" -n 20000 \
	tests/fuzz/seeds/credential/*
ok 'what init finds out' timeout 300 "$BUILD/tests/fuzz/replay_guess" -n 400 \
	tests/fuzz/seeds/guess/*
ok 'OpenAPI' timeout 300 "$BUILD/tests/fuzz/replay_openapi" -n 20000 \
	tests/fuzz/seeds/openapi/*
ok 'iCalendar' timeout 300 "$BUILD/tests/fuzz/replay_ical" -n 500 \
	tests/fuzz/seeds/ical/*
ok 'conditions' timeout 300 "$BUILD/tests/fuzz/replay_where" -n 2000 \
	tests/fuzz/seeds/where/*
ok 'what is redacted' timeout 300 "$BUILD/tests/fuzz/replay_redact" -n 3000 \
	tests/fuzz/seeds/redact/*
ok "the live verdict's state" timeout 300 "$BUILD/tests/fuzz/replay_live" \
	-n 400 tests/fuzz/seeds/live/*
done_testing
