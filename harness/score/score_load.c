/* Lines to observations: parsed, one a key, extracted; see score_part.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/score/score_part.h"

enum { CASE_ARENA_MAX = 1 << 30 };

void
score_case_init(struct score_case *c)
{
	memset(c, 0, sizeof(*c));
	arena_init(&c->arena, CASE_ARENA_MAX);
	gold_init(&c->gold);
}

void
score_case_fini(struct score_case *c)
{
	score_lines_free(c->lines);
	arena_fini(&c->arena);
	gold_fini(&c->gold);
	memset(c, 0, sizeof(*c));
}

void
score_case_reset(struct score_case *c)
{
	struct arena arena = c->arena;
	struct gold gold = c->gold;

	score_lines_free(c->lines);
	arena_reset(&arena);
	memset(c, 0, sizeof(*c));
	c->arena = arena;
	c->gold = gold;
	ctexts_init(&c->texts, &c->arena);
}

static const struct extract_spec *
spec_of(const struct suite *s, enum arm a)
{
	const struct suite_target *t = suite_target_of(s, a);

	return t->present && t->extract != NULL ? t->extract : s->extract;
}

/* Variants in the order of the plan, arms, then time; equal times (which a
 * merge of one trace with itself makes) by the bytes. */
static int
by_key(const void *a, const void *b)
{
	const struct score_one *x = a, *y = b;
	size_t n = x->line->n < y->line->n ? x->line->n : y->line->n;
	int order;

	if (x->v != y->v)
		return x->v < y->v ? -1 : 1;
	if (x->ex.key.arm != y->ex.key.arm)
		return x->ex.key.arm < y->ex.key.arm ? -1 : 1;
	if (x->ex.sent_ns != y->ex.sent_ns)
		return x->ex.sent_ns < y->ex.sent_ns ? -1 : 1;
	order = memcmp(x->line->p, y->line->p, n);
	if (order != 0)
		return order;
	return (x->line->n > y->line->n) - (x->line->n < y->line->n);
}

static int
parse_lines(const struct plan *p, struct score_case *c,
    struct score_slot *slots)
{
	const struct score_line *l;
	struct score_one *o = c->one;
	int rc;

	for (l = c->lines; l != NULL; l = l->next, o++, slots++) {
		o->line = l;
		o->slot = slots;
		rc = exchange_parse_answer(slots->rec, l->p, l->n, &o->ex,
		    &c->err);
		if (rc <= 0)
			return rc < 0 ? rc : err_set(&c->err, RC_FORMAT,
			    "a record changed its kind");
		o->v = o->ex.key.round == ROUND_CONFIRM ? o->ex.key.n :
		    (uint32_t)plan_variant(p, &o->ex.key);
	}
	qsort(c->one, c->n_one, sizeof(*c->one), by_key);
	return RC_OK;
}

/* The first of each key in time stays. */
static void
drop_duplicates(struct score_case *c)
{
	size_t i, kept = 0;

	for (i = 0; i < c->n_one; i++) {
		if (kept > 0 && c->one[kept - 1].v == c->one[i].v &&
		    c->one[kept - 1].ex.key.arm == c->one[i].ex.key.arm) {
			c->duplicates++;
			continue;
		}
		c->one[kept++] = c->one[i];
	}
	c->n_one = kept;
}

static int
expected_4xx(const struct score_case *c, enum outcome o)
{
	return o == OUTCOME_HTTP_4XX && c->gold.expects_4xx;
}

/*
 * Whether there is something to judge.  Assertions come first: what a case
 * asserts is judged whatever extraction made of the answer.  A service that
 * failed after its first words has answered, badly.
 */
static int
to_judge(const struct score_case *c, const struct answer *a)
{
	switch (a->outcome) {
	case OUTCOME_SERVICE_ERROR:
		return a->text != NULL || a->n_retrieved > 0 ||
		    c->gold.n_expect > 0;
	case OUTCOME_EXTRACT_FAILED:
	case OUTCOME_BAD_JSON:
		return c->gold.n_expect > 0;
	default:
		return outcome_is_answer(a->outcome) ||
		    expected_4xx(c, a->outcome);
	}
}

/* Whether the case asserts this very failure, or what it came with. */
static int
is_expected(const struct score_case *c, const struct score_one *o)
{
	enum outcome last = o->answer->outcome;

	if (o->first != last)
		return 0;
	if (last == OUTCOME_SERVICE_ERROR && !c->gold.expects_error)
		return 0;
	return (last == OUTCOME_EXTRACT_FAILED || last == OUTCOME_BAD_JSON ||
	    last == OUTCOME_SERVICE_ERROR) &&
	    expect_grounds(&c->gold, o->answer->body, &o->ex);
}

static int
extract_one(const struct suite *s, struct score_case *c, struct score_one *o)
{
	enum outcome last;
	int rc;

	o->spec = spec_of(s, o->ex.key.arm);
	rc = extract_answer(o->spec, &o->ex, &o->slot->answer, &c->err);
	if (rc != RC_OK)
		return rc;
	o->answer = &o->slot->answer;
	last = o->answer->outcome;
	o->first = o->ex.n_attempts > 0 ? o->ex.attempts[0].outcome : last;
	o->expected = is_expected(c, o);
	o->error = outcome_is_error(o->first) &&
	    !expected_4xx(c, o->first) && !o->expected;
	o->answered = to_judge(c, o->answer);
	return RC_OK;
}

void
score_load(const struct score_job *job, struct score_case *c,
    struct score_slot *slots)
{
	size_t i;
	int rc;

	c->per_case = job->plan->per_case;
	c->n_one = c->n_lines;
	c->one = arena_calloc(&c->arena, c->n_one + 1, sizeof(*c->one));
	c->at = arena_calloc(&c->arena, (size_t)c->per_case * ARM_N,
	    sizeof(struct score_one *));
	rc = arena_check(&c->arena, "a case", &c->err);
	if (rc == RC_OK)
		rc = caseset_get(job->cases, c->index, &c->gold, &c->err);
	if (rc == RC_OK)
		rc = parse_lines(job->plan, c, slots);
	if (rc != RC_OK)
		return;
	drop_duplicates(c);
	for (i = 0; i < c->n_one && rc == RC_OK; i++) {
		struct score_one *o = &c->one[i];

		c->at[(size_t)o->v * ARM_N + o->ex.key.arm] = o;
		rc = extract_one(job->suite, c, o);
	}
}
