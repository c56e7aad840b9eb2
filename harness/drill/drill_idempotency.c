/*
 * Guardrail 9: a repeated write has one effect. The same requests come at
 * once, later, after a time-out, after a broken connection, out of order,
 * across a restart and while the service is killed; then a key with another
 * body, and the service's count.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "harness/base/mono.h"
#include "harness/base/rng.h"
#include "harness/drill/ledger.h"
#include "harness/drill/steps.h"
#include "harness/drill/writes.h"

static const char missing[] = "idempotency missing";

/* KILL_BATCH: keys that a service is killed among, once. */
enum { BATCH = 2000, KILL_BATCH = 250, CONFLICTS = 8, ROUNDS = 3,
	TIMEOUT_MS = 5 };

/* One way in which duplicates come. */
typedef int way_fn(struct writes *w, struct err *err);

static int
each(struct writes *w, int64_t at_ns, int64_t deadline_ns, enum ask_cut cut,
    struct err *err)
{
	struct ask *a;
	size_t i;

	for (i = 0; i < w->n; i++) {
		a = writes_add(w, i, 0, err);
		if (a == NULL)
			return err->code;
		a->at_ns = at_ns;
		a->deadline_ns = deadline_ns;
		a->cut = cut;
	}
	return RC_OK;
}

static int
add_at_once(struct writes *w, struct err *err)
{
	int64_t k, n = drill_int(w->d, "duplicates");
	size_t i;

	for (i = 0; i < w->n; i++) {
		for (k = 0; k < n; k++) {
			if (writes_add(w, i, 0, err) == NULL)
				return err->code;
		}
	}
	return RC_OK;
}

static int
at_once(struct writes *w, struct err *err)
{
	int rc = add_at_once(w, err);

	return rc == RC_OK ? writes_send(w, err) : rc;
}

static int
delayed(struct writes *w, struct err *err)
{
	int rc = each(w, 0, 0, ASK_WHOLE, err);

	if (rc == RC_OK)
		rc = each(w, drill_time(w->d, "delay"), 0, ASK_WHOLE, err);
	return rc == RC_OK ? writes_send(w, err) : rc;
}

/* The first client does not wait for the answer; the second does. */
static int
given_up(struct writes *w, int64_t deadline_ns, enum ask_cut cut,
    struct err *err)
{
	int rc = each(w, 0, deadline_ns, cut, err);

	if (rc == RC_OK)
		rc = writes_send(w, err);
	if (rc == RC_OK)
		rc = each(w, 0, 0, ASK_WHOLE, err);
	return rc == RC_OK ? writes_send(w, err) : rc;
}

static int
timed_out(struct writes *w, struct err *err)
{
	return given_up(w, TIMEOUT_MS * MONO_MS, ASK_WHOLE, err);
}

static int
broken(struct writes *w, struct err *err)
{
	return given_up(w, 0, ASK_LEAVE, err);
}

static int
half_sent(struct writes *w, struct err *err)
{
	return given_up(w, 0, ASK_HALF, err);
}

static int
out_of_order(struct writes *w, struct err *err)
{
	uint32_t perm[BATCH];
	size_t i;
	int r;

	for (r = 0; r < ROUNDS; r++) {
		rng_permute(w->d->seed, (uint64_t)r, perm, w->n);
		for (i = 0; i < w->n; i++) {
			if (writes_add(w, perm[i], 0, err) == NULL)
				return err->code;
		}
	}
	return writes_send(w, err);
}

static int
restarted(struct writes *w, struct err *err)
{
	int rc = each(w, 0, 0, ASK_WHOLE, err);

	if (rc == RC_OK)
		rc = writes_send(w, err);
	if (rc == RC_OK)
		rc = lever_pull(w->d, "restart", err);
	if (rc == RC_OK)
		rc = each(w, 0, 0, ASK_WHOLE, err);
	return rc == RC_OK ? writes_send(w, err) : rc;
}

/* Duplicates at once, and all of them again when the service is back. */
static int
killed(struct writes *w, struct err *err)
{
	int rc = add_at_once(w, err);

	if (rc == RC_OK)
		rc = writes_send_beside(w, "kill", err);
	if (rc == RC_OK)
		rc = each(w, 0, 0, ASK_WHOLE, err);
	return rc == RC_OK ? writes_send(w, err) : rc;
}

static const struct {
	const char *name;
	way_fn *fn;
	const char *lever;	/* that it needs, or NULL */
	int raw;		/* it needs cut_can() */
} ways[] = {
	{ "duplicates at once", at_once, NULL, 0 },
	{ "delayed duplicates", delayed, NULL, 0 },
	{ "after a client's time-out", timed_out, NULL, 0 },
	{ "after a broken connection", broken, NULL, 1 },
	{ "after half a request", half_sent, NULL, 1 },
	{ "out of order", out_of_order, NULL, 0 },
	{ "across a restart", restarted, "restart", 0 },
	{ "killed under way", killed, "kill", 0 },
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static int
possible(struct drill *d, size_t i)
{
	if (ways[i].lever != NULL && !lever_has(d, ways[i].lever)) {
		drill_skip(d, ways[i].name, "needs levers.%s", ways[i].lever);
		return 0;
	}
	if (ways[i].raw && !cut_can(d, drill_arm(d))) {
		drill_skip(d, ways[i].name, "only over plain HTTP");
		return 0;
	}
	return 1;
}

/* What became of the keys of one way. */
struct tally {
	size_t keys, twice, lost;
	uint64_t requests;
	int64_t more;		/* effects counted beyond the keys; 0: none,
				   or no count */
	char why[400];
};

static void
add_up(const struct writes *w, struct tally *t)
{
	const struct write_key *k = NULL;

	t->twice += writes_twice(w, &k);
	if (k != NULL && t->why[0] == '\0')
		(void)snprintf(t->why, sizeof(t->why), ": key %.64s had "
		    "%.90s, then %.90s", k->key, k->effect, k->other);
	k = NULL;
	t->lost += writes_lost(w, &k);
	if (k != NULL && t->why[0] == '\0')
		(void)snprintf(t->why, sizeof(t->why), "; the last answer "
		    "to key %.64s: %.160s", k->key, k->refused);
}

static void
tell_way(struct drill *d, const char *name, const struct tally *t)
{
	if (t->twice > 0)
		(void)drill_check(d, name, 0, missing, "%zu of %zu keys had a "
		    "second effect%s", t->twice, t->keys, t->why);
	else if (t->lost > 0)
		(void)drill_check(d, name, 0, NULL, "%zu of %zu keys were "
		    "not served%s", t->lost, t->keys, t->why);
	else if (t->more > 0)
		(void)drill_check(d, name, 0, missing, "the service counts "
		    "%lld effects of %zu keys, though it answers each with "
		    "one", (long long)t->keys + (long long)t->more, t->keys);
	else
		(void)drill_check(d, name, 1, NULL, "%llu requests of %zu "
		    "keys: one effect each", (unsigned long long)t->requests,
		    t->keys);
}

/* Tries n keys in one way; *effects grows by the keys that were answered. */
static int
try_way(struct writes *w, size_t way, size_t n, uint64_t *effects,
    struct err *err)
{
	struct tally t = { .keys = n };
	int64_t before = -1, after = -1;
	size_t left, now, most = ways[way].fn == killed ? KILL_BATCH : BATCH;
	char why[200];
	int rc = audit_count(w->d, &before, why, err);

	t.requests = w->d->requests;
	for (left = n; left > 0 && rc == RC_OK; left -= now) {
		now = left > most ? most : left;
		rc = writes_keys(w, now, err);
		if (rc == RC_OK)
			rc = ways[way].fn(w, err);
		if (rc == RC_OK)
			rc = writes_settle(w, err);
		if (rc == RC_OK)
			add_up(w, &t);
	}
	t.requests = w->d->requests - t.requests;
	if (rc == RC_OK)
		rc = audit_count(w->d, &after, why, err);
	if (rc != RC_OK)
		return rc;
	if (before >= 0 && after >= 0)
		t.more = after - before - (int64_t)(n - t.lost);
	*effects += n - t.lost;
	tell_way(w->d, ways[way].name, &t);
	return RC_OK;
}

/* ---- the same key, another body ----------------------------------------- */

static int
has_diff(const struct writes *w, const struct ask *a)
{
	struct json *j = ask_json(a);
	const struct json *diff = json_ptr_find(w->diff, j);
	int has = diff != NULL && (json_first(diff) != NULL ||
	    json_kind(diff) == JSON_STRING);

	json_free(j);
	return has;
}

static int
conflicts(struct writes *w, struct err *err)
{
	int64_t want = json_int(drill_doc(w->d, "on_conflict.status"), 409);
	int diff = json_bool(drill_doc(w->d, "on_conflict.include_diff"), 1);
	size_t i, right = 0, without = 0;
	char say[160] = "";
	struct ask *a;
	int rc = writes_keys(w, CONFLICTS, err);

	if (rc == RC_OK)
		rc = each(w, 0, 0, ASK_WHOLE, err);
	if (rc == RC_OK)
		rc = writes_send(w, err);
	for (i = 0; i < w->n && rc == RC_OK; i++) {
		if (writes_add(w, i, 1, err) == NULL)
			rc = err->code;
	}
	if (rc == RC_OK)
		rc = wave_send(w->d, &w->wave, err);
	for (i = 0; i < w->wave.n && rc == RC_OK; i++) {
		a = w->wave.v[i];
		right += a->status == want;
		without += a->status == want && diff && !has_diff(w, a);
		if (a->status != want)
			(void)ask_say(a, say);
	}
	wave_reset(&w->wave);
	if (rc != RC_OK)
		return rc;
	(void)drill_check(w->d, "same key, other body", right == CONFLICTS,
	    missing, right == CONFLICTS ? "%zu of %d got %lld" : "%zu of %d "
	    "got %lld, the others %s", right, CONFLICTS, (long long)want,
	    say);
	if (diff)
		(void)drill_check(w->d, "the conflict says what differs",
		    right > 0 && without == 0, NULL, right == 0 ? "there was "
		    "no conflict" : without == 0 ? "at %s in each of them" :
		    "nothing at %s; give write.diff, a pointer",
		    json_ptr_text(w->diff));
	return RC_OK;
}

/* ---- without a key ------------------------------------------------------ */

static int
requires_key(const struct writes *w)
{
	const struct json *m = json_first(drill_doc(w->d,
	    "require_headers"));

	for (; m != NULL; m = json_next(m)) {
		if (json_str(m) != NULL &&
		    strcasecmp(json_str(m), w->key_header) == 0)
			return 1;
	}
	return 0;
}

static int
without_key(struct writes *w, struct err *err)
{
	struct ask *a;
	char say[160];
	int rc = writes_keys(w, 1, err);

	a = rc == RC_OK ? writes_add(w, 0, 0, err) : NULL;
	if (a == NULL)
		return err->code;
	ask_header(&w->wave, a, w->key_header, NULL);
	rc = wave_send(w->d, &w->wave, err);
	if (rc == RC_OK)
		(void)drill_check(w->d, "a write without a key",
		    a->status >= 400 && a->status < 500, missing,
		    "was answered %s", ask_say(a, say));
	wave_reset(&w->wave);
	return rc;
}

/* ---- its steps: each way, then the rest --------------------------------- */

struct repeating {
	struct writes w;
	size_t way;		/* the next one */
	int had;		/* some were tried before it was interrupted */
	uint64_t effects;	/* keys answered by this process */
	int64_t before;		/* counted at its start; -1: no count */
	char why[200];		/* why there is no count */
};

static int
counted(struct repeating *p, struct err *err)
{
	struct drill *d = p->w.d;
	int64_t after = -1;
	int rc = p->before < 0 ? RC_OK : audit_count(d, &after, p->why, err);

	if (rc != RC_OK)
		return rc;
	if (p->before < 0 || after < 0) {
		drill_skip(d, "the service's own count", "%s", p->why);
		return RC_OK;
	}
	(void)drill_check(d, "the service's own count",
	    after - p->before == (int64_t)p->effects, missing, "%lld effects "
	    "of %llu keys%s", (long long)(after - p->before),
	    (unsigned long long)p->effects, p->had ? ", since it was resumed" :
	    "");
	return RC_OK;
}

static int
next_way(void *ctx, struct json *data, struct err *err)
{
	struct repeating *p = ctx;
	size_t way = p->way++, per = (size_t)drill_int(p->w.d, "keys") / WAYS;

	(void)data;
	return possible(p->w.d, way) ? try_way(&p->w, way, per > 0 ? per : 1,
	    &p->effects, err) : RC_OK;
}

static int
next_had(void *ctx, const struct json *data, struct err *err)
{
	struct repeating *p = ctx;

	(void)data;
	(void)err;
	p->way++;
	p->had = 1;
	return RC_OK;
}

static int
the_rest(void *ctx, struct json *data, struct err *err)
{
	struct repeating *p = ctx;
	int rc = RC_OK;

	(void)data;
	if (json_bool(drill_doc(p->w.d, "reject_on_body_mismatch"), 1)) {
		rc = conflicts(&p->w, err);
		p->effects += CONFLICTS;
	}
	if (rc == RC_OK)
		rc = counted(p, err);
	if (rc == RC_OK && requires_key(&p->w))
		rc = without_key(&p->w, err);
	if (rc == RC_OK)
		rc = ledger_stores(p->w.d, err);
	return rc == RC_OK ? ledger_logging(p->w.d, err) : rc;
}

int
drill_idempotency(struct drill *d, struct err *err)
{
	struct step steps[WAYS + 1];
	struct repeating p;
	size_t i;
	int rc;

	for (i = 0; i < WAYS; i++)
		steps[i] = (struct step){ ways[i].name, next_way, next_had };
	steps[WAYS] = (struct step){ "conflicts and the count", the_rest,
		NULL };
	memset(&p, 0, sizeof(p));
	p.before = -1;
	rc = writes_init(&p.w, d, (int)drill_int(d, "concurrency"), err);
	if (rc == RC_OK)
		rc = audit_count(d, &p.before, p.why, err);
	if (rc == RC_OK)
		rc = steps_run(d, steps, WAYS + 1, &p, err);
	writes_fini(&p.w);
	return rc;
}
