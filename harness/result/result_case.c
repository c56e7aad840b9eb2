/*
 * The cases of a result, packed in a spool: a million of them are hundreds
 * of megabytes, which no reader needs at once.  A record is its size, a fixed
 * part, the metrics that are known, then the texts; it never leaves the
 * process that wrote it.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/result/result_part.h"

/* How much is read at once: by one who reads on, and by one who leaps. */
enum { WINDOW_BYTES = 1 << 16, LEAP_BYTES = 1 << 13 };

_Static_assert(METRIC_N <= 64, "a bit each tells which metrics are known");

struct fixed {
	uint32_t bytes;		/* of the whole record */
	uint32_t n_why;
	uint8_t verdict, critical, flipped, review, quarantined, has_sides;
	uint16_t lambda[2][LAMBDA_STATE_N];
	uint32_t reasons[2];
	float convergence[2], flip_rate[2], drift, ds_answer;
	uint64_t known[2];
	uint64_t own[2];	/* the same of a suite's own metrics */
};

/* ---- writing ------------------------------------------------------------ */

/* Its length plus one, 0 for NULL; then the bytes and their NUL. */
static void
pack_text(struct buf *b, const char *s)
{
	size_t n = s == NULL ? 0 : strlen(s) + 1;
	uint32_t len = (uint32_t)n;

	if (n > UINT32_MAX) {
		b->bad = RC_NOMEM;
		return;
	}
	buf_add(b, &len, sizeof(len));
	buf_add(b, s, n);
}

static void
pack_metrics(struct buf *b, const float *m, int n, uint64_t *known)
{
	int i;

	*known = 0;
	for (i = 0; i < n; i++) {
		if (isnan(m[i]))
			continue;
		*known |= (uint64_t)1 << i;
		buf_add(b, &m[i], sizeof(m[i]));
	}
}

static void
pack_side(struct buf *b, const struct result_side *s)
{
	pack_text(b, s->answer);
	pack_text(b, s->top);
	pack_text(b, s->retrieved);
	pack_text(b, s->outcome);
	pack_text(b, s->lambda);
}

static void
pack(struct buf *b, const struct result_case *c)
{
	struct fixed f;
	size_t i;
	int a;

	memset(&f, 0, sizeof(f));
	f.n_why = (uint32_t)c->n_why;
	f.verdict = (uint8_t)c->verdict;
	f.critical = c->critical != 0;
	f.flipped = c->flipped != 0;
	f.review = c->review != 0;
	f.quarantined = c->quarantined != 0;
	f.has_sides = c->has_sides != 0;
	f.drift = c->drift;
	f.ds_answer = c->ds_answer;
	memcpy(f.lambda, c->lambda, sizeof(f.lambda));
	buf_reset(b);
	buf_add(b, &f, sizeof(f));
	for (a = 0; a < 2; a++) {
		f.reasons[a] = c->reasons[a];
		f.convergence[a] = c->convergence[a];
		f.flip_rate[a] = c->flip_rate[a];
		pack_metrics(b, c->m[a], METRIC_N, &f.known[a]);
		pack_metrics(b, c->own[a], OWN_METRICS_MAX, &f.own[a]);
	}
	pack_text(b, c->id);
	pack_text(b, c->question);
	pack_text(b, c->expected);
	for (i = 0; i < c->n_why; i++)
		pack_text(b, c->why[i]);
	for (a = 0; a < 2 && c->has_sides; a++)
		pack_side(b, &c->side[a]);
	if (b->len > UINT32_MAX)
		b->bad = RC_NOMEM;
	if (b->bad != RC_OK)
		return;
	f.bytes = (uint32_t)b->len;
	memcpy(b->p, &f, sizeof(f));
}

static void
tally(struct result *r, const struct result_case *c)
{
	r->tally.verdict[c->verdict]++;
	r->tally.quarantined += c->quarantined != 0;
	if (c->verdict != CASE_V_REGRESSION && c->verdict != CASE_V_FAIL)
		return;
	r->tally.lost += (c->reasons[1] & (CASE_COVERAGE | CASE_EMPTY)) != 0;
	r->tally.refused += (c->reasons[1] & CASE_REFUSED) != 0;
	r->tally.critical += c->critical != 0;
}

static int
mark(struct result *r, struct err *err)
{
	struct result_mem *m = result_mem(r);
	size_t k = r->n_cases / RESULT_MARK_EVERY, cap;
	uint64_t *marks;

	if (r->n_cases % RESULT_MARK_EVERY != 0)
		return RC_OK;
	if (k == m->cap_marks) {
		cap = k == 0 ? 64 : k * 2;
		marks = realloc(m->marks, cap * sizeof(*marks));
		if (marks == NULL)
			return err_set(err, RC_NOMEM,
			    "out of memory for the result");
		m->marks = marks;
		m->cap_marks = cap;
	}
	m->marks[k] = spool_end(&m->cases);
	return RC_OK;
}

int
result_case_add(struct result *r, const struct result_case *c,
    struct err *err)
{
	struct result_mem *m = result_mem(r);
	int rc;

	pack(&m->pack, c);
	rc = buf_check(&m->pack, "a case of the result", err);
	if (rc == RC_OK)
		rc = mark(r, err);
	if (rc == RC_OK)
		rc = spool_add(&m->cases, m->pack.p, m->pack.len, err);
	if (rc != RC_OK)
		return rc;
	tally(r, c);
	r->n_cases++;
	return RC_OK;
}

/* ---- reading ------------------------------------------------------------ */

void
result_reader_init(struct result_reader *rd, const struct result *r)
{
	memset(rd, 0, sizeof(*rd));
	rd->r = r;
	buf_init(&rd->window, SIZE_MAX / 4);
}

int
result_reader_fini(struct result_reader *rd)
{
	buf_fini(&rd->window);
	free(rd->why);
	rd->why = NULL;
	return rd->rc;
}

int
result_reader_check(const struct result_reader *rd, struct err *err)
{
	if (rd->rc == RC_OK)
		return RC_OK;
	return err_set(err, rd->rc, rd->rc == RC_NOMEM ?
	    "out of memory for the result" :
	    "cannot read the result's cases back from a scratch file");
}

/* n bytes at a place, and as many behind them as a window holds. */
static const char *
fetch(struct result_reader *rd, uint64_t at, size_t n)
{
	const struct spool *s = &result_mem(rd->r)->cases;
	uint64_t left = spool_end(s) - at;
	size_t want = rd->leap ? LEAP_BYTES : WINDOW_BYTES;

	want = want < n ? n : want;
	if (at >= rd->from && at + n <= rd->from + rd->window.len)
		return rd->window.p + (at - rd->from);
	want = want < left ? want : (size_t)left;
	buf_reset(&rd->window);
	if (buf_reserve(&rd->window, want) == NULL)
		rd->rc = RC_NOMEM;
	else
		rd->rc = spool_read(s, at, rd->window.p, want, NULL);
	if (rd->rc != RC_OK)
		return NULL;
	rd->window.len = want;
	rd->from = at;
	return rd->window.p;
}

static int
fixed_at(struct result_reader *rd, uint64_t at, struct fixed *f)
{
	const char *p = fetch(rd, at, sizeof(*f));

	if (p != NULL)
		memcpy(f, p, sizeof(*f));
	return rd->rc;
}

/* Where record i begins. */
static int
find(struct result_reader *rd, size_t i, uint64_t *at)
{
	struct fixed f = { 0 };
	size_t k = i / RESULT_MARK_EVERY * RESULT_MARK_EVERY;

	*at = rd->next_at;
	rd->leap = i != rd->next;
	if (!rd->leap)
		return RC_OK;
	*at = result_mem(rd->r)->marks[i / RESULT_MARK_EVERY];
	for (; k < i && fixed_at(rd, *at, &f) == RC_OK; k++)
		*at += f.bytes;
	return rd->rc;
}

static const char *
unpack_text(const char **p)
{
	const char *s;
	uint32_t n;

	memcpy(&n, *p, sizeof(n));
	*p += sizeof(n);
	s = n == 0 ? NULL : *p;
	*p += n;
	return s;
}

static void
unpack_metrics(const char **p, uint64_t known, float *m, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		m[i] = NAN;
		if ((known >> i & 1) == 0)
			continue;
		memcpy(&m[i], *p, sizeof(m[i]));
		*p += sizeof(m[i]);
	}
}

static void
unpack_side(const char **p, struct result_side *s)
{
	s->answer = unpack_text(p);
	s->top = unpack_text(p);
	s->retrieved = unpack_text(p);
	s->outcome = unpack_text(p);
	s->lambda = unpack_text(p);
}

static int
unpack_why(struct result_reader *rd, const char **p, uint32_t n)
{
	const char **why;
	uint32_t i;

	if (n > rd->cap_why) {
		why = realloc(rd->why, n * sizeof(*why));
		if (why == NULL)
			return rd->rc = RC_NOMEM;
		rd->why = why;
		rd->cap_why = n;
	}
	for (i = 0; i < n; i++)
		rd->why[i] = unpack_text(p);
	rd->c.why = rd->why;
	rd->c.n_why = n;
	return RC_OK;
}

static int
unpack(struct result_reader *rd, const struct fixed *f, const char *p)
{
	struct result_case *c = &rd->c;
	int a;

	p += sizeof(*f);
	memset(c, 0, sizeof(*c));
	c->verdict = (enum case_verdict)f->verdict;
	c->critical = f->critical;
	c->flipped = f->flipped;
	c->review = f->review;
	c->quarantined = f->quarantined;
	c->has_sides = f->has_sides;
	c->drift = f->drift;
	c->ds_answer = f->ds_answer;
	memcpy(c->lambda, f->lambda, sizeof(c->lambda));
	for (a = 0; a < 2; a++) {
		c->reasons[a] = f->reasons[a];
		c->convergence[a] = f->convergence[a];
		c->flip_rate[a] = f->flip_rate[a];
		unpack_metrics(&p, f->known[a], c->m[a], METRIC_N);
		unpack_metrics(&p, f->own[a], c->own[a], OWN_METRICS_MAX);
	}
	c->id = unpack_text(&p);
	c->question = unpack_text(&p);
	c->expected = unpack_text(&p);
	if (unpack_why(rd, &p, f->n_why) != RC_OK)
		return rd->rc;
	for (a = 0; a < 2 && c->has_sides; a++)
		unpack_side(&p, &c->side[a]);
	return RC_OK;
}

/* What was said is known of the worst cases alone, and after the others. */
static void
lay_over(struct result_reader *rd, size_t i)
{
	const struct result *r = rd->r;
	size_t k;

	for (k = 0; k < r->n_worst; k++) {
		if (r->worst[k] != i || r->worst_sides[k] == NULL)
			continue;
		memcpy(rd->c.side, r->worst_sides[k], sizeof(rd->c.side));
		rd->c.has_sides = 1;
	}
}

const struct result_case *
result_case_at(struct result_reader *rd, size_t i)
{
	const char *p;
	struct fixed f = { 0 };
	uint64_t at;

	if (i >= rd->r->n_cases || rd->rc != RC_OK ||
	    find(rd, i, &at) != RC_OK || fixed_at(rd, at, &f) != RC_OK)
		return NULL;
	p = fetch(rd, at, f.bytes);
	if (p == NULL || unpack(rd, &f, p) != RC_OK)
		return NULL;
	lay_over(rd, i);
	rd->next = i + 1;
	rd->next_at = at + f.bytes;
	return &rd->c;
}

const struct result_case *
result_case_next(struct result_reader *rd)
{
	return result_case_at(rd, rd->next);
}

/* ---- by id -------------------------------------------------------------- */

struct entry {
	uint32_t hash;
	uint32_t i;
};

struct result_index {
	struct result_reader rd;
	size_t n;
	struct entry v[];	/* by hash, then by place */
};

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

static uint32_t
hash_of(const char *id)
{
	return (uint32_t)hash_u64(id, strlen(id));
}

int
result_index_new(const struct result *r, struct result_index **out,
    struct err *err)
{
	struct result_index *x = NULL;
	const struct result_case *c;

	*out = NULL;
	if (r->n_cases < UINT32_MAX)
		x = malloc(sizeof(*x) + r->n_cases * sizeof(x->v[0]));
	if (x == NULL)
		return err_set(err, RC_NOMEM, "out of memory for the result");
	x->n = 0;
	result_reader_init(&x->rd, r);
	while ((c = result_case_next(&x->rd)) != NULL) {
		x->v[x->n].hash = hash_of(c->id);
		x->v[x->n].i = (uint32_t)x->n;
		x->n++;
	}
	if (result_reader_check(&x->rd, err) != RC_OK) {
		int rc = x->rd.rc;

		result_index_free(x);
		return rc;
	}
	qsort(x->v, x->n, sizeof(x->v[0]), compare);
	*out = x;
	return RC_OK;
}

void
result_index_free(struct result_index *x)
{
	if (x == NULL)
		return;
	(void)result_reader_fini(&x->rd);
	free(x);
}

const struct result_case *
result_index_find(struct result_index *x, const char *id, size_t *at)
{
	const struct result_case *c;
	uint32_t hash = hash_of(id);
	size_t lo = 0, hi = x->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (x->v[mid].hash < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < x->n && x->v[lo].hash == hash; lo++) {
		c = result_case_at(&x->rd, x->v[lo].i);
		if (c == NULL || strcmp(c->id, id) != 0)
			continue;
		if (at != NULL)
			*at = x->v[lo].i;
		return c;
	}
	return NULL;
}
