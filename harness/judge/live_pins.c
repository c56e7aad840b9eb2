/*
 * Pins, watched on each answer (GUARDRAILS 4): no chance is in them, so the
 * first answer that breaks a rule stops.  See live_part.h.
 */
#include <stdio.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/judge/live_part.h"

enum { TOLD_DRIFT = 1, TOLD_EQUAL = 2, TOLD_LACKS = 4, TOLD_LOST = 8,
	TOLD_PRIMARY = 16 };
enum { WHOLE = 60, SHOWN = 40 };	/* bytes */

/* A copy that equals only what is equal: of a long text its beginning and a
 * hash. */
static void
keep(char out[LIVE_ID_MAX], const char *s)
{
	size_t n = strlen(s);

	memset(out, 0, LIVE_ID_MAX);
	if (n <= WHOLE)
		(void)snprintf(out, LIVE_ID_MAX, "%s", s);
	else
		(void)snprintf(out, LIVE_ID_MAX, "%.*s... #%016llx", SHOWN, s,
		    (unsigned long long)hash_u64(s, n));
}

/* The entry of a name; NULL where there is no room for another. */
static struct live_pin *
entry(struct live_pins *p, const char *name)
{
	char kept[LIVE_ID_MAX];
	size_t i;

	keep(kept, name);
	for (i = 0; i < p->n; i++) {
		if (strcmp(p->v[i].name, kept) == 0)
			return &p->v[i];
	}
	if (p->n == LIVE_PINS_MAX)
		return NULL;
	memset(&p->v[p->n], 0, sizeof(p->v[p->n]));
	memcpy(p->v[p->n].name, kept, sizeof(kept));
	return &p->v[p->n++];
}

static int
is_named(const struct json *list, const char *name)
{
	const struct json *j;
	const char *s;

	for (j = json_first(list); j != NULL; j = json_next(j)) {
		s = json_str(j);
		if (s != NULL && strcmp(s, name) == 0)
			return 1;
	}
	return 0;
}

static void
tell(struct live *l, struct live_pin *x, unsigned what, int hard,
    const char *why)
{
	if ((x->told & what) != 0)
		return;
	x->told |= what;
	live_stop(l, -1, hard, why);
}

/* ---- within one arm ---------------------------------------------------- */

static void
see(struct live *l, struct live_pin *x, int arm, const char *value)
{
	char why[LIVE_WORDS_MAX], now[LIVE_ID_MAX];

	keep(now, value);
	if (x->n[arm] == 0)
		memcpy(x->value[arm], now, sizeof(now));
	x->n[arm]++;
	if (strcmp(x->value[arm], now) == 0)
		return;
	x->other[arm]++;
	memcpy(x->other_value[arm], now, sizeof(now));
	(void)snprintf(why, sizeof(why), "%.40s changed on the %s: %.60s, "
	    "was %.60s%s", x->name, arm == 1 ? "candidate" : "primary", now,
	    x->value[arm], arm == 1 ? "" :
	    "; the comparison is with another build now");
	tell(l, x, arm == 1 ? TOLD_DRIFT : TOLD_PRIMARY, arm == 1, why);
}

static void
see_arm(struct live *l, int arm, const struct answer *a)
{
	struct live_pin *x;
	size_t i;

	for (i = 0; i < a->n_pins; i++) {
		x = entry(&l->pins, a->pins[i].name);
		if (x != NULL)
			see(l, x, arm, a->pins[i].value);
	}
}

/* ---- between the arms -------------------------------------------------- */

static const char *
value_of(const struct answer *a, const char *name)
{
	size_t i;

	for (i = 0; i < a->n_pins; i++) {
		if (strcmp(a->pins[i].name, name) == 0)
			return a->pins[i].value;
	}
	return NULL;
}

/* One of the primary's pins, beside the candidate's. */
static void
compare(struct live *l, const struct answer_pin *pin,
    const struct answer *cand)
{
	const struct suite *s = l->o.suite;
	const char *other = value_of(cand, pin->name);
	struct live_pin *x = entry(&l->pins, pin->name);
	char why[LIVE_WORDS_MAX], b[LIVE_ID_MAX], c[LIVE_ID_MAX];

	if (x == NULL)
		return;
	keep(b, pin->value);
	if (other == NULL) {
		(void)snprintf(why, sizeof(why), "the candidate does not send "
		    "%.40s, the primary does (%.60s)", x->name, b);
		tell(l, x, TOLD_LOST, 0, why);
		return;
	}
	keep(c, other);
	if (strcmp(b, c) == 0)
		return;
	if (strcmp(pin->name, "MODEL_VER") == 0 ||
	    strcmp(pin->name, "PROMPT_VER") == 0 ||
	    is_named(s->pins_expect, pin->name))
		l->pins.intended = 1;
	if (!is_named(s->pins_equal, pin->name))
		return;
	(void)snprintf(why, sizeof(why), "%.40s must be equal: %.60s on the "
	    "candidate, %.60s on the primary", x->name, c, b);
	tell(l, x, TOLD_EQUAL, 1, why);
}

static void
require(struct live *l, const struct answer *cand)
{
	const struct json *j;
	const char *name;
	struct live_pin *x;
	char why[LIVE_WORDS_MAX];

	for (j = json_first(l->o.suite->pins_require); j != NULL;
	    j = json_next(j)) {
		name = json_str(j);
		if (name == NULL || value_of(cand, name) != NULL)
			continue;
		x = entry(&l->pins, name);
		(void)snprintf(why, sizeof(why), "an answer of the candidate "
		    "lacks the pin %.60s, which must be on each", name);
		if (x != NULL)
			tell(l, x, TOLD_LACKS, 1, why);
	}
}

void
live_pins_add(struct live *l, const struct live_look *primary,
    const struct live_look *candidate)
{
	const struct answer *b = NULL, *c = NULL;
	size_t i;

	if (primary->ex != NULL && primary->answered)
		b = &primary->answer;
	if (candidate->ex != NULL && candidate->answered)
		c = &candidate->answer;
	if (b != NULL)
		see_arm(l, 0, b);
	if (c == NULL)
		return;
	see_arm(l, 1, c);
	require(l, c);
	for (i = 0; b != NULL && i < b->n_pins; i++)
		compare(l, &b->pins[i], c);
}
