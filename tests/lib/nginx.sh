# A real nginx that mirrors. Sourced after tap.sh.
PATH=$PATH:/usr/sbin

# mirroring SERVICE MIRROR: an nginx in front of SERVICE that sends a copy of
# each request to MIRROR; sets front
mirroring() {
	front=http://127.0.0.1:$(free_port)
	cat >"$T/nginx.conf" <<-CONF
	daemon off; master_process off; pid $T/nginx.pid; error_log $T/nginx.log;
	events {}
	http {
		access_log off; keepalive_requests 100000000;
		client_body_temp_path $T/b; proxy_temp_path $T/p;
		fastcgi_temp_path $T/f; uwsgi_temp_path $T/u; scgi_temp_path $T/s;
		server {
			listen ${front#http://};
			location / { mirror /copy; proxy_pass $1; }
			location = /copy {
				internal;
				proxy_pass $2\$request_uri;
			}
		}
	}
	CONF
	nginx -c "$T/nginx.conf" -p "$T" 2>"$T/nginx.out" &
	tap_pids+=($!)
	ok 'nginx is up' await 30 curl -sf "$front/healthz"
}
