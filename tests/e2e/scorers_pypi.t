#!/usr/bin/env bash
# A judge made of a package from PyPI, on a faulty candidate and a sound one.
. tests/lib/tap.sh
python=$(tests/lib/pypi_setup.sh rapidfuzz rapidfuzz rapidfuzz==3.14.6 2>"$T/why") ||
	skip_all "no rapidfuzz: $(tail -1 "$T/why")"
export JUDGE_PYTHON=$python

handbook base --seed 1; base=$url
handbook good --seed 2; good=$url
handbook bad --seed 2 --fault wrongtop=.6; bad=$url
sed "s|\.\./fixtures|$PWD/fixtures|" suites/handbook.yml >"$T/suite.yml"
cat >>"$T/suite.yml" <<-EOS
	gates: {latency: false}
	scorers:
	  - exec: \$JUDGE_PYTHON tests/e2e/scorers/fuzzy.py
	    name: rapidfuzz
	    metrics: {grounded: {margin: 0.05}}
EOS
one() { jq -r '.gates[] | select(.name == "grounded").'"$1" "$T/out"; }
status 0 'equal stacks pass' "$lockstep" run "$T/suite.yml" -q --json \
	--baseline "$base" --candidate "$good" --set warmup=2
is "$(one verdict) $(one n)" 'PASS 40' 'over all cases'
status 1 'other answers fail' "$lockstep" run "$T/suite.yml" -q --json \
	--baseline "$base" --candidate "$bad" --set warmup=2
is "$(one verdict)" FAIL 'by what the package says'
ok 'with its numbers' jq -e '.gates[] | select(.name == "grounded") |
	.p_holm <= .01 and .value > .05 and .candidate < .baseline' "$T/out"
done_testing
