/* The table of our own keys; see suite_keys.h. Words from elsewhere are in
 * suite_words.c. */
#include "harness/suite_keys.h"

#include <stdio.h>
#include <string.h>

#include "harness/suite_words.h"

#define GATE (KEY_BOOL | KEY_NUM)
#define PTRS (KEY_PTR | KEY_LIST)

static const struct suite_key keys[] = {
	/* ---- the suite ---- */
	{ .path = "lockstep", KEY_INT, "1", "version of this format", 1, 1 },
	{ .path = "name", KEY_STR, NULL, "what reports call it; default: the "
	    "file's name" },
	{ .path = "description", KEY_STR, NULL, "for readers" },
	{ .path = "owner", KEY_STR, NULL, "who is asked when it fails" },
	{ .path = "incident", KEY_STR, NULL, "id of the incident it came from" },
	{ .path = "reason", KEY_STR, NULL, "why it exists" },
	{ .path = "profile", KEY_ENUM, "\"release\"", "row of default limits: smoke "
	    "judges no latency; canary and migration ask for proof of no "
	    "harm", .names = "smoke|release|canary|migration" },
	{ .path = "extends", KEY_FILE | KEY_LIST, NULL, "manifests that this one is "
	    "merged over: objects merge, null removes, anything else "
	    "replaces" },
	{ .path = "extends.[]", KEY_FILE, NULL, "one of them, later ones win" },

	/* ---- cases ---- */
	{ .path = "cases", KEY_FILE | KEY_OBJ | KEY_LIST, NULL, "what is asked: a "
	    "gold file (JSON lines), a list, or a file or trace with a "
	    "sample" },
	{ .path = "cases.file", KEY_FILE, NULL, "gold file (JSON lines)" },
	{ .path = "cases.trace", KEY_FILE, NULL, "trace whose exchanges become "
	    "cases" },
	{ .path = "cases.sample", KEY_INT, "0", "how many of them, seeded; 0: all",
	    0, 1e9 },
	{ .path = "cases.stratify", KEY_PTR, NULL, "value of the case whose shares "
	    "the sample keeps" },
	{ .path = "cases.critical", KEY_BOOL, "false", "every case is critical" },
	{ .path = "cases.[]", KEY_OBJ, NULL, "one case", .use = "@case" },
	{ .path = "@case.id", KEY_STR, NULL, "its name, unique" },
	{ .path = "@case.question", KEY_STR, NULL, "the original wording" },
	{ .path = "@case.paraphrases", KEY_LIST, NULL, "other wordings" },
	{ .path = "@case.paraphrases.[]", KEY_STR, NULL, "one wording" },
	{ .path = "@case.same_answer_questions", KEY_LIST, NULL, "other people's "
	    "wordings, used after the paraphrases" },
	{ .path = "@case.same_answer_questions.[]", KEY_STR, NULL, "one wording" },
	{ .path = "@case.section_ids", KEY_LIST, NULL, "sections that answer it" },
	{ .path = "@case.section_ids.[]", KEY_STR, NULL, "a section's id" },
	{ .path = "@case.section_id", KEY_STR, NULL, "the same for one section" },
	{ .path = "@case.snippet_ids", KEY_LIST, NULL, "snippets that answer it" },
	{ .path = "@case.snippet_ids.[]", KEY_STR, NULL, "a snippet's id" },
	{ .path = "@case.decoy_ids", KEY_LIST, NULL, "sections that look right and "
	    "are not" },
	{ .path = "@case.decoy_ids.[]", KEY_STR, NULL, "a section's id" },
	{ .path = "@case.answer", KEY_STR, NULL, "the expected answer" },
	{ .path = "@case.answers", KEY_LIST, NULL, "answers, any of which is right" },
	{ .path = "@case.answers.[]", KEY_STR, NULL, "one of them" },
	{ .path = "@case.unanswerable", KEY_BOOL, "false", "the right answer is to "
	    "decline" },
	{ .path = "@case.critical", KEY_BOOL, "false", "one regression of it fails "
	    "the run" },
	{ .path = "@case.expect", KEY_LIST, NULL, "assertions on the answer's JSON" },
	{ .path = "@case.expect.[]", KEY_OBJ, NULL, "one assertion" },
	{ .path = "@case.expect.[].at", KEY_PTR, NULL, "where; /status is the HTTP "
	    "status" },
	{ .path = "@case.expect.[].op", KEY_ENUM, "\"eq\"", "how it is compared",
	    .names = "eq|ge|le|contains|not_contains|matches|exists" },
	{ .path = "@case.expect.[].value", KEY_ANY, NULL, "with what; for exists, "
	    "true or false" },
	{ .path = "@case.tags", KEY_OBJ, NULL, "names for slices, placeholders and "
	    "--tag" },
	{ .path = "@case.tags.*", KEY_ANY, NULL, "a tag's value" },
	{ .path = "@case.request", KEY_ANY, NULL, "merged over the request's body "
	    "(RFC 7396)" },
	{ .path = "@case.session", KEY_STR, NULL, "conversation it belongs to" },
	{ .path = "@case.recorded", KEY_STR, NULL, "id of the recorded exchange" },
	{ .path = "@case.*", KEY_ANY, NULL, "members of your own are kept, for "
	    "placeholders" },
	{ .path = "sections", KEY_FILE, NULL, "the documents' sections (JSON lines), "
	    "for coverage and anchors" },
	{ .path = "recorded", KEY_FILE, NULL, "trace behind an arm `recorded`" },

	/* ---- variants ---- */
	{ .path = "variants", KEY_OBJ, NULL, "how often and how each case is asked" },
	{ .path = "variants.paraphrases", KEY_INT, "3", "wordings, the original "
	    "counts", 1, 64 },
	{ .path = "variants.seeds", KEY_LIST | KEY_INT, "[1, 2]", "seeds, or how many",
	    1, 64 },
	{ .path = "variants.seeds.[]", KEY_INT, NULL, "one seed" },
	{ .path = "variants.repeats", KEY_INT, "1", "of the same wording and seed",
	    1, 1000 },
	{ .path = "variants.perturb", KEY_LIST | KEY_BOOL,
	    "[\"whitespace\", \"punctuation\", \"case\"]",
	    "benign changes that stand in for wordings a case lacks; false: "
	    "none, such variants are repeats; true: all kinds" },
	{ .path = "variants.perturb.[]", KEY_ENUM, NULL, "one kind", .names =
	    "whitespace|punctuation|case|unicode|width|synonyms|clauses" },

	/* ---- targets ---- */
	{ .path = "targets", KEY_OBJ, NULL, "the stacks" },
	{ .path = "targets.baseline", KEY_STR | KEY_OBJ, NULL, "what runs now: a "
	    "URL, a RUN, recorded[:TRACE], or an object", .use = "@target" },
	{ .path = "targets.candidate", KEY_STR | KEY_OBJ, NULL, "what is to ship",
	    .use = "@target" },
	{ .path = "targets.baseline2", KEY_STR | KEY_OBJ, NULL, "a second deployment "
	    "of the baseline's build, in place of the echoes",
	    .use = "@target" },
	{ .path = "@target.url", KEY_STR, NULL, "scheme://host:port, or recorded, or "
	    "a RUN; {{port}} with start" },
	{ .path = "@target.start", KEY_STR, NULL, "command that serves it, stopped "
	    "at the end; {{port}} is a free port" },
	{ .path = "@target.ready", KEY_OBJ | KEY_STR, NULL, "when it is up: a path "
	    "that answers 2xx" },
	{ .path = "@target.ready.path", KEY_STR, NULL, "the path; default: it "
	    "takes connections" },
	{ .path = "@target.ready.timeout", KEY_TIME, "\"30s\"", "how long it may "
	    "take" },
	{ .path = "@target.headers", KEY_OBJ, NULL, "sent with every request; "
	    "${NAME} and ${file:PATH} stay out of every record" },
	{ .path = "@target.headers.*", KEY_STR | KEY_NUM, NULL, "a header's value" },
	{ .path = "@target.auth", KEY_OBJ, NULL, "where the bearer token comes from" },
	{ .path = "@target.auth.exec", KEY_STR, NULL, "command that prints it" },
	{ .path = "@target.concurrency", KEY_INT, NULL, "requests in flight; "
	    "default: the pace's", 1, 4096 },
	{ .path = "@target.rate", KEY_NUM, NULL, "at most so many requests a second",
	    0, 1e6 },
	{ .path = "@target.burst", KEY_NUM, NULL, "how many may come at once above "
	    "the rate", 0, 1e6 },
	{ .path = "@target.deadline", KEY_TIME, "\"30s\"", "of one request" },
	{ .path = "@target.no_cache", KEY_BOOL, "false", "ask caches on the way to "
	    "be passed by" },
	{ .path = "@target.http2", KEY_BOOL, "false", "HTTP/2 where TLS offers it" },
	{ .path = "@target.ca_file", KEY_FILE, NULL, "certificates to trust (PEM)" },
	{ .path = "@target.cert_file", KEY_FILE, NULL, "own certificate (PEM)" },
	{ .path = "@target.key_file", KEY_FILE, NULL, "its key (PEM)" },
	{ .path = "@target.unix_socket", KEY_FILE, NULL, "socket to connect to" },
	{ .path = "@target.method", KEY_STR, NULL, "overrides request.method" },
	{ .path = "@target.path", KEY_STR, NULL, "overrides request.path" },
	{ .path = "@target.body", KEY_ANY, NULL, "overrides request.body" },
	{ .path = "@target.request", KEY_OBJ, NULL, "the same three, as one object",
	    .use = "@request" },
	{ .path = "@target.extract", KEY_STR | KEY_OBJ, NULL, "overrides extract",
	    .use = "@extract" },
	{ .path = "@target.prices", KEY_OBJ, NULL, "overrides prices",
	    .use = "prices" },
	{ .path = "warmup", KEY_INT, "10", "requests to every arm first, not judged",
	    0, 100000 },

	/* ---- request and answer ---- */
	{ .path = "request", KEY_OBJ, NULL, "what is sent; default: the preset's "
	    "usual request", .use = "@request" },
	{ .path = "@request.method", KEY_STR, "\"POST\"", "HTTP method" },
	{ .path = "@request.path", KEY_STR, NULL, "path and query, with "
	    "{{placeholders}} percent-encoded" },
	{ .path = "@request.headers", KEY_OBJ, NULL, "of every target" },
	{ .path = "@request.headers.*", KEY_STR | KEY_NUM, NULL, "a header's value" },
	{ .path = "@request.body", KEY_ANY, NULL, "JSON with {{placeholders}}; a "
	    "text is sent as it is" },
	{ .path = "extract", KEY_STR | KEY_OBJ, "\"generic\"", "where the answer has "
	    "what: a preset's name, pointers, or both", .use = "@extract" },
	{ .path = "@extract.preset", KEY_ENUM, NULL, "shape of a known API; pointers "
	    "beside it win", .names = "generic|openai|openai-responses|azure|"
	    "elasticsearch|opensearch|qdrant|chroma|dify|langserve" },
	{ .path = "@extract.retrieved", PTRS | KEY_OBJ, NULL, "retrieved snippets, "
	    "best first", .use = "@items" },
	{ .path = "@extract.retrieved.[]", KEY_PTR, NULL, "the first that is there "
	    "counts" },
	{ .path = "@extract.citations", PTRS | KEY_OBJ, NULL, "what the answer "
	    "cites", .use = "@items" },
	{ .path = "@extract.citations.[]", KEY_PTR, NULL, "the first that is there "
	    "counts" },
	{ .path = "@items.items", PTRS, NULL, "the list; a pointer that matches "
	    "several lists joins them" },
	{ .path = "@items.items.[]", KEY_PTR, NULL, "the first that is there counts" },
	{ .path = "@items.snippet_id", PTRS, NULL, "relative to an item, as are all "
	    "below" },
	{ .path = "@items.snippet_id.[]", KEY_PTR, NULL, "the first that is there "
	    "counts" },
	{ .path = "@items.section_id", PTRS, NULL, "id of the section it is from" },
	{ .path = "@items.section_id.[]", KEY_PTR, NULL, "the first that is there "
	    "counts" },
	{ .path = "@items.source_url", PTRS, NULL, "where it comes from" },
	{ .path = "@items.source_url.[]", KEY_PTR, NULL, "the first that is there "
	    "counts" },
	{ .path = "@items.text", PTRS, NULL, "its text" },
	{ .path = "@items.text.[]", KEY_PTR, NULL, "the first that is there counts" },
	{ .path = "@items.from", PTRS, NULL, "first character within the section" },
	{ .path = "@items.from.[]", KEY_PTR, NULL, "the first that is there counts" },
	{ .path = "@items.to", PTRS, NULL, "character behind the last" },
	{ .path = "@items.to.[]", KEY_PTR, NULL, "the first that is there counts" },
	{ .path = "@items.tokens", PTRS, NULL, "its length in tokens" },
	{ .path = "@items.tokens.[]", KEY_PTR, NULL, "the first that is there "
	    "counts" },
	{ .path = "@items.score", PTRS, NULL, "its score" },
	{ .path = "@items.score.[]", KEY_PTR, NULL, "the first that is there counts" },
	{ .path = "@items.columns", KEY_BOOL, "false", "the answer holds parallel "
	    "lists: pointers are absolute, `*` stands for the item" },
	{ .path = "@items.marker", KEY_STR, NULL, "only items whose mark stands in "
	    "the answer are cited, \"[doc{n}]\"" },
	{ .path = "@extract.answer", PTRS | KEY_OBJ, NULL, "the answer's text" },
	{ .path = "@extract.answer.[]", KEY_PTR, NULL, "the first that is there "
	    "counts" },
	{ .path = "@extract.answer.body", KEY_ENUM, NULL, "the whole body is the "
	    "answer", .names = "text" },
	{ .path = "@extract.pins", KEY_PTR | KEY_OBJ, NULL, "versions that served it: "
	    "a pointer to an object, or a header" },
	{ .path = "@extract.pins.header", KEY_STR, NULL, "header: JSON, or "
	    "\"NAME=value; NAME=value\"" },
	{ .path = "@extract.usage", KEY_OBJ, NULL, "what it took" },
	{ .path = "@extract.usage.tokens_in", PTRS, NULL, "tokens of the prompt" },
	{ .path = "@extract.usage.tokens_in.[]", KEY_PTR, NULL, "the first that is "
	    "there counts" },
	{ .path = "@extract.usage.tokens_out", PTRS, NULL, "tokens generated" },
	{ .path = "@extract.usage.tokens_out.[]", KEY_PTR, NULL, "the first that is "
	    "there counts" },
	{ .path = "@extract.usage.cost", PTRS, NULL, "price in USD as the service "
	    "tells it" },
	{ .path = "@extract.usage.cost.[]", KEY_PTR, NULL, "the first that is there "
	    "counts" },
	{ .path = "@extract.effect_id", PTRS, NULL, "id of the effect it had" },
	{ .path = "@extract.effect_id.[]", KEY_PTR, NULL, "the first that is there "
	    "counts" },
	{ .path = "@extract.refusal", PTRS, NULL, "present: the service declined" },
	{ .path = "@extract.refusal.[]", KEY_PTR, NULL, "the first that is there "
	    "counts" },
	{ .path = "@extract.stream", KEY_OBJ, NULL, "a streamed answer" },
	{ .path = "@extract.stream.format", KEY_ENUM, NULL, "default: by the "
	    "Content-Type", .names = "sse|ndjson" },
	{ .path = "@extract.stream.token", PTRS, NULL, "piece of the answer in one "
	    "event" },
	{ .path = "@extract.stream.token.[]", KEY_PTR, NULL, "the first that is there "
	    "counts" },
	{ .path = "@extract.stream.event", KEY_STR, NULL, "name of the "
	    "events that carry pieces; default: any" },
	{ .path = "@extract.stream.sources", PTRS, NULL, "retrieved items in an "
	    "event" },
	{ .path = "@extract.stream.sources.[]", KEY_PTR, NULL, "the first that is "
	    "there counts" },
	{ .path = "@extract.stream.end", KEY_STR, NULL, "data of the last event, "
	    "\"[DONE]\"; without it the answer was cut off" },
	{ .path = "@extract.question", PTRS, NULL, "the question in a recorded "
	    "request's body" },
	{ .path = "@extract.question.[]", KEY_PTR, NULL, "the first that is there "
	    "counts" },

	/* ---- how it is sent ---- */
	{ .path = "pace", KEY_OBJ, NULL, "when requests are sent" },
	{ .path = "pace.mode", KEY_ENUM, "\"closed\"", "closed: the next when one is "
	    "answered; the others keep a schedule", .names =
	    "closed|constant|poisson|recorded" },
	{ .path = "pace.concurrency", KEY_INT, "8", "variants in flight", 1, 4096 },
	{ .path = "pace.rate", KEY_NUM, "10", "variants a second (constant, "
	    "poisson)", 0.001, 1e6 },
	{ .path = "pace.speed", KEY_NUM, "1", "recorded times divided by this",
	    0.001, 1e6 },
	{ .path = "pace.idle_cap", KEY_TIME, "0", "recorded gaps are at most so "
	    "long; 0: kept" },
	{ .path = "pace.lateness_max", KEY_TIME, "\"250ms\"", "p99 of lateness "
	    "beyond which the run is INVALID" },
	{ .path = "budget", KEY_OBJ, NULL, "what a run may take" },
	{ .path = "budget.requests", KEY_INT, "0", "requests in all; 0: any", 0,
	    1e12 },
	{ .path = "budget.time", KEY_TIME, "0", "0: any" },
	{ .path = "budget.usd", KEY_NUM, "0", "money, by prices; 0: any", 0, 1e9 },
	{ .path = "prices", KEY_OBJ, NULL, "USD a token" },
	{ .path = "prices.tokens_in", KEY_NUM, NULL, "of the prompt", 0, 1 },
	{ .path = "prices.tokens_out", KEY_NUM, NULL, "generated", 0, 1 },
	{ .path = "retry", KEY_OBJ, NULL, "retries never hide a first failure" },
	{ .path = "retry.max_attempts", KEY_INT, "1", "1: none", 1, 10 },
	{ .path = "retry.strategy", KEY_ENUM, "\"full_jitter\"", "of the pause",
	    .names = "full_jitter" },
	{ .path = "retry.base_s", KEY_NUM, "0.25", "first pause at most", 0, 3600 },
	{ .path = "retry.cap_s", KEY_NUM, "10", "any pause at most", 0, 3600 },
	{ .path = "retry.honor_retry_after", KEY_BOOL, "true", "seconds or a date" },
	{ .path = "body_max", KEY_SIZE, "\"16MiB\"", "bytes of an answer" },

	/* ---- how it is judged ---- */
	{ .path = "embedder", KEY_STR, "\"builtin\"", "builtin, lexical, "
	    "model2vec:DIR or openai:URL" },
	{ .path = "slices", KEY_LIST, NULL, "members of a case (tags.tenant) that "
	    "are reported and gated each" },
	{ .path = "slices.[]", KEY_STR, NULL, "dotted name or pointer" },
	{ .path = "pins", KEY_OBJ, NULL, "versions on every answer" },
	{ .path = "pins.equal", KEY_LIST, NULL, "must be the same on both arms" },
	{ .path = "pins.equal.[]", KEY_STR, NULL, "a pin's name" },
	{ .path = "pins.expect", KEY_LIST, NULL, "are meant to differ: drift is then "
	    "for review" },
	{ .path = "pins.expect.[]", KEY_STR, NULL, "a pin's name" },
	{ .path = "pins.require", KEY_LIST, NULL, "must be on every answer" },
	{ .path = "pins.require.[]", KEY_STR, NULL, "a pin's name" },
	{ .path = "quarantine", KEY_LIST, NULL, "flaky cases that do not count until "
	    "a date" },
	{ .path = "quarantine.[]", KEY_OBJ, NULL, "one case" },
	{ .path = "quarantine.[].case", KEY_STR, NULL, "its id" },
	{ .path = "quarantine.[].owner", KEY_STR, NULL, "who mends it" },
	{ .path = "quarantine.[].until", KEY_DATE, NULL, "from then on it fails the "
	    "run" },
	{ .path = "quarantine.[].reason", KEY_STR, NULL, "why" },
	{ .path = "scorers", KEY_LIST, NULL, "judges of your own" },
	{ .path = "scorers.[]", KEY_OBJ, NULL, "one judge" },
	{ .path = "scorers.[].name", KEY_STR, NULL, "its metric's name" },
	{ .path = "scorers.[].exec", KEY_STR, NULL, "command: JSON lines in and "
	    "out" },
	{ .path = "scorers.[].timeout", KEY_TIME, "\"60s\"", "of one answer" },

	/* ---- gates ---- */
	{ .path = "gates", KEY_OBJ, NULL, "limits; default: the profile's" },
	{ .path = "gates.strict", KEY_BOOL, NULL, "PASS needs proof of no harm" },
	{ .path = "gates.k_of_m", KEY_INT, "0", "variants of a case that must hold "
	    "its limits; 0: all", 0, 4096 },
	{ .path = "gates.alpha", KEY_NUM, "0.01", "of the gated family, after Holm",
	    1e-6, 0.5 },
	{ .path = "gates.inconclusive_p", KEY_NUM, "0.10", "beyond the margin with p "
	    "up to this: INCONCLUSIVE", 1e-6, 1 },
	{ .path = "gates.hard_p", KEY_NUM, "0.005", "of the hard stops", 1e-6, 0.5 },
	{ .path = "gates.retrieval", KEY_OBJ | KEY_BOOL, NULL, "absolute levels" },
	{ .path = "gates.retrieval.ds_max", GATE, "0.45", "mean distance from "
	    "question to best snippet", 0, 2 },
	{ .path = "gates.retrieval.ds_case_max", GATE, "0.60", "a case fails from "
	    "here on", 0, 2 },
	{ .path = "gates.retrieval.coverage_min", GATE, "0.70", "share of the "
	    "expected sections", 0, 1 },
	{ .path = "gates.retrieval.coverage_hard_min", GATE, "0.60", "hard stop", 0,
	    1 },
	{ .path = "gates.retrieval.lambda_convergent", GATE, "0.80", "mean share of "
	    "convergent variants", 0, 1 },
	{ .path = "gates.drift", KEY_ENUM | KEY_BOOL, NULL, "what answer drift does; "
	    "default: the pins decide", .names = "hard|review|info" },
	{ .path = "gates.latency", KEY_OBJ | KEY_BOOL, NULL, "against the baseline" },
	{ .path = "gates.latency.p95_uplift_max", GATE, "0.15", "of the 95th "
	    "percentile", 0, 100 },
	{ .path = "gates.latency.body_uplift_max", GATE, "0.10", "of the body", 0,
	    100 },
	{ .path = "gates.latency.p95_floor", KEY_TIME, "\"5ms\"", "smaller rises of "
	    "the p95 do not count" },
	{ .path = "gates.latency.body_floor", KEY_TIME, "\"1ms\"", "the same of the "
	    "body" },
	{ .path = "gates.errors", KEY_OBJ | GATE, "0.005", "share of requests that "
	    "failed", 0, 1 },
	{ .path = "gates.errors.rate_max", GATE, "0.005", "the same", 0, 1 },
	{ .path = "gates.errors.http_5xx_max", GATE, "0.01", "hard stop", 0, 1 },
	{ .path = "gates.errors.http_429_max", GATE, "0.005", "share of 429", 0, 1 },
	{ .path = "gates.citations", KEY_OBJ | GATE, "0.05", "drop of the mean "
	    "precision and recall", 0, 1 },
	{ .path = "gates.citations.precision_min", GATE, "0.75", "of a case", 0, 1 },
	{ .path = "gates.citations.recall_min", GATE, "0.70", "of a case", 0, 1 },
	{ .path = "gates.citations.margin", GATE, "0.05", "drop of the means", 0,
	    1 },
	{ .path = "gates.citations.required", KEY_BOOL, "false", "an answer without "
	    "citations fails its case" },
	{ .path = "gates.question_drift", GATE, "0.03", "rise of the mean", 0, 2 },
	{ .path = "gates.context_drift", GATE, "0.03", "rise of the mean; one margin "
	    "with question_drift", 0, 2 },
	{ .path = "gates.answer_drift", GATE, "0.03", "mean beyond the noise floor",
	    0, 2 },
	{ .path = "gates.answer_drift_tail", GATE, "0.15", "95th percentile, hard "
	    "stop", 0, 2 },
	{ .path = "gates.answer_drift_median", KEY_BOOL, "true", "information" },
	{ .path = "gates.instability", GATE, "0.05", "rise", 0, 2 },
	{ .path = "gates.order", GATE, "0.10", "retrieval order, REVIEW at most", 0,
	    1 },
	{ .path = "gates.cases", GATE, "0.02", "regressions less fixes, share", 0,
	    1 },
	{ .path = "gates.coverage", GATE, "0.02", "drop of the mean", 0, 1 },
	{ .path = "gates.coverage_floor", GATE, "0.60", "hard stop", 0, 1 },
	{ .path = "gates.coverage_min", GATE, "0.70", "as under retrieval", 0, 1 },
	{ .path = "gates.ds_max", GATE, "0.45", "as under retrieval", 0, 2 },
	{ .path = "gates.lambda_convergent", GATE, "0.80", "as under retrieval", 0,
	    1 },
	{ .path = "gates.citation_precision", GATE, "0.05", "drop of the mean; one "
	    "margin with citation_recall", 0, 1 },
	{ .path = "gates.citation_recall", GATE, "0.05", "drop of the mean", 0, 1 },
	{ .path = "gates.lambda", GATE, "0.02", "drop of the mean convergence", 0,
	    1 },
	{ .path = "gates.lambda_flip", GATE, "0.05", "rise of the mean flip rate", 0,
	    1 },
	{ .path = "gates.flip_rate", GATE, "0.20", "hard stop", 0, 1 },
	{ .path = "gates.latency_body", GATE, "0.10", "as under latency", 0, 100 },
	{ .path = "gates.latency_p95", GATE, "0.15", "as under latency", 0, 100 },
	{ .path = "gates.http_5xx", GATE, "0.01", "as under errors", 0, 1 },
	{ .path = "gates.http_429", GATE, "0.005", "as under errors", 0, 1 },
	{ .path = "gates.cost", GATE, "0.10", "rise of the mean", 0, 100 },
	{ .path = "gates.pass_rate", GATE, "0.90", "without a baseline: share of "
	    "cases that pass", 0, 1 },
	{ .path = "gates.refusal_consistency_min", KEY_NUM, "0.98", "of unanswerable "
	    "cases", 0, 1 },
};

enum { N_KEYS = sizeof(keys) / sizeof(keys[0]) };

const struct suite_key *
suite_key_at(size_t i)
{
	if (i < N_KEYS)
		return &keys[i];
	i -= N_KEYS;
	return i < suite_words_n ? &suite_words[i] : NULL;
}

const char *
suite_key_member_name(const struct suite_key *row, const char *parent)
{
	size_t n = strlen(parent);
	const char *name = row->path;

	if (n > 0) {
		if (strncmp(name, parent, n) != 0 || name[n] != '.')
			return NULL;
		name += n + 1;
	} else if (*name == '@') {
		return NULL;
	}
	return strchr(name, '.') == NULL ? name : NULL;
}

const struct suite_key *
suite_key_find(const char *parent, const char *name)
{
	const struct suite_key *row, *any = NULL;
	const char *own;
	size_t i;

	for (i = 0; (row = suite_key_at(i)) != NULL; i++) {
		own = suite_key_member_name(row, parent);
		if (own == NULL)
			continue;
		if (strcmp(own, "*") == 0)
			any = row;
		else if (strcmp(own, name) == 0)
			return row;
	}
	return strcmp(name, "[]") == 0 ? NULL : any;
}

const char *
suite_key_members(const struct suite_key *row)
{
	return row->use != NULL ? row->use : row->path;
}
