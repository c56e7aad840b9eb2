/* λ of a case under relabelings of its answers; see lambda_table.h. */
#include "harness/score/lambda_table.h"

#include <math.h>
#include <string.h>

#include "harness/base/rng.h"
#include "harness/score/rank.h"

/* What the steps below share. */
struct making {
	const struct lambda_relabel *in;
	size_t n;		/* variants looked at */
	uint32_t *class;	/* 3 a variant */
	uint32_t *active;	/* variants that a relabeling changes */
	size_t n_active;
	struct lambda_case c;	/* with its classes */
	struct lambda_variant *arm[2];	/* as one relabeling has them */
	/* rates of an arm by the answers of active variants, in base 3;
	 * NULL: too many */
	double (*memo[2])[2];
	unsigned char *known[2];
};

/* ---- answers that are alike ---------------------------------------------- */

static int
same_ids(const char *const *a, size_t na, const char *const *b, size_t nb)
{
	size_t i;

	for (i = 0; na == nb && i < na; i++) {
		if (a[i] != b[i] && strcmp(a[i], b[i]) != 0)
			return 0;
	}
	return na == nb;
}

static int
alike(const struct lambda_variant *a, const struct lambda_variant *b)
{
	return a->asked == b->asked && a->failed == b->failed &&
	    a->refused == b->refused && a->no_answer == b->no_answer &&
	    same_ids(a->retrieved, a->n_retrieved, b->retrieved,
	    b->n_retrieved) &&
	    same_ids(a->cited, a->n_cited, b->cited, b->n_cited);
}

static const struct lambda_variant *
answer(const struct making *m, size_t i)
{
	return &m->in->v[i / 3].of[i % 3];
}

/* Gives each answer its class. returns the answers that stand for them */
static const struct lambda_variant **
classify(struct making *m)
{
	size_t n = 3 * m->n, i, k, classes = 0;
	const struct lambda_variant **first = arena_calloc(m->in->arena,
	    n + 1, sizeof(const struct lambda_variant *));

	m->class = arena_calloc(m->in->arena, n + 1, sizeof(*m->class));
	if (first == NULL || m->class == NULL)
		return NULL;
	for (i = 0; i < n; i++) {
		for (k = classes; k > 0 && !alike(answer(m, i),
		    first[k - 1]); k--)
			continue;
		m->class[i] = (uint32_t)(k > 0 ? k - 1 : classes);
		if (k == 0)
			first[classes++] = answer(m, i);
	}
	m->c.n_classes = classes;
	return first;
}

/* How many ways there are to label the answers of a variant. */
static int
choices(const struct lambda_three *v)
{
	const int lone = v->twice == STAT_BASE ? STAT_CAND : STAT_BASE;

	if (v->answered == 7)
		return STAT_TURNS;
	return (v->answered >> lone & 1) != 0 &&
	    (v->answered & ~(1 << lone)) != 0 ? 2 : 1;
}

static void
find_active(struct making *m)
{
	const uint32_t *c;
	size_t i;

	for (i = 0; i < m->n; i++) {
		c = m->class + 3 * i;
		if (choices(&m->in->v[i]) > 1 &&
		    (c[0] != c[1] || c[0] != c[2]))
			m->active[m->n_active++] = (uint32_t)i;
	}
}

static const char *const *
ids(const struct making *m, const struct lambda_variant *v, size_t *n)
{
	int cites = m->c.by == LAMBDA_BY_CITATIONS;

	*n = cites ? v->n_cited : v->n_retrieved;
	return cites ? v->cited : v->retrieved;
}

static int
compare_classes(struct making *m, const struct lambda_variant **first)
{
	size_t n = m->c.n_classes, i, k, na, nb;
	double *both = arena_calloc(m->in->arena, n * n + 1, sizeof(*both));
	double *hit = arena_calloc(m->in->arena, n + 1, sizeof(*hit));
	const char *const *a, *const *b;

	if (both == NULL || hit == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		a = ids(m, first[i], &na);
		hit[i] = jaccard(a, na, m->c.gold, m->c.n_gold);
		for (k = 0; k <= i; k++) {
			b = ids(m, first[k], &nb);
			both[i * n + k] = jaccard(a, na, b, nb);
			both[k * n + i] = both[i * n + k];
		}
	}
	m->c.alike = both;
	m->c.hit = hit;
	return 0;
}

/* ---- one relabeling ------------------------------------------------------ */

/* Which answer stands for an arm in a variant once it is relabeled. */
static int
stands(const struct lambda_three *v, int arm, int digit)
{
	const int lone = v->twice == STAT_BASE ? STAT_CAND : STAT_BASE;
	int has = v->answered >> v->twice & 1;

	if (digit == 0)
		return arm;
	if (v->answered == 7)
		return stat_turned(arm, digit);
	/* two answers change places; what failed stays where it is */
	if (arm == lone)
		return has ? v->twice : STAT_ECHO;
	return has ? lone : arm;
}

static void
set_answer(struct making *m, int arm, size_t i, int which)
{
	m->arm[arm][i] = m->in->v[i].of[which];
	m->arm[arm][i].class = m->class[3 * i + (size_t)which];
}

/* The rates of one arm, its active variants relabeled by digits. */
static void
rates(struct making *m, int arm, const uint8_t *digit, double out[2])
{
	const struct lambda_three *v;
	size_t k, code = 0, i;
	int which;

	for (k = m->n_active; k-- > 0;) {
		v = &m->in->v[m->active[k]];
		code = code * 3 + (size_t)stands(v, arm, digit[k]);
	}
	if (m->memo[arm] != NULL && m->known[arm][code]) {
		memcpy(out, m->memo[arm][code], sizeof(m->memo[0][0]));
		return;
	}
	for (k = 0; k < m->n_active; k++) {
		i = m->active[k];
		which = stands(&m->in->v[i], arm, digit[k]);
		set_answer(m, arm, i, which);
	}
	lambda_rates(m->arm[arm], m->n, &m->c, &out[0], &out[1]);
	if (m->memo[arm] == NULL)
		return;
	memcpy(m->memo[arm][code], out, sizeof(m->memo[0][0]));
	m->known[arm][code] = 1;
}

/* ---- the tables ---------------------------------------------------------- */

struct tables {
	struct stat_table *t[2];	/* convergence, flip rate */
	float *value[2];
	int any[2];		/* some relabeling has a value */
};

static void
fill_value(struct making *m, const uint8_t *digit, size_t at,
    struct tables *t)
{
	double base[2], cand[2], d;
	int k;

	rates(m, STAT_BASE, digit, base);
	rates(m, STAT_CAND, digit, cand);
	for (k = 0; k < 2; k++) {
		d = cand[k] - base[k];
		t->value[k][at] = isnan(d) ? 0 : (float)d;
		t->any[k] |= !isnan(d);
	}
}

/* All ways to relabel, in the order of struct stat_table. */
static void
fill_all(struct making *m, size_t n, struct tables *t)
{
	uint8_t *digit = arena_calloc(m->in->arena, m->n_active + 1, 1);
	size_t at, k, rest;
	int of;

	for (at = 0; at < n && digit != NULL; at++) {
		rest = at;
		for (k = 0; k < m->n_active; k++) {
			of = choices(&m->in->v[m->active[k]]);
			digit[k] = (uint8_t)(rest % (size_t)of);
			rest /= (size_t)of;
		}
		fill_value(m, digit, at, t);
	}
}

static void
fill_drawn(struct making *m, struct tables *t)
{
	uint64_t key = rng_mix(m->in->seed), word;
	uint8_t *digit = arena_calloc(m->in->arena, m->n_active + 1, 1);
	size_t at, k;

	for (at = 0; at < STAT_TABLE_MAX && digit != NULL; at++) {
		for (k = 0; k < m->n_active && at > 0; k++) {
			word = rng_at(key, at * m->n_active + k);
			digit[k] = (uint8_t)((word >> 32) * (uint64_t)
			    choices(&m->in->v[m->active[k]]) >> 32);
		}
		fill_value(m, digit, at, t);
	}
}

/* Every variant by the same turn, or where none has three answers, swap. */
static void
fill_whole(struct making *m, size_t n, struct tables *t)
{
	uint8_t *digit = arena_calloc(m->in->arena, m->n_active + 1, 1);
	size_t at, k;

	for (at = 0; at < n && digit != NULL; at++) {
		for (k = 0; k < m->n_active; k++)
			digit[k] = (size_t)choices(&m->in->v[m->active[k]]) ==
			    n ? (uint8_t)at : 0;
		fill_value(m, digit, at, t);
	}
}

/* The values that a table needs; more than STAT_TABLE_MAX: too many. */
static size_t
count_values(const struct making *m)
{
	size_t k, n = 1;

	for (k = 0; k < m->n_active && n <= STAT_TABLE_MAX; k++)
		n *= (size_t)choices(&m->in->v[m->active[k]]);
	return n;
}

static size_t
count_whole(const struct making *m)
{
	size_t k, n = 1;

	for (k = 0; k < m->n_active; k++) {
		size_t of = (size_t)choices(&m->in->v[m->active[k]]);

		n = of > n ? of : n;
	}
	return n;
}

static void
name_digits(const struct making *m, size_t n, struct stat_table *t)
{
	size_t k;

	t->n = n;
	if (m->in->whole && n > 1) {
		t->n_digits = 1;
		t->choices[0] = (uint8_t)n;
		return;
	}
	if (m->in->whole || m->n_active > STAT_TABLE_DIGITS)
		return;
	t->n_digits = (unsigned)m->n_active;
	for (k = 0; k < m->n_active; k++) {
		t->v[k] = m->active[k];
		t->choices[k] = (uint8_t)choices(&m->in->v[m->active[k]]);
	}
}

/* Whether the arms have the same answers where no relabeling moves them: then
 * what is known of one is known of the other. */
static int
arms_alike(const struct making *m)
{
	size_t i, k = 0;

	for (i = 0; i < m->n; i++) {
		if (k < m->n_active && m->active[k] == i)
			k++;
		else if (m->class[3 * i] != m->class[3 * i + 1])
			return 0;
	}
	return 1;
}

static int
make_room(struct making *m, size_t n, struct tables *t)
{
	struct arena *a = m->in->arena;
	size_t i, codes = 1;
	int k;

	for (k = 0; k < 2; k++) {
		t->value[k] = arena_calloc(a, n, sizeof(float));
		m->arm[k] = arena_calloc(a, m->n + 1, sizeof(*m->arm[k]));
		if (t->value[k] == NULL || m->arm[k] == NULL)
			return -1;
		for (i = 0; i < m->n; i++)
			set_answer(m, k, i, k);
	}
	if (m->n_active > STAT_TABLE_DIGITS)
		return 0;
	for (i = 0; i < m->n_active; i++)
		codes *= 3;
	for (k = 0; k < 2; k++) {
		m->memo[k] = k > 0 && arms_alike(m) ? m->memo[0] :
		    arena_calloc(a, codes, sizeof(*m->memo[k]));
		m->known[k] = m->memo[k] == m->memo[0] && k > 0 ?
		    m->known[0] : arena_calloc(a, codes, 1);
		if (m->memo[k] == NULL || m->known[k] == NULL)
			return -1;
	}
	return 0;
}

static void
make(struct making *m, struct tables *t)
{
	size_t n = m->in->whole ? count_whole(m) : count_values(m);
	int k, drawn = n > STAT_TABLE_MAX ||
	    (!m->in->whole && m->n_active > STAT_TABLE_DIGITS);

	n = drawn ? STAT_TABLE_MAX : n;
	if (make_room(m, n, t) != 0)
		return;
	if (m->in->whole)
		fill_whole(m, n, t);
	else if (drawn)
		fill_drawn(m, t);
	else
		fill_all(m, n, t);
	for (k = 0; k < 2; k++) {
		if (!t->any[k])
			continue;
		t->t[k]->value = t->value[k];
		name_digits(m, n, t->t[k]);
	}
}

void
lambda_relabel(const struct lambda_relabel *in,
    struct stat_table *convergence, struct stat_table *flip)
{
	struct making m = { .in = in, .c = *in->c };
	struct tables t = { .t = { convergence, flip } };
	const struct lambda_variant **first;

	*convergence = *flip = (struct stat_table){ .value = NULL };
	m.n = in->n < LAMBDA_MAX ? in->n : LAMBDA_MAX;
	m.active = arena_calloc(in->arena, m.n + 1, sizeof(*m.active));
	first = classify(&m);
	if (m.active == NULL || first == NULL ||
	    compare_classes(&m, first) != 0)
		return;
	find_active(&m);
	make(&m, &t);
}
