#!/usr/bin/env bash
# Builds GoReplay of its Go module into ${XDG_CACHE_HOME:-~/.cache}/lockstep,
# once (34 s of CPU); prints the program. Fails, saying why on stderr, where
# there is no Go, no libpcap, or the module cannot be had.
set -eu
dir=${XDG_CACHE_HOME:-$HOME/.cache}/lockstep/goreplay
command -v go >/dev/null || { echo "no go here" >&2; exit 1; }
mkdir -p "$dir"
exec 9>"$dir/lock"
flock 9
[ -x "$dir/goreplay" ] || GOBIN=$dir GOFLAGS= go install \
	github.com/buger/goreplay@v1.3.2 >&2
echo "$dir/goreplay"
