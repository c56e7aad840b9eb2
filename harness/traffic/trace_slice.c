/* Slices of traces; see trace_cut.h. */
#include "harness/traffic/trace_cut.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/traffic/trace_part.h"

enum { TICK_EVERY = 4096 };

struct slice {
	const char *in, *out;
	const struct trace_pick *p;
	struct exchange_rec *rec;
	struct trace_writer *w;
	struct trace_cut *cut;
	const uint64_t *draws;	/* of the units to keep, ascending */
	size_t n;
	uint64_t *mine;		/* the draws, where they were made here */
};

static void
tick(const struct slice *s)
{
	if (s->p->tick != NULL && s->cut->seen % TICK_EVERY == 0)
		s->p->tick(s->p->tick_ctx, s->cut->seen);
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Whether its unit is one of those to keep, where not all are. */
static int
is_kept(const struct slice *s, const struct exchange *ex)
{
	uint64_t draw;

	if (s->p->sample == 0 && s->p->draws == NULL)
		return 1;
	draw = trace_draw(s->p->seed, ex);
	return s->n > 0 && bsearch(&draw, s->draws, s->n,
	    sizeof(*s->draws), by_value) != NULL;
}

static int
put_exchange(struct slice *s, const struct trace_rec *rec, struct err *err)
{
	struct exchange ex;
	int rc;

	s->cut->seen++;
	tick(s);
	rc = trace_pick_line(s->p, s->rec, rec->line, rec->n, &ex, err);
	if (rc < 0)
		return rc;
	if (rc == 0 || !is_kept(s, &ex)) {
		trace_drop(s->w, "not chosen", 1);
		return RC_OK;
	}
	s->cut->written++;
	rc = trace_body_copy(s->in, s->out, rec->line, rec->n, err);
	return rc == RC_OK ? trace_write(s->w, rec->line, rec->n, err) : rc;
}

static int
put_record(struct slice *s, const struct trace_rec *rec, struct err *err)
{
	if (rec->is_exchange)
		return put_exchange(s, rec, err);
	/* Head and accounts are made anew. */
	if (trace_type_of(rec->line, rec->n) != TRACE_OTHER)
		return RC_OK;
	return trace_write(s->w, rec->line, rec->n, err);
}

static int
open_out(struct slice *s, const struct trace_opts *o,
    const struct json *source, struct err *err)
{
	struct trace_opts mine = *o;
	struct json *extra = json_new(JSON_OBJECT);
	const struct json *m;
	int rc = extra == NULL ? RC_NOMEM : RC_OK;

	for (m = json_first(o->extra); m != NULL && rc == RC_OK;
	    m = json_next(m))
		rc = json_set(extra, json_key(m), json_copy(m));
	if (source != NULL && rc == RC_OK)
		rc = json_set(extra, "source", json_copy(source));
	if (rc != RC_OK)
		rc = err_set(err, RC_NOMEM, "out of memory");
	mine.extra = extra;
	mine.start_wall_ns = trace_head_wall_ns(source);
	if (rc == RC_OK)
		rc = trace_writer_open(s->out, &mine, 0, &s->w, err);
	json_free(extra);
	return rc;
}

static int
copy_chosen(struct slice *s, const struct trace_opts *o, struct err *err)
{
	struct trace_reader *r;
	struct trace_rec rec;
	int rc;

	rc = trace_reader_open(s->in, 0, &r, err);
	if (rc != RC_OK)
		return rc;
	rc = open_out(s, o, trace_reader_head(r), err);
	while (rc == RC_OK && (rc = trace_next(r, &rec, err)) == 1)
		rc = put_record(s, &rec, err);
	trace_reader_close(&r);
	return rc;
}

int
trace_slice(const char *in, const char *out, const struct trace_pick *p,
    const struct trace_opts *o, struct trace_cut *cut, struct err *err)
{
	struct slice s = { .in = in, .out = out, .p = p, .cut = cut };
	int rc = RC_OK, begun;

	memset(cut, 0, sizeof(*cut));
	s.rec = exchange_rec_new();
	if (s.rec == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	s.draws = p->draws;
	s.n = p->n_draws;
	if (p->draws == NULL && p->sample > 0) {
		rc = trace_sample(in, p, s.rec, cut, &s.mine, &s.n, err);
		s.draws = s.mine;
	}
	if (rc == RC_OK)
		rc = copy_chosen(&s, o, err);
	begun = s.w != NULL;
	if (rc == RC_OK)
		rc = trace_writer_close(&s.w, err);
	trace_writer_abandon(&s.w);
	if (rc != RC_OK && begun)
		(void)unlink(out);
	if (p->draws != NULL)
		cut->units = p->n_draws;
	else if (p->sample == 0)
		cut->units = cut->written;
	exchange_rec_free(s.rec);
	free(s.mine);
	return rc;
}

int64_t
trace_head_wall_ns(const struct json *head)
{
	const char *s = json_get_str(json_get(head, "clock"), "wall_ns");
	char *end;
	long long v;

	if (s == NULL)
		return 0;
	v = strtoll(s, &end, 10);
	return *end == '\0' && v > 0 ? v : 0;
}
