#!/bin/sh
# lockstep ramp --set-weight suites/live/traefik-weight.sh: writes a file for
# Traefik's file provider, which reads it by itself (providers.file.watch).
# A cookie keeps a user at the arm that was chosen first.
#
#   TRAEFIK_FILE  the file that is written (in providers.file.directory)
#   PRIMARY_URL, CANDIDATE_URL
set -eu
weight=${LOCKSTEP_WEIGHT:?give LOCKSTEP_WEIGHT, as lockstep ramp does}
file=${TRAEFIK_FILE:-/etc/traefik/dynamic/lockstep.yml}
cat >"$file.new" <<YML
# $weight % to the candidate; written by traefik-weight.sh
http:
  routers:
    rag:
      rule: PathPrefix(\`/\`)
      service: rag
  services:
    rag:
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
