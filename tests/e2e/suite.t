#!/usr/bin/env bash
# Manifests through the program: errors word by word, shipped suites, the
# reference and the schema against the table of keys.
. tests/lib/tap.sh
export LC_ALL=C

# --- what is wrong, with its place -----------------------------------------
for f in tests/e2e/bad_suites/*; do
	"$lockstep" check "$f" 2>&1 >/dev/null
	echo "exit status $?"
done >"$T/bad.txt"
if diff -u tests/e2e/expected/bad_suites.txt "$T/bad.txt" >"$T/diff"; then
	tap_say 0 'errors of bad suites are as expected'
else
	tap_say 1 'errors of bad suites are as expected'
	head -30 "$T/diff" | sed 's/^/# /'
fi
is "$(grep -c '^exit status 2$' "$T/bad.txt")" \
	"$(ls tests/e2e/bad_suites | wc -l)" 'each exits 2'
unlike "$(cat "$T/bad.txt")" 'secret' 'no credential of a URL is repeated'

# --- what is shipped --------------------------------------------------------
for f in suites/*.yml; do
	ok "check accepts $f" "$lockstep" check "$f"
done
"$lockstep" check --json suites/starter.yml >"$T/starter.json"
is "$(jq -r '.[0] | "\(.ok) \(.cases) \(.variants_per_case) \(.requests)"' \
	"$T/starter.json")" 'true 40 6 720' 'check --json says what is asked'
is "$(jq -r '.[0].arms | keys | join(",")' "$T/starter.json")" \
	'baseline,candidate' 'and of whom'
status 2 'one bad suite among good ones' "$lockstep" check --json \
	suites/smoke.yml tests/e2e/bad_suites/twice.yml
is "$(jq -r '[.[].ok] | join(",")' "$T/out")" 'true,false' \
	'each is told apart'

# --- one truth --------------------------------------------------------------
"$lockstep" check --schema >"$T/schema.json"
ok 'the shipped schema is the one of the table of keys' \
	cmp "$T/schema.json" suites/lockstep.schema.json
ok 'the schema is JSON' jq -e '."$defs".target.properties.url' \
	suites/lockstep.schema.json
sed -n '/^<!-- keys -->$/,/^<!-- end of keys -->$/p' harness/SUITE.md |
	sed '1d;$d' >"$T/reference.md"
"$lockstep" check --keys >"$T/keys.md"
ok 'the reference in SUITE.md is the table of keys' \
	diff "$T/reference.md" "$T/keys.md"

# Each YAML block of SUITE.md that is a whole suite is accepted.
mkdir "$T/doc"
cp fixtures/handbook/gold.jsonl fixtures/handbook/sections.jsonl "$T/doc/"
awk -v dir="$T/doc" '/^```yaml suite$/ { f = dir "/s" ++n ".yml"; next }
	/^```$/ { f = "" } f { print > f }' harness/SUITE.md
n=$(ls "$T"/doc/s*.yml | wc -l)
ok 'SUITE.md shows whole suites' test "$n" -ge 3
for f in "$T"/doc/s*.yml; do
	ok "check accepts example $(basename "$f")" "$lockstep" check "$f"
done

# --- overrides --------------------------------------------------------------
status 0 '--set reaches in' "$lockstep" check --json suites/smoke.yml \
	--set variants.repeats=7 --set targets.candidate=http://127.0.0.1:1
is "$(jq '.[0].requests' "$T/out")" 84 'and changes the plan'
status 2 'a bad --set' "$lockstep" check suites/smoke.yml --set gates.x=1
like "$(cat "$T/err")" '^--set gates.x: unknown key "x" in gates' \
	'is told as such'
status 2 'no suite' "$lockstep" check
status 2 'no such suite' "$lockstep" check "$T/gone.yml"
like "$(cat "$T/err")" 'gone.yml: cannot open: No such file' 'says so'

# --- one case ---------------------------------------------------------------
id=$(jq -r .id fixtures/handbook/gold.jsonl | head -n 1)
status 0 'a case of a suite without stacks' "$lockstep" check \
	suites/handbook.yml --case "$id"
like "$(cat "$T/out")" 'POST /query' 'its request is shown all the same'

# --- the list ---------------------------------------------------------------
status 0 'suites lists a folder' "$lockstep" suites
is "$(wc -l <"$T/out")" "$(ls suites/*.yml | wc -l)" 'one line a suite'
"$lockstep" suites --json suites/smoke.yml >"$T/list.json"
is "$(jq -r '.[0] | "\(.name) \(.profile) \(.cases)"' "$T/list.json")" \
	'handbook-smoke smoke 12' 'suites --json'
status 2 'a bad suite in the list' "$lockstep" suites suites \
	tests/e2e/bad_suites/twice.yml
like "$(cat "$T/err")" 'twice.yml:3:1' 'is named'
status 2 'no such folder' "$lockstep" suites "$T/gone"

# --- secrets ----------------------------------------------------------------
cat >"$T/secret.yml" <<'EOF'
targets:
  candidate: {url: "http://127.0.0.1:1", headers: {A: "Bearer ${LS_T_TOKEN}"}}
EOF
LS_T_TOKEN=s3cr3tvalue "$lockstep" check --json "$T/secret.yml" \
	>"$T/secret.json" 2>&1
unlike "$(cat "$T/secret.json")" s3cr3tvalue 'a secret is not printed'
status 0 'an unset name is no error here' "$lockstep" check "$T/secret.yml"
like "$(cat "$T/out")" 'LS_T_TOKEN. is not set' 'but it is noted'
status 0 'a name in a body' "$lockstep" check "$T/secret.yml" \
	--set 'request.body.k=${LS_T_TOKEN}'
like "$(cat "$T/out")" 'is recorded with every request' 'is warned of'
a=$(LS_T_TOKEN=a "$lockstep" check --json "$T/secret.yml" | jq -r '.[].hash')
b=$(LS_T_TOKEN=b "$lockstep" check --json "$T/secret.yml" | jq -r '.[].hash')
is "$a" "$b" 'and does not make another suite'

done_testing
