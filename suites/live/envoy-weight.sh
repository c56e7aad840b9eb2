#!/bin/sh
# lockstep ramp --set-weight suites/live/envoy-weight.sh: sets the runtime key of
# envoy.yml at Envoy's admin port, and reads it back.
#
#   ENVOY_ADMIN   default http://127.0.0.1:9901
set -eu
weight=${LOCKSTEP_WEIGHT:?give LOCKSTEP_WEIGHT, as lockstep ramp does}
admin=${ENVOY_ADMIN:-http://127.0.0.1:9901}
curl -sSf -m 10 -X POST \
	"$admin/runtime_modify?routing.candidate=$weight" >/dev/null
curl -sSf -m 10 "$admin/runtime" | tr -d ' \n' |
	grep -q "\"routing.candidate\":{[^}]*\"final_value\":\"$weight\""
