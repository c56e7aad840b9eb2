#!/usr/bin/env bash
# From `git clone` to a verdict on services of other makes, by the clock and as
# a newcomer: a clone of its own, built without a compiler's cache, then
# tests/e2e/foreign_*.t with that build. What the services themselves take to
# install is theirs and said apart, each in a fresh folder: FRESH=1.
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
export CCACHE_DISABLE=1
[ -z "${FRESH:-}" ] || export XDG_CACHE_HOME=$T/cache
[ -e .git ] || skip_all "not a git checkout"
ok 'clone' git clone -q . "$T/clone"
lap 'clone'
cd "$T/clone" || exit 1
ok 'build' make -s
unlike "$(cat "$T/ok.out")" 'warning:' 'without a warning'
lap 'build'
for t in tests/e2e/foreign_*.t; do
	said=$(BUILD=build bash "$t" 2>&1)
	is $? 0 "$(basename "$t")"
	diag "$(grep -E '^(# .*: [0-9]+ s$|not ok|1\.\.0)' <<<"$said" |
		sed 's/^# //')"
	lap "$(basename "$t") in all"
done
cd "$OLDPWD" || exit 1
done_testing
