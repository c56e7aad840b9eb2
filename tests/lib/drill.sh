# What the scripts of the drills share: source it behind tap.sh.

# drill WANT WHAT SUITE OPTION...: its exit status; text in $T/out. It runs in
# $T/work, where a manifest's artifacts go.
drill() {
	local want=$1 what=$2 suite
	suite=$(realpath "$3")
	shift 3
	mkdir -p "$T/work"
	status "$want" "$what" in_work "$lockstep" drill "$suite" "$@"
}
in_work() { (cd "$T/work" && exec "$@"); }

# [checks=N] [says=PATTERN] steady WANT WHAT SUITE OPTION...: as drill, where a
# machine that is held up can spoil it: of three tries one has to end so, with so
# many checks that hold, and say that
steady() {
	local want=$1 what=$2 suite i
	suite=$(realpath "$3")
	mkdir -p "$T/work"
	for i in 1 2; do
		in_work "$lockstep" drill "$suite" "${@:4}" >"$T/out" 2>"$T/err"
		if [ $? -eq "$want" ] && grep -qE -- "${says:-.}" "$T/out" &&
			[ "$(grep -c '✓' "$T/out")" -ge "${checks:-0}" ]; then
			tap_say 0 "$what"
			return
		fi
		diag "again, since: $(grep -A2 '[✗–]' "$T/out" | head -9)"
	done
	drill "$@"
}

# caught FAULT CAUSE CHECK SUITE OPTION...: a stack with that fault fails that
# check, and the report names the class
caught() {
	local fault=$1 cause=$2 check=$3; shift 3
	handbook planted --fault "$fault" ${stack_options-}
	drill 1 "planted: $fault" "$@" --candidate "$url" --json
	stop "$pid"
	is "$(jq -r '.scenarios[0].cause' "$T/out")" "$cause" \
		"the cause of $fault is named"
	like "$(jq -r '.scenarios[].checks[] | select(.verdict == "FAIL") |
		.name' "$T/out")" "$check" "what fails: $check"
}
