/*
 * Guardrail 6: a cache gives what would be answered now, to whom it belongs.
 * Cold and warm answers, identical misses at once, tenants, and an alias swap
 * after which nothing of the index before may be served; and how long the
 * first good answer takes after whatever empties the cache.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/drill/first_good.h"
#include "harness/drill/steps.h"

static const char bug[] = "cache namespace bug";

enum { STORM = 24, TENANTS_MAX = 8, ARMS_MAX = 4 };

struct caching {
	struct drill *d;
	struct questions q;
};

/* arm  headers of an arm, or NULL */
static int
pass_as(struct caching *c, const struct json *arm, int fresh,
    struct phase *out, struct err *err)
{
	const struct json *m = json_first(arm);
	int rc;

	c->q.n_extra = 0;
	if (fresh) {
		c->q.extra[0].name = "Cache-Control";
		c->q.extra[0].value = "no-cache";
		c->q.n_extra = 1;
	}
	for (; m != NULL && c->q.n_extra < QUESTION_EXTRA; m = json_next(m)) {
		if (json_str(m) == NULL)
			continue;
		c->q.extra[c->q.n_extra].name = json_key(m);
		c->q.extra[c->q.n_extra++].value = json_str(m);
	}
	rc = phase_run(&c->q, drill_arm(c->d), c->q.n, 0, out, err);
	c->q.n_extra = 0;
	return rc;
}

static int
pass(struct caching *c, int fresh, struct phase *out, struct err *err)
{
	return pass_as(c, NULL, fresh, out, err);
}

static int
flush(struct caching *c, struct err *err)
{
	return lever_has(c->d, "flush") ? lever_pull(c->d, "flush", err) :
	    RC_OK;
}

/* ---- the first good answer ---------------------------------------------- */

/* Pulls a lever that empties the cache, if there is one. */
static int
empties(struct caching *c, const char *lever, const char *after,
    const struct phase *before, struct err *err)
{
	struct first_good f = { .after = after, .index = before->v[0].index,
		.begun_ns = mono_now_ns() };
	int rc;

	if (!lever_has(c->d, lever))
		return RC_OK;
	rc = lever_pull(c->d, lever, err);
	if (rc == RC_OK)
		rc = first_good_wait(&c->q, &f, err);
	return rc == RC_OK ? first_good_tell(&c->q, &f, err) : rc;
}

/* ---- cold and warm ------------------------------------------------------ */

/* What flushes, and what starts anew, first. */
static int
chill(struct caching *c, struct err *err)
{
	struct phase before = { .n = 0 };
	int rc = pass(c, 0, &before, err);

	if (rc == RC_OK)
		rc = phase_must_answer(&before, err);
	if (rc == RC_OK && !lever_has(c->d, "flush") &&
	    !lever_has(c->d, "restart"))
		drill_skip(c->d, "first good answer after a flush", "needs "
		    "levers.flush or levers.restart");
	if (rc == RC_OK)
		rc = empties(c, "restart", "a restart", &before, err);
	if (rc == RC_OK)
		rc = empties(c, "flush", "a flush", &before, err);
	phase_fini(&before);
	return rc;
}

static int
cold_and_warm(void *ctx, struct json *data, struct err *err)
{
	struct caching *c = ctx;
	struct phase cold = { .n = 0 }, warm = { .n = 0 };
	size_t n = 0, first = 0;
	int rc = chill(c, err);

	(void)data;
	if (rc == RC_OK)
		rc = pass(c, 0, &cold, err);
	if (rc == RC_OK)
		rc = pass(c, 0, &warm, err);
	if (rc == RC_OK)
		rc = phase_must_answer(&cold, err);
	if (rc == RC_OK) {
		(void)drill_check(c->d, "cold answers", cold.failed == 0,
		    "boot ordering", cold.failed == 0 ? "%zu of %zu" :
		    "%zu of %zu; else %s", cold.n - cold.failed, cold.n,
		    cold.why);
		phase_differ(&cold, &warm, &n, &first);
		(void)drill_check(c->d, "warm answers are the same",
		    n == 0 && warm.failed == 0, bug, "%zu of %zu have other "
		    "passages, %zu fail; p50 %.1f ms, cold %.1f ms", n,
		    warm.n, warm.failed, (double)warm.p50_ns / 1e6,
		    (double)cold.p50_ns / 1e6);
	}
	phase_fini(&cold);
	phase_fini(&warm);
	return rc;
}

/* ---- identical misses at once ------------------------------------------- */

/* How many answers the service has computed. -1: it does not say. */
static int
computed(struct caching *c, int64_t *n, struct err *err)
{
	const char *path = json_str(drill_word(c->d, "cache.path"));
	const char *at = json_str(drill_word(c->d, "cache.computed"));
	struct json_ptr *p = json_ptr_new(at == NULL ? "/cache/computed" : at,
	    NULL);
	struct json *j = NULL;
	struct wave w;
	struct ask *a;
	int rc = RC_OK;

	*n = -1;
	wave_init(&w, 1);
	if (path != NULL) {
		a = wave_one(c->d, &w, wave_add(c->d, &w, drill_arm(c->d),
		    "GET", path, NULL), err);
		rc = a == NULL ? (int)err->code : RC_OK;
		j = a == NULL ? NULL : ask_json(a);
		*n = json_int(json_ptr_find(p, j), -1);
	}
	json_free(j);
	json_ptr_free(p);
	wave_fini(&w);
	return rc;
}

static int
storm(struct caching *c, struct err *err)
{
	int i, rc = RC_OK;
	struct wave w;

	wave_init(&w, STORM);
	for (i = 0; i < STORM && rc == RC_OK; i++) {
		if (questions_add(&c->q, &w, drill_arm(c->d), 0, err) == NULL)
			rc = err->code;
	}
	if (rc == RC_OK)
		rc = wave_send(c->d, &w, err);
	wave_fini(&w);
	return rc;
}

static int
stampede(void *ctx, struct json *data, struct err *err)
{
	struct caching *c = ctx;
	static const char name[] = "identical misses at once";
	int64_t before, after;
	int rc = computed(c, &before, err);

	(void)data;
	if (rc != RC_OK)
		return rc;
	if (before < 0 || !lever_has(c->d, "flush")) {
		drill_skip(c->d, name, "needs levers.flush, and where the "
		    "service counts: cache: {path: /PATH, computed: "
		    "POINTER}");
		return RC_OK;
	}
	rc = flush(c, err);
	if (rc == RC_OK)
		rc = storm(c, err);
	if (rc == RC_OK)
		rc = computed(c, &after, err);
	if (rc == RC_OK)
		(void)drill_check(c->d, name, after - before <= 1,
		    "load controls weak", "%d at once were computed %lld "
		    "time%s", STORM, (long long)(after - before),
		    after - before == 1 ? "" : "s");
	return rc;
}

/* ---- tenants ------------------------------------------------------------ */

/* Asks the first question for one tenant; *right: the answer is for it. */
static int
ask_as(struct caching *c, const char *header, const char *tenant,
    const char *at, int *right, char says[80], struct err *err)
{
	struct json_ptr *p = json_ptr_new(at, err);
	struct json *j = NULL;
	const char *word;
	struct wave w;
	struct ask *a;
	struct buf b;

	wave_init(&w, 1);
	buf_init(&b, 1 << 16);
	a = p == NULL ? NULL : questions_add(&c->q, &w, drill_arm(c->d), 0,
	    err);
	if (a != NULL)
		ask_header(&w, a, header, tenant);
	a = a == NULL ? NULL : wave_one(c->d, &w, a, err);
	if (a != NULL)
		j = ask_json(a);
	word = json_word(json_ptr_find(p, j), &b);
	*right = word != NULL && strcmp(word, tenant) == 0;
	(void)snprintf(says, 80, "%.70s", word == NULL ? "nobody" : word);
	json_free(j);
	json_ptr_free(p);
	buf_fini(&b);
	wave_fini(&w);
	return a == NULL ? (int)err->code : RC_OK;
}

static int
tenants(void *ctx, struct json *data, struct err *err)
{
	struct caching *c = ctx;
	const struct json *t = json_first(drill_word(c->d, "cache.tenants"));
	const char *at = json_str(drill_word(c->d, "cache.tenant"));
	const char *header = drill_str(c->d, "tenant_header");
	char says[80], seen[200] = "";
	size_t n = 0, wrong = 0;
	int right, rc = RC_OK;

	(void)data;
	if (t == NULL || at == NULL) {
		drill_skip(c->d, "tenants are apart", "needs their names, "
		    "and where an answer says for whom it is: cache: "
		    "{tenants: [a, b], tenant: POINTER}");
		return RC_OK;
	}
	for (; t != NULL && rc == RC_OK && n < TENANTS_MAX;
	    t = json_next(t)) {
		rc = ask_as(c, header == NULL ? "X-Tenant" : header,
		    json_str(t) == NULL ? "" : json_str(t), at, &right, says,
		    err);
		n++;
		if (rc != RC_OK || right)
			continue;
		if (wrong++ == 0)
			(void)snprintf(seen, sizeof(seen), "; %.60s got an "
			    "answer for %.70s", json_str(t), says);
	}
	if (rc == RC_OK)
		(void)drill_check(c->d, "tenants are apart", wrong == 0, bug,
		    "%zu of %zu got another's answer%s", wrong, n, seen);
	return rc;
}

/* ---- arms --------------------------------------------------------------- */

/* Answers that are not what this arm is answered now. */
static size_t
not_its_own(const struct phase *served, const struct phase *fresh)
{
	size_t i, n = 0;

	for (i = 0; i < served->n && i < fresh->n; i++) {
		if (served->v[i].usable && fresh->v[i].usable)
			n += strcmp(served->v[i].pins, fresh->v[i].pins) != 0;
	}
	return n;
}

/* The arms in turn, so that each finds what the others left in the cache. */
static int
ask_arms(struct caching *c, const struct json *list, size_t *wrong,
    size_t *n, int *differ, struct err *err)
{
	struct phase served[ARMS_MAX], fresh;
	const struct json *arm = json_first(list);
	size_t i, k = 0;
	int rc = flush(c, err);

	memset(served, 0, sizeof(served));
	for (; arm != NULL && k < ARMS_MAX && rc == RC_OK;
	    arm = json_next(arm))
		rc = pass_as(c, arm, 0, &served[k++], err);
	arm = json_first(list);
	for (i = 0; i < k && rc == RC_OK; i++, arm = json_next(arm)) {
		rc = pass_as(c, arm, 1, &fresh, err);
		if (rc == RC_OK) {
			*wrong += not_its_own(&served[i], &fresh);
			*n += served[i].n;
			*differ |= i > 0 && not_its_own(&served[0],
			    &fresh) > 0;
		}
		phase_fini(&fresh);
	}
	for (i = 0; i < k; i++)
		phase_fini(&served[i]);
	return rc;
}

static int
arms(void *ctx, struct json *data, struct err *err)
{
	struct caching *c = ctx;
	static const char name[] = "arms are apart";
	const struct json *list = drill_word(c->d, "cache.arms");
	size_t wrong = 0, n = 0;
	int differ = 0, rc;

	(void)data;
	if (json_size(list) < 2) {
		drill_skip(c->d, name, "needs the headers of each arm: cache: "
		    "{arms: [{}, {X-Flag: on}]}");
		return RC_OK;
	}
	rc = ask_arms(c, list, &wrong, &n, &differ, err);
	if (rc != RC_OK)
		return rc;
	if (!differ)
		drill_skip(c->d, name, "needs arms whose answers have other "
		    "pins; these have the same");
	else
		(void)drill_check(c->d, name, wrong == 0, bug, "%zu of %zu "
		    "answers have another arm's pins", wrong, n);
	return RC_OK;
}

/* ---- after a swap ------------------------------------------------------- */

/* What the cache serves against what is answered now. */
static void
judge(struct caching *c, const char *name, const struct phase *served,
    const struct phase *fresh)
{
	size_t i, stale = 0, mixed = 0;

	for (i = 0; i < served->n && i < fresh->n; i++) {
		if (!served->v[i].usable || !fresh->v[i].usable)
			continue;
		if (strcmp(served->v[i].index, fresh->v[i].index) != 0)
			stale++;
		else if (strcmp(served->v[i].ranking,
		    fresh->v[i].ranking) != 0)
			mixed++;
	}
	(void)drill_check(c->d, name, stale == 0 && mixed == 0, bug,
	    "%zu of %zu answers are of the index before, %zu have the live "
	    "INDEX_HASH and other passages", stale, served->n, mixed);
}

/* Once a question is answered again. */
static int
look(struct caching *c, const char *name, struct first_good *f,
    struct err *err)
{
	struct phase served = { .n = 0 }, fresh = { .n = 0 };
	int rc = first_good_wait(&c->q, f, err);

	if (rc == RC_OK)
		rc = pass(c, 0, &served, err);
	if (rc == RC_OK)
		rc = pass(c, 1, &fresh, err);
	if (rc == RC_OK)
		rc = first_good_tell(&c->q, f, err);
	if (rc == RC_OK)
		judge(c, name, &served, &fresh);
	phase_fini(&served);
	phase_fini(&fresh);
	return rc;
}

static int
swapped(void *ctx, struct json *data, struct err *err)
{
	struct caching *c = ctx;
	struct first_good there = { .after = "a swap", .other = 1 };
	struct first_good back = { .after = "the way back" };
	struct phase blue = { .n = 0 };
	int rc;

	(void)data;
	if (!lever_has_undo(c->d, "swap")) {
		drill_skip(c->d, "nothing stale after a swap", "needs "
		    "levers.swap with its undo");
		return RC_OK;
	}
	rc = pass(c, 0, &blue, err);
	if (rc == RC_OK) {
		there.index = back.index = blue.v[0].index;
		there.begun_ns = mono_now_ns();
		rc = lever_pull(c->d, "swap", err);
	}
	if (rc == RC_OK)
		rc = look(c, "nothing stale after a swap", &there, err);
	back.begun_ns = mono_now_ns();
	if (rc == RC_OK)
		rc = lever_undo(c->d, "swap", err);
	if (rc == RC_OK)
		rc = look(c, "nor after the way back", &back, err);
	phase_fini(&blue);
	return rc;
}

static const struct step steps[] = {
	{ "cold and warm", cold_and_warm, NULL },
	{ "a stampede", stampede, NULL },
	{ "tenants", tenants, NULL },
	{ "arms", arms, NULL },
	{ "a swap", swapped, NULL },
};

int
drill_cache(struct drill *d, struct err *err)
{
	struct caching c;
	int rc;

	memset(&c, 0, sizeof(c));
	c.d = d;
	rc = steps_ask(d, &c.q, steps, sizeof(steps) / sizeof(steps[0]), &c,
	    err);
	return rc;
}
