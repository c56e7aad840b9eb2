#!/bin/sh
# lockstep ramp --set-weight suites/live/traefik-weight.sh: writes a file for
# Traefik's file provider, which reads it by itself (providers.file.watch).
# A cookie keeps a user at the arm that was chosen first.
#
#   TRAEFIK_FILE  the file that is written (in providers.file.directory)
#   PRIMARY_URL, CANDIDATE_URL
#   MIRROR_URL    a lockstep shadow --from-mirror: it gets a copy of each
#                 request, whichever arm answers it; without it there is none
set -eu
weight=${LOCKSTEP_WEIGHT:?give LOCKSTEP_WEIGHT, as lockstep ramp does}
file=${TRAEFIK_FILE:-/etc/traefik/dynamic/lockstep.yml}
arms=rag mirror=
if [ -n "${MIRROR_URL:-}" ]; then
	arms=arms
	mirror="
    rag:
      mirroring:
        service: arms
        mirrors:
          - name: shadow
            percent: 100
    shadow:
      loadBalancer:
        servers:
          - url: \"$MIRROR_URL\""
fi
cat >"$file.new" <<YML
# $weight % to the candidate; written by traefik-weight.sh
http:
  routers:
    rag:
      rule: PathPrefix(\`/\`)
      service: rag
  services:$mirror
    $arms:
      weighted:
        services:
          - name: primary
            weight: $((100 - weight))
          - name: candidate
            weight: $weight
        sticky:
          cookie:
            name: lockstep_arm
            httpOnly: true
    primary:
      loadBalancer:
        servers:
          - url: "${PRIMARY_URL:-http://127.0.0.1:8080}"
    candidate:
      loadBalancer:
        servers:
          - url: "${CANDIDATE_URL:-http://127.0.0.1:8081}"
YML
mv "$file.new" "$file"
