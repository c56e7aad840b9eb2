/* Gates over slices of the cases; see gates_slice() in gate.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/verdict_write.h"
#include "harness/score/cells.h"

static const char *const judged[] = { "cases", "answer_drift", "coverage" };
enum {
	JUDGED = sizeof(judged) / sizeof(judged[0]),
	VALUES_MAX = 1000, SMALL_NAMED = 20
};

struct value {
	const char *word;
	uint64_t case_index;
};

/* One slice under one gate. */
struct slice {
	const char *word;
	const struct gate_row *row;
	struct result_gate g;
	struct gate_seen seen;
};

static int
by_word(const void *a, const void *b)
{
	const struct value *x = a, *y = b;
	int order = strcmp(x->word, y->word);

	if (order != 0)
		return order;
	return (x->case_index > y->case_index) -
	    (x->case_index < y->case_index);
}

static int
gravity(enum gate_verdict v)
{
	static const int rank[] = {
		[GATE_FAIL] = 4, [GATE_INCONCLUSIVE] = 3, [GATE_REVIEW] = 2,
		[GATE_PASS] = 1, [GATE_NOT_JUDGED] = 0,
	};

	return rank[v];
}

/* How far a slice is on its way to its limit. */
static double
part_of(const struct slice *s)
{
	return isfinite(s->g.value) && s->g.limit > 0 ?
	    s->g.value / s->g.limit : -1;
}

/* The most severe first, then the smallest p; of those that pass the nearest
 * to their limit. */
static int
by_harm(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	double px = isnan(x->g.p) ? 2 : x->g.p, py = isnan(y->g.p) ? 2 :
	    y->g.p;
	int order = gravity(y->g.verdict) - gravity(x->g.verdict);

	if (order != 0)
		return order;
	if (x->g.verdict == GATE_PASS && part_of(x) != part_of(y))
		return part_of(x) < part_of(y) ? 1 : -1;
	if (px != py)
		return px > py ? 1 : -1;
	if (x->row != y->row)
		return x->row > y->row ? 1 : -1;
	return strcmp(x->word, y->word);
}

/* Whether so few cases could reject at all, were they all lost. */
static int
too_small(const struct gate_in *in, uint64_t cases, size_t tests)
{
	double variants = (double)cases * gate_trial_per_case(in);

	return pow(1.0 / 3, variants) > in->limits->alpha / (double)tests;
}

/* Sorted words and their cases; *n_slices how many differ. */
static struct value *
collect(const struct gate_in *in, const char *const *values, size_t *n,
    size_t *n_slices)
{
	uint64_t cases = cells_n(in->score->cells), i;
	struct value *v = malloc(((size_t)cases + 1) * sizeof(*v));
	size_t k;

	*n = *n_slices = 0;
	if (v == NULL)
		return NULL;
	for (i = 0; i < cases; i++) {
		if (values[i] != NULL && gate_looks_at(in, i))
			v[(*n)++] = (struct value){ values[i], i };
	}
	qsort(v, *n, sizeof(*v), by_word);
	for (k = 0; k < *n; k++)
		*n_slices += k == 0 || strcmp(v[k].word, v[k - 1].word) != 0;
	return v;
}

/* What the tests of all slices together leave of each p. */
static int
adjust(struct slice *s, size_t n, struct err *err)
{
	double *p = malloc((n + 1) * sizeof(*p));
	size_t i;
	int rc;

	if (p == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < n; i++)
		p[i] = s[i].g.p;
	rc = stat_holm(p, n, p);
	for (i = 0; i < n; i++)
		s[i].g.p_holm = p[i];
	free(p);
	return rc == RC_OK ? rc : err_set(err, RC_NOMEM, "out of memory");
}

/* Among many slices the unadjusted p of some is small by chance: here both
 * questions are put to the adjusted one. */
static void
decide(const struct gate_in *in, struct slice *s)
{
	double p = s->g.p;

	s->g.p = s->g.p_holm;
	gate_decide(in, s->row, &s->seen, &s->g);
	s->g.p = p;
}

static void
tell(const struct gate_in *in, const char *key, struct result *r,
    struct slice *s, struct result_gate *out)
{
	*out = s->g;
	out->name = result_fmt(r, "slice:%s=%s/%s", key, s->word,
	    s->row->name);
	out->title = result_fmt(r, "%s, %s %s", s->row->title, key, s->word);
	gate_say(in, s->row, &s->seen, r, out);
}

/* The slices of one key, as they are found. */
struct slices {
	struct gate_in in;
	struct limits limits;
	struct value *v;
	size_t n, n_slices;
	struct slice *s;
	size_t n_s;
	uint32_t *only;
	const char *small;	/* "a (3), b (2)" */
	size_t n_small;
};

static int
slices_open(struct slices *x, const struct gate_in *in,
    const char *const *values, struct err *err)
{
	size_t words = (size_t)cells_n(in->score->cells) / 32 + 1;

	memset(x, 0, sizeof(*x));
	x->limits = *in->limits;
	x->in = *in;
	/* proof of no harm is asked of the whole, not of each part */
	x->limits.strict = 0;
	x->small = "";
	x->v = collect(in, values, &x->n, &x->n_slices);
	x->only = calloc(words, sizeof(*x->only));
	x->s = calloc(x->n_slices * JUDGED + 1, sizeof(*x->s));
	if (x->v == NULL || x->only == NULL || x->s == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	x->in.limits = &x->limits;
	x->in.only = x->only;
	return RC_OK;
}

static void
slices_close(struct slices *x)
{
	free(x->v);
	free(x->only);
	free(x->s);
}

/* The gates that slices are judged by, less those that are off. */
static size_t
rows_of(const struct slices *x, const struct gate_row *row[JUDGED])
{
	size_t i, n = 0;

	for (i = 0; i < JUDGED; i++) {
		row[n] = &gate_rows[gate_find(judged[i])];
		n += !gate_is_off(&x->in, row[n]);
	}
	return n;
}

static int
measure_rows(struct slices *x, const char *word,
    const struct gate_row *const *row, size_t n, struct err *err)
{
	struct gate_trial *trial;
	int rc = gate_trial_new(&x->in, row, n, &trial, err);
	size_t i;

	for (i = 0; i < n && rc == RC_OK; i++) {
		const struct gate_job job = { &x->in, row[i], trial, i };
		struct slice *s = &x->s[x->n_s];

		s->word = word;
		s->row = row[i];
		gate_start(s->row, x->in.limits, &s->g);
		s->seen.bound = NAN;
		rc = gate_measure(&job, &s->g, &s->seen, err);
		x->n_s += s->g.n + s->seen.has[0] > 0;
	}
	gate_trial_free(trial);
	return rc;
}

/* The cases x->v[from] to x->v[to - 1] under each gate. */
static int
measure_one(struct slices *x, size_t from, size_t to, struct err *err)
{
	const struct gate_row *row[JUDGED];
	size_t i, n = rows_of(x, row);
	int rc;

	for (i = from; i < to; i++)
		x->only[x->v[i].case_index / 32] |=
		    1u << (x->v[i].case_index % 32);
	rc = measure_rows(x, x->v[from].word, row, n, err);
	for (i = from; i < to; i++)
		x->only[x->v[i].case_index / 32] = 0;
	return rc;
}

/* Measures every slice that is large enough; the others are named. */
static int
measure_all(struct slices *x, struct result *r, struct err *err)
{
	size_t from, to;
	int rc = RC_OK;

	for (from = 0; from < x->n && rc == RC_OK; from = to) {
		for (to = from + 1; to < x->n &&
		    strcmp(x->v[to].word, x->v[from].word) == 0; to++)
			continue;
		if (!too_small(&x->in, to - from, x->n_slices * JUDGED))
			rc = measure_one(x, from, to, err);
		else if (x->n_small++ < SMALL_NAMED)
			x->small = result_fmt(r, "%s%s%s (%zu)", x->small,
			    x->n_small == 1 ? "" : ", ", x->v[from].word,
			    to - from);
	}
	return rc;
}

static int
judge(struct slices *x, const char *key, struct result *r,
    struct result_gate out[SLICE_GATES], struct err *err)
{
	size_t i, told = 0;
	int rc = measure_all(x, r, err);

	if (rc == RC_OK)
		rc = adjust(x->s, x->n_s, err);
	if (rc != RC_OK)
		return rc;
	if (x->n_small > 0)
		verdict_note(r, result_fmt(r, "Slices of %s too small to "
		    "judge: %s%s.", key, x->small, x->n_small > SMALL_NAMED ?
		    ", ..." : ""));
	for (i = 0; i < x->n_s; i++)
		decide(&x->in, &x->s[i]);
	qsort(x->s, x->n_s, sizeof(*x->s), by_harm);
	for (i = 0; i < x->n_s && told < SLICE_GATES; i++) {
		if (told > 0 && gravity(x->s[i].g.verdict) <=
		    gravity(GATE_PASS))
			break;
		tell(&x->in, key, r, &x->s[i], &out[told++]);
	}
	return (int)told;
}

int
gates_slice(const struct gate_in *in, const char *key,
    const char *const *values, struct result *r,
    struct result_gate out[SLICE_GATES], struct err *err)
{
	struct slices x;
	int rc = slices_open(&x, in, values, err);

	if (rc == RC_OK && x.n_slices > VALUES_MAX)
		verdict_note(r, result_fmt(r, "%s has %zu values: too many "
		    "slices to judge.", key, x.n_slices));
	else if (rc == RC_OK)
		rc = judge(&x, key, r, out, err);
	slices_close(&x);
	return rc;
}
