/*
 * The trace to the lines of complete cases; see score_part.h.
 *
 * A case is complete when it has as many lines as the plan sends; those that
 * have fewer come at the end.  A trace that the plan does not describe (lines
 * there twice, or so much missing that too many lines wait) is read again
 * from its start after a first pass that counts the lines of each case, so
 * that a case is complete whatever is missing or there twice.  Then lines
 * that wait beyond a maximum go to a scratch file, a chain of them per case,
 * whose cases come last, in their order.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/tmpfile.h"
#include "harness/score/score_part.h"
#include "harness/traffic/trace.h"

enum { SPILL_BUFFER = 1 << 20, PENDING_MAX = 64 << 20 };

/* What stands before each line in the scratch file. */
struct spill_head {
	uint64_t prev;		/* 1 + offset of the one before; 0: none */
	uint64_t n;
};

struct spill {
	int fd;			/* -1: nothing was spilled */
	uint64_t end;		/* of the file, the buffer included */
	char *buf;
	size_t n;		/* bytes in buf */
	uint64_t *last;		/* per slot: 1 + offset of its last line */
};

struct score_reader {
	const struct score_job *job;
	const struct score_only *only;	/* or NULL */
	struct score_only some;		/* the same */
	struct score_where *where;	/* or NULL */
	struct score_latencies *latencies;	/* and fresh: or NULL */
	struct score_fresh_lines *fresh;
	size_t n_slots;		/* cases looked at */
	uint32_t planned;	/* lines of a case; 0: they were counted */
	uint32_t *count, *got;	/* lines counted, and seen, per slot */
	struct score_line **pending;
	size_t pending_bytes, pending_max;
	struct spill spill;
	struct trace_reader *trace;
	struct exchange_rec *rec;
	size_t next_left;	/* of the cases that come at the end */
	int telling, trace_done;
	struct score_reader_told told;
};

/* ---- which case a line belongs to -------------------------------------- */

static int
by_index(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t
slot_of(const struct score_reader *r, uint64_t index)
{
	const uint64_t *at;

	if (r->only == NULL)
		return (size_t)index;
	at = bsearch(&index, r->only->v, r->n_slots, sizeof(*at), by_index);
	return at == NULL ? SIZE_MAX : (size_t)(at - r->only->v);
}

static uint64_t
index_of(const struct score_reader *r, size_t slot)
{
	return r->only == NULL ? slot : r->only->v[slot];
}

/* What was asked beyond the plan goes to who takes it; of a round that is
 * not known here nothing is taken. */
static int
take_beyond(struct score_reader *r, const struct trace_rec *rec,
    const struct exchange *ex, uint64_t index, struct err *err)
{
	if (r->fresh != NULL && ex->key.round == ROUND_CONFIRM)
		return score_fresh_add(r->fresh, index, ex, rec->line,
		    rec->n, err);
	if (r->latencies != NULL && (ex->key.round == ROUND_LATENCY ||
	    ex->key.round == ROUND_LATENCY_AGAIN))
		return score_latencies_more(r->latencies, r->job, index, ex,
		    err);
	return RC_OK;
}

/* *slot is SIZE_MAX for what is no planned observation of these cases.
 * counting  nothing is taken yet
 * returns RC_OK or an error */
static int
slot_of_line(struct score_reader *r, const struct trace_rec *rec,
    int counting, size_t *slot, struct err *err)
{
	const struct plan *p = r->job->plan;
	struct exchange ex;
	uint64_t index;
	int rc;

	*slot = SIZE_MAX;
	rc = exchange_peek(r->rec, rec->line, rec->n, &ex, err);
	if (rc < 0) {
		err_prefix(err, "%s: record %llu", r->job->trace_path,
		    (unsigned long long)rec->index);
		return rc;
	}
	if (rc == 0 || ex.key.case_id == NULL)
		return RC_OK;
	r->told.observations += (uint64_t)r->telling;
	index = caseset_find(r->job->cases, ex.key.case_id);
	if (index == UINT64_MAX || ex.key.p >= p->paraphrases ||
	    ex.key.s >= p->seeds || ex.key.r >= p->repeats ||
	    ex.key.arm >= ARM_N) {
		r->told.unknown += (uint64_t)r->telling;
		return RC_OK;
	}
	if (ex.key.round != ROUND_PLAN)
		return counting ? RC_OK :
		    take_beyond(r, rec, &ex, index, err);
	*slot = slot_of(r, index);
	return RC_OK;
}

/* ---- where they lie ---------------------------------------------------- */

struct score_where *
score_where_new(size_t n)
{
	struct score_where *w = malloc(sizeof(*w) + n * sizeof(w->v[0]));
	size_t i;

	if (w == NULL)
		return NULL;
	w->unknown = 0;
	w->n = n;
	for (i = 0; i < n; i++)
		w->v[i] = (struct score_span){ UINT32_MAX, 0 };
	return w;
}

static void
note_frame(struct score_where *w, size_t slot, size_t frame)
{
	struct score_span *s = &w->v[slot];

	if (frame < s->first)
		s->first = (uint32_t)frame;
	if (frame > s->last)
		s->last = (uint32_t)frame;
}

/* trace_pick_fn: whether a case that is wanted has lines there. */
static int
holds_some(void *ctx, size_t frame)
{
	const struct score_only *o = ctx;
	size_t i;

	for (i = 0; i < o->n; i++) {
		const struct score_span *s = &o->where->v[o->v[i]];

		if (frame >= s->first && frame <= s->last)
			return 1;
	}
	return 0;
}

static int
open_trace(struct score_reader *r, struct err *err)
{
	struct score_only *o = &r->some;

	trace_reader_close(&r->trace);
	if (r->only != NULL && o->where != NULL && !o->where->unknown)
		return trace_reader_open_some(r->job->trace_path, holds_some,
		    o, &r->trace, err);
	return trace_reader_open(r->job->trace_path, r->job->threads,
	    &r->trace, err);
}

/* What the end of a whole pass tells. */
static void
told_at_end(struct score_reader *r)
{
	struct trace_info info;

	r->telling = 0;
	trace_reader_info(r->trace, &info);
	r->told.torn = info.torn;
	if (info.closed && info.seen > info.written)
		r->told.lost = info.seen - info.written;
}

static int
count_lines(struct score_reader *r, struct err *err)
{
	struct trace_rec rec;
	size_t slot;
	int rc = open_trace(r, err);

	if (rc != RC_OK)
		return rc;
	while ((rc = trace_next(r->trace, &rec, err)) > 0) {
		rc = slot_of_line(r, &rec, 1, &slot, err);
		if (rc != RC_OK)
			return rc;
		if (slot != SIZE_MAX)
			r->count[slot]++;
	}
	told_at_end(r);
	return rc;
}

/* Lines that the plan sends for one case: every case has as many. */
static uint32_t
lines_planned(const struct plan *p)
{
	uint64_t n = p->n_cases == 0 ? 0 : plan_requests(p) / p->n_cases;

	return n > UINT32_MAX ? 0 : (uint32_t)n;
}

int
score_reader_open(const struct score_job *job,
    const struct score_reading *how, struct score_reader **out,
    struct err *err)
{
	struct score_reader *r = calloc(1, sizeof(*r));
	int rc;

	*out = NULL;
	if (r == NULL)
		return err_set(err, RC_NOMEM, "out of memory for scoring");
	r->job = job;
	r->only = how->only;
	if (r->only != NULL)
		r->some = *r->only;
	r->where = how->where;
	r->latencies = how->latencies;
	r->fresh = how->fresh;
	r->n_slots = r->only != NULL ? r->only->n :
	    (size_t)caseset_n(job->cases);
	r->planned = how->counted ? 0 : lines_planned(job->plan);
	r->telling = 1;
	r->pending_max = job->pending_max != 0 ? job->pending_max : PENDING_MAX;
	r->spill.fd = -1;
	r->count = calloc(r->planned > 0 ? 1 : r->n_slots + 1,
	    sizeof(*r->count));
	r->got = calloc(r->n_slots + 1, sizeof(*r->got));
	r->pending = calloc(r->n_slots + 1, sizeof(struct score_line *));
	r->rec = exchange_rec_new();
	if (r->count == NULL || r->got == NULL || r->pending == NULL ||
	    r->rec == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory for scoring");
	else
		rc = r->planned > 0 ? RC_OK : count_lines(r, err);
	if (rc == RC_OK)
		rc = open_trace(r, err);
	if (rc != RC_OK) {
		score_reader_close(&r);
		return rc;
	}
	*out = r;
	return RC_OK;
}

void
score_reader_close(struct score_reader **rp)
{
	struct score_reader *r = *rp;
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; r->pending != NULL && i < r->n_slots; i++)
		score_lines_free(r->pending[i]);
	trace_reader_close(&r->trace);
	exchange_rec_free(r->rec);
	if (r->spill.fd >= 0)
		(void)close(r->spill.fd);
	free(r->spill.buf);
	free(r->spill.last);
	free(r->count);
	free(r->got);
	free(r->pending);
	free(r);
	*rp = NULL;
}

void
score_reader_told(const struct score_reader *r, struct score_reader_told *out)
{
	*out = r->told;
}

/* ---- the scratch file -------------------------------------------------- */

static int
spill_start(struct score_reader *r, struct err *err)
{
	struct spill *s = &r->spill;

	if (s->fd >= 0)
		return RC_OK;
	s->buf = malloc(SPILL_BUFFER);
	s->last = calloc(r->n_slots + 1, sizeof(*s->last));
	if (s->buf == NULL || s->last == NULL)
		return err_set(err, RC_NOMEM, "out of memory for scoring");
	return tmpfile_open(&s->fd, err);
}

static int
spill_flush(struct spill *s, struct err *err)
{
	int rc = tmpfile_write(s->fd, s->buf, s->n, (off_t)(s->end - s->n),
	    err);

	s->n = 0;
	return rc;
}

static int
spill_bytes(struct spill *s, const void *p, size_t n, struct err *err)
{
	const char *from = p;
	size_t k;
	int rc = RC_OK;

	while (n > 0 && rc == RC_OK) {
		k = SPILL_BUFFER - s->n < n ? SPILL_BUFFER - s->n : n;
		memcpy(s->buf + s->n, from, k);
		s->n += k;
		s->end += k;
		from += k;
		n -= k;
		if (s->n == SPILL_BUFFER)
			rc = spill_flush(s, err);
	}
	return rc;
}

static int
spill_line(struct score_reader *r, size_t slot, const char *line, size_t n,
    struct err *err)
{
	struct spill *s = &r->spill;
	struct spill_head head = { s->last[slot], n };
	int rc;

	s->last[slot] = s->end + 1;
	rc = spill_bytes(s, &head, sizeof(head), err);
	if (rc == RC_OK)
		rc = spill_bytes(s, line, n, err);
	return rc;
}

/* Moves everything that waits. */
static int
spill_pending(struct score_reader *r, struct err *err)
{
	struct score_line *l;
	size_t i;
	int rc = spill_start(r, err);

	for (i = 0; i < r->n_slots && rc == RC_OK; i++) {
		for (l = r->pending[i]; l != NULL && rc == RC_OK; l = l->next)
			rc = spill_line(r, i, l->p, l->n, err);
		score_lines_free(r->pending[i]);
		r->pending[i] = NULL;
	}
	r->pending_bytes = 0;
	return rc;
}

static struct score_line *
line_new(size_t n, struct err *err)
{
	struct score_line *l = malloc(sizeof(*l) + n);

	if (l == NULL)
		(void)err_set(err, RC_NOMEM, "out of memory for a record");
	else
		l->n = n;
	return l;
}

static int
unspill(struct score_reader *r, size_t slot, struct score_line **lines,
    struct err *err)
{
	uint64_t at = r->spill.last[slot];
	struct spill_head head;
	struct score_line *l;
	int rc;

	*lines = NULL;
	for (; at != 0; at = head.prev) {
		rc = tmpfile_read(r->spill.fd, &head, sizeof(head),
		    (off_t)(at - 1), err);
		if (rc != RC_OK)
			return rc;
		l = line_new((size_t)head.n, err);
		if (l == NULL)
			return RC_NOMEM;
		l->next = *lines;
		*lines = l;
		rc = tmpfile_read(r->spill.fd, l->p, l->n,
		    (off_t)(at - 1 + sizeof(head)), err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* ---- one case after the other ------------------------------------------ */

static int
keep_line(struct score_reader *r, size_t slot, const struct trace_rec *rec,
    struct err *err)
{
	struct score_line *l;

	if (r->spill.fd >= 0 && r->spill.last[slot] != 0)
		return spill_line(r, slot, rec->line, rec->n, err);
	l = line_new(rec->n, err);
	if (l == NULL)
		return RC_NOMEM;
	memcpy(l->p, rec->line, rec->n);
	l->next = r->pending[slot];
	r->pending[slot] = l;
	r->pending_bytes += rec->n + sizeof(*l);
	return RC_OK;
}

/* Hands a complete case over; 0 when its lines were spilled. */
static int
take_case(struct score_reader *r, size_t slot, uint64_t *index,
    struct score_line **lines)
{
	const struct score_line *l;

	if (r->pending[slot] == NULL)
		return 0;
	*index = index_of(r, slot);
	*lines = r->pending[slot];
	r->pending[slot] = NULL;
	for (l = *lines; l != NULL; l = l->next)
		r->pending_bytes -= l->n + sizeof(*l);
	return 1;
}

/* The case of a line just kept, if that completes it.
 * returns 1, 0, or SCORE_AGAIN */
static int
take_complete(struct score_reader *r, size_t slot, uint64_t *index,
    struct score_line **lines)
{
	uint32_t got = ++r->got[slot];

	if (r->planned > 0 && got > r->planned)
		return SCORE_AGAIN;
	if (got != (r->planned > 0 ? r->planned : r->count[slot]))
		return 0;
	return take_case(r, slot, index, lines);
}

static int
next_read(struct score_reader *r, uint64_t *index, struct score_line **lines,
    struct err *err)
{
	struct trace_rec rec;
	size_t slot;
	int rc;

	while ((rc = trace_next(r->trace, &rec, err)) > 0) {
		rc = slot_of_line(r, &rec, 0, &slot, err);
		if (rc != RC_OK)
			return rc;
		if (r->where != NULL && rec.frame >= UINT32_MAX)
			r->where->unknown = 1;
		if (slot == SIZE_MAX)
			continue;
		if (r->where != NULL)
			note_frame(r->where, slot, rec.frame);
		rc = keep_line(r, slot, &rec, err);
		if (rc == RC_OK)
			rc = take_complete(r, slot, index, lines);
		if (rc != 0)
			return rc;
		if (r->pending_bytes <= r->pending_max)
			continue;
		if (r->planned > 0)
			return SCORE_AGAIN;
		rc = spill_pending(r, err);
		if (rc != RC_OK)
			return rc;
	}
	return rc;
}

/* The cases that are left when all was read. */
static int
next_left(struct score_reader *r, uint64_t *index, struct score_line **lines,
    struct err *err)
{
	size_t slot;
	int rc;

	while (r->next_left < r->n_slots) {
		slot = r->next_left++;
		if (take_case(r, slot, index, lines))
			return 1;
		if (r->spill.fd < 0 || r->spill.last[slot] == 0)
			continue;
		*index = index_of(r, slot);
		rc = unspill(r, slot, lines, err);
		if (rc == RC_OK)
			return 1;
		score_lines_free(*lines);
		*lines = NULL;
		return rc;
	}
	return 0;
}

int
score_reader_next(struct score_reader *r, uint64_t *index,
    struct score_line **lines, struct err *err)
{
	int rc;

	*lines = NULL;
	if (!r->trace_done) {
		rc = next_read(r, index, lines, err);
		if (rc != 0)
			return rc;
		r->trace_done = 1;
		if (r->planned > 0)
			told_at_end(r);
		if (r->spill.fd >= 0)
			rc = spill_flush(&r->spill, err);
		if (rc != RC_OK)
			return rc;
	}
	return next_left(r, index, lines, err);
}
