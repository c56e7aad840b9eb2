/*
 * Guardrail 7: a service under too much load says 429 and when to come back,
 * drops nothing else, answers what it answers as before and as fast, loses no
 * write, keeps its tenants apart, and serves again after the time that it
 * named.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/base/retry.h"
#include "harness/drill/quantiles.h"
#include "harness/drill/queue_wait.h"
#include "harness/drill/rate_writes.h"
#include "harness/drill/steps.h"

static const char weak[] = "load controls weak";

enum { TENANTS_MAX = 16, BURST_MAX = 20000, WRITES_MAX = 2000 };
#define RECOVER_MAX_NS (30 * MONO_S)
static const double steady_share = 0.8, steady_429 = 0.005;
static const double over_share = 1.5;
/* So many may be served of what comes behind the burst. */
enum { OVER_LEAST = 20 };

struct limiting {
	struct drill *d;
	struct questions q;
	struct wave w;
	double rps, burst;
	const char *header;		/* of the tenant */
	struct phase before;
	int64_t longest_ns;		/* of what Retry-After said */
	int waited;			/* the first steady load is judged */
};

/* What became of one tenant's requests in a wave. */
struct became {
	size_t n, served, limited, timed, other;
	int64_t p50_ns, p95_ns;		/* of what was served */
	char say[160];			/* the first other */
};

static double
limit_of(const struct limiting *l, const char *key)
{
	const struct json *own = json_get(drill_doc(l->d,
	    "limits.endpoints"), l->d->suite->request_path);
	double all = json_num(json_get(drill_doc(l->d, "limits.default"),
	    key), 0);

	return json_get_num(own, key, all);
}

static struct ask *
add(struct limiting *l, const char *tenant, size_t i, int64_t at_ns,
    struct err *err)
{
	struct ask *a = questions_add(&l->q, &l->w, drill_arm(l->d),
	    i % l->q.n, err);

	if (a == NULL)
		return NULL;
	a->at_ns = at_ns;
	a->group = tenant;
	if (tenant != NULL)
		ask_header(&l->w, a, l->header, tenant);
	return a;
}

/* Adds what keeps below a tenant's limit for a while. */
static int
add_steady(struct limiting *l, const char *tenant, double rps, int64_t ns,
    struct err *err)
{
	size_t i, n = (size_t)(rps * (double)ns / 1e9) + 1;

	for (i = 0; i < n; i++) {
		if (add(l, tenant, i, (int64_t)((double)i * 1e9 / rps),
		    err) == NULL)
			return err->code;
	}
	return RC_OK;
}

static int
add_burst(struct limiting *l, const char *tenant, double times,
    struct err *err)
{
	double want = (l->burst * 2 + l->rps) * times;
	size_t i, n = want > BURST_MAX ? BURST_MAX : (size_t)want + 1;

	for (i = 0; i < n; i++) {
		if (add(l, tenant, i, 0, err) == NULL)
			return err->code;
	}
	return RC_OK;
}

static int
is_of(const struct ask *a, const char *tenant)
{
	return (a->group == NULL) == (tenant == NULL) &&
	    (tenant == NULL || strcmp(a->group, tenant) == 0);
}

/* Of what was served; 0: nothing was. paced  1: of what had a time of its own
 * to be sent at, not at once */
static void
percentiles(const struct wave *w, const char *tenant, int paced,
    struct became *b)
{
	int64_t *t = calloc(w->n + 1, sizeof(*t));
	size_t i, n = 0;

	if (t == NULL)
		return;
	for (i = 0; i < w->n; i++) {
		if (is_of(w->v[i], tenant) && w->v[i]->status >= 200 &&
		    w->v[i]->status < 300 && (!paced || w->v[i]->at_ns > 0))
			t[n++] = w->v[i]->total_ns;
	}
	quantiles(t, n, &b->p50_ns, &b->p95_ns);
	free(t);
}

/* The answers to a tenant; NULL: to all without one. */
static void
sort_out(struct limiting *l, const char *tenant, struct became *b)
{
	const struct ask *a;
	const char *after;
	int64_t ns;
	size_t i;

	memset(b, 0, sizeof(*b));
	percentiles(&l->w, tenant, 0, b);
	for (i = 0; i < l->w.n; i++) {
		a = l->w.v[i];
		if (!is_of(a, tenant))
			continue;
		b->n++;
		after = ask_answer_header(a, "retry-after");
		ns = after == NULL ? -1 : retry_after_ns(after,
		    mono_wall_ns());
		if (a->status >= 200 && a->status < 300)
			b->served++;
		else if (a->status == 429)
			b->limited++;
		else if (b->other++ == 0)
			(void)ask_say(a, b->say);
		b->timed += a->status == 429 && ns >= 0;
		if (a->status == 429 && ns > l->longest_ns)
			l->longest_ns = ns;
	}
}

static int
send(struct limiting *l, struct err *err)
{
	return wave_send(l->d, &l->w, err);
}

static void
tell_steady(struct limiting *l, const char *name, const struct became *b,
    double rps)
{
	(void)drill_check(l->d, name, (double)b->limited <= steady_429 *
	    (double)b->n && b->other == 0, weak, b->other > 0 ?
	    "%zu of %zu got 429 at %.3g a second, and %zu %s" :
	    "%zu of %zu got 429 at %.3g a second", b->limited, b->n, rps,
	    b->other, b->say);
}

static double
wait_max_ms(const struct limiting *l)
{
	return json_num(drill_doc(l->d,
	    "decision.shed_when.queue_wait_p95_ms"), 200);
}

/* What the service itself reports of it. */
static void
tell_queue(struct limiting *l, const char *name)
{
	double ms, most = wait_max_ms(l);
	size_t n = queue_wait_p95(l->d, &l->w, &ms);

	if (!queue_wait_named(l->d))
		drill_skip(l->d, name, "needs where an answer has it, in ms: "
		    "--set queue_wait.header=NAME, or queue_wait.at=POINTER");
	else if (n == 0)
		drill_skip(l->d, name, "no answer has it where queue_wait "
		    "says");
	else
		(void)drill_check(l->d, name, ms <= most, weak, "p95 %.1f ms "
		    "in %zu answers; limit %.0f ms", ms, n, most);
}

/* How long requests wait for their turn: the p95 under load, less the median
 * of what was asked before. */
static void
tell_wait(struct limiting *l, const struct became *b)
{
	double most = wait_max_ms(l);
	double ms = (double)(b->p95_ns - l->before.p50_ns) / 1e6;
	double deadline = limit_of(l, "deadline_ms");

	(void)drill_check(l->d, "and nobody waits long", b->served > 0 &&
	    ms <= most, weak, "p95 %.1f ms longer than the median before; "
	    "limit %.0f ms", ms < 0 ? 0 : ms, most);
	if (deadline > 0)
		(void)drill_check(l->d, "within the deadline",
		    (double)b->p95_ns / 1e6 <= deadline, weak, "p95 %.1f ms, "
		    "limit %.0f ms", (double)b->p95_ns / 1e6, deadline);
	tell_queue(l, "nor in its own queue");
}

/* ---- the knee ----------------------------------------------------------- */

/* One step: the bucket is emptied, then so many a second. */
static int
step(struct limiting *l, double rps, struct became *b, struct err *err)
{
	int rc;

	wave_reset(&l->w);
	rc = add_burst(l, NULL, 1, err);
	if (rc == RC_OK)
		rc = send(l, err);
	wave_reset(&l->w);
	if (rc == RC_OK)
		rc = add_steady(l, NULL, rps, drill_time(l->d, "duration") /
		    6, err);
	if (rc == RC_OK)
		rc = send(l, err);
	if (rc == RC_OK)
		sort_out(l, NULL, b);
	return rc;
}

/* The first request after the burst may still find the bucket empty. */
static int
carries(const struct limiting *l, const struct became *b)
{
	int64_t most = 2 * l->before.p50_ns + drill_time(l->d,
	    "latency_floor");

	return (double)b->limited <= 0.05 * (double)b->n + 1 &&
	    b->other == 0 && b->p50_ns <= most;
}

/* Steps up from half of what is promised until 429s or waiting set in. */
static int
knee(struct limiting *l, struct err *err)
{
	static const double steps[] = { 0.5, 0.75, 0.9, 1.25, 1.6, 2.5 };
	struct became b = { .n = 0 };
	double held = 0, rps = 0;
	size_t i;
	int ok = 1, rc = RC_OK;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]) && ok &&
	    rc == RC_OK && !drill_stopped(l->d); i++) {
		rps = l->rps * steps[i];
		rc = step(l, rps, &b, err);
		ok = rc == RC_OK && carries(l, &b);
		if (ok)
			held = rps;
	}
	if (rc != RC_OK)
		return rc;
	if (ok)
		(void)drill_check(l->d, "the knee", 1, NULL, "none up to "
		    "%.3g a second, promised are %.3g", held, l->rps);
	else
		(void)drill_check(l->d, "the knee", held >= steady_share *
		    l->rps, weak, "it carries %.3g a second; at %.3g a second "
		    "%zu of %zu got 429, p50 %.1f ms (%.1f before)", held,
		    rps, b.limited, b.n, (double)b.p50_ns / 1e6,
		    (double)l->before.p50_ns / 1e6);
	return RC_OK;
}

/* ---- phases ------------------------------------------------------------- */

static int
steady(struct limiting *l, const char *name, const char *tenant,
    double times, struct err *err)
{
	double rps = l->rps * times * steady_share;
	struct became b;
	int rc;

	wave_reset(&l->w);
	rc = add_steady(l, tenant, rps, drill_time(l->d, "duration") / 3,
	    err);
	if (rc == RC_OK)
		rc = send(l, err);
	if (rc != RC_OK)
		return rc;
	sort_out(l, tenant, &b);
	tell_steady(l, name, &b, rps);
	if (!l->waited)
		tell_wait(l, &b);
	l->waited = 1;
	return RC_OK;
}

/* Whether what is answered under load is what was answered before. */
static int
same_answers(struct limiting *l, struct err *err)
{
	size_t i, n = 0, differ = 0, q;
	struct reading r;
	int rc = RC_OK;

	for (i = 0; i < l->w.n && rc == RC_OK; i++) {
		if (l->w.v[i]->status != 200)
			continue;
		rc = reading_of(&l->q, l->w.v[i], &r, err);
		q = l->w.v[i]->tag;
		if (rc == RC_OK && q < l->before.n &&
		    l->before.v[q].usable) {
			n++;
			differ += strcmp(l->before.v[q].ranking,
			    r.ranking) != 0;
		}
		reading_fini(&r);
	}
	if (rc == RC_OK)
		(void)drill_check(l->d, "answers as before", differ == 0,
		    NULL, "%zu of %zu have other passages", differ, n);
	return rc;
}

static int
burst(struct limiting *l, struct err *err)
{
	struct became b;
	int rc;

	wave_reset(&l->w);
	rc = add_burst(l, NULL, 1, err);
	if (rc == RC_OK)
		rc = send(l, err);
	if (rc != RC_OK)
		return rc;
	sort_out(l, NULL, &b);
	(void)drill_check(l->d, "a burst is limited", b.limited > 0, weak,
	    "%zu of %zu at once got 429", b.limited, b.n);
	(void)drill_check(l->d, "and nothing else happens", b.other == 0,
	    weak, b.other == 0 ? "%zu served, %zu limited" :
	    "%zu served, %zu limited, %zu other: %s", b.served, b.limited,
	    b.other, b.say);
	if (b.limited > 0)
		(void)drill_check(l->d, "a 429 says when", b.timed ==
		    b.limited, weak, "%zu of %zu have Retry-After, at most "
		    "%.3g s", b.timed, b.limited,
		    (double)l->longest_ns / 1e9);
	return same_answers(l, err);
}

/* A burst, and behind it half as many again as it promises: what it serves of
 * those is as fast. */
static int
throttled(struct limiting *l, struct err *err)
{
	static const char name[] = "as fast while throttled";
	int64_t was = l->before.p95_ns, most = (int64_t)((double)was *
	    (1 + l->d->suite->limits.latency_p95));
	int64_t floor = was + drill_time(l->d, "latency_floor");
	int64_t long_ns = drill_time(l->d, "duration") / 3;
	int64_t least_ns = (int64_t)(OVER_LEAST * 1e9 / l->rps);
	struct became b;
	int rc;

	wave_reset(&l->w);
	rc = add_burst(l, NULL, 1, err);
	if (rc == RC_OK)
		rc = add_steady(l, NULL, l->rps * over_share,
		    long_ns > least_ns ? long_ns : least_ns, err);
	if (rc == RC_OK)
		rc = send(l, err);
	if (rc != RC_OK)
		return rc;
	sort_out(l, NULL, &b);
	percentiles(&l->w, NULL, 1, &b);
	most = most > floor ? most : floor;
	/* 0: none of those was served */
	if (b.p95_ns == 0 || b.limited == 0)
		drill_skip(l->d, name, "%zu of %zu got 429; needs some that "
		    "do, and some that do not", b.limited, b.n);
	else
		(void)drill_check(l->d, name, b.p95_ns <= most, weak, "p95 "
		    "%.1f ms beside %zu of %zu that got 429, %.1f ms before; "
		    "limit %.1f ms", (double)b.p95_ns / 1e6, b.limited, b.n,
		    (double)was / 1e6, (double)most / 1e6);
	if (queue_wait_named(l->d))
		tell_queue(l, "nor in its queue while throttled");
	return RC_OK;
}

/* As many as are surely limited. */
static int
writes(struct limiting *l, struct err *err)
{
	double n = l->burst + l->rps / 2 + 1;

	return rate_writes(l->d, n > WRITES_MAX ? WRITES_MAX : (size_t)n,
	    l->w.concurrency, err);
}

static int
recovers(struct limiting *l, struct err *err)
{
	int64_t wait = l->longest_ns > RECOVER_MAX_NS ? RECOVER_MAX_NS :
	    l->longest_ns;

	mono_sleep_until_ns(mono_now_ns() + wait + 50 * MONO_MS);
	return steady(l, "served again after that", NULL, 1, err);
}

/* One tenant's storm, beside another's steady load. */
static int
apart(struct limiting *l, const char *one, const char *other, double times,
    struct err *err)
{
	double rps = l->rps * times * steady_share;
	struct became a, b;
	char name[120];
	int rc;

	wave_reset(&l->w);
	rc = add_burst(l, one, 2, err);
	if (rc == RC_OK)
		rc = add_steady(l, other, rps, drill_time(l->d,
		    "duration") / 3, err);
	if (rc == RC_OK)
		rc = send(l, err);
	if (rc != RC_OK)
		return rc;
	sort_out(l, one, &a);
	sort_out(l, other, &b);
	(void)snprintf(name, sizeof(name), "%.40s beside a storm", other);
	(void)drill_check(l->d, name, (double)b.limited <= steady_429 *
	    (double)b.n && b.other == 0, weak, "%zu of %zu got 429 at %.3g "
	    "a second, of %.40s's %zu of %zu", b.limited, b.n, rps, one,
	    a.limited, a.n);
	return RC_OK;
}

static int
tenants(struct limiting *l, struct err *err)
{
	const struct json *t = drill_doc(l->d, "limits.tenants"), *m;
	const char *name[TENANTS_MAX];
	double times[TENANTS_MAX];
	size_t n = 0, i;
	int rc = RC_OK;

	for (m = json_first(t); m != NULL && n < TENANTS_MAX;
	    m = json_next(m)) {
		name[n] = json_key(m);
		times[n++] = json_get_num(m, "multiplier", 1);
	}
	if (n < 2) {
		drill_skip(l->d, "tenants are apart", "needs two of them: "
		    "limits: {tenants: {a: {multiplier: 1}, b: "
		    "{multiplier: 1}}}");
		return RC_OK;
	}
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = apart(l, name[(i + 1) % n], name[i], times[i], err);
	return rc;
}

/* ---- its steps ---------------------------------------------------------- */

static int
below(void *ctx, struct json *data, struct err *err)
{
	struct limiting *l = ctx;
	int rc = phase_run(&l->q, drill_arm(l->d), l->q.n, l->rps *
	    steady_share, &l->before, err);

	if (rc == RC_OK)
		rc = phase_must_answer(&l->before, err);
	if (rc == RC_OK)
		rc = steady(l, "below the limit", NULL, 1, err);
	if (rc == RC_OK)
		step_put_phase(data, "before", &l->before);
	return rc;
}

static int
below_had(void *ctx, const struct json *data, struct err *err)
{
	struct limiting *l = ctx;
	int rc = step_get_phase(data, "before", &l->before, err);

	l->waited = rc == RC_OK;
	return rc;
}

static int
above(void *ctx, struct json *data, struct err *err)
{
	struct limiting *l = ctx;
	int rc = burst(l, err);

	if (rc == RC_OK)
		rc = throttled(l, err);
	if (rc == RC_OK)
		rc = recovers(l, err);
	(void)json_set(data, "longest_ns",
	    json_new_num((double)l->longest_ns));
	return rc;
}

static int
above_had(void *ctx, const struct json *data, struct err *err)
{
	struct limiting *l = ctx;

	(void)err;
	l->longest_ns = json_get_int(data, "longest_ns", 0);
	return RC_OK;
}

static int
its_writes(void *ctx, struct json *data, struct err *err)
{
	(void)data;
	return writes(ctx, err);
}

static int
each_tenant(void *ctx, struct json *data, struct err *err)
{
	(void)data;
	return tenants(ctx, err);
}

static int
the_knee(void *ctx, struct json *data, struct err *err)
{
	(void)data;
	return knee(ctx, err);
}

static const struct step parts[] = {
	{ "below the limit", below, below_had },
	{ "above it", above, above_had },
	{ "writes", its_writes, NULL },
	{ "tenants", each_tenant, NULL },
	{ "the knee", the_knee, NULL },
};

int
drill_rate_limit(struct drill *d, struct err *err)
{
	struct limiting l;
	int rc;

	memset(&l, 0, sizeof(l));
	l.d = d;
	l.rps = limit_of(&l, "rps");
	l.burst = limit_of(&l, "burst");
	l.header = drill_str(d, "tenant_header");
	if (l.header == NULL)
		l.header = "X-Tenant";
	if (l.rps <= 0)
		return err_set(err, RC_USAGE, "needs the limit: limits: "
		    "{default: {rps: 20, burst: 40}}");
	wave_init(&l.w, (int)drill_int(d, "concurrency") * 4);
	rc = steps_ask(d, &l.q, parts, sizeof(parts) / sizeof(parts[0]), &l,
	    err);
	phase_fini(&l.before);
	wave_fini(&l.w);
	return rc;
}
