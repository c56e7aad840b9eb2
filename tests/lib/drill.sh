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
