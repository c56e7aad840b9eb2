#!/usr/bin/env bash
# The rules of the house that a compiler does not check: which file may
# include which foreign header or start a process, who may know whom, circles
# between the files of a room, lengths of lines, functions and files, names
# that lead nowhere, keys and metrics without effect; then clang-tidy with
# .clang-tidy, zero warnings. Says each breach as FILE:LINE. LINT_TIDY=0:
# without clang-tidy.
# The objects and the program in BUILD are read: build first.
set -u
export BUILD=${BUILD:-build}
cd "$(dirname "$0")/.."
bad=0

complain() { echo "$*"; bad=1; }

sources=(harness/*/*.[ch] replay/*.[ch] reports/*.[ch])

# header -> the files that may include it (fixtures/ and tests/ are exempt)
declare -A home=(
	[curl/curl.h]='replay/http.c replay/http_curl.c'
	[openssl/ssl.h]=replay/tls.c
	[sqlite3.h]=harness/result/store_part.h
	[zstd.h]=harness/traffic/zst.c
	[zlib.h]=harness/traffic/coding_zlib.c
	[brotli/decode.h]=harness/traffic/coding_br.c
	[cjson/cJSON.h]=
	[yaml.h]=harness/base/yaml.c
	[microhttpd.h]=fixtures/ragstack
	[sodium.h]="harness/base/hash.c harness/base/seal_part.h"
	[utf8proc.h]=harness/base/text.c
	[pcre2.h]=harness/base/regex.c
	[librdkafka/rdkafka.h]=replay/kafka_part.h
)
for header in "${!home[@]}"; do
	while IFS=: read -r file line _; do
		[[ " ${home[$header]} " == *" $file "* ]] ||
			complain "$file:$line: $header belongs in ${home[$header]}"
	done < <(grep -n "#include <$header>" "${sources[@]}")
done

# who may know whom: the rooms of harness/rooms.mk; a header *_part.h is for
# its own room alone
declare -A know
while read -r room rooms; do know[$room]=" $room $rooms "; done < <(
	sed -e ':a' -e '/\\$/N; s/\\\n//; ta' harness/rooms.mk |
	sed -nE 's/^KNOW_([a-z]+) *:= */\1 /p')
room_of() {
	case $1 in
	harness/*/*) room=${1#harness/}; room=${room%%/*} ;;
	*) room=${1%%/*} ;;
	esac
}
while IFS=: read -r file line text; do
	target=${text#*\"}; target=${target%%\"*}
	room_of "$target"; to=$room
	room_of "$file"
	[[ ${know[$room]-} == *" $to "* ]] ||
		complain "$file:$line: $room may not know $to ($target)"
	[[ $target != *_part.h || $room == "$to" ]] ||
		complain "$file:$line: $target is private to $to"
done < <(grep -nE '#include "(harness|replay|reports)/' "${sources[@]}")

# a script that prove cannot start ends the whole run
for f in tests/e2e/*.t; do
	[ -x "$f" ] || complain "$f:1: not executable: chmod +x $f"
done

# banned calls: they cannot check, or cannot bound
while IFS=: read -r file line _; do
	complain "$file:$line: atoi, strcpy, strcat, sprintf and gets are banned"
done < <(grep -nE '\b(atoi|atol|atof|strcpy|strcat|sprintf|vsprintf|gets)\(' \
	"${sources[@]}" fixtures/ragstack/*.[ch])

# one place knows the rules under which a child process is started
while IFS=: read -r file line _; do
	[ "$file" = harness/base/child.c ] ||
		complain "$file:$line: child processes start in harness/base/child.c"
done < <(grep -nE '\b(v?fork|popen|system|posix_spawnp?|exec[lv]p?e?)\(' \
	"${sources[@]}")

# and one how a command begins
while IFS=: read -r file line _; do
	[ "$file" = harness/cmd/cmd_line.c ] ||
		complain "$file:$line: a command begins with cmd_begin()"
done < <(grep -nE '\bopt_parse\(' harness/cmd/*.c)

# lines, functions and files that are too long
while read -r breach; do
	complain "$breach"
done < <(/usr/bin/python3 tests/lint/lengths.py "${sources[@]}" \
	fixtures/ragstack/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch] 2>&1)

# circles between files, by what their objects define and use
while read -r breach; do
	complain "$breach"
done < <(/usr/bin/python3 tests/lint/circles.py "$BUILD" harness/*/ replay/ \
	reports/ 2>&1)

# names of documents, files and functions that are not there
while read -r breach; do
	complain "$breach"
done < <(/usr/bin/python3 tests/lint/references.py 2>&1)

# keys of the suite and metrics without a wire
while read -r breach; do
	complain "$breach"
done < <(/usr/bin/python3 tests/lint/promises.py "$BUILD" 2>&1)

[ $bad -eq 0 ] && echo 'house rules: clean'
if [ "${LINT_TIDY:-1}" = 1 ]; then
	command -v clang-tidy >/dev/null || {
		sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
		echo "installing clang-tidy with ${sudo:+$sudo }apt-get"
		{ $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			$sudo apt-get install -y -qq --no-install-recommends \
			clang-tidy; } >/dev/null || exit 2
	}
	# file by file: several in one go mix up their va_lists
	export FLAGS=$(pkg-config --cflags libcjson libmicrohttpd)
	tidy=$(printf '%s\n' ${TIDY_FILES:-harness/*/*.c replay/*.c reports/*.c \
		fixtures/ragstack/*.c} |
		xargs -P "$(nproc)" -n 1 sh -c 'clang-tidy --quiet "$@" -- \
			-std=c11 -D_GNU_SOURCE -I. -I"$BUILD" -fopenmp $FLAGS \
			2>/dev/null' sh |
		grep -E 'warning:|error:' | sort -u)
	if [ -n "$tidy" ]; then
		echo "$tidy"
		bad=1
	else
		echo 'clang-tidy: clean'
	fi
fi
exit $bad
