# A demo stack that is killed and comes up again, with its effects on disk:
# source it behind tap.sh.

# killable NAME OPTION...: starts one; sets url, and kill_lever: what a suite
# says to have it killed. It dies with this script, however that ends.
killable() {
	local name=$1 port; shift
	rm -f "$T/$name.effects"
	port=$(free_port)
	url=http://127.0.0.1:$port
	cat >"$T/$name.run" <<-SH
		#!/bin/bash
		exec 2>/dev/null	# of the shell: who was killed
		while :; do
			setpriv --pdeathsig KILL $ragstack \\
				--gold fixtures/handbook/gold.jsonl \\
				--sections fixtures/handbook/sections.jsonl \\
				--effects-log $T/$name.effects --effects-kept \\
				--listen 127.0.0.1:$port $* >$T/$name.out &
			echo \$! >$T/$name.pid
			wait \$!
		done
	SH
	cat >"$T/$name.kill" <<-SH
		#!/bin/bash
		pid=\$(cat $T/$name.pid)
		kill -9 \$pid
		echo \$pid >>$T/$name.killed
		while kill -0 \$pid 2>/dev/null; do sleep .01; done
		until curl -sf -o /dev/null $url/healthz; do sleep .02; done
	SH
	chmod +x "$T/$name.run" "$T/$name.kill"
	"$T/$name.run" &
	pid=$!
	tap_pids+=($pid)
	disown $pid	# the shell says nothing when it is killed
	kill_lever="levers.kill={exec: $T/$name.kill, timeout: 60s}"
	await 60 curl -sf -o "$T/healthz" "$url/healthz"
}
