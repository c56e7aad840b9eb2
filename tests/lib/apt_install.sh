#!/bin/sh
# usage: apt_install.sh PACKAGE...
# Installs Debian packages and starts none of the services that they bring,
# neither now nor at the next boot: nginx would listen on port 80.
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
policy=/usr/sbin/policy-rc.d
# what is asked before a package starts a service
if [ ! -e "$policy" ]; then
	trap '$sudo rm -f "$policy"' EXIT
	trap 'exit 1' HUP INT TERM
	printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
	$sudo chmod 755 "$policy"
fi
$sudo apt-get update -qq &&
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq \
		--no-install-recommends "$@" >/dev/null || exit 1
case " $* " in
*' nginx '*)
	! command -v systemctl >/dev/null ||
		$sudo systemctl disable -q nginx 2>/dev/null || :
	;;
esac
