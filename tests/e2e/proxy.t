#!/usr/bin/env bash
# The recording proxy by the book: the corners of RFC 9112, byte for byte
# against what passes without it, and against the trace.
. tests/lib/tap.sh
command -v python3 >/dev/null || skip_all 'python3 is not installed'
trap - EXIT
timeout 300 python3 tests/lib/proxy_conform.py "$lockstep" "$T"
status=$?
[ $status -ne 0 ] || rm -rf "$T"
exit $status
