#!/usr/bin/env bash
# The rules of the house bite: each breach, planted into a copy of the tree,
# is said with its place; the tree as it is passes.
set -u
. tests/lib/tap.sh
. tests/lib/tree.sh
export LINT_TIDY=0

ok 'the tree as it is passes' env BUILD="$BUILD" tests/lint.sh

copy_tree

# One breach of each kind, in a file of its own each. The names are put
# together here, so that this script is not where they are found.
no=NOWHERE
plant() { printf '%s\n' "$2" >>"$copy/$1"; }
plant harness/base/hist.c '#include "harness/suite/suite.h"'
plant harness/base/mono.c 'int log_plant(void);
int mono_plant(void);
int
mono_plant(void)
{
	return log_plant();
}'
plant harness/base/log.c 'int mono_plant(void);
int log_plant(void);
int
log_plant(void)
{
	return mono_plant();
}'
plant harness/base/buf.c "$(yes '/* long */' | head -700)"
plant harness/base/err.c "static int
plant(int x)
{
$(yes '	x++;' | head -80)
	return x;
}"
plant harness/base/hash.c "/* $(yes long | head -20 | tr '\n' ' ') */"
plant harness/base/hash.c "/* See $no.md. */"
plant harness/cmd/cmd_stop.c 'static int plant(void) { return opt_parse(0); }'
plant harness/base/ned.c 'static void *plant(void) { return popen("", ""); }'
plant harness/base/opt.c "/* See ${no,,}.c. */"
plant harness/base/text.c '/* As LIMITS says. */'
plant harness/base/regex.c '/* METRICS 44 has it. */'
plant harness/base/spool.c "/* spool_${no,,}() knows. */"
plant reports/REPORTS.md "See [more]($no.md)."
sed -i 's|^\tROW("owner", KEY_STR|\tROW("plant_key", KEY_STR, NULL, "a plant"),\n&|' \
	"$copy/harness/suite/suite_keys.c"
sed -i 's|^\tconst char \*name, \*profile, \*owner;|\tint plant_member;\n&|' \
	"$copy/harness/suite/suite.h"
# what is looked at is the objects of the circle and the program's keys
touch -d '1 hour ago' "$copy/harness/suite/suite.h"
make=(make -s -C "$copy" CFLAGS=-O0 WARN=-w BUILD=build)
"${make[@]}" build/harness/base/{mono,log}.o build/harness/suite/suite_keys.o
rm -f "$copy"/build/lib{base,suite}.a
(cd "$copy/build" && for r in base suite; do ar rcs lib$r.a harness/$r/*.o; done)
"${make[@]}" -o build/libbase.a -o build/libsuite.a build/lockstep \
	$(cd "$copy" && printf -- '-o %s ' build/harness/*/*.o build/re*/*.o)
(cd "$copy" && BUILD=build tests/lint.sh) >"$T/said" 2>&1
is $? 1 'the copy fails'

bites() { like "$(<"$T/said")" "$1" "$2"; }
bites '^harness/base/hist.c:[0-9]+: base may not know suite' \
	'an upward include'
bites '^harness/base: a circle of [0-9]+ files: .*mono.c uses log_plant' \
	'a circle'
bites '^harness/base/ned.c:[0-9]+: child processes start in' \
	'a process started elsewhere'
bites '^harness/cmd/cmd_stop.c:[0-9]+: a command begins with' \
	'a command that begins by itself'
bites '^harness/base/buf.c:651: longer than 650 lines' 'a long file'
bites '^harness/base/err.c:[0-9]+: a function of 8[0-9] lines' \
	'a long function'
bites '^harness/base/hash.c:[0-9]+: longer than 80 columns' 'a long line'
bites "^harness/base/hash.c:[0-9]+: $no.md is not in the repository" \
	'a document that is not there'
bites "^harness/base/opt.c:[0-9]+: ${no,,}.c is not in the repository" \
	'a file that is not there'
bites '^harness/base/text.c:[0-9]+: there is no LIMITS.md' \
	'a page by its word alone'
bites '^harness/base/regex.c:[0-9]+: METRICS.md has no section 44' 'a section'
bites "^harness/base/spool.c:[0-9]+: nothing here is called spool_${no,,}" \
	'a function that is not there'
bites "^reports/REPORTS.md:[0-9]+: $no.md is not" 'a link of a page'
bites '^key plant_key: nothing reads it' 'a key without effect'
bites 'suite.plant_member: only the loader knows it' \
	'a member of the suite that nobody reads'
breaches=$(grep -cvE '^(Traceback| )' "$T/said")
is "$breaches" 15 'and nothing else is said'

# ---- an upward call ------------------------------------------------------------
cat >"$T/up.c" <<'C'
int suite_load(void);
int up(void);
int
up(void)
{
	return suite_load();
}
C
cc -c -o "$copy/build/harness/base/up.o" "$T/up.c"
(cd "$copy/build" && ar rs libbase.a harness/base/up.o 2>/dev/null)
said=$("${make[@]}" -o build/libbase.a build/link/base 2>&1)
like "$said" "undefined reference to .suite_load" \
	'an upward call: its room does not link'
like "$(grep '^lint:' Makefile)" 'link' 'and make lint links every room'
done_testing
