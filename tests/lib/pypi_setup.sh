#!/usr/bin/env bash
# usage: pypi_setup.sh NAME 'MODULE, MODULE' [--deps] PACKAGE==VERSION...
# Makes a Python environment with these packages, with --deps also with what
# they depend on, in ${XDG_CACHE_HOME:-~/.cache}/lockstep/NAME, once; prints its interpreter.
# Fails, saying why on stderr, where Python or a package cannot be had.
set -eu
dir=${XDG_CACHE_HOME:-$HOME/.cache}/lockstep/$1
modules=$(tr -s "\n" " " <<<"$2")
shift 2
deps=--no-deps
[ "$1" != --deps ] || { deps=; shift; }
mkdir -p "$dir"
exec 9>"$dir/lock"
flock 9
if [ ! -e "$dir/ready" ]; then
	rm -rf "$dir/venv"
	python3 -m venv "$dir/venv" >&2
	"$dir/venv/bin/pip" install -q --disable-pip-version-check $deps \
		--timeout 20 --retries 1 "$@" >&2
	"$dir/venv/bin/python" -c "import $modules" >&2
	touch "$dir/ready"
fi
echo "$dir/venv/bin/python"
