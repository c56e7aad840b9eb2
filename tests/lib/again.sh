# What the scripts share whose runs measure on and ask again. Sourced in place of
# tap.sh; commands may leave this folder.
CONFIRM=1
. tests/lib/tap.sh
lockstep=$(realpath "$lockstep")
again_dir=$PWD/tests/lib

# asked NAME SERVICE.py WORD...: starts that service; $NAME is its url
asked() {
	local as=$1 service=$2; shift 2
	serve "$as" python3 "$again_dir/$service" "$@"
	printf -v "$as" %s "$url"
}
