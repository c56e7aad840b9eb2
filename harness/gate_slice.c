/* Gates over slices of the cases; see gates_slice() in gate.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/gate_test.h"
#include "harness/verdict_part.h"

static const char *const judged[] = { "cases", "answer_drift", "coverage" };
enum { JUDGED = sizeof(judged) / sizeof(judged[0]), VALUES_MAX = 1000 };

struct value {
	const char *word;
	uint64_t case_index;
};

/* One slice under one gate. */
struct slice {
	const char *word;
	uint64_t cases;
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

/* What passes last: failures first, then the smallest p. */
static int
by_harm(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	double px = isnan(x->g.p) ? 2 : x->g.p, py = isnan(y->g.p) ? 2 :
	    y->g.p;

	if ((x->g.verdict == GATE_PASS) != (y->g.verdict == GATE_PASS))
		return x->g.verdict == GATE_PASS ? 1 : -1;
	if (px != py)
		return px > py ? 1 : -1;
	if (x->row != y->row)
		return x->row > y->row ? 1 : -1;
	return strcmp(x->word, y->word);
}

/* Whether so few cases could reject at all, were they all lost. */
static int
too_small(uint64_t cases, size_t tests, double alpha)
{
	return pow(.5, (double)cases) > alpha / (double)tests;
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
		if (values[i] != NULL)
			v[(*n)++] = (struct value){ values[i], i };
	}
	qsort(v, *n, sizeof(*v), by_word);
	for (k = 0; k < *n; k++)
		*n_slices += k == 0 || strcmp(v[k].word, v[k - 1].word) != 0;
	return v;
}

static int
measure(const struct gate_in *in, struct slice *s, struct err *err)
{
	gate_start(s->row, in->limits, &s->g);
	s->seen.bound = NAN;
	return gate_measure(in, s->row, &s->g, &s->seen, err);
}

/* What the tests of all slices together leave of each p. */
static int
adjust(struct slice *s, size_t n, struct err *err)
{
	double *p = malloc((n + 1) * sizeof(*p));
	size_t i;
	int rc = RC_NOMEM;

	for (i = 0; p != NULL && i < n; i++)
		p[i] = s[i].g.p;
	if (p != NULL)
		rc = stat_holm(p, n, p);
	for (i = 0; rc == RC_OK && i < n; i++)
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
	gate_say(in, s->row, s->seen.bound, r, out);
}

/* Measures every slice that is large enough; the others are named. */
static int
measure_all(struct gate_in *in, const char *key, const struct value *v,
    size_t n, size_t n_slices, struct result *r, struct slice *out,
    size_t *n_out, struct err *err)
{
	size_t words = (size_t)cells_n(in->score->cells) / 32 + 1;
	uint32_t *only = malloc(words * sizeof(*only));
	const char *small = "";
	size_t from, to, k, n_small = 0;
	int rc = RC_OK, row;

	*n_out = 0;
	if (only == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	in->only = only;
	for (from = 0; from < n && rc == RC_OK; from = to) {
		memset(only, 0, words * sizeof(*only));
		for (to = from; to < n &&
		    strcmp(v[to].word, v[from].word) == 0; to++)
			only[v[to].case_index / 32] |=
			    1u << (v[to].case_index % 32);
		if (too_small(to - from, n_slices * JUDGED,
		    in->limits->alpha)) {
			if (n_small++ < 20)
				small = result_fmt(r, "%s%s%s (%zu)", small,
				    n_small == 1 ? "" : ", ", v[from].word,
				    to - from);
			continue;
		}
		for (k = 0; k < JUDGED && rc == RC_OK; k++) {
			struct slice *s = &out[*n_out];

			row = gate_find(judged[k]);
			if ((in->limits->off >> row & 1) != 0)
				continue;
			s->word = v[from].word;
			s->cases = to - from;
			s->row = &gate_rows[row];
			rc = measure(in, s, err);
			*n_out += s->g.n > 0;
		}
	}
	if (n_small > 0)
		verdict_note(r, result_fmt(r, "Slices of %s too small to "
		    "judge: %s%s.", key, small, n_small > 20 ? ", ..." : ""));
	free(only);
	in->only = NULL;
	return rc;
}

int
gates_slice(const struct gate_in *given, const char *key,
    const char *const *values, struct result *r,
    struct result_gate out[SLICE_GATES], struct err *err)
{
	struct limits limits = *given->limits;
	struct gate_in in = *given;
	struct slice *s = NULL;
	size_t n, n_slices, n_s = 0, i, told = 0;
	struct value *v = collect(&in, values, &n, &n_slices);
	int rc = RC_OK;

	/* proof of no harm is asked of the whole, not of each part */
	limits.strict = 0;
	in.limits = &limits;
	if (v != NULL && n_slices > VALUES_MAX) {
		verdict_note(r, result_fmt(r, "%s has %zu values: too many "
		    "slices to judge.", key, n_slices));
		free(v);
		return 0;
	}
	if (v != NULL)
		s = calloc(n_slices * JUDGED + 1, sizeof(*s));
	if (v == NULL || s == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = measure_all(&in, key, v, n, n_slices, r, s, &n_s, err);
	if (rc == RC_OK)
		rc = adjust(s, n_s, err);
	for (i = 0; rc == RC_OK && i < n_s; i++)
		decide(&in, &s[i]);
	if (rc == RC_OK)
		qsort(s, n_s, sizeof(*s), by_harm);
	for (i = 0; rc == RC_OK && i < n_s && told < SLICE_GATES; i++) {
		if (told > 0 && s[i].g.verdict == GATE_PASS)
			break;
		tell(&in, key, r, &s[i], &out[told++]);
	}
	free(s);
	free(v);
	return rc == RC_OK ? (int)told : rc;
}
