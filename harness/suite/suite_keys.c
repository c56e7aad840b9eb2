/* The table of a manifest's own keys; see suite_keys.h. The members of cases
 * and sections are in case_keys.c, foreign words in suite_words.c. */
#include "harness/suite/suite_keys_part.h"

/* "|generic|openai|..." */
static const char preset_names[] =
#define PRESET(name, extract, request) "|" name
#include "harness/traffic/preset_rows.h"
    ;

#define PTRS (KEY_PTR | KEY_LIST)

const struct suite_key suite_own_keys[] = {
	/* ---- the suite ---- */
	ROW("lockstep", KEY_INT, "1", "version of this format", 1, 1),
	ROW("name", KEY_STR, NULL, "name in reports; default: the file's name"),
	ROW("description", KEY_STR, NULL, "for readers"),
	ROW("owner", KEY_STR, NULL, "who to ask when it fails"),
	ROW("incident", KEY_STR, NULL, "id of the incident it came from"),
	ROW("reason", KEY_STR, NULL, "why it exists"),
	ROW("profile", KEY_ENUM, "\"release\"", "set of default limits: smoke "
	    "does not judge latency; canary and migration require proof of no "
	    "harm",
	    .names = "smoke|release|canary|migration"),
	ROW("extends", KEY_FILE | KEY_LIST, NULL, "manifests that this one is "
	    "merged over: objects merge, null removes, anything else replaces"),
	ROW("extends.[]", KEY_FILE, NULL, "one of them, later ones win"),

	/* ---- cases ---- */
	ROW("cases", KEY_FILE | KEY_OBJ | KEY_LIST, NULL, "the questions: a "
	    "gold file (JSON lines), a list, or a file or trace with a sample"),
	ROW("cases.file", KEY_FILE, NULL, "gold file (JSON lines)"),
	ROW("cases.trace", KEY_FILE, NULL, "trace whose exchanges become "
	    "cases"),
	ROW("cases.where", KEY_OBJ, NULL, "which exchanges of the trace: path, "
	    "method, status, outcome, header.NAME, /request/body/…; all must "
	    "match"),
	ROW("cases.where.*", KEY_STR | KEY_NUM | KEY_LIST, NULL, "its value; "
	    "`*` in a path matches anything; \"!= ok\", \">= 400\", \"~ "
	    "regex\" compare"),
	ROW("cases.where.*.[]", KEY_STR | KEY_NUM, NULL, "any of them"),
	ROW("cases.batch", PTRS, NULL, "list in the request's body: each "
	    "element becomes a case; several lists are split together"),
	ROW("cases.batch.[]", KEY_PTR, NULL, "one list"),
	ROW("cases.sample", KEY_INT, "0", "how many of them, seeded; 0: all", 0,
	    1e9),
	ROW("cases.stratify", KEY_PTR, NULL, "value of the case whose shares "
	    "the sample keeps"),
	ROW("cases.critical", KEY_BOOL, "false", "every case is critical"),
	ROW("cases.[]", KEY_OBJ, NULL, "one case", .use = "@case"),
	ROW("setup", KEY_LIST, NULL, "recorded calls to send once to every "
	    "stack before the first question, in their order"),
	ROW("setup.[]", KEY_OBJ, NULL, "some of them"),
	ROW("setup.[].where", KEY_OBJ, NULL, "which exchanges, as cases.where; "
	    "they are then not cases", .use = "cases.where"),
	ROW("setup.[].trace", KEY_FILE, NULL, "where they are; default: the "
	    "cases' trace"),
	ROW("setup.[].ids", PTRS, NULL, "ids in their answers: later requests "
	    "use each stack's own ids"),
	ROW("setup.[].ids.[]", KEY_PTR, NULL, "one of them"),
	ROW("sections", KEY_FILE, NULL, "the documents' sections (JSON lines), "
	    "for coverage and anchors"),
	ROW("recorded", KEY_FILE, NULL, "trace behind an arm `recorded`"),

	/* ---- variants ---- */
	ROW("variants", KEY_OBJ, NULL, "how and how often each case is asked"),
	ROW("variants.paraphrases", KEY_INT, "3", "wordings, the original "
	    "counts", 1, 64),
	ROW("variants.seeds", KEY_LIST | KEY_INT, "[1, 2]",
	    "seeds, or how many", 1, 64),
	ROW("variants.seeds.[]", KEY_INT, NULL, "one seed"),
	ROW("variants.repeats", KEY_INT, "1", "repeats of the same wording and "
	    "seed", 1,
	    1000),
	ROW("variants.perturb", KEY_LIST | KEY_BOOL, "[\"whitespace\", "
	    "\"punctuation\", \"case\"]", "harmless changes of the question, "
	    "for cases with too few wordings; false: none, such variants are "
	    "repeats; true: all kinds"),
	ROW("variants.perturb.[]", KEY_ENUM, NULL, "one kind",
	    .names = "whitespace|punctuation|case|unicode|width|synonyms|"
	    "clauses"),

	/* ---- targets ---- */
	ROW("targets", KEY_OBJ, NULL, "the stacks"),
	ROW("targets.baseline", KEY_STR | KEY_OBJ, NULL, "the stack in "
	    "service: a URL, a RUN, recorded[:TRACE], or an "
	    "object", .use = "@target"),
	ROW("targets.candidate", KEY_STR | KEY_OBJ, NULL, "the stack to judge",
	    .use = "@target"),
	ROW("targets.baseline2", KEY_STR | KEY_OBJ, NULL, "a second deployment "
	    "of the baseline's build, in place of the echoes",
	    .use = "@target"),
	ROW("@target.url", KEY_STR, NULL, "scheme://host:port, or recorded, or "
	    "a RUN; {{port}} with start"),
	ROW("@target.start", KEY_STR, NULL, "command that serves it, stopped "
	    "at the end; {{port}} is a free port"),
	ROW("@target.ready", KEY_OBJ | KEY_STR, NULL, "how to tell that it is "
	    "up: a path that answers 2xx"),
	ROW("@target.ready.path", KEY_STR, NULL, "the path; default: it "
	    "accepts connections"),
	ROW("@target.ready.timeout", KEY_TIME, "\"30s\"",
	    "how long to wait for it"),
	ROW("@target.headers", KEY_OBJ, NULL, "sent with every request; values "
	    "of ${NAME} and ${file:PATH} are never recorded"),
	ROW("@target.headers.*", KEY_STR | KEY_NUM, NULL, "a header's value"),
	ROW("@target.auth", KEY_OBJ, NULL, "where the bearer token comes from"),
	ROW("@target.auth.exec", KEY_STR, NULL, "command that prints it"),
	ROW("@target.concurrency", KEY_INT, NULL, "requests in flight; "
	    "default: the pace's", 1, 4096),
	ROW("@target.rate", KEY_NUM, NULL, "limit of requests a second",
	    0, 1e6),
	ROW("@target.burst", KEY_NUM, NULL, "how many requests may exceed the "
	    "rate at once", 0, 1e6),
	ROW("@target.deadline", KEY_TIME, "\"30s\"", "limit of one request"),
	ROW("@target.no_cache", KEY_BOOL, "false", "ask caches on the way not "
	    "to answer"),
	ROW("@target.http2", KEY_BOOL, "false", "HTTP/2 when TLS offers it"),
	ROW("@target.ca_file", KEY_FILE, NULL, "certificates to trust (PEM)"),
	ROW("@target.cert_file", KEY_FILE, NULL, "own certificate (PEM)"),
	ROW("@target.key_file", KEY_FILE, NULL, "its key (PEM)"),
	ROW("@target.unix_socket", KEY_FILE, NULL, "socket to connect to"),
	ROW("@target.method", KEY_STR, NULL, "overrides request.method"),
	ROW("@target.path", KEY_STR, NULL, "overrides request.path"),
	ROW("@target.body", KEY_ANY, NULL, "overrides request.body"),
	ROW("@target.request", KEY_OBJ, NULL, "these three, as one object",
	    .use = "@request"),
	ROW("@target.extract", KEY_STR | KEY_OBJ, NULL, "overrides extract",
	    .use = "@extract"),
	ROW("@target.prices", KEY_OBJ, NULL, "overrides prices",
	    .use = "prices"),
	ROW("warmup", KEY_INT, "10", "requests to every arm first, not judged",
	    0, 100000),

	/* ---- request and answer ---- */
	ROW("request", KEY_OBJ, NULL, "what is sent; default: the preset's "
	    "usual request", .use = "@request"),
	ROW("@request.method", KEY_STR, "\"POST\"", "HTTP method"),
	ROW("@request.path", KEY_STR, NULL, "path and query, with "
	    "{{placeholders}} percent-encoded"),
	ROW("@request.headers", KEY_OBJ, NULL, "headers for every target"),
	ROW("@request.headers.*", KEY_STR | KEY_NUM, NULL, "a header's value"),
	ROW("@request.body", KEY_ANY, NULL, "JSON with {{placeholders}}; a "
	    "text is sent unchanged"),
	ROW("extract", KEY_STR | KEY_OBJ, "\"generic\"", "where each value is "
	    "in an answer: a preset's name, pointers, or "
	    "both", .use = "@extract"),
	ROW("@extract.preset", KEY_ENUM, NULL, "shape of a known API; pointers "
	    "override it",
	    .names = preset_names + 1),
	ROW("@extract.retrieved", PTRS | KEY_OBJ, NULL, "retrieved snippets, "
	    "best first", .use = "@items"),
	ROW("@extract.retrieved.[]", KEY_PTR, NULL, "the first one found "
	    "counts"),
	ROW("@extract.citations", PTRS | KEY_OBJ, NULL, "what the answer cites",
	    .use = "@items"),
	ROW("@extract.citations.[]", KEY_PTR, NULL, "the first one found "
	    "counts"),
	ROW("@items.items", PTRS, NULL, "the list; a pointer that matches "
	    "several lists joins them"),
	ROW("@items.items.[]", KEY_PTR, NULL, "the first one found counts"),
	ROW("@items.snippet_id", PTRS, NULL, "relative to an item, as are all "
	    "below"),
	ROW("@items.snippet_id.[]", KEY_PTR, NULL, "the first one found "
	    "counts"),
	ROW("@items.section_id", PTRS, NULL, "id of the section it is from"),
	ROW("@items.section_id.[]", KEY_PTR, NULL, "the first one found "
	    "counts"),
	ROW("@items.source_url", PTRS, NULL, "its source"),
	ROW("@items.source_url.[]", KEY_PTR, NULL, "the first one found "
	    "counts"),
	ROW("@items.text", PTRS, NULL, "its text"),
	ROW("@items.text.[]", KEY_PTR, NULL, "the first one found counts"),
	ROW("@items.from", PTRS, NULL, "position of the first character in the "
	    "section"),
	ROW("@items.from.[]", KEY_PTR, NULL, "the first one found counts"),
	ROW("@items.to", PTRS, NULL, "position after the last character"),
	ROW("@items.to.[]", KEY_PTR, NULL, "the first one found counts"),
	ROW("@items.tokens", PTRS, NULL, "its length in tokens"),
	ROW("@items.tokens.[]", KEY_PTR, NULL, "the first one found counts"),
	ROW("@items.score", PTRS, NULL, "its score"),
	ROW("@items.score.[]", KEY_PTR, NULL, "the first one found counts"),
	ROW("@items.columns", KEY_BOOL, "false", "the answer has parallel "
	    "lists: pointers are absolute, `*` means the item"),
	ROW("@items.marker", KEY_STR, NULL, "only items whose mark is in the "
	    "answer are cited, \"[doc{n}]\""),
	ROW("@extract.answer", PTRS | KEY_OBJ, NULL, "the answer's text"),
	ROW("@extract.answer.[]", KEY_PTR, NULL, "the first one found counts"),
	ROW("@extract.answer.body", KEY_ENUM, NULL,
	    "the whole body is the answer", .names = "text"),
	ROW("@extract.pins", KEY_PTR | KEY_OBJ, NULL, "versions of the stack "
	    "that answered: a pointer to an object, or a header"),
	ROW("@extract.pins.header", KEY_STR, NULL, "header: JSON, or "
	    "\"NAME=value; NAME=value\""),
	ROW("@extract.usage", KEY_OBJ, NULL, "tokens and price"),
	ROW("@extract.usage.tokens_in", PTRS, NULL, "tokens of the prompt"),
	ROW("@extract.usage.tokens_in.[]", KEY_PTR, NULL, "the first one found "
	    "counts"),
	ROW("@extract.usage.tokens_out", PTRS, NULL, "tokens generated"),
	ROW("@extract.usage.tokens_out.[]", KEY_PTR, NULL, "the first one "
	    "found counts"),
	ROW("@extract.usage.cost", PTRS, NULL, "price in USD as the service "
	    "reports it"),
	ROW("@extract.usage.cost.[]", KEY_PTR, NULL, "the first one found "
	    "counts"),
	ROW("@extract.effect_id", PTRS, NULL, "id of the effect of the "
	    "request"),
	ROW("@extract.effect_id.[]", KEY_PTR, NULL, "the first one found "
	    "counts"),
	ROW("@extract.refusal", PTRS, NULL, "present: the service declined"),
	ROW("@extract.refusal.[]", KEY_PTR, NULL, "the first one found counts"),
	ROW("@extract.finish", PTRS, NULL, "why the service stopped: length "
	    "and the like give outcome cut, content_filter gives filtered"),
	ROW("@extract.finish.[]", KEY_PTR, NULL, "the first one found counts"),
	ROW("@extract.filtered", PTRS, NULL, "present: a filter stopped the "
	    "answer"),
	ROW("@extract.filtered.[]", KEY_PTR, NULL, "the first one found "
	    "counts"),
	ROW("@extract.error", PTRS, NULL, "present: the service failed; its "
	    "message; default: /error and /response/error"),
	ROW("@extract.error.[]", KEY_PTR, NULL, "the first one found counts"),
	ROW("@extract.tool_calls", PTRS | KEY_OBJ, NULL, "tools that the "
	    "answer calls; a call counts as an answer", .use = "@tools"),
	ROW("@extract.tool_calls.[]", KEY_PTR, NULL, "the first one found "
	    "counts"),
	ROW("@tools.items", PTRS, NULL, "the list"),
	ROW("@tools.items.[]", KEY_PTR, NULL, "the first one found counts"),
	ROW("@tools.name", PTRS, NULL, "within one call"),
	ROW("@tools.name.[]", KEY_PTR, NULL, "the first one found counts"),
	ROW("@tools.arguments", PTRS, NULL, "an object, or its text"),
	ROW("@tools.arguments.[]", KEY_PTR, NULL, "the first one found counts"),
	ROW("@tools.index", PTRS, NULL, "in a stream: the call that a piece "
	    "belongs to"),
	ROW("@tools.index.[]", KEY_PTR, NULL, "the first one found counts"),
	ROW("@extract.stream", KEY_OBJ, NULL, "a streamed answer"),
	ROW("@extract.stream.format", KEY_ENUM, NULL,
	    "default: by the Content-Type", .names = "sse|ndjson"),
	ROW("@extract.stream.token", PTRS, NULL, "piece of the answer in one "
	    "event"),
	ROW("@extract.stream.token.[]", KEY_PTR, NULL, "the first one found "
	    "counts"),
	ROW("@extract.stream.event", KEY_STR, NULL, "name of the events that "
	    "carry pieces; default: any"),
	ROW("@extract.stream.sources", PTRS, NULL,
	    "retrieved items in an event"),
	ROW("@extract.stream.sources.[]", KEY_PTR, NULL, "the first one found "
	    "counts"),
	ROW("@extract.stream.citations", PTRS, NULL, "a citation in an event"),
	ROW("@extract.stream.citations.[]", KEY_PTR, NULL, "the first one "
	    "found counts"),
	ROW("@extract.stream.tool_calls", KEY_OBJ, NULL, "pieces of tool calls "
	    "in an event", .use = "@tools"),
	ROW("@extract.stream.end", KEY_STR | KEY_LIST, NULL, "end mark: data "
	    "(\"[DONE]\"), an event's name, or a member "
	    "(\"\\\"done\\\":true\"); an answer without it was cut off"),
	ROW("@extract.stream.end.[]", KEY_STR, NULL, "any of them"),
	ROW("@extract.question", PTRS, NULL, "the question in a recorded "
	    "request's body"),
	ROW("@extract.question.[]", KEY_PTR, NULL, "the first one found "
	    "counts"),

	/* ---- how it is sent ---- */
	ROW("pace", KEY_OBJ, NULL, "when requests are sent"),
	ROW("pace.mode", KEY_ENUM, "\"closed\"", "closed: send the next when "
	    "one is answered; the others keep a "
	    "schedule", .names = "closed|constant|"
	    "poisson|recorded"),
	ROW("pace.concurrency", KEY_INT, "8", "requests in flight", 1, 4096),
	ROW("pace.rate", KEY_NUM, "10", "variants a second (constant, poisson)",
	    0.001, 1e6),
	ROW("pace.speed", KEY_NUM, "1", "recorded times divided by this", 0.001,
	    1e6),
	ROW("pace.idle_cap", KEY_TIME, "0", "limit for recorded gaps; 0: no "
	    "limit"),
	ROW("pace.lateness_max", KEY_TIME, "\"250ms\"", "limit of the p99 "
	    "lateness; beyond it the run is INVALID"),
	ROW("budget", KEY_OBJ, NULL, "limits of a run"),
	ROW("budget.requests", KEY_INT, "0", "requests in total; 0: no "
	    "limit", 0,
	    1e12),
	ROW("budget.time", KEY_TIME, "0", "0: any"),
	ROW("budget.usd", KEY_NUM, "0", "money, by prices; 0: no "
	    "limit", 0, 1e9),
	ROW("prices", KEY_OBJ, NULL, "USD a token"),
	ROW("prices.tokens_in", KEY_NUM, NULL, "of the prompt", 0, 1),
	ROW("prices.tokens_out", KEY_NUM, NULL, "generated", 0, 1),
	ROW("retry", KEY_OBJ, NULL, "retries; they never hide a first failure"),
	ROW("retry.max_attempts", KEY_INT, "1", "1: none", 1, 10),
	ROW("retry.strategy", KEY_ENUM, "\"full_jitter\"", "how the pause "
	    "grows",
	    .names = "full_jitter"),
	ROW("retry.base_s", KEY_NUM, "0.25", "longest first pause", 0, 3600),
	ROW("retry.cap_s", KEY_NUM, "10", "longest pause", 0, 3600),
	ROW("retry.honor_retry_after", KEY_BOOL, "true", "seconds or a date"),
	ROW("give_up_after", KEY_INT, "20", "end the run when this many first "
	    "requests of an arm all fail alike; 0: never", 0, 1e6),
	ROW("confirm", KEY_OBJ | KEY_BOOL, "true", "asking again what the plan "
	    "leaves undecided; false: nothing is asked again, and latency gets "
	    "no more requests"),
	ROW("confirm.cases", KEY_INT, "20", "number of cases that moved, the "
	    "most moved first; critical ones come on top", 0, 1000),
	ROW("confirm.repeats", KEY_INT, "8", "fresh answers of each case on "
	    "either stack", 2, 64),
	ROW("confirm.rounds", KEY_INT, "3", "rounds of requests for latency "
	    "only, when latency is undecided; four times as many where it "
	    "changes slowly", 0, 100),
	ROW("body_max", KEY_SIZE, "\"16MiB\"", "limit of an answer's bytes"),

	/* ---- how it is judged ---- */
	ROW("embedder", KEY_STR, "\"builtin\"", "builtin, lexical, "
	    "model2vec:DIR or openai:URL"),
	ROW("embedder_t", KEY_NUM, NULL, "the raw distance that is ΔS 0.45 "
	    "with this embedder; `lockstep calibrate` measures it", 0.001,
	    1.999),
	ROW("slices", KEY_LIST, NULL, "members of a case (tags.tenant); each "
	    "value is reported and gated separately"),
	ROW("slices.[]", KEY_STR, NULL, "dotted name or pointer"),
	ROW("pins", KEY_OBJ, NULL, "versions that every answer reports"),
	ROW("pins.equal", KEY_LIST, NULL, "must be the same on both arms"),
	ROW("pins.equal.[]", KEY_STR, NULL, "a pin's name"),
	ROW("pins.expect", KEY_LIST, NULL, "expected to differ: answer drift "
	    "is then for review"),
	ROW("pins.expect.[]", KEY_STR, NULL, "a pin's name"),
	ROW("pins.require", KEY_LIST, NULL, "must be on every answer"),
	ROW("pins.require.[]", KEY_STR, NULL, "a pin's name"),
	ROW("quarantine", KEY_LIST, NULL, "flaky cases that do not count until "
	    "a date"),
	ROW("quarantine.[]", KEY_OBJ, NULL, "one case"),
	ROW("quarantine.[].case", KEY_STR, NULL, "its id"),
	ROW("quarantine.[].owner", KEY_STR, NULL, "who fixes it"),
	ROW("quarantine.[].until", KEY_DATE, NULL, "from this date on, it "
	    "fails the run"),
	ROW("quarantine.[].reason", KEY_STR, NULL, "why"),
	ROW("scorers", KEY_LIST, NULL, "your own judges: SCORERS.md"),
	ROW("scorers.[]", KEY_OBJ, NULL, "one judge"),
	ROW("scorers.[].exec", KEY_STR, NULL, "command that stays running: "
	    "JSON lines in and out"),
	ROW("scorers.[].name", KEY_STR, NULL, "name in messages; default: "
	    "scorer and its number"),
	ROW("scorers.[].version", KEY_STR, NULL, "a new version discards the "
	    "values kept from earlier runs"),
	ROW("scorers.[].timeout", KEY_TIME, "\"60s\"", "longest wait without a "
	    "line while answers are due"),
	ROW("scorers.[].in_flight", KEY_INT, "16", "limit of lines in work at "
	    "once",
	    1, 4096),
	ROW("scorers.[].blind", KEY_BOOL, "false", "do not send it case, arm, "
	    "variant and the baseline's answer: equal answers are sent once"),
	ROW("scorers.[].metrics", KEY_OBJ, NULL, "what it returns: names of "
	    "a-z, 0-9 and _, at most 16 in a suite"),
	ROW("scorers.[].metrics.*", KEY_OBJ, NULL, "one metric; {} for the "
	    "defaults"),
	ROW("scorers.[].metrics.*.better", KEY_ENUM, "\"higher\"",
	    "which way is better", .names = "higher|lower"),
	ROW("scorers.[].metrics.*.margin", KEY_NUM, "0.05", "margin of the "
	    "mean's change for the worse", 0, 1e9),
	ROW("scorers.[].metrics.*.limit", KEY_NUM, NULL, "limit of the "
	    "candidate's mean, in the better direction", -1e9, 1e9),
	ROW("scorers.[].metrics.*.gate", KEY_ENUM | KEY_BOOL, "true", "true: "
	    "decides with the other gates; hard: decides outside Holm; info or "
	    "false: never decides", .names = "gate|hard|info"),

	/* ---- gates ---- */
	ROW("gates", KEY_OBJ, NULL, "limits; default: the profile's"),
	ROW("gates.strict", KEY_BOOL, NULL, "PASS requires proof of no harm"),
	ROW("gates.k_of_m", KEY_INT, "0", "variants of a case that must meet "
	    "its limits; 0: all", 0, 4096),
	ROW("gates.alpha", KEY_NUM, "0.01", "level of the gated family, after "
	    "Holm",
	    1e-6, 0.5),
	ROW("gates.inconclusive_p", KEY_NUM, "0.10", "beyond the margin with p "
	    "up to this: INCONCLUSIVE", 1e-6, 1),
	ROW("gates.hard_p", KEY_NUM, "0.005", "level of the hard "
	    "stops", 1e-6, 0.5),
#define GATE_NUMBER (KEY_BOOL | KEY_NUM)
#define GATE_NUMBER_OR_MAP (KEY_BOOL | KEY_NUM | KEY_OBJ)
#define GATE_MAP (KEY_BOOL | KEY_OBJ)
#define GATE_DRIFT (KEY_BOOL | KEY_ENUM)
#define GATE_ON_OFF KEY_BOOL
#define DEFAULT(kinds, dflt) ((kinds) == GATE_ON_OFF ? "true" : \
    ((kinds) & KEY_NUM) != 0 ? #dflt : NULL)
#define NAMES(kinds) .names = ((kinds) & KEY_ENUM) != 0 ? \
    "hard|review|info" : NULL
#define GATE_KEY(path, kinds, dflt, least, most, gates, help) \
	ROW("gates." path, kinds, DEFAULT(kinds, dflt), help, least, most, \
	    NAMES(kinds)),
#include "harness/terms/gate_rows.h"
	ROW("gates.retrieval.ds_case_max", KEY_NUM, "0.60",
	    "a case fails from here on", 0, 2),
	ROW("gates.latency.p95_floor", KEY_TIME, "\"5ms\"", "smaller rises of "
	    "the p95 are ignored"),
	ROW("gates.latency.body_floor", KEY_TIME, "\"1ms\"",
	    "the same for the body"),
	ROW("gates.citations.precision_min", KEY_NUM, "0.75", "limit of a "
	    "case", 0,
	    1),
	ROW("gates.citations.recall_min", KEY_NUM, "0.70", "limit of a "
	    "case", 0, 1),
	ROW("gates.citations.required", KEY_BOOL, "false", "an answer without "
	    "citations fails its case"),
#define GATE(name, title, metric, unit, class, kinds, dflt, least, most, \
    help) \
	ROW("gates." #name, kinds, DEFAULT(kinds, dflt), help, least, most),
#include "harness/terms/gate_rows.h"
};

const size_t suite_own_keys_n = sizeof(suite_own_keys) /
    sizeof(suite_own_keys[0]);
