/*
 * The gates' own false-alarm rate: in how many of 200 relabellings of the
 * cases' arms would some gate FAIL?
 *
 * Swapping a case's arms turns the sign of what differs between them and
 * leaves their sum, so one pass over the cells gives all 200 estimates of
 * every gate.  A relabelling in which some estimate lies beyond its margin,
 * and might reject, is then judged in full by gates_judge(); the others
 * cannot FAIL.  So the rate is that of judging all 200, and on a large suite
 * it costs little more than reading the cells once.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/rng.h"
#include "harness/judge/gate_alarm.h"
#include "harness/score/cells.h"
#include "harness/stat/stat_dist.h"

enum {
	RELABELINGS = 200,
	STREAM = 900,		/* of the random bits */
	BLOCK = 32,		/* cases that share a random word */
	CHUNKS = 16,		/* of the cases, summed apart */
	PARTS = 3,		/* columns that a gate needs at most */
	GROUP = 4,		/* values whose 16 signed sums are tabled */
	GROUPS = BLOCK / GROUP,
	NEVER = -1
};

/*
 * A p of this many times its level is not taken for a rejection that was
 * missed: of 999 draws at p = .04 ten or fewer hit in one of ten million.
 */
#define SURE 4

/* What swapping does to one number of a gate. */
struct column {
	const struct gate_row *row;	/* NULL: not needed */
	double limit;
	double keep;		/* sum over both arms: no swap changes it */
	double n, square, cube;	/* cases; sums of |turn|^2 and |turn|^3 */
	double sum[RELABELINGS];	/* candidate less baseline */
};

struct columns {
	size_t n;		/* PARTS a gate */
	struct column *v;	/* CHUNKS times n; the first n in the end */
};

/* What one case adds to a column. */
struct share {
	double turn, keep;	/* candidate less baseline; both */
	int counts;
};

struct alarm {
	const struct gate_in *in;
	struct columns cols;
	uint64_t key[RELABELINGS];
	unsigned char maybe[RELABELINGS];	/* some gate might FAIL */
};

/* ---- what a case adds --------------------------------------------------- */

static struct share
differ(double base, double cand)
{
	return (struct share){ cand - base, cand + base, 1 };
}

static struct share
share_level(const struct gate_row *row, int part, const struct cell *c)
{
	double x = row->how->level(c, 0), y = row->how->level(c, 1);
	double has_x = isfinite(x) != 0, has_y = isfinite(y) != 0;

	if (row->how->kind == KIND_RATIO)
		return has_x + has_y < 2 ? (struct share){ 0, 0, 0 } :
		    differ(x, y);
	x = has_x > 0 ? x : 0;
	y = has_y > 0 ? y : 0;
	switch (part) {
	case 0:
		return differ(x, y);
	case 1:
		return differ(has_x, has_y);
	default:
		return differ(x * x, y * y);
	}
}

static struct share
share_effect(const struct column *col, const struct cell *c)
{
	double d = col->row->how->effect(c);

	if (isnan(d))
		return (struct share){ 0, 0, 0 };
	if (col->row->how->kind == KIND_TAIL)
		d = (d > col->limit) - (d < -col->limit);
	return (struct share){ d, 0, 1 };
}

static struct share
share_state(const struct cell *c)
{
	enum case_state b = (enum case_state)c->arm[0].state;
	enum case_state k = (enum case_state)c->arm[1].state;

	if (b == CASE_UNJUDGED || k == CASE_UNJUDGED)
		return (struct share){ 0, 0, 0 };
	return differ(b == CASE_FAIL, k == CASE_FAIL);
}

static struct share
share_rate(const struct gate_row *row, int part, const struct cell *c)
{
	const uint16_t *pairs;
	uint16_t bad[2];

	row->how->bad(c, &pairs, bad);
	switch (part) {
	case 0:
		return differ(pairs[0], pairs[1]);
	case 1:
		return differ(bad[0], bad[1]);
	default:
		return differ(c->arm[0].n, c->arm[1].n);
	}
}

static struct share
share_of(const struct column *col, int part, const struct cell *c)
{
	switch (col->row->how->kind) {
	case KIND_MEAN:
	case KIND_TAIL:
		return share_effect(col, c);
	case KIND_CASES:
		return share_state(c);
	case KIND_RATE:
		return share_rate(col->row, part, c);
	default:
		return share_level(col->row, part, c);
	}
}

static int
parts_of(const struct gate_row *row)
{
	switch (row->how->kind) {
	case KIND_MEAN:
	case KIND_TAIL:
	case KIND_CASES:
	case KIND_RATIO:
		return 1;
	case KIND_RATE:
		return 3;
	case KIND_ABSOLUTE:
		return row->class == GATE_HARD ? 2 : 3;
	default:
		return 0;
	}
}

/* ---- one pass over the cells -------------------------------------------- */

/* Bit i of m turns value i: the sums of all 16 patterns. */
static void
fill_table(const double *d, double table[1 << GROUP])
{
	size_t i, m;

	table[0] = d[0] + d[1] + d[2] + d[3];
	for (i = 0; i < GROUP; i++)
		for (m = 0; m < (size_t)1 << i; m++)
			table[((size_t)1 << i) + m] = table[m] - 2 * d[i];
}

static void
add_block(struct column *col, const double d[BLOCK],
    const uint32_t word[RELABELINGS])
{
	double table[GROUPS][1 << GROUP], sum;
	uint32_t bits;
	int g, k;

	for (g = 0; g < GROUPS; g++)
		fill_table(d + (size_t)g * GROUP, table[g]);
	for (k = 0; k < RELABELINGS; k++) {
		bits = word[k];
		sum = 0;
		for (g = 0; g < GROUPS; g++)
			sum += table[g][bits >> GROUP * g & 15];
		col->sum[k] += sum;
	}
}

/* A block of cases, NULL where one is not looked at, for one column. */
static void
take_block(struct column *col, int part, const struct cell *const *c,
    uint64_t n, const uint32_t word[RELABELINGS])
{
	double d[BLOCK] = { 0 }, size;
	struct share s;
	uint64_t i;
	int any = 0;

	for (i = 0; i < n; i++) {
		if (c[i] == NULL)
			continue;
		s = share_of(col, part, c[i]);
		d[i] = s.turn;
		size = fabs(s.turn);
		any |= size > 0;
		col->n += s.counts;
		col->keep += s.keep;
		col->square += size * size;
		col->cube += size * size * size;
	}
	if (any)
		add_block(col, d, word);
}

/* Block b of the cases; its cells lie side by side. */
static void
take_cases(const struct alarm *a, struct column *cols, uint64_t b)
{
	const struct cells *cells = a->in->score->cells;
	uint64_t n = cells_n(cells), from = b * BLOCK, i;
	const struct cell *c[BLOCK];
	uint32_t word[RELABELINGS];
	size_t k;

	n = n - from < BLOCK ? n - from : BLOCK;
	for (i = 0; i < n; i++)
		c[i] = gate_looks_at(a->in, from + i) ?
		    cells_get(cells, from + i) : NULL;
	for (k = 0; k < RELABELINGS; k++)
		word[k] = (uint32_t)rng_at(a->key[k], b);
	for (k = 0; k < a->cols.n; k++) {
		if (cols[k].row != NULL)
			take_block(&cols[k], (int)(k % PARTS), c, n, word);
	}
}

static void
join(struct column *to, const struct column *from)
{
	int k;

	to->n += from->n;
	to->keep += from->keep;
	to->square += from->square;
	to->cube += from->cube;
	for (k = 0; k < RELABELINGS; k++)
		to->sum[k] += from->sum[k];
}

static void
take_all(struct alarm *a)
{
	uint64_t blocks = (cells_n(a->in->score->cells) + BLOCK - 1) / BLOCK;
	struct columns *s = &a->cols;
	uint64_t b;
	size_t k;
	int i;

#pragma omp parallel for default(none) shared(a, s, blocks) private(b) \
    schedule(dynamic) if (blocks > 64)
	for (i = 0; i < CHUNKS; i++) {
		for (b = blocks * (uint64_t)i / CHUNKS;
		    b < blocks * (uint64_t)(i + 1) / CHUNKS; b++)
			take_cases(a, s->v + (size_t)i * s->n, b);
	}
	for (i = 1; i < CHUNKS; i++) {
		for (k = 0; k < s->n; k++)
			join(&s->v[k], &s->v[(size_t)i * s->n + k]);
	}
}

static int
columns_open(struct alarm *a)
{
	struct columns *s = &a->cols;
	struct result_gate g;
	size_t k, i;

	while (gate_row_at(a->in, s->n) != NULL)
		s->n++;
	s->n *= PARTS;
	s->v = calloc(CHUNKS * s->n, sizeof(*s->v));
	if (s->v == NULL)
		return RC_NOMEM;
	for (k = 0; k < s->n; k++) {
		const struct gate_row *row = gate_row_at(a->in, k / PARTS);

		if ((int)(k % PARTS) >= parts_of(row))
			continue;
		gate_start(row, a->in->limits, &g);
		for (i = 0; i < CHUNKS; i++) {
			s->v[i * s->n + k].row = row;
			s->v[i * s->n + k].limit = g.limit;
		}
	}
	return RC_OK;
}

/* ---- might a gate FAIL? ------------------------------------------------- */

/* A hair below the limit counts as beyond it: sums are rounded otherwise
 * than in gates_judge(), which has the last word. */
static int
over(double value, double limit)
{
	return value >= limit - 1e-9 * fabs(limit);
}

static double
level_max(const struct alarm *a)
{
	return fmax(a->in->limits->alpha, a->in->limits->hard_p);
}

/*
 * Whether a sign-flip test could reject at this sum.  The sum of turned
 * values has standard deviation s; it reaches s with a probability above
 * 1/20 whatever the values (Oleszkiewicz, GAFA Seminar 1996), and z s with
 * at least the normal tail less .56 sum|d|^3 / s^3 (Shevtsova 2010).
 */
static int
may_reject(const struct alarm *a, const struct column *col, double sum)
{
	double p = SURE * level_max(a), sd = sqrt(col->square);

	if (sum <= sd && p < .05)
		return 0;
	return !(dist_normal_cdf(-sum / sd) -
	    .56 * col->cube / (sd * sd * sd) > p);
}

static int
may_tail(const struct alarm *a, const struct column *col, int k)
{
	size_t n = (size_t)col->n;
	double up = (col->square + col->sum[k]) / 2;

	if (n == 0 || up < (double)(n - stat_quantile_rank(n, .95) + 1))
		return 0;
	return dist_binom_upper((uint64_t)col->square, (uint64_t)up, .5) <=
	    a->in->limits->hard_p;
}

static int
may_counts(const struct alarm *a, double differ, double both)
{
	return stat_mcnemar((uint64_t)((both + differ) / 2),
	    (uint64_t)((both - differ) / 2), STAT_GREATER) <= level_max(a);
}

static int
may_rate(const struct alarm *a, const struct column *col, int k)
{
	double bad = col[1].keep + col[1].sum[k];
	double sent = col[2].keep + col[2].sum[k];

	return sent > 0 && over(bad / sent, col->limit) &&
	    may_counts(a, col->sum[k], col->keep);
}

static int
may_ratio(const struct alarm *a, const struct column *col, int k)
{
	double base = col->keep - col->sum[k];

	return base > 0 && over((col->keep + col->sum[k]) / base,
	    col->limit) && may_reject(a, col, col->sum[k]);
}

/* A hard stop on a level has the p of the gate that it is paired with. */
static int
may_borrow(const struct alarm *a, const struct column *col, int k)
{
	size_t pair = (size_t)gate_row_find(a->in, col->row->how->pair) *
	    PARTS;

	return may_reject(a, &a->cols.v[pair], a->cols.v[pair].sum[k]);
}

/* Not where the baseline is beyond the limit itself; t's tail is heavier
 * than the normal. */
static int
may_level(const struct alarm *a, const struct column *col, int k)
{
	double n = (col[1].keep + col[1].sum[k]) / 2;
	double n_base = (col[1].keep - col[1].sum[k]) / 2;
	double sum = (col->keep + col->sum[k]) / 2;
	double base = (col->keep - col->sum[k]) / 2 / n_base;
	double sign = gate_higher_is_worse(col->row) ? 1 : -1;
	double sq, z;

	if (n < 1 || n_base < 1 || !over(sign * sum / n, sign * col->limit))
		return 0;
	if (col->row->class == GATE_HARD)
		return may_borrow(a, col, k);
	if (sign * base > sign * col->limit + 1e-9)
		return 0;
	sq = (col[2].keep + col[2].sum[k]) / 2;
	z = sign * (sum / n - col->limit) * sqrt(n) /
	    sqrt(fmax(sq - sum * sum / n, 0) / n);
	return !(dist_normal_cdf(-z) > SURE * level_max(a));
}

static int
may_fail(const struct alarm *a, const struct column *col, int k)
{
	switch (col->row->how->kind) {
	case KIND_MEAN:
		return over(col->sum[k] / col->n, col->limit) &&
		    may_reject(a, col, col->sum[k]);
	case KIND_TAIL:
		return may_tail(a, col, k);
	case KIND_CASES:
		return over(col->sum[k] / col->n, col->limit) &&
		    may_counts(a, col->sum[k], col->square);
	case KIND_RATE:
		return may_rate(a, col, k);
	case KIND_RATIO:
		return may_ratio(a, col, k);
	default:
		return may_level(a, col, k);
	}
}

/* Whether a FAIL of this gate would be one of the run. */
static int
counts(const struct gate_in *in, const struct gate_row *row)
{
	return row->class != GATE_INFO &&
	    !gate_is_off(in, row) &&
	    gate_soften(in, row, GATE_FAIL) == GATE_FAIL;
}

static void
screen_columns(struct alarm *a)
{
	const struct column *col;
	size_t i;
	int k;

	for (i = 0; i < a->cols.n; i += PARTS) {
		col = &a->cols.v[i];
		if (col->row == NULL || col->n < 1 ||
		    !counts(a->in, col->row))
			continue;
		for (k = 0; k < RELABELINGS; k++)
			a->maybe[k] |= may_fail(a, col, k) != 0;
	}
}

/* ---- the relabellings that are left ------------------------------------- */

/* Whether relabelling k FAILs; NEVER: memory is out. */
static int
judge_one(const struct alarm *a, int k)
{
	struct gate_in in = *a->in;
	size_t rows = a->cols.n / PARTS;
	struct result_gate *g = malloc(rows * sizeof(*g));
	uint32_t *swap = alarm_swap_new(a->in);
	struct err err = ERR_INIT;
	int i, n = NEVER, fails = NEVER;

	if (g != NULL && swap != NULL) {
		alarm_swap(a->in, a->key[k], swap);
		in.swap = swap;
		n = gates_judge(&in, NULL, g, &err);
	}
	for (i = 0; i < n; i++) {
		if (g[i].verdict == GATE_FAIL)
			break;
	}
	if (n >= 0)
		fails = i < n;
	free(g);
	free(swap);
	return fails;
}

static int
screen(struct alarm *a)
{
	static const enum gate_kind live[] = { KIND_BODY, KIND_P95 };
	const struct gate_row *row;
	int rc = columns_open(a);
	size_t i;

	if (rc != RC_OK)
		return rc;
	take_all(a);
	screen_columns(a);
	for (i = 0; i < sizeof(live) / sizeof(live[0]); i++) {
		for (row = gate_rows; row->name != NULL &&
		    row->how->kind != live[i]; row++)
			continue;
		if (rc == RC_OK && a->in->latency && counts(a->in, row))
			rc = alarm_latency(a->in, row, a->key, RELABELINGS,
			    a->maybe);
	}
	return rc;
}

/* Judges what the screen left. returns how many FAIL, or NEVER */
static int
judge_left(const struct alarm *a)
{
	int k, got, fails = 0, lost = 0;

#pragma omp parallel for default(none) shared(a) private(got) \
    reduction(+ : fails, lost) schedule(dynamic)
	for (k = 0; k < RELABELINGS; k++) {
		got = a->maybe[k] ? judge_one(a, k) : 0;
		fails += got > 0;
		lost += got == NEVER;
	}
	return lost > 0 ? NEVER : fails;
}

double
gates_false_alarm(const struct gate_in *in, struct err *err)
{
	struct alarm *a = calloc(1, sizeof(*a));
	int k, fails = NEVER;

	if (!in->paired || cells_n(in->score->cells) == 0) {
		free(a);
		return NAN;
	}
	if (a != NULL) {
		a->in = in;
		for (k = 0; k < RELABELINGS; k++)
			a->key[k] = rng_key(in->seed, STREAM + (uint64_t)k);
		if (screen(a) == RC_OK)
			fails = judge_left(a);
		free(a->cols.v);
		free(a);
	}
	if (fails == NEVER)
		(void)err_set(err, RC_NOMEM, "out of memory");
	return fails == NEVER ? NAN : (double)fails / RELABELINGS;
}
