#!/usr/bin/env bash
# Unpacks the texts that people judged and measures the embedders on them;
# `minilm` stands for all-MiniLM-L6-v2 behind /v1/embeddings.
set -eu
cd "$(dirname "$0")/../.."
data=../shared/data
BUILD=${BUILD:-build}
[ -d $data ] || { echo "bench-meaning: no $data" >&2; exit 2; }
tmp=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$tmp"' EXIT
for f in stsb_dev.tsv squad_sections.jsonl squad_gold.jsonl banking77.jsonl; do
	zstd -qdc $data/$f.zst >"$tmp/$f"
done
echo "# $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs)," \
	"$(git rev-parse --short HEAD 2>/dev/null || echo no commit)"
specs=()
for spec in "$@"; do
	if [ "$spec" = minilm ]; then
		python=$(tests/bench/minilm_setup.sh 2>"$tmp/why") || {
			echo "# minilm left out: $(tail -1 "$tmp/why")"
			continue
		}
		"$python" tests/bench/minilm_server.py >"$tmp/url" &
		server=$!
		until [ -s "$tmp/url" ]; do
			kill -0 $server
			sleep .1
		done
		spec=openai:$(cat "$tmp/url")
	fi
	specs+=("$spec")
done
"$BUILD/tests/bench/bench_meaning" "$tmp" "${specs[@]}"
