/*
 * Guardrail 10: what a client does with faults. The user's own client talks
 * to a front that injects them by seed; what it did is judged: what it asked
 * again, when, how often, and under which key.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/child.h"
#include "harness/base/mono.h"
#include "harness/drill/client_log.h"
#include "harness/drill/drill_part.h"
#include "replay/chaos.h"

static const char weak[] = "load controls weak";
static const char keys[] = "idempotency missing";

enum { OUTPUT_MAX = 16 << 20, PAUSES_MAX = 4096, JITTER_LEAST = 5 };
#define GRACE_NS (100 * MONO_MS)

/* What the client did, all requests together. */
struct behaviour {
	size_t requests, faulty, recovered;
	size_t for_good, asked_again;		/* after a 400 */
	size_t told, early;			/* Retry-After */
	size_t most;				/* attempts of one request */
	size_t keyed, other_key;
	int64_t longest_ns;			/* of all attempts of one */
	double pause_s[PAUSES_MAX];		/* where nothing was told */
	size_t n_pauses;
};

/* All attempts of the request whose first one is v[i]. */
static void
follow(const struct chaos_attempt *v, size_t n, size_t i,
    struct behaviour *b)
{
	const struct chaos_attempt *first = &v[i], *last = &v[i];
	size_t k, attempts = 1, other = 0;
	double pause;

	for (k = i + 1; k < n; k++) {
		if (v[k].request != first->request)
			continue;
		attempts++;
		pause = (double)(v[k].at_ns - last->at_ns) / 1e9;
		other += strcmp(v[k].key, first->key) != 0;
		if (last->after_ns >= 0) {
			b->told++;
			/* a date has whole seconds */
			b->early += v[k].at_ns - last->at_ns <
			    last->after_ns - GRACE_NS - (last->fault ==
			    CHAOS_429_DATE ? MONO_S : 0);
		} else if (b->n_pauses < PAUSES_MAX && last->status >= 500) {
			b->pause_s[b->n_pauses++] = pause;
		}
		last = &v[k];
	}
	b->requests++;
	b->keyed += first->key[0] != '\0';
	b->other_key += other > 0;
	if (attempts > b->most)
		b->most = attempts;
	if (last->at_ns - first->at_ns > b->longest_ns)
		b->longest_ns = last->at_ns - first->at_ns;
	if (first->fault == CHAOS_400) {
		b->for_good++;
		b->asked_again += attempts > 1;
	} else if (first->fault != CHAOS_NONE) {
		b->faulty++;
		b->recovered += last->status >= 200 && last->status < 300;
	}
}

static void
observe(const struct chaos_attempt *v, size_t n, struct behaviour *b)
{
	size_t i, k;

	memset(b, 0, sizeof(*b));
	for (i = 0; i < n; i++) {
		for (k = 0; k < i && v[k].request != v[i].request; k++)
			;
		if (k == i)
			follow(v, n, i, b);
	}
}

/* How far the pauses differ: standard deviation over mean. */
static double
spread(const struct behaviour *b, double *longest)
{
	double mean = 0, var = 0;
	size_t i;

	*longest = 0;
	for (i = 0; i < b->n_pauses; i++) {
		mean += b->pause_s[i] / (double)b->n_pauses;
		*longest = fmax(*longest, b->pause_s[i]);
	}
	for (i = 0; i < b->n_pauses; i++)
		var += (b->pause_s[i] - mean) * (b->pause_s[i] - mean) /
		    (double)b->n_pauses;
	return mean > 0 ? sqrt(var) / mean : 0;
}

static void
judge_pauses(struct drill *d, const struct behaviour *b)
{
	double cap = json_num(drill_doc(d, "retry.cap_s"), 10), longest;
	double by = spread(b, &longest);

	if (b->told == 0)
		drill_skip(d, "Retry-After is kept to", "the client asked "
		    "again after none");
	else
		(void)drill_check(d, "Retry-After is kept to", b->early == 0,
		    weak, "%zu of %zu came before it", b->early, b->told);
	if (b->n_pauses < JITTER_LEAST) {
		drill_skip(d, "pauses have jitter and a cap", "%zu pauses; "
		    "needs %d: more requests", b->n_pauses, JITTER_LEAST);
		return;
	}
	(void)drill_check(d, "pauses have jitter and a cap", by >= 0.1 &&
	    longest <= cap + 1, weak, "%zu pauses differ by %.0f %%, the "
	    "longest is %.2f s, the cap %.3g s", b->n_pauses, by * 100,
	    longest, cap);
}

static void
judge(struct drill *d, const struct behaviour *b)
{
	int64_t most = json_int(drill_doc(d, "retry.max_attempts"), 6);
	const struct json *ms = drill_doc(d, "deadlines.write_ms");

	(void)drill_check(d, "transient faults are overcome", b->faulty > 0 &&
	    (double)b->recovered >= 0.9 * (double)b->faulty, weak,
	    "%zu of %zu requests with faults, of %zu", b->recovered,
	    b->faulty, b->requests);
	if (b->for_good == 0)
		drill_skip(d, "400 is not asked again", "no request got one; "
		    "needs more requests, or another --seed");
	else
		(void)drill_check(d, "400 is not asked again",
		    b->asked_again == 0, weak, "%zu of %zu were",
		    b->asked_again, b->for_good);
	judge_pauses(d, b);
	(void)drill_check(d, "attempts have a limit", (int64_t)b->most <=
	    most, weak, "at most %zu, the limit is %lld", b->most,
	    (long long)most);
	if (ms == NULL)
		drill_skip(d, "and a deadline", "needs it: deadlines: "
		    "{write_ms: 3000}");
	else
		(void)drill_check(d, "and a deadline", (double)b->longest_ns <=
		    json_num(ms, 0) * 1e6 + (double)GRACE_NS, weak,
		    "the last attempt came %.2f s after the first, the "
		    "deadline is %.3g s", (double)b->longest_ns / 1e9,
		    json_num(ms, 0) / 1e3);
	if (b->keyed == 0)
		drill_skip(d, "a retry keeps its key", "no request had an "
		    "Idempotency-Key");
	else
		(void)drill_check(d, "a retry keeps its key", b->other_key ==
		    0, keys, "%zu of %zu requests came under several",
		    b->other_key, b->keyed);
}

static int
run_client(struct drill *d, const char *command, const char *url,
    struct err *err)
{
	struct buf out;
	int status = 0, rc;

	/* the front's threads do not read it.
	 * NOLINTNEXTLINE(concurrency-mt-unsafe) */
	(void)setenv("LOCKSTEP_FRONT", url, 1);
	buf_init(&out, OUTPUT_MAX);
	rc = child_output(command, drill_time(d, "within"), &out, &status,
	    err);
	buf_fini(&out);
	return rc;
}

int
drill_retry(struct drill *d, struct err *err)
{
	const char *command = json_str(drill_word(d, "client.exec"));
	struct chaos_opts o = { .listen = "127.0.0.1:0",
		.upstream = d->stack[drill_arm(d)].url, .seed = d->seed,
		.share = drill_num(d, "fault_share"),
		.times = (int)drill_int(d, "fault_times"),
		.latency_ns = drill_time(d, "fault_latency") };
	const struct chaos_attempt *v;
	struct behaviour *b = calloc(1, sizeof(*b));
	struct chaos *c = NULL;
	size_t n;
	int rc = b == NULL ? err_set(err, RC_NOMEM, "out of memory") : RC_OK;

	if (rc == RC_OK && command == NULL)
		rc = err_set(err, RC_USAGE, "needs your client: --set "
		    "client.exec='COMMAND', which sends some requests to "
		    "$LOCKSTEP_FRONT and ends");
	if (rc == RC_OK)
		rc = chaos_start(&o, &c, err);
	if (rc == RC_OK)
		rc = run_client(d, command, chaos_url(c), err);
	if (rc == RC_OK) {
		chaos_stop(c);
		v = chaos_attempts(c, &n);
		atomic_fetch_add(&d->requests, n);
		observe(v, n, b);
		judge(d, b);
		client_log(d, v, n);
	}
	chaos_free(c);
	free(b);
	return rc;
}
