/* Random access to the exchanges of a trace; see trace.h. */
#include "harness/traffic/trace_part.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CACHE_FRAMES = 3, IN_BYTES = 256 << 10 };

struct entry {
	uint64_t hash;		/* of the id */
	uint64_t at;		/* frame << 32 | offset; plain: file offset */
};

struct cached {
	struct buf text;
	size_t frame;
	uint64_t used;		/* clock of its last use */
	int valid;
};

struct trace_index {
	char *path;
	struct trace_place place;
	int plain;
	struct zst_layout layout;
	struct entry *v;
	uint32_t *by_hash;	/* positions in the order of hashes */
	size_t n, cap;
	pthread_mutex_t lock;	/* guards what follows */
	struct zst_dec *dec;
	struct exchange_rec *rec;
	struct cached cache[CACHE_FRAMES];
	uint64_t clock;
	struct buf scratch;
};

/* ---- building --------------------------------------------------------- */

static int
add_entry(struct trace_index *ix, const char *line, size_t n, uint64_t at,
    struct err *err)
{
	struct exchange ex;
	struct entry *v;
	size_t cap;
	int rc;

	rc = exchange_peek(ix->rec, line, n, &ex, err);
	if (rc != 1)
		return rc;
	if (ix->n == ix->cap) {
		cap = ix->cap == 0 ? 1024 : ix->cap * 2;
		v = cap > UINT32_MAX ? NULL :
		    realloc(ix->v, cap * sizeof(*v));
		if (v == NULL)
			return err_set(err, RC_NOMEM, "out of memory");
		ix->v = v;
		ix->cap = cap;
	}
	ix->v[ix->n].hash = hash_u64(ex.id, strlen(ex.id));
	ix->v[ix->n].at = at;
	ix->n++;
	return RC_OK;
}

/* A frame's lines. Frames of a trace hold whole records. */
static int
scan_frame(struct trace_index *ix, const struct trace_chunk *c,
    struct err *err)
{
	const char *p = c->p, *end = c->p + c->n, *nl;
	int rc = RC_OK;

	if (!c->first || !c->last || (c->n > 0 && end[-1] != '\n' &&
	    !c->torn))
		return err_set(err, RC_FORMAT, "%s: its frames do not end at "
		    "records; `lockstep trace repair` makes a trace that can "
		    "be read at any place", ix->path);
	for (; rc == RC_OK && p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			break;
		rc = add_entry(ix, p, (size_t)(nl - p),
		    (uint64_t)c->frame << 32 | (uint64_t)(p - c->p), err);
	}
	return rc;
}

/* A plain file: lines go across chunks. *base is the offset of the carry. */
static int
scan_plain(struct trace_index *ix, const struct trace_chunk *c,
    uint64_t *base, struct err *err)
{
	const char *p = c->p, *end = c->p + c->n, *nl;
	struct buf *carry = &ix->scratch;
	int rc = RC_OK;

	while (rc == RC_OK && p < end) {
		nl = memchr(p, '\n', (size_t)(end - p));
		buf_add(carry, p, (size_t)((nl != NULL ? nl : end) - p));
		rc = buf_check(carry, ix->path, err);
		if (nl == NULL)
			return rc;
		if (rc == RC_OK && carry->len > 0)
			rc = add_entry(ix, carry->p, carry->len, *base, err);
		*base += carry->len + 1;
		buf_reset(carry);
		p = nl + 1;
	}
	return rc;
}

static int
scan(struct trace_index *ix, struct trace_frames *f, struct err *err)
{
	struct trace_chunk c;
	uint64_t base = 0;
	int rc;

	while ((rc = trace_frames_next(f, &c, err)) == 1) {
		rc = ix->plain ? scan_plain(ix, &c, &base, err) :
		    scan_frame(ix, &c, err);
		if (rc != RC_OK)
			return rc;
	}
	if (rc == RC_OK && ix->scratch.len > 0)
		rc = add_entry(ix, ix->scratch.p, ix->scratch.len, base, err);
	buf_reset(&ix->scratch);
	return rc;
}

static int
by_hash(const void *a, const void *b, void *ctx)
{
	const struct entry *v = ctx;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;

	if (v[i].hash != v[j].hash)
		return v[i].hash < v[j].hash ? -1 : 1;
	return i < j ? -1 : i > j;
}

static int
sort(struct trace_index *ix, struct err *err)
{
	size_t i;

	ix->by_hash = malloc((ix->n + 1) * sizeof(*ix->by_hash));
	if (ix->by_hash == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < ix->n; i++)
		ix->by_hash[i] = (uint32_t)i;
	qsort_r(ix->by_hash, ix->n, sizeof(*ix->by_hash), by_hash, ix->v);
	return RC_OK;
}

/* Takes over what the scan learnt: the layout, and a descriptor. */
static int
settle(struct trace_index *ix, struct trace_frames *f, struct err *err)
{
	const struct zst_layout *l = trace_frames_layout(f);
	size_t i;
	int fd;

	for (i = 0; i < l->n; i++) {
		if (zst_layout_add(&ix->layout, &l->v[i]) != RC_OK)
			return err_set(err, RC_NOMEM, "out of memory");
	}
	fd = dup(trace_frames_place(f)->src.fd);
	if (fd < 0)
		return err_errno(err, RC_IO, "%s: cannot open", ix->path);
	ix->place.src.fd = fd;
	if (lseek(fd, 0, SEEK_CUR) < 0)
		return err_set(err, RC_USAGE, "%s: a pipe can only be read "
		    "from start to end; write it to a file first", ix->path);
	return trace_place_open(fd, ix->path, &ix->place, err);
}

int
trace_index_open(const char *path, struct trace_index **out, struct err *err)
{
	struct trace_index *ix = calloc(1, sizeof(*ix));
	struct trace_frames *f = NULL;
	size_t i;
	int rc;

	*out = NULL;
	if (ix == NULL || (ix->path = strdup(path)) == NULL ||
	    (ix->rec = exchange_rec_new()) == NULL) {
		if (ix != NULL)
			free(ix->path);
		free(ix);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	ix->place.src.fd = -1;
	(void)pthread_mutex_init(&ix->lock, NULL);
	buf_init(&ix->scratch, (size_t)TRACE_LINE_MAX + 2);
	for (i = 0; i < CACHE_FRAMES; i++)
		buf_init(&ix->cache[i].text, (size_t)TRACE_PART_BYTES * 4);
	rc = zst_dec_new(&ix->dec, err);
	if (rc == RC_OK)
		rc = trace_frames_open(path, 0, &f, err);
	if (rc == RC_OK) {
		ix->plain = trace_frames_plain(f);
		rc = settle(ix, f, err);
	}
	if (rc == RC_OK)
		rc = scan(ix, f, err);
	if (rc == RC_OK)
		rc = sort(ix, err);
	trace_frames_close(&f);
	if (rc != RC_OK)
		trace_index_close(&ix);
	*out = ix;
	return rc;
}

void
trace_index_close(struct trace_index **ixp)
{
	struct trace_index *ix = *ixp;
	size_t i;

	if (ix == NULL)
		return;
	for (i = 0; i < CACHE_FRAMES; i++)
		buf_fini(&ix->cache[i].text);
	trace_place_close(&ix->place);
	zst_layout_fini(&ix->layout);
	zst_dec_free(ix->dec);
	exchange_rec_free(ix->rec);
	buf_fini(&ix->scratch);
	(void)pthread_mutex_destroy(&ix->lock);
	free(ix->by_hash);
	free(ix->v);
	free(ix->path);
	free(ix);
	*ixp = NULL;
}

uint64_t
trace_index_n(const struct trace_index *ix)
{
	return ix->n;
}

/* ---- reading ---------------------------------------------------------- */

static int
decode(struct trace_index *ix, const struct zst_frame *f, struct buf *text,
    struct err *err)
{
	struct zst_in in = { NULL, 0, 0 };
	uint64_t at = f->at, end = f->at + f->n;
	ssize_t got;
	char *to;
	int rc = RC_OK, ended = 0;

	zst_dec_reset(ix->dec);
	buf_reset(text);
	while (rc == RC_OK && !ended &&
	    (at < end || in.used < in.n || zst_dec_more(ix->dec))) {
		if (in.used == in.n && at < end) {
			buf_reset(&ix->scratch);
			in.n = end - at < IN_BYTES ? (size_t)(end - at) :
			    IN_BYTES;
			in.used = 0;
			in.p = to = buf_reserve(&ix->scratch, in.n);
			got = to == NULL ? RC_NOMEM :
			    zst_read(&ix->place.src, to, in.n, at, err);
			rc = got < 0 ? (int)got : got == 0 ? err_set(err,
			    RC_IO, "it became shorter during reading") : RC_OK;
			in.n = got > 0 ? (size_t)got : 0;
			at += in.n;
		}
		if (rc == RC_OK)
			rc = zst_dec_add(ix->dec, &in, text,
			    (size_t)TRACE_PART_BYTES * 2, &ended, err);
	}
	/* What the scan could read of a torn frame is all there is. */
	if (rc == RC_FORMAT && f->kind == ZST_TORN)
		rc = RC_OK;
	if (rc != RC_OK)
		err_prefix(err, "%s", ix->path);
	return rc;
}

/* The text of a frame, decoded or remembered; NULL with err. */
static const struct buf *
frame_text(struct trace_index *ix, size_t frame, struct err *err)
{
	struct cached *c, *oldest = &ix->cache[0];
	size_t i;

	for (i = 0; i < CACHE_FRAMES; i++) {
		c = &ix->cache[i];
		if (c->valid && c->frame == frame) {
			c->used = ++ix->clock;
			return &c->text;
		}
		if (c->used < oldest->used)
			oldest = c;
	}
	oldest->valid = decode(ix, &ix->layout.v[frame], &oldest->text,
	    err) == RC_OK;
	oldest->frame = frame;
	oldest->used = ++ix->clock;
	return oldest->valid ? &oldest->text : NULL;
}

static int
get_frame(struct trace_index *ix, uint64_t at, struct buf *line,
    struct err *err)
{
	const struct buf *text = frame_text(ix, (size_t)(at >> 32), err);
	size_t from = (size_t)(at & UINT32_MAX);
	const char *nl;

	if (text == NULL)
		return err != NULL ? (int)err->code : RC_FORMAT;
	nl = from < text->len ?
	    memchr(text->p + from, '\n', text->len - from) : NULL;
	if (nl == NULL)
		return err_set(err, RC_FORMAT, "%s: it changed during "
		    "reading", ix->path);
	buf_add(line, text->p + from, (size_t)(nl - text->p) - from);
	return RC_OK;
}

static int
get_plain(struct trace_index *ix, uint64_t at, struct buf *line,
    struct err *err)
{
	const char *nl = NULL;
	size_t from;
	ssize_t got;
	char *to;

	do {
		to = buf_reserve(line, IN_BYTES);
		if (to == NULL)
			return buf_check(line, ix->path, err);
		from = line->len;
		do {
			got = pread(ix->place.src.fd, to, IN_BYTES,
			    (off_t)(at + line->len));
		} while (got < 0 && errno == EINTR);
		if (got < 0)
			return err_errno(err, RC_IO, "%s: cannot read",
			    ix->path);
		line->len += (size_t)got;
		nl = memchr(line->p + from, '\n', (size_t)got);
	} while (nl == NULL && got > 0);
	if (nl != NULL)
		line->len = (size_t)(nl - line->p);
	line->p[line->len] = '\0';
	return RC_OK;
}

static int
get(struct trace_index *ix, uint64_t i, struct buf *line, struct err *err)
{
	int rc;

	buf_reset(line);
	rc = ix->plain ? get_plain(ix, ix->v[i].at, line, err) :
	    get_frame(ix, ix->v[i].at, line, err);
	return rc == RC_OK ? buf_check(line, ix->path, err) : rc;
}

int
trace_index_get(struct trace_index *ix, uint64_t i, struct buf *line,
    struct err *err)
{
	int rc;

	(void)pthread_mutex_lock(&ix->lock);
	rc = get(ix, i, line, err);
	(void)pthread_mutex_unlock(&ix->lock);
	return rc;
}

/* Whether exchange i has this id; -1 with err. */
static int
has_id(struct trace_index *ix, uint64_t i, const char *id, struct err *err)
{
	struct exchange ex;
	struct buf line;
	int rc;

	exchange_init(&ex);
	buf_init(&line, (size_t)TRACE_LINE_MAX * 2);
	rc = get(ix, i, &line, err);
	if (rc == RC_OK)
		rc = exchange_peek(ix->rec, line.p, line.len, &ex, err);
	if (rc == 1)
		rc = ex.id != NULL && strcmp(ex.id, id) == 0;
	buf_fini(&line);
	return rc < 0 ? -1 : rc;
}

uint64_t
trace_index_find(struct trace_index *ix, const char *id, struct err *err)
{
	uint64_t h = hash_u64(id, strlen(id)), found = UINT64_MAX;
	size_t lo = 0, hi = ix->n, mid;
	int is = 0;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (ix->v[ix->by_hash[mid]].hash < h)
			lo = mid + 1;
		else
			hi = mid;
	}
	(void)pthread_mutex_lock(&ix->lock);
	for (; is == 0 && lo < ix->n && ix->v[ix->by_hash[lo]].hash == h;
	    lo++) {
		is = has_id(ix, ix->by_hash[lo], id, err);
		if (is == 1)
			found = ix->by_hash[lo];
	}
	(void)pthread_mutex_unlock(&ix->lock);
	return found;
}
