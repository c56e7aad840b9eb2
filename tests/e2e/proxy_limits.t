#!/usr/bin/env bash
# The recording proxy is never in the way: memory, connections, files, a
# stopped service, a trace that is deleted or does not fit.
. tests/lib/tap.sh
command -v python3 >/dev/null || skip_all 'python3 is not installed'
trap - EXIT
timeout 300 python3 tests/lib/proxy_limits.py "$lockstep" "$T"
status=$?
[ $status -ne 0 ] || rm -rf "$T"
exit $status
