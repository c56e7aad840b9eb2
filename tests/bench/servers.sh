# What benches with servers share: a folder of their own, and servers that end
# with them. Sourced.
. tests/lib/free_port.sh
PATH=$PATH:/usr/sbin
dir=$(mktemp -d)
pids=()
say() { echo "$(basename "$0" .sh | tr _ -): $*" >&2; }
cleanup() {
	[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || :
	wait 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# up NAME COMMAND...: starts it, waits for its address; sets port and pid
up() {
	local name=$1 i; shift
	: >"$dir/$name.out"
	"$@" >"$dir/$name.out" 2>"$dir/$name.err" &
	pid=$!
	pids+=($pid)
	for i in $(seq 200); do
		port=$(grep -om1 '127.0.0.1:[0-9]*' "$dir/$name.out" | head -1)
		port=${port#*:}
		[ -z "$port" ] || return 0
		sleep .05
	done
	say "$name did not come up: $(head -3 "$dir/$name.err")"
	exit 1
}

# front NAME PORT: an nginx that passes on to a port; sets port and front_pid
front() {
	local to=$2
	port=$(free_port)
	cat >"$dir/$1.conf" <<-CONF
	daemon off; worker_processes 1; master_process off;
	pid $dir/$1.pid; error_log $dir/$1.err;
	events { worker_connections 4096; }
	http {
		access_log off; client_body_temp_path $dir;
		proxy_temp_path $dir; fastcgi_temp_path $dir;
		uwsgi_temp_path $dir; scgi_temp_path $dir;
		keepalive_requests 1000000;
		upstream u { server 127.0.0.1:$to; keepalive 256;
			keepalive_requests 1000000; }
		server {
			listen 127.0.0.1:$port backlog=4096;
			location / {
				proxy_pass http://u; proxy_http_version 1.1;
				proxy_set_header Connection "";
			}
		}
	}
	CONF
	nginx -c "$dir/$1.conf" -p "$dir" 2>"$dir/$1.out" &
	front_pid=$!
	pids+=($front_pid)
	for _ in $(seq 200); do
		(: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
		sleep .05
	done
	say "nginx did not come up: $(head -3 "$dir/$1.out")"
	exit 1
}
