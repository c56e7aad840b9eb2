/* Replicas in memory or in a file; see replica.h. */
#include "harness/score/replica.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/spool.h"

/* What stands before each case in the spool. */
struct head {
	uint64_t case_index;
	uint64_t bytes;		/* of what follows */
	uint32_t per_case, n, whole;
	uint32_t n_x;		/* numbers of an answer that are kept */
	uint32_t still_good[2], still_asked[2], still_floor[2];
	uint32_t still_drift, still_order;
	uint64_t gone;
	uint32_t n_convergence, n_flip;	/* values of tables */
	uint32_t n_digits, digit[STAT_TABLE_DIGITS];
	uint8_t choices[STAT_TABLE_DIGITS], pad[2];
};

struct replicas {
	uint64_t n;
	uint64_t *at;		/* 1 + where each case is; 0: nowhere */
	struct spool spool;
	struct buf line;	/* the case being put */
	uint32_t per_case;
};

/* What a case read back lives in. */
struct memory {
	struct buf line;
	size_t max;		/* variants there is room for */
	float *table;
};

void
replica_case_init(struct replica_case *c)
{
	memset(c, 0, sizeof(*c));
}

void
replica_case_fini(struct replica_case *c)
{
	struct memory *m = c->mem;

	if (m != NULL) {
		buf_fini(&m->line);
		free(m->table);
		free(c->v);
	}
	free(m);
	memset(c, 0, sizeof(*c));
}

int
replicas_new(uint64_t n, struct replicas **out, struct err *err)
{
	struct replicas *r = calloc(1, sizeof(*r));

	*out = NULL;
	if (r == NULL)
		return err_set(err, RC_NOMEM, "out of memory for answers");
	spool_init(&r->spool);
	buf_init(&r->line, SIZE_MAX / 4);
	r->n = n;
	r->per_case = 1;
	r->at = calloc((size_t)n + 1, sizeof(*r->at));
	if (r->at == NULL) {
		replicas_free(r);
		return err_set(err, RC_NOMEM, "out of memory for answers");
	}
	*out = r;
	return RC_OK;
}

void
replicas_free(struct replicas *r)
{
	if (r == NULL)
		return;
	spool_fini(&r->spool);
	buf_fini(&r->line);
	free(r->at);
	free(r);
}

uint32_t
replicas_per_case(const struct replicas *r)
{
	return r->per_case;
}

/* ---- writing ------------------------------------------------------------- */

/* How many numbers of an answer are used: the suite's own come last. */
static uint32_t
numbers_used(const struct replica_case *c)
{
	uint32_t n = REPLICA_ANSWER_N;
	size_t i, used;
	int k;

	for (; n > REPLICA_SCORER; n--) {
		used = c->still[n - 1].n;
		for (i = 0; i < c->n && used == 0; i++) {
			for (k = 0; k < 3; k++)
				used += !isnan(c->v[i].x[n - 1][k]);
		}
		if (used > 0)
			break;
	}
	return n;
}

static void
add_variant(struct buf *b, const struct replica_variant *v, uint32_t n_x)
{
	const uint32_t head[2] = { v->v, (uint32_t)v->twice |
		(uint32_t)v->answered << 8 };

	buf_add(b, head, sizeof(head));
	buf_add(b, v->x, n_x * sizeof(v->x[0]));
	buf_add(b, v->ds, sizeof(v->ds));
	buf_add(b, v->order, sizeof(v->order));
	buf_add(b, &v->drift, sizeof(v->drift));
}

static uint32_t
table_n(const struct stat_table *t)
{
	return t->value == NULL ? 0 : (uint32_t)t->n;
}

/* Both tables have the same digits. */
static void
put_tables(const struct replica_tables *t, struct head *h)
{
	const struct stat_table *any = t->convergence.value != NULL ?
	    &t->convergence : &t->flip;

	h->n_convergence = table_n(&t->convergence);
	h->n_flip = table_n(&t->flip);
	if (any->value == NULL)
		return;
	h->n_digits = any->n_digits;
	memcpy(h->digit, any->v, sizeof(h->digit));
	memcpy(h->choices, any->choices, sizeof(h->choices));
}

int
replicas_put(struct replicas *r, const struct replica_case *c,
    struct err *err)
{
	struct head h = { .case_index = c->case_index,
		.per_case = c->per_case, .n = (uint32_t)c->n,
		.whole = c->whole, .n_x = numbers_used(c),
		.still_drift = c->still_drift,
		.still_order = c->still_order, .gone = c->gone };
	struct buf *b = &r->line;
	size_t i;
	int rc;

	assert(c->case_index < r->n && r->at[c->case_index] == 0);
	memcpy(h.still_good, c->still_good, sizeof(h.still_good));
	memcpy(h.still_asked, c->still_asked, sizeof(h.still_asked));
	memcpy(h.still_floor, c->still_floor, sizeof(h.still_floor));
	put_tables(&c->tables, &h);
	buf_reset(b);
	buf_add(b, &h, sizeof(h));
	buf_add(b, c->still, h.n_x * sizeof(c->still[0]));
	for (i = 0; i < c->n; i++)
		add_variant(b, &c->v[i], h.n_x);
	if (h.n_convergence > 0)
		buf_add(b, c->tables.convergence.value, h.n_convergence *
		    sizeof(float));
	if (h.n_flip > 0)
		buf_add(b, c->tables.flip.value, h.n_flip * sizeof(float));
	rc = buf_check(b, "answers", err);
	if (rc != RC_OK)
		return rc;
	h.bytes = b->len - sizeof(h);
	memcpy(b->p, &h, sizeof(h));
	r->per_case = c->whole ? 1 : c->per_case;
	r->at[c->case_index] = spool_end(&r->spool) + 1;
	return spool_add(&r->spool, b->p, b->len, err);
}

/* ---- reading ------------------------------------------------------------- */

/* Room for n variants and two tables; what there was is lost. */
static struct memory *
make_room(struct replica_case *c, size_t n)
{
	struct memory *m = c->mem;

	if (m == NULL) {
		m = calloc(1, sizeof(*m));
		if (m == NULL)
			return NULL;
		buf_init(&m->line, SIZE_MAX / 4);
		m->table = malloc((size_t)2 * STAT_TABLE_MAX *
		    sizeof(*m->table));
		c->mem = m;
	}
	if (n > m->max) {
		free(c->v);
		m->max = 2 * n;
		c->v = malloc(m->max * sizeof(*c->v));
	}
	return m->table == NULL || (m->max > 0 && c->v == NULL) ? NULL : m;
}

static const char *
take_bytes(const char *p, void *out, size_t n)
{
	memcpy(out, p, n);
	return p + n;
}

static const char *
take_variant(const char *p, uint32_t n_x, struct replica_variant *v)
{
	uint32_t head[2];
	int i, k;

	p = take_bytes(p, head, sizeof(head));
	v->v = head[0];
	v->twice = (uint8_t)head[1];
	v->answered = (uint8_t)(head[1] >> 8);
	p = take_bytes(p, v->x, n_x * sizeof(v->x[0]));
	for (i = (int)n_x; i < REPLICA_ANSWER_N; i++)
		for (k = 0; k < 3; k++)
			v->x[i][k] = NAN;
	p = take_bytes(p, v->ds, sizeof(v->ds));
	p = take_bytes(p, v->order, sizeof(v->order));
	return take_bytes(p, &v->drift, sizeof(v->drift));
}

static void
take_table(const struct head *h, uint32_t n, const float *value,
    struct stat_table *t)
{
	if (n == 0)
		return;
	t->value = value;
	t->n = n;
	t->n_digits = h->n_digits;
	memcpy(t->v, h->digit, sizeof(t->v));
	memcpy(t->choices, h->choices, sizeof(t->choices));
}

static void
fill(const struct head *h, const char *p, float *tables,
    struct replica_case *c)
{
	size_t i;

	c->case_index = h->case_index;
	c->per_case = h->per_case;
	c->whole = (uint8_t)h->whole;
	c->still_drift = h->still_drift;
	c->gone = h->gone;
	c->still_order = h->still_order;
	memcpy(c->still_good, h->still_good, sizeof(h->still_good));
	memcpy(c->still_asked, h->still_asked, sizeof(h->still_asked));
	memcpy(c->still_floor, h->still_floor, sizeof(h->still_floor));
	c->n = h->n;
	p = take_bytes(p, c->still, h->n_x * sizeof(c->still[0]));
	for (i = 0; i < c->n; i++)
		p = take_variant(p, h->n_x, &c->v[i]);
	(void)take_bytes(p, tables, (h->n_convergence + h->n_flip) *
	    sizeof(*tables));
	take_table(h, h->n_convergence, tables, &c->tables.convergence);
	take_table(h, h->n_flip, tables + h->n_convergence, &c->tables.flip);
}

static void
empty(struct replica_case *c)
{
	struct memory *m = c->mem;
	struct replica_variant *v = c->v;

	memset(c, 0, sizeof(*c));
	c->mem = m;
	c->v = v;
}

int
replicas_get(const struct replicas *r, uint64_t i, struct replica_case *out,
    struct err *err)
{
	struct memory *m;
	struct head h;
	int rc;

	assert(i < r->n);
	empty(out);
	out->case_index = i;
	if (r->at[i] == 0)
		return 0;
	rc = spool_read(&r->spool, r->at[i] - 1, &h, sizeof(h), err);
	if (rc != RC_OK)
		return rc;
	m = make_room(out, h.n);
	if (m == NULL || buf_reserve(&m->line, h.bytes) == NULL)
		return err_set(err, RC_NOMEM, "out of memory for answers");
	rc = spool_read(&r->spool, r->at[i] - 1 + sizeof(h), m->line.p,
	    h.bytes, err);
	if (rc != RC_OK)
		return rc;
	fill(&h, m->line.p, m->table, out);
	return 1;
}
