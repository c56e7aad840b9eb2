#!/bin/sh
# lockstep ramp --set-weight suites/live/envoy-weight.sh: sets both runtime keys
# of envoy.yml at Envoy's admin port at once, and reads them back.
#
#   ENVOY_ADMIN   default http://127.0.0.1:9901
set -eu
weight=${LOCKSTEP_WEIGHT:?give LOCKSTEP_WEIGHT, as lockstep ramp does}
admin=${ENVOY_ADMIN:-http://127.0.0.1:9901}
rest=$((100 - weight))
curl -sSf -m 10 -X POST \
	"$admin/runtime_modify?routing.candidate=$weight&routing.primary=$rest" \
	>/dev/null
is=$(curl -sSf -m 10 "$admin/runtime" | tr -d ' \n')
has() { printf %s "$is" | grep -q "\"$1\":{[^}]*\"final_value\":\"$2\""; }
has routing.candidate "$weight" && has routing.primary "$rest"
