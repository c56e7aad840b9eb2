# Real text for the test scripts: paragraphs of SQuAD with questions and their
# human paraphrases, from ../shared/data.  Sourced after tap.sh.

squad_dir=../shared/data

# squad N: $T/sections.jsonl and $T/gold.jsonl, the N questions that have
# the most wordings; skips the script where the data is not
squad() {
	[ -r $squad_dir/squad_gold.jsonl.zst ] ||
		skip_all "no real text: $squad_dir/squad_gold.jsonl.zst"
	zstd -dqc $squad_dir/squad_sections.jsonl.zst >"$T/sections.jsonl"
	zstd -dqc $squad_dir/squad_gold.jsonl.zst |
		jq -c '{id, question, paraphrases,
		    same_answer_questions: (.same_answer_questions // []),
		    section_ids: [.section_id], answers}' |
		jq -sc 'sort_by(-((.paraphrases + .same_answer_questions) |
		    length))[]' | head -n "$1" >"$T/gold.jsonl"
}

# squad_suite SHAPE [LINE...]: $T/SHAPE.yml, with more lines of YAML;
# $squad_flight requests in flight
squad_suite() {
	local shape=$1; shift
	cat >"$T/$shape.yml" <<-YAML
	lockstep: 1
	name: $shape
	cases: gold.jsonl
	sections: sections.jsonl
	extract: {preset: $shape}
	pace: {mode: closed, concurrency: ${squad_flight:-16}}
	warmup: 40
	YAML
	[ "$shape" != elasticsearch ] || cat >>"$T/$shape.yml" <<-'YAML'
	request:
	  method: POST
	  path: /squad/_search
	  body:
	    size: 5
	    seed: "{{seed}}"
	    query: {match: {text: "{{question}}"}}
	YAML
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$T/$shape.yml"
}

# squad_stack NAME OPTION...: a stack over all sections; sets url and pid
squad_stack() {
	local name=$1; shift
	serve "$name" "$ragstack" --sections "$T/sections.jsonl" \
		--gold "$T/gold.jsonl" "$@"
}
