#!/bin/sh
# lockstep ramp --set-weight suites/live/nginx-weight.sh: gives the candidate
# LOCKSTEP_WEIGHT % of the users of an nginx, sticky by header or address.
#
#   NGINX_SPLIT   the file that is written; nginx.conf includes it within http {}
#   NGINX_KEY     what is sticky (default: the header X-User, else the address)
#   NGINX_RELOAD  the command that makes nginx read it (default: nginx -s reload)
#
# In nginx.conf, both upstreams and the choice between them:
#
#   upstream primary   { server 127.0.0.1:8080; }
#   upstream candidate { server 127.0.0.1:8081; }
#   include /etc/nginx/lockstep-split.conf;
#   server { location / { proxy_pass http://$lockstep_arm; } }
#
# A user who has the candidate at 5 % has it at 25 %, too: the hash of the key is
# compared with the share.
set -eu
weight=${LOCKSTEP_WEIGHT:?give LOCKSTEP_WEIGHT, as lockstep ramp does}
file=${NGINX_SPLIT:-/etc/nginx/lockstep-split.conf}
key=${NGINX_KEY:-'${http_x_user}${lockstep_guest}'}
case $weight in
0) share= ;;
100) share='    * candidate;' ;;
[1-9] | [1-9][0-9]) share="    $weight% candidate;" ;;
*) echo "LOCKSTEP_WEIGHT is $weight: 0 to 100 is possible" >&2; exit 2 ;;
esac
[ "$weight" = 100 ] && rest= || rest='    * primary;'
cat >"$file.new" <<CONF
# $weight % to the candidate; written by nginx-weight.sh
map \$http_x_user \$lockstep_guest { "" \$remote_addr; default ""; }
split_clients "$key" \$lockstep_arm {
$share
$rest
}
CONF
mv "$file.new" "$file"
sh -c "${NGINX_RELOAD:-nginx -s reload}"
