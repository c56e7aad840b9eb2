/* Reading traces record by record; see trace.h. */
#include "harness/traffic/trace_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/jscan.h"

struct trace_reader {
	char *path;
	struct trace_frames *frames;
	struct trace_chunk c;
	size_t pos;		/* in c */
	int joined;		/* the carry was given: empty it */
	struct buf carry;	/* a line that began in an earlier chunk */
	int skip_line;		/* in a line that is too long */
	int ended;
	struct trace_info info;
	struct json *head;
	struct json *account;	/* the last one */
	int first_rc;		/* of the record read at the open */
	int have_first;
	struct trace_rec first;
	struct err first_err;
};

enum trace_type
trace_type_of(const char *line, size_t n)
{
	static const char fast[] = "{\"type\":\"exchange\"";
	static const char *const names[TRACE_OTHER] = {
		[TRACE_HEAD] = "head",
		[TRACE_EXCHANGE] = "exchange",
		[TRACE_TAIL] = "tail",
		[TRACE_ACCOUNT] = "account",
	};
	struct jscan s;
	struct arena mem;
	const char *k, *type = NULL;
	size_t k_n, type_n;
	int first = 1, i;
	enum trace_type t = TRACE_OTHER;

	if (n >= sizeof(fast) && memcmp(line, fast, sizeof(fast) - 1) == 0)
		return TRACE_EXCHANGE;
	arena_init(&mem, SIZE_MAX);
	jscan_init(&s, line, n);
	while (type == NULL && jscan_key(&s, &first, &k, &k_n)) {
		if (k_n == 4 && memcmp(k, "type", 4) == 0)
			type = jscan_str(&s, &mem, &type_n);
		else
			jscan_skip(&s);
	}
	for (i = 0; type != NULL && i < TRACE_OTHER; i++) {
		if (strcmp(type, names[i]) == 0)
			t = (enum trace_type)i;
	}
	arena_fini(&mem);
	return t;
}

/* ---- lines ------------------------------------------------------------ */

static int
too_long(struct trace_reader *r, struct err *err)
{
	buf_reset(&r->carry);
	r->skip_line = 1;
	r->info.damaged++;
	return err_set(err, RC_FORMAT, "%s: record %llu is longer than the "
	    "maximum of %u bytes", r->path, (unsigned long long)r->info.lines,
	    TRACE_LINE_MAX);
}

/* What is left when no newline came: a record if it is whole, else torn. */
static int
last_line(struct trace_reader *r, const char **line, size_t *n)
{
	struct jscan s;

	*line = buf_str(&r->carry);
	*n = r->carry.len;
	r->joined = 1;
	if (*n == 0)
		return 0;
	jscan_init(&s, *line, *n);
	jscan_skip(&s);
	if (jscan_end(&s))
		return 1;
	r->info.torn = 1;
	(void)snprintf(r->info.why, sizeof(r->info.why), "the last record is "
	    "cut off (%zu bytes of it are there)", *n);
	return 0;
}

/* A line that ends in this chunk. returns 0 when none does, or an rc */
static int
line_in_chunk(struct trace_reader *r, const char **line, size_t *n,
    struct err *err)
{
	size_t left = r->c.n - r->pos, piece;
	const char *from, *nl;

	if (left == 0)
		return 0;
	from = r->c.p + r->pos;
	nl = memchr(from, '\n', left);
	piece = nl != NULL ? (size_t)(nl - from) : left;
	r->pos += piece + (nl != NULL);
	if (r->skip_line) {
		r->skip_line = nl == NULL;
		piece = 0;
	}
	if (r->carry.len + piece > TRACE_LINE_MAX) {
		int rc = too_long(r, err);

		r->skip_line = nl == NULL;
		return rc;
	}
	if (nl != NULL && r->carry.len == 0) {
		*line = from;
		*n = piece;
		return 1;
	}
	buf_add(&r->carry, from, piece);
	if (buf_check(&r->carry, r->path, err) != RC_OK)
		return RC_NOMEM;
	if (nl == NULL)
		return 0;
	*line = buf_str(&r->carry);
	*n = r->carry.len;
	r->joined = 1;
	return 1;
}

/* The next line, empty ones included. returns 1, 0 at the end, or an rc */
static int
next_line(struct trace_reader *r, const char **line, size_t *n,
    struct err *err)
{
	int rc;

	if (r->joined)
		buf_reset(&r->carry);
	r->joined = 0;
	for (;;) {
		rc = line_in_chunk(r, line, n, err);
		if (rc != 0)
			return rc;
		if (r->ended)
			return 0;
		rc = trace_frames_next(r->frames, &r->c, err);
		r->pos = 0;
		r->info.bytes_text += r->c.n;
		r->info.frames += rc != 0 && r->c.last;
		if (rc < 0) {
			buf_reset(&r->carry);
			r->skip_line = 0;
			r->info.damaged++;
			r->c.n = 0;
			return rc;
		}
		if (rc == 0) {
			r->ended = 1;
			return last_line(r, line, n);
		}
	}
}

static int
is_blank(const char *line, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
			return 0;
	}
	return 1;
}

static uint64_t
sum_of(const struct json *account, const char *kind)
{
	const struct json *d;
	uint64_t n = 0;

	for (d = json_first(json_get(account, kind)); d != NULL;
	    d = json_next(d))
		n += (uint64_t)json_int(d, 0);
	return n;
}

static void
take_account(struct trace_reader *r, const char *line, size_t n, int closes)
{
	struct json *j = json_parse(line, n, NULL);

	if (j == NULL)
		return;
	json_free(r->account);
	r->account = j;
	if (!closes)
		return;
	r->info.closed = 1;
	r->info.seen = (uint64_t)json_get_int(j, "seen", 0);
	r->info.written = (uint64_t)json_get_int(j, "written", 0);
	r->info.dropped = sum_of(j, "dropped");
	r->info.refused = sum_of(j, "refused");
}

static int
read_record(struct trace_reader *r, struct trace_rec *rec, struct err *err)
{
	enum trace_type t;
	int rc;

	do {
		rc = next_line(r, &rec->line, &rec->n, err);
		if (rc != 1)
			return rc;
	} while (is_blank(rec->line, rec->n));
	rec->index = r->info.lines++;
	rec->frame = r->joined ? TRACE_FRAMES : r->c.frame;
	t = trace_type_of(rec->line, rec->n);
	rec->is_exchange = t == TRACE_EXCHANGE;
	r->info.records += t == TRACE_EXCHANGE;
	/* An account closes a trace only when nothing follows it. */
	r->info.closed = 0;
	if (t == TRACE_TAIL || t == TRACE_ACCOUNT)
		take_account(r, rec->line, rec->n, t == TRACE_TAIL);
	return 1;
}

int
trace_next(struct trace_reader *r, struct trace_rec *rec, struct err *err)
{
	if (!r->have_first)
		return read_record(r, rec, err);
	r->have_first = 0;
	*rec = r->first;
	if (r->first_rc < 0)
		return err_set(err, (enum rc)r->first_rc, "%s",
		    r->first_err.msg);
	return r->first_rc;
}

/* ---- opening ---------------------------------------------------------- */

/* Reads the first record ahead, so that the head is known. */
static int
read_head(struct trace_reader *r, struct err *err)
{
	int64_t version;

	r->have_first = 1;
	r->first_rc = read_record(r, &r->first, &r->first_err);
	if (r->first_rc != 1 || trace_type_of(r->first.line, r->first.n) !=
	    TRACE_HEAD)
		return RC_OK;
	r->head = json_parse(r->first.line, r->first.n, NULL);
	version = json_get_int(r->head, "lockstep_trace", 0);
	if (version > TRACE_VERSION)
		return err_set(err, RC_FORMAT, "%s: a trace of version %lld; "
		    "this version reads up to %d: use a newer lockstep",
		    r->path, (long long)version, TRACE_VERSION);
	r->info.version = (int)version;
	return RC_OK;
}

static int
open_reader(const char *path, int threads, struct trace_reader **out,
    struct err *err)
{
	struct trace_reader *r = calloc(1, sizeof(*r));
	const struct zst_layout *l;
	int rc;

	*out = NULL;
	if (r == NULL || (r->path = strdup(path)) == NULL) {
		free(r);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	buf_init(&r->carry, (size_t)TRACE_LINE_MAX + 2);
	rc = trace_frames_open(path, threads, &r->frames, err);
	if (rc == RC_OK) {
		l = trace_frames_layout(r->frames);
		r->info.table = l->table;
		r->info.torn = l->torn;
		r->info.bytes_file = l->size;
		r->info.sealed = trace_frames_place(r->frames)->file != NULL;
		memcpy(r->info.why, l->why, sizeof(l->why));
	} else {
		trace_reader_close(&r);
	}
	*out = r;
	return rc;
}

int
trace_reader_open(const char *path, int threads, struct trace_reader **out,
    struct err *err)
{
	int rc = open_reader(path, threads, out, err);

	if (*out == NULL)
		return rc;
	rc = read_head(*out, err);
	if (rc != RC_OK)
		trace_reader_close(out);
	return rc;
}

int
trace_reader_open_some(const char *path, trace_pick_fn *pick, void *ctx,
    struct trace_reader **out, struct err *err)
{
	int rc = open_reader(path, 1, out, err);

	if (*out != NULL)
		trace_frames_pick((*out)->frames, pick, ctx);
	return rc;
}

void
trace_reader_close(struct trace_reader **rp)
{
	struct trace_reader *r = *rp;

	if (r == NULL)
		return;
	trace_frames_close(&r->frames);
	json_free(r->head);
	json_free(r->account);
	buf_fini(&r->carry);
	free(r->path);
	free(r);
	*rp = NULL;
}

const struct json *
trace_reader_account(const struct trace_reader *r)
{
	return r->account;
}

const struct json *
trace_reader_head(struct trace_reader *r)
{
	return r->head;
}

void
trace_reader_info(const struct trace_reader *r, struct trace_info *out)
{
	*out = r->info;
	if (trace_frames_plain(r->frames))
		out->bytes_file = out->bytes_text;
}
