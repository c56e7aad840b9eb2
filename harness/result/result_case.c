/*
 * The cases of a result, packed in a spool: a million of them are hundreds
 * of megabytes, which no reader needs at once.  A record is its size and the
 * members of the case, as their rows pack them; it never leaves the process
 * that wrote it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/result/field_part.h"
#include "harness/result/result_part.h"

/* How much is read at once: by one who reads on, and by one who leaps. */
enum { WINDOW_BYTES = 1 << 16, LEAP_BYTES = 1 << 13 };

/* In front of the members, as field_pack() packs them. */
struct head {
	uint32_t bytes;		/* of the whole record */
	uint32_t n_texts;	/* in all lists of texts */
};

/* ---- writing ------------------------------------------------------------ */

static void
pack(struct buf *b, const struct result_case *c)
{
	struct head h = { 0 };
	struct field_pack k = { .b = b };

	buf_reset(b);
	buf_add(b, &h, sizeof(h));
	field_pack(&k, case_fields, (const char *)c);
	if (b->len > UINT32_MAX)
		b->bad = RC_NOMEM;
	if (b->bad != RC_OK)
		return;
	h.bytes = (uint32_t)b->len;
	h.n_texts = k.n_texts;
	memcpy(b->p, &h, sizeof(h));
}

int
result_case_lost(const struct result_case *c)
{
	const double before = (double)c->m[0][M_RECALL_AT_K];
	const double now = (double)c->m[1][M_RECALL_AT_K];

	if ((c->reasons[1] & CASE_EMPTY) != 0)
		return 1;
	/* found as often as before: it is its text that changed */
	return (c->reasons[1] & CASE_COVERAGE) != 0 &&
	    !(now > 0 && now >= (isnan(before) ? 1 : before));
}

int
result_case_refused(const struct result_case *c)
{
	return (c->reasons[1] & CASE_REFUSED) != 0;
}

static void
count(struct result *r, const struct result_case *c)
{
	r->count.of[c->verdict]++;
	r->count.review += c->review != 0;
	r->count.quarantined += c->quarantined != 0;
	if (c->verdict != CASE_V_REGRESSION && c->verdict != CASE_V_FAIL)
		return;
	r->count.worse++;
	r->count.lost += result_case_lost(c);
	r->count.refused += result_case_refused(c);
	r->count.critical += c->critical != 0;
	r->count.proven += c->has_answers &&
	    (double)c->p <= r->rules.alpha;
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
	count(r, c);
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
	free(rd->texts);
	rd->texts = NULL;
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
head_at(struct result_reader *rd, uint64_t at, struct head *h)
{
	const char *p = fetch(rd, at, sizeof(*h));

	if (p != NULL)
		memcpy(h, p, sizeof(*h));
	return rd->rc;
}

/* Where record i begins. */
static int
find(struct result_reader *rd, size_t i, uint64_t *at)
{
	struct head h = { 0 };
	size_t k = i / RESULT_MARK_EVERY * RESULT_MARK_EVERY;

	*at = rd->next_at;
	rd->leap = i != rd->next;
	if (!rd->leap)
		return RC_OK;
	*at = result_mem(rd->r)->marks[i / RESULT_MARK_EVERY];
	for (; k < i && head_at(rd, *at, &h) == RC_OK; k++)
		*at += h.bytes;
	return rd->rc;
}

static int
unpack(struct result_reader *rd, const struct head *h, const char *p)
{
	struct field_unpack u = { .p = p + sizeof(*h) };
	const char **texts;

	if (h->n_texts > rd->cap_texts) {
		texts = realloc(rd->texts, h->n_texts * sizeof(*texts));
		if (texts == NULL)
			return rd->rc = RC_NOMEM;
		rd->texts = texts;
		rd->cap_texts = h->n_texts;
	}
	u.texts = rd->texts;
	memset(&rd->c, 0, sizeof(rd->c));
	field_unpack(&u, case_fields, (char *)&rd->c);
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
	struct head h = { 0 };
	uint64_t at;

	if (i >= rd->r->n_cases || rd->rc != RC_OK ||
	    find(rd, i, &at) != RC_OK || head_at(rd, at, &h) != RC_OK)
		return NULL;
	p = fetch(rd, at, h.bytes);
	if (p == NULL || unpack(rd, &h, p) != RC_OK)
		return NULL;
	lay_over(rd, i);
	rd->next = i + 1;
	rd->next_at = at + h.bytes;
	return &rd->c;
}

const struct result_case *
result_case_next(struct result_reader *rd)
{
	return result_case_at(rd, rd->next);
}
