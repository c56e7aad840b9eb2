/*
 * The suite manifest: questions, stacks, expectations and limits.
 *
 * suite_load() reads YAML or JSON (SUITE.md, GUARDRAILS "Manifest
 * words"), resolves `extends`, applies profile and overrides, and checks
 * everything that can be checked without sending.  The result is immutable
 * and may be read from any thread.  Strings belong to the suite.
 */
#ifndef LOCKSTEP_SUITE_H
#define LOCKSTEP_SUITE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/json.h"
#include "harness/terms/limits.h"
#include "harness/terms/scorer_metric.h"
#include "harness/traffic/exchange.h"
#include "harness/traffic/extract.h"

enum { SUITE_SEEDS_MAX = 64, SUITE_PERTURB_MAX = 16 };

enum suite_pace { PACE_CLOSED, PACE_CONSTANT, PACE_POISSON, PACE_RECORDED };

struct suite_header {
	const char *name;
	const char *value;	/* ${NAME} and ${file:PATH} resolved */
	int secret;		/* came from the environment, a file or --set */
};

/* One stack under test. Members that are NULL or 0 fall back to the suite's
 * own request and extract. */
struct suite_target {
	int present;
	const char *arm;	/* as given: URL, RUN, recorded[:TRACE] */
	const char *url;	/* scheme://host:port, NULL if not a URL; may
				   hold {{port}} until it is started */
	const char *start;	/* command, or NULL; {{port}} is a free port */
	const char *ready_path;
	int64_t ready_timeout_ns;
	struct suite_header *headers;
	size_t n_headers;
	const char *auth_exec;	/* prints a bearer token, or NULL */
	int concurrency;	/* 0: the pace's */
	double rate;		/* requests a second; 0: unlimited */
	double burst;
	int64_t deadline_ns;	/* per request */
	int no_cache;
	const char *ca_file, *cert_file, *key_file, *unix_socket;
	int http2;
	const char *path, *method;	/* overrides of request, or NULL */
	const struct json *body;
	const struct extract_spec *extract;	/* never NULL when present */
	double price_in, price_out;	/* a token; NaN: not priced */
};

enum { SUITE_SCORERS_MAX = 8 };

/* A judge of the suite's own (scorer.h). */
struct suite_scorer {
	const char *name, *exec;
	const char *version;	/* "" when none is given */
	int64_t timeout_ns;	/* longest silence while answers are due */
	size_t in_flight;	/* lines that it may have at once */
	int blind;		/* is not told case, arm and baseline */
	size_t first, n;	/* its metrics in struct suite */
};

struct suite_retry {
	int max_attempts;	/* 1: no retries, the default */
	int64_t base_ns, cap_ns;
	int honor_retry_after;
};

/* What is asked again when it is undecided (METRICS 4, "Confirm"). */
struct suite_confirm {
	uint32_t cases;		/* at most; 0: none */
	uint32_t repeats;	/* fresh ones on each stack */
	uint32_t rounds;	/* of latency, at most */
	int measure_on;		/* latency, where the plan is over early */
};
enum { SUITE_CONFIRM_MAX = 1000 };	/* each of the first three */

struct suite {
	const char *path, *dir;	/* of the manifest; dir resolves its files */
	char hash[33];		/* of its resolved content (no secrets) */
	const struct json *doc;	/* the resolved document */
	const char *name, *profile, *owner;
	const char *incident, *reason;	/* written by promote, or NULL */

	const char *cases_file;		/* gold JSONL, or NULL */
	const char *cases_trace;	/* or a trace of exchanges */
	const struct json *cases_where;	/* which of them (where.h), or NULL */
	const struct json *cases_batch;	/* pointers of lists in the request's
					   body whose elements become cases,
					   or NULL */
	int cases_critical;		/* every case is critical */
	const struct json *cases_inline;	/* or a list */
	uint64_t sample;		/* 0: all */
	const char *stratify;		/* pointer into the case, or NULL */
	const char *sections_file;	/* or NULL */
	const char *recorded_file;	/* key `recorded`: the trace behind an
					   arm `recorded`, or NULL */

	uint32_t paraphrases, n_seeds, repeats;	/* all >= 1 */
	int64_t seeds[SUITE_SEEDS_MAX];
	const char *perturb[SUITE_PERTURB_MAX];
	size_t n_perturb;

	struct suite_target target[ARM_N];	/* candidate2 never present */
	uint32_t warmup;		/* requests to every arm, not judged */
	const char *method, *request_path;
	struct suite_header *headers;	/* of every target */
	size_t n_headers;
	const struct json *body;	/* template */
	const struct extract_spec *extract;

	enum suite_pace pace;
	int concurrency;
	double rate, speed;
	int64_t idle_cap_ns;		/* recorded pace; 0: gaps are kept */
	uint64_t budget_requests;	/* 0: none */
	int64_t budget_time_ns;
	double budget_usd;
	struct suite_retry retry;
	uint32_t give_up_after;		/* an arm's first requests that all
					   fail alike end a run; 0: never */
	struct suite_confirm confirm;
	int64_t late_max_ns;		/* lateness p99 that makes it INVALID */
	size_t body_max;		/* bytes of an answer */

	const char *embedder;		/* "builtin", ... */
	double embedder_t;		/* of its curve; NaN: its own */
	const struct json *slices;	/* array of pointers or NULL */
	const struct json *pins_equal, *pins_expect;	/* arrays or NULL */
	const struct json *pins_require;	/* must be on every answer */
	const struct json *quarantine;
	const struct json *drills;	/* scenarios, levers and the like, with
					   ${NAME} resolved in requests */
	struct suite_scorer scorer[SUITE_SCORERS_MAX];
	size_t n_scorers;
	struct scorer_metric scored[SCORER_METRICS_MAX];	/* in order */
	size_t n_scored;
	struct limits limits;		/* gates, margins, classes */
	uint64_t seed;			/* --seed, else from the hash */
	struct suite_mem *mem;		/* private */
};

typedef void suite_note_fn(void *ctx, const char *note);

/* What the command line adds; the zero value adds nothing. */
struct suite_over {
	const char *arm[ARM_N];		/* --baseline ... */
	const char *const *set;		/* KEY=VALUE, dotted keys */
	size_t n_set;
	const char *embedder;
	int64_t seed;			/* 0 or less: none */
	int no_env;			/* check: unset ${NAME} are no error */
	const char *text;		/* the manifest, instead of that in the
					   file, which need not be there */
	suite_note_fn *on_error;	/* takes every error, not the first
					   alone; or NULL */
	void *on_error_ctx;
};

/*
 * Loads one manifest.
 * returns RC_OK, caller frees with suite_free(); RC_FORMAT (path:line:column:
 *         what, and the nearest known key), RC_IO, RC_USAGE, RC_NOMEM
 */
int suite_load(const char *path, const struct suite_over *over,
    struct suite **out, struct err *err);
void suite_free(struct suite *s);

/*
 * Notes that are not errors: words that are accepted and not judged,
 * paraphrases that the data lacks. fn is called once each.
 */
void suite_notes(const struct suite *s, suite_note_fn *fn, void *ctx);

/* Whom an arm asks: its own target, else that of the arm it is an echo of. */
const struct suite_target *suite_target_of(const struct suite *s, enum arm a);

/* path resolved against the manifest's folder; caller frees. */
char *suite_resolve(const struct suite *s, const char *path);

#endif
