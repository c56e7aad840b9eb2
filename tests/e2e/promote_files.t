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
mkdir -p "$T/suites/judges" "$T/elsewhere"
cp tests/e2e/scorers/overlap.py "$T/suites/judges"
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
YAML
status 1 'a broken build' "$lockstep" run "$T/suites/s.yml" -q \
	--baseline "$base" --candidate "$bad"
status 0 'is promoted' "$lockstep" promote last --incident INC-9 \
	--owner kim --dir "$T/p"
mv "$T/p/"* "$T/elsewhere"
rm -rf "$T/suites" "$T/p"
cd "$T/elsewhere" || exit 1
like "$(ls | tr '\n' ' ')" 'INC-9.ca.pem .*INC-9.yml judges' 'with its files'
like "$(cat INC-9.yml)" '^profile: "?canary' 'its profile'
like "$(cat INC-9.yml)" 'strict: false' 'which asks no proof of a few cases'
is "$(grep -l 'PRIVATE KEY' -r . | wc -l)" 0 'and no private key'
like "$(cat INC-9.yml)" 'A private key is in no suite: --set' 'as it says'
status 0 'alone in a folder check takes it' "$lockstep" check INC-9.yml
status 0 'and it is proven' "$lockstep" prove -q INC-9.yml --fixed "$good"
done_testing
