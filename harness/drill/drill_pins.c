/*
 * Guardrail 4: the versions that answer are the versions that were tested.
 * Pins on every answer, unchanged, equal between environments; a request that
 * expects others is refused with the difference; INDEX_HASH changes with an
 * alias swap alone, and comes back with it.
 */
#include <stdio.h>
#include <string.h>

#include "harness/drill/steps.h"

static const char drift[] = "pin drift";

enum { NAMES_MAX = 64 };

struct names {
	const char *v[NAMES_MAX];
	size_t n;
};

/* One drill of pins. */
struct pinning {
	struct drill *d;
	struct questions q;
	struct wave w;
	struct names need, equal, swapped;
	struct json *first[ARM_N];	/* pins of an arm's first answer */
	const char *header;		/* in which a request expects pins */
};

static void
add_names(struct names *to, const struct json *list)
{
	const struct json *m;
	const char *s;

	for (m = json_first(list); m != NULL && to->n < NAMES_MAX;
	    m = json_next(m)) {
		s = json_str(m) != NULL ? json_str(m) : json_get_str(m,
		    "field");
		if (s != NULL)
			to->v[to->n++] = s;
	}
}

static void
first_list(struct drill *d, struct names *to, const char *const *paths)
{
	for (; *paths != NULL && to->n == 0; paths++)
		add_names(to, drill_doc(d, *paths));
}

static void
names_of(struct pinning *p)
{
	static const char *const need[] = { "pins.require",
		"checks.require_fields", "invariants.pin_fields", NULL };
	static const char *const equal[] = { "pins.equal",
		"checks.assert_equal_envs", NULL };
	static const char *const swapped[] = {
		"checks.deny_if_changed_without_alias_swap", NULL };

	first_list(p->d, &p->need, need);
	first_list(p->d, &p->equal, equal);
	first_list(p->d, &p->swapped, swapped);
	if (p->swapped.n == 0)
		p->swapped.v[p->swapped.n++] = "INDEX_HASH";
}

/* ---- pins as they come -------------------------------------------------- */

struct tally {
	size_t answers, bad;
	char lost[120], changed[240], failed[160];
	size_t n_lost, n_changed;
};

static void
compare(struct pinning *p, enum arm arm, const struct reading *r,
    struct tally *t)
{
	const struct json *was;
	const char *is;
	size_t i;

	t->answers++;
	for (i = 0; i < p->need.n; i++) {
		if (*reading_pin(r, p->need.v[i]) != '\0')
			continue;
		if (t->n_lost++ == 0)
			(void)snprintf(t->lost, sizeof(t->lost), "%.100s",
			    p->need.v[i]);
	}
	if (p->first[arm] == NULL) {
		p->first[arm] = json_copy(r->pins);
		return;
	}
	for (was = json_first(p->first[arm]); was != NULL;
	    was = json_next(was)) {
		is = reading_pin(r, json_key(was));
		if (*is == '\0' || strcmp(is, json_str(was)) == 0)
			continue;
		if (t->n_changed++ == 0)
			(void)snprintf(t->changed, sizeof(t->changed),
			    "%.60s: %.80s, then %.80s", json_key(was),
			    json_str(was), is);
	}
}

static int
ask_arm(struct pinning *p, enum arm arm, struct tally *t, struct err *err)
{
	int64_t i, n = drill_int(p->d, "requests");
	struct reading r;
	size_t k;
	int rc = RC_OK;

	wave_reset(&p->w);
	for (i = 0; i < n; i++) {
		if (questions_add(&p->q, &p->w, arm, (size_t)i % p->q.n,
		    err) == NULL)
			return err->code;
	}
	rc = wave_send(p->d, &p->w, err);
	for (k = 0; k < p->w.n && rc == RC_OK; k++) {
		rc = reading_of(&p->q, p->w.v[k], &r, err);
		if (rc == RC_OK && r.usable)
			compare(p, arm, &r, t);
		else if (t->bad++ == 0)
			(void)snprintf(t->failed, sizeof(t->failed), "%s",
			    r.why);
		reading_fini(&r);
	}
	return rc;
}

static int
as_they_come(struct pinning *p, struct err *err)
{
	struct tally t;
	int a, rc;

	memset(&t, 0, sizeof(t));
	for (a = 0; a <= ARM_CANDIDATE; a++) {
		if (p->d->stack[a].url == NULL)
			continue;
		rc = ask_arm(p, (enum arm)a, &t, err);
		if (rc != RC_OK)
			return rc;
	}
	if (t.answers == 0) {
		drill_needs(p->d, "no answer could be read: %s", t.failed);
		return RC_OK;
	}
	if (p->need.n == 0)
		drill_skip(p->d, "pins on every answer", "needs their names: "
		    "pins: {require: [MODEL_VER, INDEX_HASH, …]}");
	else if (t.n_lost > 0)
		(void)drill_check(p->d, "pins on every answer", 0, drift,
		    "%zu are missing from %zu answers, the first is %s",
		    t.n_lost, t.answers, t.lost);
	else
		(void)drill_check(p->d, "pins on every answer", 1, NULL,
		    "%zu pins on each of %zu answers", p->need.n, t.answers);
	if (t.n_changed > 0)
		(void)drill_check(p->d, "unchanged meanwhile", 0, drift, "%s",
		    t.changed);
	else
		(void)drill_check(p->d, "unchanged meanwhile", 1, NULL,
		    "the same on %zu answers", t.answers);
	return RC_OK;
}

static void
equal(struct pinning *p)
{
	static const char name[] = "equal in both environments";
	const char *a, *b;
	size_t i;

	if (p->equal.n == 0) {
		drill_skip(p->d, name, "needs their names: pins: {equal: "
		    "[…]}");
		return;
	}
	if (p->first[ARM_BASELINE] == NULL ||
	    p->first[ARM_CANDIDATE] == NULL) {
		drill_skip(p->d, name, "needs the other one: --baseline URL");
		return;
	}
	for (i = 0; i < p->equal.n; i++) {
		a = json_get_str(p->first[ARM_BASELINE], p->equal.v[i]);
		b = json_get_str(p->first[ARM_CANDIDATE], p->equal.v[i]);
		if (a == NULL || b == NULL || strcmp(a, b) != 0) {
			(void)drill_check(p->d, name, 0, drift, "%s: %s on "
			    "the baseline, %s on the candidate",
			    p->equal.v[i], a == NULL ? "none" : a,
			    b == NULL ? "none" : b);
			return;
		}
	}
	(void)drill_check(p->d, name, 1, NULL, "%zu pins are equal",
	    p->equal.n);
}

/* ---- a request that expects other pins ---------------------------------- */

/* The question with pins expected: the stack's own, but one, where name is
 * not NULL. */
static struct ask *
expecting(struct pinning *p, const char *name, struct err *err)
{
	enum arm arm = drill_arm(p->d);
	struct json *want = json_copy(p->first[arm]);
	struct ask *a;
	struct buf b;

	wave_reset(&p->w);
	a = questions_add(&p->q, &p->w, arm, 0, err);
	if (a != NULL) {
		if (name != NULL)
			(void)json_set(want, name,
			    json_new_str("lockstep-drill-other"));
		buf_init(&b, 1 << 16);
		json_write(&b, want);
		ask_header(&p->w, a, p->header, buf_str(&b));
		buf_fini(&b);
		a = wave_one(p->d, &p->w, a, err);
	}
	json_free(want);
	return a;
}

/* Whether the answer's difference names the pin. */
static int
names_pin(const struct pinning *p, const struct ask *a, const char *pin)
{
	const char *at = json_str(drill_doc(p->d, "pins.assert.diff"));
	struct json_ptr *ptr = json_ptr_new(at == NULL ? "/diff" : at, NULL);
	struct json *j = ask_json(a);
	struct buf b;
	int found;

	buf_init(&b, 1 << 20);
	if (json_ptr_find(ptr, j) != NULL)
		json_write(&b, json_ptr_find(ptr, j));
	found = strstr(buf_str(&b), pin) != NULL;
	buf_fini(&b);
	json_ptr_free(ptr);
	json_free(j);
	return found;
}

static int
mismatches(struct pinning *p, struct err *err)
{
	size_t i, refused = 0, named = 0;
	char say[160], seen[200] = "";
	struct ask *a;

	for (i = 0; i < p->need.n; i++) {
		a = expecting(p, p->need.v[i], err);
		if (a == NULL)
			return err->code;
		if (a->status == 409) {
			refused++;
			named += names_pin(p, a, p->need.v[i]);
		} else if (*seen == '\0') {
			(void)snprintf(seen, sizeof(seen), "; %.60s got "
			    "%.120s", p->need.v[i], ask_say(a, say));
		}
	}
	(void)drill_check(p->d, "another pin is refused", refused ==
	    p->need.n, drift, "%zu of %zu mismatches got 409%s", refused,
	    p->need.n, seen);
	(void)drill_check(p->d, "and the difference is named", refused > 0 &&
	    named == refused, drift, "by %zu of %zu", named, refused);
	a = expecting(p, NULL, err);
	if (a == NULL)
		return err->code;
	(void)drill_check(p->d, "its own pins are accepted", a->status >= 200
	    && a->status < 300, NULL, "%s", ask_say(a, say));
	return RC_OK;
}

static int
on_purpose(struct pinning *p, struct err *err)
{
	p->header = json_str(drill_doc(p->d, "pins.assert.header"));
	if (p->header == NULL || p->need.n == 0) {
		drill_skip(p->d, "another pin is refused", "needs the header "
		    "in which a request says what it expects: pins: {assert: "
		    "{header: X-Expect-Pins}}%s", p->need.n == 0 ?
		    " and pins: {require: […]}" : "");
		return RC_OK;
	}
	return mismatches(p, err);
}

/* ---- alias swap --------------------------------------------------------- */

/* The pins of one answer now, caller frees; NULL with an error. */
static struct json *
pins_now(struct pinning *p, struct err *err)
{
	struct reading r;
	struct ask *a;

	wave_reset(&p->w);
	a = wave_one(p->d, &p->w, questions_add(&p->q, &p->w,
	    drill_arm(p->d), 0, err), err);
	if (a == NULL || reading_of(&p->q, a, &r, err) != RC_OK)
		return NULL;
	return r.pins;
}

static const char *
pin(const struct json *pins, const char *name)
{
	const char *s = json_get_str(pins, name);

	return s == NULL ? "none" : s;
}

static int
with_a_swap(struct pinning *p, struct err *err)
{
	const struct json *was = p->first[drill_arm(p->d)];
	struct json *green = NULL, *back = NULL;
	const char *name = p->swapped.v[0];
	int rc;

	if (!lever_has_undo(p->d, "swap")) {
		drill_skip(p->d, "changed by an alias swap", "needs "
		    "levers.swap with its undo");
		return RC_OK;
	}
	rc = lever_pull(p->d, "swap", err);
	if (rc == RC_OK && (green = pins_now(p, err)) == NULL)
		rc = err->code;
	if (rc == RC_OK)
		rc = lever_undo(p->d, "swap", err);
	if (rc == RC_OK && (back = pins_now(p, err)) == NULL)
		rc = err->code;
	if (rc == RC_OK) {
		(void)drill_check(p->d, "changed by an alias swap",
		    strcmp(pin(was, name), pin(green, name)) != 0,
		    "index swap error", "%s: %s, then %s", name,
		    pin(was, name), pin(green, name));
		(void)drill_check(p->d, "and back with it",
		    strcmp(pin(was, name), pin(back, name)) == 0,
		    "index swap error", "%s: %s", name, pin(back, name));
	}
	json_free(green);
	json_free(back);
	return rc;
}

/* ---- its steps ---------------------------------------------------------- */

static int
on_answers(void *ctx, struct json *data, struct err *err)
{
	struct pinning *p = ctx;
	int a, rc = as_they_come(p, err);

	if (rc != RC_OK || p->d->cannot)
		return rc;
	equal(p);
	for (a = 0; a <= ARM_CANDIDATE; a++) {
		if (p->first[a] != NULL)
			(void)json_set(data, arm_name((enum arm)a),
			    json_copy(p->first[a]));
	}
	return rc;
}

static int
on_answers_had(void *ctx, const struct json *data, struct err *err)
{
	struct pinning *p = ctx;
	const struct json *had;
	int a;

	(void)err;
	for (a = 0; a <= ARM_CANDIDATE; a++) {
		had = json_get(data, arm_name((enum arm)a));
		p->first[a] = had == NULL ? NULL : json_copy(had);
	}
	return RC_OK;
}

static int
refused(void *ctx, struct json *data, struct err *err)
{
	(void)data;
	return on_purpose(ctx, err);
}

static int
swapped(void *ctx, struct json *data, struct err *err)
{
	(void)data;
	return with_a_swap(ctx, err);
}

static const struct step steps[] = {
	{ "pins on answers", on_answers, on_answers_had },
	{ "mismatches", refused, NULL },
	{ "a swap", swapped, NULL },
};

int
drill_pins(struct drill *d, struct err *err)
{
	struct pinning p;
	int rc;

	memset(&p, 0, sizeof(p));
	p.d = d;
	wave_init(&p.w, (int)drill_int(d, "concurrency"));
	names_of(&p);
	rc = steps_ask(d, &p.q, steps, sizeof(steps) / sizeof(steps[0]), &p,
	    err);
	json_free(p.first[ARM_BASELINE]);
	json_free(p.first[ARM_CANDIDATE]);
	wave_fini(&p.w);
	return rc;
}
