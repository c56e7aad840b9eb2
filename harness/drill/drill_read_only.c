/*
 * Guardrail 16: in a read-only window writes are refused, with the time to
 * come back and a stable code, nothing is written, reads go on as before, and
 * afterwards writes work again.
 */
#include <stdio.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/base/retry.h"
#include "harness/drill/steps.h"
#include "harness/drill/writes.h"

static const char weak[] = "load controls weak";

enum { TRIES = 3 };

struct window {
	struct drill *d;
	struct questions q;
	struct writes w;
	struct phase before, during;
	int64_t counted;
};

/* ---- writes ------------------------------------------------------------- */

/* What the refusals of one endpoint have in common. */
struct refusals {
	size_t n, refused, timed;
	char code[80], other[160];
	int steady;
};

static void
take_refusal(const struct window *v, const struct ask *a,
    struct refusals *r)
{
	const char *at = json_str(drill_word(v->d, "write.code"));
	const char *after = ask_answer_header(a, "retry-after");
	struct json_ptr *ptr = json_ptr_new(at == NULL ? "/error/code" : at,
	    NULL);
	struct json *j = ask_json(a);
	const char *code;
	struct buf b;

	buf_init(&b, 1 << 12);
	code = json_word(json_ptr_find(ptr, j), &b);
	r->n++;
	if (a->status == 423 || a->status == 503)
		r->refused++;
	else
		(void)ask_say(a, r->other);
	r->timed += after != NULL && retry_after_ns(after,
	    mono_wall_ns()) >= 0;
	if (code != NULL && r->code[0] == '\0')
		(void)snprintf(r->code, sizeof(r->code), "%s", code);
	if (code == NULL || strcmp(r->code, code) != 0)
		r->steady = 0;
	buf_fini(&b);
	json_ptr_free(ptr);
	json_free(j);
}

static void
tell_refusals(struct drill *d, const char *where, const struct refusals *r)
{
	char name[120];

	(void)snprintf(name, sizeof(name), "%.80s is refused", where);
	(void)drill_check(d, name, r->refused == r->n, weak, r->refused ==
	    r->n ? "%zu of %zu got 423 or 503" : "%zu of %zu got 423 or 503, "
	    "the others %s", r->refused, r->n, r->other);
	if (r->refused == 0)
		return;
	(void)drill_check(d, "and says when to come back", r->timed == r->n,
	    weak, "%zu of %zu have Retry-After", r->timed, r->n);
	(void)drill_check(d, "with a stable code", r->steady &&
	    r->code[0] != '\0', NULL, r->code[0] == '\0' ? "none at %s; give "
	    "write.code, a pointer" : "%s", r->code[0] == '\0' ?
	    "/error/code" : r->code);
}

static int
own_write(struct window *v, struct err *err)
{
	struct refusals r = { .steady = 1 };
	size_t i;
	int rc = writes_keys(&v->w, TRIES, err);

	for (i = 0; i < TRIES && rc == RC_OK; i++) {
		if (writes_add(&v->w, i, 0, err) == NULL)
			rc = err->code;
	}
	if (rc == RC_OK)
		rc = wave_send(v->d, &v->w.wave, err);
	for (i = 0; i < v->w.wave.n && rc == RC_OK; i++)
		take_refusal(v, v->w.wave.v[i], &r);
	wave_reset(&v->w.wave);
	if (rc == RC_OK)
		tell_refusals(v->d, v->w.path, &r);
	return rc;
}

/* One of the suite's other endpoints. */
static int
other_write(struct window *v, const struct json *e, struct err *err)
{
	const char *method = json_get_str(e, "method");
	const char *path = json_get_str(e, "path");
	const struct json *body = json_get(e, "body");
	struct refusals r = { .steady = 1 };
	struct wave *w = &v->w.wave;
	struct buf b;
	struct ask *a;
	int i, rc = RC_OK;

	buf_init(&b, 1 << 20);
	json_write(&b, body);
	for (i = 0; i < TRIES && rc == RC_OK && path != NULL; i++) {
		a = wave_add(v->d, w, drill_arm(v->d), method == NULL ?
		    "POST" : method, path, body == NULL ? NULL : &b);
		if (a == NULL)
			rc = err_set(err, RC_NOMEM, "out of memory");
		else
			ask_headers(w, a, json_get(e, "headers"));
	}
	if (rc == RC_OK)
		rc = wave_send(v->d, w, err);
	for (i = 0; i < (int)w->n && rc == RC_OK; i++)
		take_refusal(v, w->v[i], &r);
	wave_reset(w);
	if (rc == RC_OK && path != NULL)
		tell_refusals(v->d, path, &r);
	buf_fini(&b);
	return rc;
}

/* One write, and whether it is taken. */
static int
control(struct window *v, const char *name, int *taken, struct err *err)
{
	int rc = writes_keys(&v->w, 1, err);

	if (rc == RC_OK && writes_add(&v->w, 0, 0, err) == NULL)
		rc = err->code;
	if (rc == RC_OK)
		rc = writes_send(&v->w, err);
	if (rc != RC_OK)
		return rc;
	*taken = v->w.v[0].answered > 0;
	(void)drill_check(v->d, name, *taken, weak, "%s", *taken ?
	    "it is taken" : v->w.v[0].refused);
	return RC_OK;
}

/* ---- reads -------------------------------------------------------------- */

static void
reads(struct window *v)
{
	double uplift = v->d->suite->limits.latency_p95;
	int64_t floor = drill_time(v->d, "latency_floor");
	size_t n, first = 0;

	(void)drill_check(v->d, "reads are answered",
	    (double)v->during.failed <= v->d->suite->limits.errors *
	    (double)v->during.n, weak, v->during.failed == 0 ?
	    "%zu of %zu" : "%zu of %zu; else %s",
	    v->during.n - v->during.failed, v->during.n, v->during.why);
	phase_differ(&v->before, &v->during, &n, &first);
	(void)drill_check(v->d, "as before", n == 0, NULL, n == 0 ?
	    "the same passages for %zu questions" : "%zu questions have "
	    "other passages, the first is number %zu", n == 0 ?
	    v->during.n : n, first + 1);
	(void)drill_check(v->d, "and as fast", v->during.p95_ns <=
	    (int64_t)((double)v->before.p95_ns * (1 + uplift)) + floor, weak,
	    "p95 %.1f ms, before %.1f ms", (double)v->during.p95_ns / 1e6,
	    (double)v->before.p95_ns / 1e6);
}

/* ---- the window --------------------------------------------------------- */

static int
nothing_written(struct window *v, struct err *err)
{
	int64_t now = -1;
	char why[200] = "";
	int rc = audit_count(v->d, &now, why, err);

	if (rc != RC_OK)
		return rc;
	if (now < 0 || v->counted < 0)
		drill_skip(v->d, "nothing is written", "%s", why);
	else
		(void)drill_check(v->d, "nothing is written", now ==
		    v->counted, weak, "the service counts %lld effects, "
		    "before %lld", (long long)now, (long long)v->counted);
	return RC_OK;
}

static int
inside(struct window *v, struct err *err)
{
	size_t n = (size_t)drill_int(v->d, "requests");
	const struct json *e = json_first(drill_word(v->d, "writes"));
	int rc = own_write(v, err);

	for (; e != NULL && rc == RC_OK; e = json_next(e))
		rc = other_write(v, e, err);
	if (rc == RC_OK)
		rc = phase_run(&v->q, drill_arm(v->d), n, 0, &v->during,
		    err);
	if (rc == RC_OK)
		reads(v);
	return rc == RC_OK ? nothing_written(v, err) : rc;
}

/* ---- its steps ---------------------------------------------------------- */

static int
before(void *ctx, struct json *data, struct err *err)
{
	struct window *v = ctx;
	int taken = 0, rc = control(v, "a write before the window", &taken,
	    err);

	if (rc == RC_OK && !taken)
		return STEP_LAST;	/* nothing to be seen */
	if (rc == RC_OK)
		rc = phase_run(&v->q, drill_arm(v->d), (size_t)drill_int(v->d,
		    "requests"), 0, &v->before, err);
	if (rc == RC_OK)
		step_put_phase(data, "before", &v->before);
	return rc;
}

static int
before_had(void *ctx, const struct json *data, struct err *err)
{
	struct window *v = ctx;

	return step_get_phase(data, "before", &v->before, err);
}

static int
during(void *ctx, struct json *data, struct err *err)
{
	struct window *v = ctx;
	char why[200];
	int rc = audit_count(v->d, &v->counted, why, err);

	(void)data;
	if (rc == RC_OK)
		rc = lever_pull(v->d, "read_only", err);
	if (rc == RC_OK)
		rc = inside(v, err);
	return rc == RC_OK ? lever_undo(v->d, "read_only", err) : rc;
}

static int
after(void *ctx, struct json *data, struct err *err)
{
	int taken = 0;

	(void)data;
	return control(ctx, "a write after the window", &taken, err);
}

static const struct step steps[] = {
	{ "before the window", before, before_had },
	{ "the window", during, NULL },
	{ "after the window", after, NULL },
};

int
drill_read_only(struct drill *d, struct err *err)
{
	struct window v;
	int rc;

	memset(&v, 0, sizeof(v));
	v.d = d;
	rc = writes_init(&v.w, d, 1, err);
	if (rc == RC_OK && !lever_has_undo(d, "read_only"))
		rc = err_set(err, RC_USAGE, "needs levers.read_only with its "
		    "undo: the way into the window, and out of it");
	if (rc == RC_OK)
		rc = steps_ask(d, &v.q, steps,
		    sizeof(steps) / sizeof(steps[0]), &v, err);
	phase_fini(&v.before);
	phase_fini(&v.during);
	writes_fini(&v.w);
	return rc;
}
