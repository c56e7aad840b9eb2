#!/usr/bin/env bash
# Manifests that operators already have are accepted as they are, and each
# word is either judged or noted.
. tests/lib/tap.sh
dir=../shared/data/manifests
[ -d "$dir" ] || skip_all "no $dir"

for f in "$dir"/*.yml; do
	status 0 "check accepts $(basename "$f")" "$lockstep" check --json "$f"
	is "$(jq '.[0] | .ok and (.errors | length == 0)' "$T/out")" true \
		'without errors'
	# every top-level word but our own is spoken of in a note
	for word in $(grep -oE '^[a-z_]+' "$f"); do
		case $word in gates) continue ;; esac
		like "$(jq -r '.[0].notes[]' "$T/out")" "(^|[^a-z])$word" \
			"$(basename "$f"): $word is spoken of"
	done
done

gate() { # FILE PATTERN
	"$lockstep" check "$dir/$1" | grep -E '^  gates' | grep -qE "$2"
}
ok 'readiness sets its levels' gate rollout_readiness_gate.yml \
	'ΔS ≤ 0.45, coverage ≥ 0.7'
ok 'a stricter level of another manifest shows' bash -c "
	sed 's/min_coverage: 0.70/min_coverage: 0.85/' \
		$dir/rollout_readiness_gate.yml >$T/r.yml
	$lockstep check $T/r.yml | grep -q 'coverage ≥ 0.85'"
ok 'words and a suite of our own together' bash -c "
	printf 'extends: $PWD/$dir/version_lock.yml\nname: both\n' >$T/b.yml
	$lockstep check $T/b.yml | grep -q 'judged, as pins.equal'"

done_testing
