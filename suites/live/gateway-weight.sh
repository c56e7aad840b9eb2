#!/bin/sh
# lockstep ramp --set-weight suites/live/gateway-weight.sh: sets the weights of
# gateway-httproute.yml.
#
#   KUBECTL       default kubectl
#   HTTPROUTE     default rag; NAMESPACE: that of the context
set -eu
weight=${LOCKSTEP_WEIGHT:?give LOCKSTEP_WEIGHT, as lockstep ramp does}
${KUBECTL:-kubectl} ${NAMESPACE:+-n "$NAMESPACE"} patch httproute \
	"${HTTPROUTE:-rag}" --type json -p "[
	{\"op\": \"replace\", \"path\": \"/spec/rules/0/backendRefs/0/weight\",
	 \"value\": $((100 - weight))},
	{\"op\": \"replace\", \"path\": \"/spec/rules/0/backendRefs/1/weight\",
	 \"value\": $weight}]"
