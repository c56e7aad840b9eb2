/* Joining traces; see trace_cut.h. */
#include "harness/traffic/trace_cut.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/jscan.h"
#include "harness/traffic/trace_part.h"

/* ---- moving an exchange in time --------------------------------------- */

struct shift {
	struct jscan s;
	struct buf *out;
	const char *copied;	/* the line up to here is in out */
	int64_t delta_ns;
};

/* a + b where it fits: times of a hostile trace may be anything. */
static int64_t
add_ns(int64_t a, int64_t b)
{
	int64_t sum;

	if (!__builtin_add_overflow(a, b, &sum))
		return sum;
	return b < 0 ? 0 : INT64_MAX;
}

/* A time comes next: writes the moved one in its place. */
static void
move_time(struct shift *m)
{
	char c = jscan_peek(&m->s);
	const char *from = m->s.p;
	int64_t v = jscan_i64(&m->s, -1);

	if (c == 'n' || v < 0 || m->s.bad != NULL)
		return;
	buf_add(m->out, m->copied, (size_t)(from - m->copied));
	v = add_ns(v, m->delta_ns);
	buf_i64(m->out, v < 0 ? 0 : v);
	m->copied = m->s.p;
}

static int
is(const char *k, size_t n, const char *name)
{
	return strlen(name) == n && memcmp(k, name, n) == 0;
}

static void
move_attempts(struct shift *m)
{
	const char *k;
	size_t n;
	int first = 1, inner;

	while (jscan_item(&m->s, &first)) {
		for (inner = 1; jscan_key(&m->s, &inner, &k, &n);) {
			if (is(k, n, "sent"))
				move_time(m);
			else
				jscan_skip(&m->s);
		}
	}
}

int
exchange_shift(struct buf *out, const char *line, size_t n,
    int64_t delta_ns, struct err *err)
{
	struct shift m = { .out = out, .copied = line, .delta_ns = delta_ns };
	const char *k;
	size_t k_n;
	int first = 1;

	jscan_init(&m.s, line, n);
	while (jscan_key(&m.s, &first, &k, &k_n)) {
		if (is(k, k_n, "sent") || is(k, k_n, "due"))
			move_time(&m);
		else if (is(k, k_n, "attempts"))
			move_attempts(&m);
		else
			jscan_skip(&m.s);
	}
	if (!jscan_end(&m.s))
		return err_set(err, RC_FORMAT, "the record is not valid "
		    "JSON: %s", m.s.bad != NULL ? m.s.bad : "too long");
	buf_add(out, m.copied, (size_t)(line + n - m.copied));
	return RC_OK;
}

/* ---- merging ---------------------------------------------------------- */

struct source {
	struct trace_index *ix;
	int64_t wall_ns;	/* of its start */
};

/* One exchange: when, and where it is. */
struct place {
	int64_t at_ns;		/* by wall clock */
	uint32_t source;
	uint32_t i;
};

struct merge {
	const char *const *in;
	const char *out;
	struct source v[TRACE_MERGE_MAX];
	size_t n;
	int64_t start_ns;	/* the earliest */
	struct place *places;
	size_t n_places;
	struct trace_writer *w;
	struct exchange_rec *rec;
	struct buf line, moved;
	struct json *heads;
};

static int
by_time(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

/* Takes in the exchanges of one trace. */
static int
survey(struct merge *m, size_t k, struct trace_reader *r, struct err *err)
{
	struct place *p;
	struct trace_rec rec;
	struct exchange ex;
	uint32_t i = 0;
	uint64_t n = trace_index_n(m->v[k].ix);
	int rc;

	p = realloc(m->places, (m->n_places + n + 1) * sizeof(*p));
	if (p == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	m->places = p;
	while ((rc = trace_next(r, &rec, err)) == 1) {
		if (!rec.is_exchange)
			continue;
		rc = exchange_peek(m->rec, rec.line, rec.n, &ex, err);
		if (rc < 0)
			return rc;
		if (i >= n)
			return err_set(err, RC_FORMAT, "%s: it changed during "
			    "reading", m->in[k]);
		p = &m->places[m->n_places++];
		p->at_ns = add_ns(m->v[k].wall_ns,
		    ex.sent_ns < 0 ? 0 : ex.sent_ns);
		p->source = (uint32_t)k;
		p->i = i++;
	}
	return rc;
}

static int
open_source(struct merge *m, size_t k, struct err *err)
{
	struct trace_reader *r;
	const struct json *head;
	int rc;

	rc = trace_index_open(m->in[k], &m->v[k].ix, err);
	if (rc != RC_OK)
		return rc;
	rc = trace_reader_open(m->in[k], 0, &r, err);
	if (rc != RC_OK)
		return rc;
	head = trace_reader_head(r);
	m->v[k].wall_ns = trace_head_wall_ns(head);
	if (k == 0 || m->v[k].wall_ns < m->start_ns)
		m->start_ns = m->v[k].wall_ns;
	if (head != NULL && json_push(m->heads, json_copy(head)) != RC_OK)
		rc = err_set(err, RC_NOMEM, "out of memory");
	else
		rc = survey(m, k, r, err);
	trace_reader_close(&r);
	return rc;
}

/* Records of other types have no time: they come first, in their order. */
static int
put_others(struct merge *m, size_t k, struct err *err)
{
	struct trace_reader *r;
	struct trace_rec rec;
	int rc;

	rc = trace_reader_open(m->in[k], 0, &r, err);
	if (rc != RC_OK)
		return rc;
	while (rc == RC_OK && (rc = trace_next(r, &rec, err)) == 1) {
		rc = RC_OK;
		if (trace_type_of(rec.line, rec.n) == TRACE_OTHER)
			rc = trace_write(m->w, rec.line, rec.n, err);
	}
	trace_reader_close(&r);
	return rc;
}

static int
put_place(struct merge *m, const struct place *p, struct err *err)
{
	const struct source *s = &m->v[p->source];
	const struct buf *line = &m->line;
	int rc;

	rc = trace_index_get(s->ix, p->i, &m->line, err);
	if (rc == RC_OK && s->wall_ns != m->start_ns) {
		buf_reset(&m->moved);
		line = &m->moved;
		rc = exchange_shift(&m->moved, m->line.p, m->line.len,
		    s->wall_ns - m->start_ns, err);
		if (rc == RC_OK)
			rc = buf_check(line, m->out, err);
	}
	if (rc == RC_OK)
		rc = trace_body_copy(m->in[p->source], m->out, line->p,
		    line->len, err);
	return rc == RC_OK ? trace_write(m->w, line->p, line->len, err) : rc;
}

static int
put_all(struct merge *m, const struct trace_opts *o, struct err *err)
{
	struct trace_opts mine = *o;
	struct json *extra = json_new(JSON_OBJECT);
	size_t i;
	int rc, begun;

	rc = json_set(extra, "sources", json_copy(m->heads));
	if (rc != RC_OK)
		(void)err_set(err, RC_NOMEM, "out of memory");
	mine.extra = extra;
	mine.start_wall_ns = m->start_ns;
	if (rc == RC_OK)
		rc = trace_writer_open(m->out, &mine, 0, &m->w, err);
	json_free(extra);
	for (i = 0; rc == RC_OK && i < m->n; i++)
		rc = put_others(m, i, err);
	for (i = 0; rc == RC_OK && i < m->n_places; i++)
		rc = put_place(m, &m->places[i], err);
	begun = m->w != NULL;
	if (rc == RC_OK)
		rc = trace_writer_close(&m->w, err);
	trace_writer_abandon(&m->w);
	if (rc != RC_OK && begun)
		(void)unlink(m->out);
	return rc;
}

int
trace_merge(const char *const *in, size_t n, const char *out,
    const struct trace_opts *o, struct trace_cut *cut, struct err *err)
{
	struct merge *m = calloc(1, sizeof(*m));
	size_t i;
	int rc = RC_OK;

	memset(cut, 0, sizeof(*cut));
	if (m == NULL) {
		(void)err_set(err, RC_NOMEM, "out of memory");
		return RC_NOMEM;
	}
	if ((m->rec = exchange_rec_new()) == NULL ||
	    (m->heads = json_new(JSON_ARRAY)) == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory");
	else if (n > TRACE_MERGE_MAX)
		rc = err_set(err, RC_USAGE, "at most %d traces are merged at "
		    "once", TRACE_MERGE_MAX);
	if (rc == RC_OK) {
		m->in = in;
		m->out = out;
		m->n = n;
		buf_init(&m->line, (size_t)TRACE_LINE_MAX * 2);
		buf_init(&m->moved, (size_t)TRACE_LINE_MAX * 2);
	}
	for (i = 0; rc == RC_OK && i < n; i++)
		rc = open_source(m, i, err);
	if (rc == RC_OK) {
		if (m->n_places > 0)
			qsort(m->places, m->n_places, sizeof(*m->places),
			    by_time);
		rc = put_all(m, o, err);
		cut->seen = cut->written = m->n_places;
	}
	for (i = 0; i < m->n; i++)
		trace_index_close(&m->v[i].ix);
	exchange_rec_free(m->rec);
	json_free(m->heads);
	buf_fini(&m->line);
	buf_fini(&m->moved);
	free(m->places);
	free(m);
	return rc;
}
