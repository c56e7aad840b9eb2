/* Which cases of a run are promoted; see cmd_promote_part.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cmd/cmd_promote_part.h"

static int
set_apart(struct promote_chosen *ch, const char *id, enum chosen_what what,
    struct err *err)
{
	ch->apart[ch->n_apart].id = strdup(id);
	if (ch->apart[ch->n_apart].id == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	ch->apart[ch->n_apart++].what = what;
	return RC_OK;
}

size_t
promote_chosen_ids(const struct promote_chosen *ch, enum chosen_what what,
    struct buf *b)
{
	enum { NAMED = 20 };
	size_t i, n = 0;

	for (i = 0; i < ch->n_apart; i++) {
		if (ch->apart[i].what == what && n++ < NAMED)
			buf_printf(b, "%s%s", n > 1 ? ", " : "",
			    ch->apart[i].id);
	}
	if (n > NAMED)
		buf_printf(b, " and %zu more", n - NAMED);
	return n;
}

void
promote_chosen_fini(struct promote_chosen *ch)
{
	size_t i;

	for (i = 0; i < ch->n_apart; i++)
		free(ch->apart[i].id);
	free(ch->apart);
	free(ch->index);
	free((void *)(uintptr_t)ch->why);
}

/*
 * Whether a case would fail on an arm by the promoted suite's rule, under
 * which most variants have to hold: by the case's own answers where they are
 * known, or by the means over the variants.  A case that fails in one variant
 * of six is noise as often as not: a suite of such cases would fail on the
 * fixed stack too.
 */
static int
mostly_fails(const struct result_case *c, int arm)
{
	static const struct {
		unsigned reason;
		enum metric_id id;
		double half;	/* failing below it; negative: at or above */
	} t[] = {
		{ CASE_QUESTION, M_DS_QUESTION_RETRIEVED, -.60 },
		{ CASE_COVERAGE, M_COVERAGE, .60 },
		{ CASE_SCHEMA, M_SCHEMA_OK, .5 },
		{ CASE_CITATIONS, M_CITATION_PRECISION, .5 },
		{ CASE_CITATIONS, M_CITATION_RECALL, .5 },
		{ CASE_EXPECT, M_EXPECT_OK, .5 },
		{ CASE_ANSWER, M_ANSWER_OK, .5 },
		{ CASE_UNANSWERABLE, M_REFUSED, .5 },
		{ CASE_REFUSED, M_REFUSED, -.5 },
		{ CASE_EMPTY, M_RECALL_AT_K, .5 },
	};
	double v;
	size_t i;

	if (c->has_answers && c->asked[arm] > 0 &&
	    c->bad[arm] * 2 >= c->asked[arm])
		return 1;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		v = (double)c->m[arm][t[i].id];
		if ((c->reasons[arm] & t[i].reason) != 0 && isfinite(v) &&
		    (t[i].half < 0 ? v >= -t[i].half : v < t[i].half))
			return 1;
	}
	return (c->reasons[arm] & (CASE_CONVERGENCE | CASE_CHAOS)) != 0 &&
	    (double)c->convergence[arm] < .5;
}

/* The reason is kept with the result. */
static int
take_case(const struct job *j, const struct result_case *c, struct result *r,
    struct promote_chosen *ch, struct err *err)
{
	uint64_t at = caseset_find(j->cases, c->id);

	if (at == UINT64_MAX)
		return err_set(err, RC_USAGE, "case %s is in run %s but no "
		    "longer in %s", c->id, j->run.id,
		    j->suite->path);
	ch->index[ch->n] = at;
	ch->why[ch->n++] = c->n_why > 0 ? result_str(r, c->why[0]) : NULL;
	return result_check(r, err);
}

/* Fresh answers say that it was chance. */
static int
is_noise(const struct result *r, const struct result_case *c)
{
	const struct result_again *a = result_again_find(r, c->id);

	return a != NULL && (a->is == AGAIN_NOISE || a->is == AGAIN_BETTER);
}

/* By what the run judged.  A defect, one that fails on both arms, is one of
 * the candidate alone where the baseline failed in few variants. */
static int
take_failing(const struct job *j, const struct result_case *c,
    struct result *r, struct promote_chosen *ch, struct err *err)
{
	int regressed = c->verdict == CASE_V_REGRESSION ||
	    c->verdict == CASE_V_FAIL;

	if (!regressed && c->verdict != CASE_V_DEFECT)
		return RC_OK;
	if (regressed && is_noise(r, c))
		return set_apart(ch, c->id, CHOSEN_NOISE, err);
	if (!mostly_fails(c, 1))
		return regressed ? set_apart(ch, c->id, CHOSEN_FLAKY, err) :
		    RC_OK;
	return mostly_fails(c, 0) ?
	    set_apart(ch, c->id, CHOSEN_BASELINE, err) :
	    take_case(j, c, r, ch, err);
}

static int
take_named(const struct job *j, const struct opt_list *ids,
    const struct result_case *c, struct result *r, struct promote_chosen *ch,
    struct err *err)
{
	size_t i;
	int rc;

	for (i = 0; i < ids->n && strcmp(ids->v[i], c->id) != 0; i++)
		continue;
	if (i == ids->n)
		return RC_OK;
	rc = take_case(j, c, r, ch, err);
	return rc == RC_OK && mostly_fails(c, 0) ?
	    set_apart(ch, c->id, CHOSEN_NAMED, err) : rc;
}

/* The worst cases of a run, to be named instead. */
static void
name_worst(const struct result *r, char *ids, size_t room)
{
	const struct result_case *c;
	struct result_reader rd;
	size_t i, n = 0;

	result_reader_init(&rd, r);
	for (i = 0; i < r->n_worst && n < room - 24; i++) {
		c = result_case_at(&rd, r->worst[i]);
		if (c != NULL)
			n += (size_t)snprintf(ids + n, room - n, "%s%.20s",
			    n > 0 ? ", " : "", c->id);
	}
	(void)result_reader_fini(&rd);
}

/* Nothing to promote by itself: what a person might do instead. */
static int
none_fails(const struct job *j, const struct result *r,
    const struct promote_chosen *ch, struct err *err)
{
	char worst[120] = "";
	struct buf both, few, noise;
	size_t n_both, n_few, n_noise;
	int rc;

	buf_init(&both, 1 << 20);
	buf_init(&few, 1 << 20);
	buf_init(&noise, 1 << 20);
	n_both = promote_chosen_ids(ch, CHOSEN_BASELINE, &both);
	n_few = promote_chosen_ids(ch, CHOSEN_FLAKY, &few);
	n_noise = promote_chosen_ids(ch, CHOSEN_NOISE, &noise);
	name_worst(r, worst, sizeof(worst));
	if (n_both > 0)
		rc = err_set(err, RC_USAGE, "run %s has no case that fails in "
		    "most of its variants on the candidate only: %s also "
		    "fail%s on the baseline; correct what %s and run again, or "
		    "name with --case what the build must fix",
		    j->run.id, buf_str(&both), n_both == 1 ? "s" : "",
		    n_both == 1 ? "it expects" : "they expect");
	else
		rc = err_set(err, RC_USAGE, "run %s has no case that fails in "
		    "most of its variants%s; choose some with --case%s%s",
		    j->run.id, n_few > 0 ? " (some fail in a few)" :
		    n_noise > 0 ? ", but for noise when asked again" : "",
		    *worst != '\0' ? ", the worst are " : "", worst);
	buf_fini(&both);
	buf_fini(&few);
	buf_fini(&noise);
	return rc;
}

/* Whether the case of that id was chosen. */
static int
chosen(const struct job *j, const char *id, const struct promote_chosen *ch)
{
	uint64_t at = caseset_find(j->cases, id);
	size_t i;

	for (i = 0; i < ch->n; i++) {
		if (ch->index[i] == at)
			return 1;
	}
	return 0;
}

int
promote_choose(const struct job *j, const struct opt_list *ids,
    struct result *r, struct promote_chosen *ch, struct err *err)
{
	const struct result_case *c;
	struct result_reader rd;
	int rc = RC_OK;
	size_t i;

	ch->index = calloc(r->n_cases + 1, sizeof(*ch->index));
	ch->why = calloc(r->n_cases + 1, sizeof(*ch->why));
	ch->apart = calloc(r->n_cases + 1, sizeof(*ch->apart));
	if (ch->index == NULL || ch->why == NULL || ch->apart == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	result_reader_init(&rd, r);
	while (rc == RC_OK && (c = result_case_next(&rd)) != NULL)
		rc = ids->n > 0 ? take_named(j, ids, c, r, ch, err) :
		    take_failing(j, c, r, ch, err);
	if (rc == RC_OK)
		rc = result_reader_check(&rd, err);
	(void)result_reader_fini(&rd);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < ids->n; i++) {
		if (!chosen(j, ids->v[i], ch))
			return err_set(err, RC_USAGE, "run %s has no judged "
			    "case \"%s\"; `lockstep show %s` lists those that "
			    "failed", j->run.id, ids->v[i], j->run.id);
	}
	return ch->n == 0 ? none_fails(j, r, ch, err) : RC_OK;
}
