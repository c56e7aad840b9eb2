#!/usr/bin/env bash
# report.html in a real browser: nothing that was recorded runs or loads, the
# policy has nothing to complain about, and the page works as meant.
. tests/lib/tap.sh

browser=$(command -v chromium || command -v chromium-browser ||
	command -v google-chrome) || skip_all 'no chromium'
python=/usr/bin/python3
[ -x $python ] || skip_all 'no python3'

# Every host name leads here, so that no request goes unseen.
$python tests/lib/browser_listen.py >"$T/hits" 2>/dev/null &
listener=$!
tap_pids+=($listener)
await 60 grep -q port "$T/hits" || { echo 'Bail out! no listener'; exit 1; }
port=$(awk '/^port/ { print $2 }' "$T/hits")

# The DOM after scripts have run; what the browser logs goes to OUT.log. A
# profile of its own each time: a cache would hide requests.
browse() { # OUT URL FLAG...
	local out=$1 url=$2
	shift 2
	timeout 180 "$browser" --headless --no-sandbox --disable-gpu \
		--disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync \
		--disable-features=NetworkTimeServiceQuerying \
		--disable-dev-shm-usage --enable-logging=stderr \
		--host-resolver-rules="MAP * 127.0.0.1:$port" \
		--user-data-dir="$(mktemp -d "$T/profile.XXXXXX")" \
		--virtual-time-budget=2000 --window-size=1280,900 "$@" \
		--dump-dom "$url" >"$out" 2>"$out.log" </dev/null
	facts=$($python tests/lib/browser_facts.py "$out")
}

fact() { sed -n "s/^$1 //p" <<<"$facts"; }

# The page without its policy, and with more behind a pattern.
lay_open() { # FROM TO SED
	sed -e 's/<meta http-equiv="Content-Security-Policy"[^>]*>//' -e "$3" \
		"$1" >"$2"
}

fail=tests/e2e/expected/report/fail.json
attack=tests/e2e/expected/report/attack.json
"$lockstep" report $attack --format html --out "$T/attack.html"
"$lockstep" report $fail --format html --out "$T/fail.html"

# --- hostile content -------------------------------------------------------
browse "$T/dom" "file://$T/attack.html"
if ! [ -s "$T/dom" ]; then
	diag "$(tail -3 "$T/dom.log")"
	skip_all 'chromium does not start here'
fi
unlike "$(fact title)" '^owned' 'no recorded script ran'
is "$(fact script)$(fact style)" 11 'one script and one style, both ours'
is "$(fact img)$(fact iframe)$(fact object)$(fact base)$(fact link)" 00000 \
	'no element that loads'
is "$(fact handlers)" 0 'no event handler and no style attribute'
is "$(fact outward)" 0 'every link stays in the page'
unlike "$(<"$T/dom.log")" CONSOLE 'no complaint on the console'
is "$(grep -c ^hit "$T/hits")" 0 'nothing was requested'
is "$(fact filter)" shown 'our own script ran'
cases=$(jq '.cases | length' $attack)
is "$(fact rows)" "$cases 0" 'every case has a row'
is "$(fact count)" "$cases of $cases shown" 'the filter counts'

# --- controls: these checks see what they are for --------------------------
sed 's/&lt;script&gt;document\.title=&#39;owned&#39;&lt;\/script&gt;/<script>document.title="owned"<\/script>/' \
	"$T/attack.html" >"$T/unescaped.html"
browse "$T/dom2" "file://$T/unescaped.html"
ok 'a script that was not escaped would be found' \
	test "$(fact script)" -gt 1
unlike "$(fact title)" '^owned' 'and even that, the policy stops'
like "$(<"$T/dom2.log")" 'CONSOLE.*Content Security Policy' \
	'and says so on the console'
lay_open "$T/attack.html" "$T/open.html" \
	's/<main>/<main><img src="http:\/\/evil.invalid\/p.png"><script>document.title="owned"<\/script>/'
browse "$T/dom3" "file://$T/open.html"
is "$(fact title)" owned 'without policy and escape it would have run'
ok 'and been seen loading' grep -q '^hit evil.invalid' "$T/hits"

# --- use -------------------------------------------------------------------
id=$(jq -r '[.cases[] | select(.verdict == "regression")][0].id' $fail)
browse "$T/dom4" "file://$T/fail.html#case-$id"
is "$(fact open)" 1 'a link to a case opens it'
unlike "$(<"$T/dom4.log")" CONSOLE 'still no complaint'
facts=$($python tests/lib/browser_facts.py "$T/fail.html")
is "$(fact filter)" hidden 'without scripts there is no dead filter'
is "$(fact rows)" '30 0' 'and every case is there'

for n in fail attack; do
	lay_open "$T/$n.html" "$T/wide.html" \
		's/<\/body>/<script>document.title="over by "+(document.documentElement.scrollWidth-document.documentElement.clientWidth)<\/script><\/body>/'
	browse "$T/dom6" "file://$T/wide.html" --window-size=500,900
	is "$(fact title)" 'over by 0' "$n fits the width of a phone"
done
stop $listener
done_testing
