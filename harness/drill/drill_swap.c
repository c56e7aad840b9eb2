/*
 * Guardrail 5: an index is swapped, and swapped back, under load, and no
 * answer is of both. Which answer belongs to which index is known from asking
 * every question on each of them first.
 */
#include <stdio.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/drill/index_report.h"
#include "harness/drill/rest.h"
#include "harness/drill/steps.h"

static const char error[] = "index swap error";

/* One index, as its answers show it. */
struct side {
	struct rest at;
	char hash[80];
};

struct swapping {
	struct drill *d;
	struct questions q;
	struct side blue, green;
	struct phase load;
	int64_t there_ns, undone_ns, back_ns;
};

/* ---- each index at rest ------------------------------------------------- */

static void
take_hash(struct side *side)
{
	if (side->at.once.n > 0)
		memcpy(side->hash, side->at.once.v[0].index,
		    sizeof(side->hash));
}

static int
look(struct swapping *s, struct side *side, struct err *err)
{
	int rc = rest_look(&s->q, &side->at, err);

	if (rc == RC_OK)
		take_hash(side);
	return rc;
}

/* What an index must be to be swapped to at all. */
static void
judge_green(struct swapping *s)
{
	const struct phase *g = &s->green.at.once, *b = &s->blue.at.once;
	double least = s->d->suite->limits.coverage_min;

	(void)drill_check(s->d, "the swap changes INDEX_HASH",
	    strcmp(s->blue.hash, s->green.hash) != 0, error, "%s, then %s",
	    *s->blue.hash == '\0' ? "none" : s->blue.hash,
	    *s->green.hash == '\0' ? "none" : s->green.hash);
	rest_answers(s->d, "the new index answers", &s->green.at, error);
	if (g->expected == 0)
		drill_skip(s->d, "the new index is complete", "needs cases "
		    "with section_ids");
	else
		(void)drill_check(s->d, "the new index is complete",
		    (double)g->covered >= least * (double)g->expected,
		    "data loss", "%d of %d expected sections, the present "
		    "one has %d", g->covered, g->expected, b->covered);
}

/* ---- under load --------------------------------------------------------- */

static int
swap_and_back(void *ctx, const struct load *l, struct err *err)
{
	struct swapping *s = ctx;
	int64_t part = drill_time(s->d, "duration") / 3;
	int rc;

	mono_sleep_until_ns(mono_now_ns() + part);
	rc = lever_pull(s->d, "swap", err);
	s->there_ns = load_now_ns(l);
	if (rc != RC_OK)
		return rc;
	mono_sleep_until_ns(mono_now_ns() + part);
	s->undone_ns = load_now_ns(l);
	rc = lever_undo(s->d, "swap", err);
	s->back_ns = load_now_ns(l);
	mono_sleep_until_ns(mono_now_ns() + part);
	return rc;
}

static int
is_mixed(const struct swapping *s, const struct seen *v)
{
	if (strcmp(v->index, s->blue.hash) == 0)
		return !rest_gives(&s->blue.at, v);
	return strcmp(v->index, s->green.hash) != 0 ||
	    !rest_gives(&s->green.at, v);
}

struct counts {
	size_t mixed, failed, stale;
	const struct seen *first_mixed, *first_failed;
	int64_t last_old_ns;	/* sent with the old index's answer */
};

static void
count(const struct swapping *s, struct counts *c)
{
	int64_t settle = drill_time(s->d, "settle");
	const struct seen *v;
	size_t i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < s->load.n; i++) {
		v = &s->load.v[i];
		if (!v->usable) {
			if (c->failed++ == 0)
				c->first_failed = v;
			continue;
		}
		if (is_mixed(s, v) && c->mixed++ == 0)
			c->first_mixed = v;
		/* what was under way at the way back may be of either */
		if (v->sent_ns > s->there_ns + settle &&
		    v->sent_ns + v->total_ns < s->undone_ns)
			c->stale += strcmp(v->index, s->blue.hash) == 0;
		if (v->sent_ns > s->back_ns + settle)
			c->stale += strcmp(v->index, s->green.hash) == 0;
	}
}

static void
judge_load(struct swapping *s)
{
	struct counts c;

	count(s, &c);
	(void)drill_check(s->d, "no answer is mixed", c.mixed == 0, error,
	    c.mixed == 0 ? "%zu of %zu answers under load" : "%zu of %zu "
	    "answers under load, the first to question %zu with INDEX_HASH "
	    "%s", c.mixed, s->load.n - c.failed, c.mixed == 0 ? 0 :
	    c.first_mixed->question + 1, c.mixed == 0 ? "" :
	    c.first_mixed->index);
	(void)drill_check(s->d, "none fails", (double)c.failed <=
	    s->d->suite->limits.errors * (double)s->load.n, error,
	    c.failed == 0 ? "%zu of %zu" : "%zu of %zu, the first with %s",
	    c.failed, s->load.n, c.failed == 0 ? "" : c.first_failed->why);
	(void)drill_check(s->d, "none is late", c.stale == 0, error,
	    "%zu of the index before, asked later than %.3g s after the "
	    "lever", c.stale, (double)drill_time(s->d, "settle") / 1e9);
}

static int
way_back(struct swapping *s, struct err *err)
{
	struct phase after;
	size_t n, first = 0;
	int rc = phase_run(&s->q, drill_arm(s->d), s->q.n, 0, &after, err);

	if (rc == RC_OK && after.n > 0) {
		phase_differ(&s->blue.at.once, &after, &n, &first);
		(void)drill_check(s->d, "and back", strcmp(after.v[0].index,
		    s->blue.hash) == 0, error, "INDEX_HASH %s after %.1f "
		    "ms, %zu questions with other passages",
		    after.v[0].index, (double)(s->back_ns - s->undone_ns) /
		    1e6, n);
	}
	phase_fini(&after);
	return rc;
}

/* ---- its steps ---------------------------------------------------------- */

static int
at_rest(void *ctx, struct json *data, struct err *err)
{
	struct swapping *s = ctx;
	int rc = look(s, &s->blue, err);

	if (rc == RC_OK)
		rc = phase_must_answer(&s->blue.at.once, err);
	if (rc == RC_OK)
		rc = lever_pull(s->d, "swap", err);
	if (rc == RC_OK)
		rc = look(s, &s->green, err);
	if (rc == RC_OK && drill_word(s->d, "index.path") != NULL)
		rc = index_report(&s->q, "the new index", err);
	if (rc == RC_OK)
		rc = lever_undo(s->d, "swap", err);
	if (rc != RC_OK)
		return rc;
	judge_green(s);
	rest_put(data, "blue", &s->blue.at);
	rest_put(data, "green", &s->green.at);
	/* else nothing tells them apart */
	return strcmp(s->blue.hash, s->green.hash) == 0 ? STEP_LAST : RC_OK;
}

static int
at_rest_had(void *ctx, const struct json *data, struct err *err)
{
	struct swapping *s = ctx;
	int rc = rest_get_both(data, &s->blue.at, &s->green.at, err);

	if (rc == RC_OK) {
		take_hash(&s->blue);
		take_hash(&s->green);
	}
	return rc;
}

static int
there_and_back(void *ctx, struct json *data, struct err *err)
{
	struct swapping *s = ctx;
	int rc = load_while(&s->q, swap_and_back, s, &s->load, err);

	(void)data;
	if (rc == RC_OK)
		judge_load(s);
	return rc == RC_OK ? way_back(s, err) : rc;
}

static const struct step steps[] = {
	{ "each index at rest", at_rest, at_rest_had },
	{ "the swap under load", there_and_back, NULL },
};

int
drill_swap(struct drill *d, struct err *err)
{
	struct swapping s;
	int rc;

	memset(&s, 0, sizeof(s));
	s.d = d;
	rc = lever_must_undo(d, "swap", err);
	if (rc == RC_OK)
		rc = steps_ask(d, &s.q, steps,
		    sizeof(steps) / sizeof(steps[0]), &s, err);
	rest_fini(&s.blue.at);
	rest_fini(&s.green.at);
	phase_fini(&s.load);
	return rc;
}
