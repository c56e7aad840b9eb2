# For tests/bench/bench.sh: peers that Debian does not have, from their own package
# registries into $BUILD/peers, once. Each is optional; a line on stderr says
# why one is missing.

goreplay=		# the program, or empty
goreplay_version=v1.3.2
promptfoo=		# a folder with node_modules, or empty
peers=$BUILD/peers
mkdir -p "$peers"

# From its Go module through the module proxy; it captures packets elsewhere,
# hence libpcap.
get_goreplay() {
	local sudo='' go=$dir/go
	goreplay=$peers/goreplay
	[ -x "$goreplay" ] && return
	goreplay=
	command -v go >/dev/null || { say 'no go: GoReplay is left out'; return; }
	if [ ! -e /usr/include/pcap.h ]; then
		[ "$(id -u)" = 0 ] || sudo=sudo
		say "installing libpcap-dev with ${sudo:+$sudo }apt-get"
		{ $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			$sudo apt-get install -y -qq --no-install-recommends \
			libpcap-dev; } >/dev/null 2>&1
	fi
	say "building GoReplay $goreplay_version, once"
	if GOPATH=$go GOMODCACHE=$go/mod GOCACHE=$go/cache GOBIN=$peers \
	    GOFLAGS=-modcacherw timeout 600 go install \
	    "github.com/buger/goreplay@$goreplay_version" >"$dir/go.log" 2>&1
	then
		goreplay=$peers/goreplay
	else
		say "GoReplay is left out: $(tail -1 "$dir/go.log")"
	fi
	rm -rf "$go"
}

# From its npm package. Nothing of it may call home: telemetry, update checks
# and remote generation are off, and any proxy it could use is a closed port.
get_promptfoo() {
	local npm='npm install --no-audit --no-fund --omit=optional --ignore-scripts'
	local arch=x64 sql
	promptfoo=$peers/promptfoo
	[ -d "$promptfoo/node_modules/promptfoo" ] && return
	promptfoo=
	command -v npm >/dev/null ||
		{ say 'no npm: promptfoo is left out'; return; }
	say 'installing promptfoo, once'
	[ "$(uname -m)" = aarch64 ] && arch=arm64
	rm -rf "$peers/new"
	mkdir -p "$peers/new"
	# a range: npm takes the newest that this Node.js can run; its database
	# is an optional package of the machine's kind
	if (cd "$peers/new" && HOME=$dir && export HOME && echo '{}' >package.json &&
	    timeout 300 $npm 'promptfoo@0.x' &&
	    sql=$(node -p 'require("./node_modules/libsql/package.json").version') &&
	    timeout 60 $npm "@libsql/linux-$arch-gnu@$sql") >"$dir/npm.log" 2>&1
	then
		mv "$peers/new" "$peers/promptfoo"
		promptfoo=$peers/promptfoo
	else
		say "promptfoo is left out: $(tail -1 "$dir/npm.log")"
		rm -rf "$peers/new"
	fi
}

# CASES: asks each question once and asserts once, and keeps the results as
# lockstep does, in its database and a JSON file; what it used is in used.
# Without its log files: closing them ends its process at times.
run_promptfoo() {
	seq "$1" | awk '
	BEGIN { printf "[" }
	{ printf "%s{\"vars\":{\"question\":\"How long are the backups of service number %d kept?\"},\"assert\":[{\"type\":\"javascript\",\"value\":\"output.length > 0\"}]}", (NR > 1) ? "," : "", $1 }
	END { print "]" }' >"$dir/promptfoo.json"
	cat >"$dir/promptfoo.yaml" <<-YAML
	prompts: ['{{question}}']
	providers:
	  - id: $url/
	    config:
	      method: POST
	      headers: {Content-Type: application/json}
	      body: {question: '{{prompt}}', k: 5, seed: 1}
	      transformResponse: json.answer
	tests: file://promptfoo.json
	YAML
	HOME=$dir PROMPTFOO_CONFIG_DIR=$dir/promptfoo.d \
	PROMPTFOO_DISABLE_DEBUG_LOG=1 PROMPTFOO_DISABLE_ERROR_LOG=1 \
	PROMPTFOO_DISABLE_TELEMETRY=1 PROMPTFOO_DISABLE_UPDATE=1 \
	PROMPTFOO_DISABLE_REMOTE_GENERATION=1 PROMPTFOO_DISABLE_SHARING=1 \
	HTTPS_PROXY=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 \
	NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 NODE_NO_WARNINGS=1 \
		timeout 300 "$BUILD/tests/bench/bench_time" "$dir/used" $pin \
		node "$promptfoo/node_modules/.bin/promptfoo" eval \
		-c "$dir/promptfoo.yaml" --no-cache --no-table \
		-o "$dir/promptfoo.out.json" --no-progress-bar -j $CONNS >"$dir/o" 2>&1
	grep -q "$1 passed" "$dir/o"
}
