#!/bin/bash
# A promoted suite takes with it what it needs elsewhere: scorers and the files
# that they name, certificates, the profile; a private key stays where it is.
set -u
. tests/lib/tap.sh
command -v python3 >/dev/null || skip_all 'no python3'
handbook base --seed 1
base=$url
handbook bad --seed 2 --fault missing=.3
bad=$url
handbook good --seed 2
good=$url
mkdir -p "$T/suites/judges" "$T/elsewhere" "$T/shared" "$T/far off"
cp tests/e2e/scorers/overlap.py "$T/suites/judges"
for at in shared 'far off' suites; do
	cat >"$T/$at/judge.py" <<-PY
		import json, sys
		for line in sys.stdin:  # $at
		    print(json.dumps({"id": json.loads(line)["id"],
		        "metrics": {sys.argv[1]: len(open(sys.argv[2]).read())}}),
		        flush=True)
	PY
	echo "the prompt of $at" >"$T/$at/prompt.txt"
done
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
	-keyout "$T/suites/key.pem" -out "$T/suites/ca.pem" 2>"$T/err"
cat "$T/suites/ca.pem" "$T/suites/key.pem" >"$T/suites/own.pem"
sed "s|\.\./fixtures|$PWD/fixtures|; s/^gates: .*/gates: {latency: false}/
	s/^profile: .*/profile: canary/" suites/handbook.yml >"$T/suites/s.yml"
cat >>"$T/suites/s.yml" <<'YAML'
targets:
  candidate: {ca_file: ca.pem, cert_file: own.pem, key_file: key.pem}
scorers:
  - exec: python3 "$LOCKSTEP_SUITE_DIR"/judges/overlap.py
    name: overlap
    metrics: {faithfulness: {margin: 0.02}}
  - exec: python3 "$LOCKSTEP_SUITE_DIR/../shared/judge.py" up ${LOCKSTEP_SUITE_DIR}/../shared/prompt.txt
    metrics: {up: {gate: info}}
  - exec: /usr/bin/env python3 "FAR OFF/judge.py" far FAR-OFF/prompt.txt 2>>/dev/null
    metrics: {far: {gate: info}}
  - exec: cd "$LOCKSTEP_SUITE_DIR" && python3 judge.py beside prompt.txt
    metrics: {beside: {gate: info}}
YAML
sed -i "s|FAR OFF|$T/far off|g; s|FAR-OFF|$T/far\\\\ off|g" "$T/suites/s.yml"
status 1 'a broken build' "$lockstep" run "$T/suites/s.yml" -q \
	--baseline "$base" --candidate "$bad"
status 0 'is promoted' "$lockstep" promote last --incident INC-9 \
	--owner kim --dir "$T/p"
mv "$T/p/"* "$T/elsewhere"
sed -i 's|python3 "$LOCKSTEP_SUITE_DIR"/judges/overlap.py|(cd "$LOCKSTEP_SUITE_DIR/judges"; python3 overlap.py)|' \
	"$T/suites/s.yml"
status 1 'one that needs a folder' "$lockstep" run "$T/suites/s.yml" -q \
	--baseline "$base" --candidate "$bad"
status 2 'is refused' "$lockstep" promote last --incident INC-10 \
	--owner kim --dir "$T/p"
like "$(cat "$T/err")" 'scorer "overlap" names .*judges, a folder: the promoted' \
	'and says why'
rm -rf "$T/suites" "$T/p" "$T/shared" "$T/far off"
cd "$T/elsewhere" || exit 1
like "$(ls | tr '\n' ' ')" 'INC-9.ca.pem .*INC-9.yml judge.py judges prompt.txt scorers' \
	'with its files'
is "$(cd scorers && ls | sed 's/-.*\././' | sort | uniq -c | tr -s ' \n' ' ')" \
	' 2 judge.py 2 prompt.txt ' 'those from elsewhere under names of their own'
like "$(cat INC-9.yml)" '^profile: "?canary' 'its profile'
like "$(cat INC-9.yml)" 'strict: false' 'which asks no proof of a few cases'
is "$(grep -l 'PRIVATE KEY' -r . | wc -l)" 0 'and no private key'
like "$(cat INC-9.yml)" 'A private key is in no suite: --set' 'as it says'
status 0 'alone in a folder check takes it' "$lockstep" check INC-9.yml
status 0 'and it is proven' "$lockstep" prove -q INC-9.yml --fixed "$good"
done_testing
