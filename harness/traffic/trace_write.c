/* Writing traces; see trace.h. */
#include "harness/traffic/trace_part.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "harness/base/replace.h"

enum {
	STAGE_BYTES = 128 << 10,
	PUSH_BYTES = 256 << 10,		/* compressed bytes a write(2) */
	BACKLOG_BYTES = 64 << 20,	/* that may wait for a full disk */
	COPY_BYTES = 1 << 20
};

struct trace_writer {
	char *path;
	int fd;
	struct zst_enc *enc;
	struct buf stage;	/* text on its way into the encoder */
	struct buf out;		/* compressed, from done on not in the file */
	size_t done;
	uint64_t at;		/* file offset of out.p[done] */
	struct seal_writer *seal;	/* or NULL */
	struct buf comp;	/* compressed, not yet sealed into out */
	uint64_t sealed;	/* compressed bytes that are */
	struct zst_layout layout;
	uint64_t frame_at;
	size_t frame_text, frame_max;	/* of the frame being written */
	struct trace_counts counts;
	uint64_t safe_written;	/* in the file for certain */
	int64_t flushed_ns, retry_ns;
	int stuck;		/* the last write(2) failed */
	int cut;		/* the file was found shorter than `at` */
};

/* ---- the file --------------------------------------------------------- */

/* Whether somebody made the file shorter: what is written behind its end
 * would stand behind a hole. */
static int
is_cut(struct trace_writer *w)
{
	struct stat st;

	w->cut |= fstat(w->fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size < w->at;
	return w->cut;
}

/* Moves what is compressed into the file. */
static int
push(struct trace_writer *w, struct err *err)
{
	ssize_t n;

	if (w->done < w->out.len && is_cut(w))
		return err_set(err, RC_IO, "%s: another program cut it short",
		    w->path);
	while (w->done < w->out.len) {
		n = write(w->fd, w->out.p + w->done, w->out.len - w->done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			w->stuck = 1;
			w->retry_ns = mono_now_ns() + MONO_S / 4;
			return err_errno(err, RC_IO, "%s: cannot write (%zu "
			    "bytes wait in memory; what was flushed before "
			    "is safe)", w->path, w->out.len - w->done);
		}
		w->done += (size_t)n;
		w->at += (uint64_t)n;
	}
	w->stuck = 0;
	w->done = 0;
	buf_reset(&w->out);
	return RC_OK;
}

/* Keeps the buffer from growing at its used front. */
static void
compact(struct trace_writer *w)
{
	if (w->done < PUSH_BYTES)
		return;
	memmove(w->out.p, w->out.p + w->done, w->out.len - w->done);
	w->out.len -= w->done;
	w->done = 0;
}

/* As push(), when there is enough, and not again at once after a failure. */
static int
push_some(struct trace_writer *w, struct err *err)
{
	if (w->out.len - w->done < PUSH_BYTES ||
	    (w->stuck && mono_now_ns() < w->retry_ns))
		return RC_OK;
	compact(w);
	return push(w, err);
}

/* Where compressed bytes go. */
static struct buf *
target(struct trace_writer *w)
{
	return w->seal != NULL ? &w->comp : &w->out;
}

/* Seals what is compressed, if this is done here; ends: a frame ends. */
static int
seal(struct trace_writer *w, int ends, struct err *err)
{
	if (w->seal == NULL)
		return RC_OK;
	seal_add(w->seal, w->comp.p, w->comp.len, ends, &w->out);
	w->sealed += w->comp.len;
	buf_reset(&w->comp);
	return buf_check(&w->out, w->path, err);
}

static uint64_t
physical_end(const struct trace_writer *w)
{
	return w->at + (w->out.len - w->done);
}

/* As readers count, who see what is sealed as one piece. */
static uint64_t
logical_end(const struct trace_writer *w)
{
	return w->seal != NULL ? w->sealed + w->comp.len : physical_end(w);
}

static int
encode(struct trace_writer *w, enum zst_how how, struct err *err)
{
	int rc = zst_enc_add(w->enc, w->stage.p, w->stage.len, how,
	    target(w), err);

	buf_reset(&w->stage);
	if (rc == RC_OK && (how == ZST_FLUSH || (how == ZST_MORE &&
	    w->comp.len >= PUSH_BYTES)))
		rc = seal(w, 0, err);
	return rc;
}

/* Ends the frame that is being written, if any. */
static int
end_frame(struct trace_writer *w, struct err *err)
{
	struct zst_frame f = { .at = w->frame_at, .has_sum = 1 };
	const unsigned char *sum;
	int i, rc;

	if (w->frame_text == 0)
		return RC_OK;
	rc = encode(w, ZST_END, err);
	if (rc != RC_OK)
		return rc;
	/* A frame ends with the checksum that the table wants. */
	sum = (const unsigned char *)target(w)->p + target(w)->len - 4;
	for (i = 3; i >= 0; i--)
		f.sum = f.sum << 8 | sum[i];
	f.n = logical_end(w) - f.at;
	f.text = w->frame_text;
	if (zst_layout_add(&w->layout, &f) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	w->frame_at = logical_end(w);
	w->frame_text = 0;
	return seal(w, 1, err);
}

/* ---- records ---------------------------------------------------------- */

/* Flushes, or at least empties a long buffer; a failure shows later. */
static void
settle(struct trace_writer *w)
{
	struct err later = ERR_INIT;

	if (mono_now_ns() - w->flushed_ns >= MONO_S)
		(void)trace_flush(w, 0, &later);
	else
		(void)push_some(w, &later);
}

static int
backlog(struct trace_writer *w, struct err *err)
{
	return w->out.len - w->done > BACKLOG_BYTES ? push(w, err) : RC_OK;
}

static int
add_line(struct trace_writer *w, const char *line, size_t n, struct err *err)
{
	int rc = RC_OK;

	buf_add(&w->stage, line, n);
	buf_putc(&w->stage, '\n');
	w->frame_text += n + 1;
	if (buf_check(&w->stage, w->path, err) != RC_OK)
		return RC_NOMEM;
	if (w->frame_text >= w->frame_max)
		rc = end_frame(w, err);
	else if (w->stage.len >= STAGE_BYTES)
		rc = encode(w, ZST_MORE, err);
	return rc;
}

int
trace_write(struct trace_writer *w, const char *line, size_t n,
    struct err *err)
{
	int rc;

	assert(memchr(line, '\n', n) == NULL);
	if (n > TRACE_LINE_MAX)
		return err_set(err, RC_USAGE, "%s: a record of %zu bytes is "
		    "longer than the maximum of %u", w->path, n,
		    TRACE_LINE_MAX);
	rc = backlog(w, err);
	if (rc == RC_OK)
		rc = add_line(w, line, n, err);
	if (rc != RC_OK)
		return rc;
	w->counts.written += trace_type_of(line, n) == TRACE_EXCHANGE;
	settle(w);
	return RC_OK;
}

int
trace_write_lines(struct trace_writer *w, const char *text, size_t n,
    uint64_t exchanges, struct err *err)
{
	int rc;

	assert(n > 0 && text[n - 1] == '\n');
	rc = backlog(w, err);
	if (rc == RC_OK)
		rc = encode(w, ZST_MORE, err);
	if (rc == RC_OK)
		rc = zst_enc_add(w->enc, text, n, ZST_MORE, target(w), err);
	if (rc == RC_OK)
		rc = seal(w, 0, err);
	if (rc != RC_OK)
		return rc;
	w->frame_text += n;
	if (w->frame_text >= w->frame_max)
		rc = end_frame(w, err);
	w->counts.written += exchanges;
	settle(w);
	return rc;
}

int
trace_flush(struct trace_writer *w, int sync, struct err *err)
{
	int rc = RC_OK;

	w->flushed_ns = mono_now_ns();
	if (w->frame_text > 0)
		rc = encode(w, ZST_FLUSH, err);
	if (rc == RC_OK)
		rc = push(w, err);
	if (rc == RC_OK && sync && fdatasync(w->fd) != 0)
		rc = err_errno(err, RC_IO, "%s: cannot sync", w->path);
	if (rc == RC_OK)
		w->safe_written = w->counts.written;
	return rc;
}

int
trace_sync(const struct trace_writer *w, struct err *err)
{
	return fdatasync(w->fd) == 0 ? RC_OK :
	    err_errno(err, RC_IO, "%s: cannot sync", w->path);
}

struct trace_counts *
trace_writer_counts(struct trace_writer *w)
{
	return &w->counts;
}

void
trace_drop(struct trace_writer *w, const char *reason, uint64_t n)
{
	trace_counts_add(&w->counts, 0, reason, n);
}

void
trace_refuse(struct trace_writer *w, const char *reason, uint64_t n)
{
	trace_counts_add(&w->counts, 1, reason, n);
}

void
trace_each_drop(const struct trace_writer *w, trace_drop_fn *fn, void *ctx)
{
	trace_counts_each(&w->counts, fn, ctx);
}

uint64_t
trace_add_drops(struct trace_writer *w, const struct json *account)
{
	return trace_counts_take(&w->counts, account);
}

int
trace_write_drops(struct trace_writer *w, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, TRACE_LINE_MAX);
	trace_counts_account(&w->counts, &b);
	rc = buf_check(&b, "an account", err);
	if (rc == RC_OK)
		rc = trace_write(w, b.p, b.len, err);
	buf_fini(&b);
	return rc;
}

void
trace_account(const struct trace_writer *w, struct trace_account *out)
{
	trace_counts_sum(&w->counts, out);
	out->safe = w->safe_written;
	out->bytes_file = physical_end(w);
}

/* ---- head and tail ---------------------------------------------------- */

int
trace_writer_head(struct trace_writer *w, const struct trace_opts *o,
    struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, TRACE_LINE_MAX);
	trace_head_line(o, &b);
	rc = buf_check(&b, "the head of a trace", err);
	if (rc == RC_OK)
		rc = add_line(w, b.p, b.len, err);
	if (rc == RC_OK)
		rc = end_frame(w, err);
	if (rc == RC_OK)
		rc = push(w, err);
	buf_fini(&b);
	return rc;
}

/* The tail and the table, each in a frame of its own. */
static int
put_end(struct trace_writer *w, struct err *err)
{
	struct buf b;
	int rc;

	rc = end_frame(w, err);
	buf_init(&b, 1 << 20);
	trace_counts_tail(&w->counts, &b);
	if (rc == RC_OK)
		rc = buf_check(&b, "the tail of a trace", err);
	if (rc == RC_OK)
		rc = add_line(w, b.p, b.len, err);
	if (rc == RC_OK)
		rc = end_frame(w, err);
	if (rc == RC_OK) {
		zst_layout_table(&w->layout, target(w));
		rc = buf_check(target(w), "the seek table", err);
	}
	if (rc == RC_OK)
		rc = seal(w, 1, err);
	buf_fini(&b);
	return rc;
}

/* ---- opening and closing ---------------------------------------------- */

static int
create_file(const char *path, int replace, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC |
	    (replace ? 0 : O_EXCL), 0600);

	if (fd < 0 && errno == EEXIST)
		return err_set(err, RC_IO, "%s: exists already; remove it or "
		    "choose another name", path);
	if (fd < 0)
		return err_errno(err, RC_IO, "%s: cannot create", path);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		(void)close(fd);
		return err_set(err, RC_IO,
		    "%s: another process is writing to it", path);
	}
	if (ftruncate(fd, 0) != 0 || fchmod(fd, 0600) != 0) {
		(void)err_errno(err, RC_IO, "%s: cannot create", path);
		(void)close(fd);
		return RC_IO;
	}
	return fd;
}

static void
free_writer(struct trace_writer *w)
{
	if (w == NULL)
		return;
	if (w->fd >= 0)
		(void)close(w->fd);
	zst_enc_free(w->enc);
	seal_writer_free(w->seal);
	buf_fini(&w->comp);
	zst_layout_fini(&w->layout);
	buf_fini(&w->stage);
	buf_fini(&w->out);
	free(w->path);
	free(w);
}

int
trace_writer_create(const char *path, const struct trace_opts *o,
    int replace, struct trace_writer **out, struct err *err)
{
	struct trace_writer *w = calloc(1, sizeof(*w));
	int level = o->level != 0 ? o->level : TRACE_LEVEL;
	int rc;

	*out = NULL;
	if (w == NULL || (w->path = strdup(path)) == NULL) {
		free(w);
		(void)err_set(err, RC_NOMEM, "out of memory");
		return RC_NOMEM;
	}
	w->fd = -1;
	w->frame_max = o->frame_bytes != 0 ? o->frame_bytes :
	    TRACE_FRAME_BYTES;
	w->flushed_ns = mono_now_ns();
	buf_init(&w->stage, (size_t)TRACE_LINE_MAX +
	    (size_t)2 * STAGE_BYTES);
	buf_init(&w->out, (size_t)4 * TRACE_LINE_MAX);
	buf_init(&w->comp, (size_t)4 * TRACE_LINE_MAX);
	rc = zst_enc_new(level, TRACE_WINDOW_LOG, &w->enc, err);
	if (rc == RC_OK && trace_key() != NULL)
		rc = seal_writer_new(trace_key(), &w->out, &w->seal, err);
	if (rc == RC_OK) {
		w->fd = create_file(path, replace, err);
		rc = w->fd < 0 ? w->fd : replace_sync_folder(path, err);
	}
	if (rc != RC_OK) {
		free_writer(w);
		return rc;
	}
	*out = w;
	return RC_OK;
}

int
trace_writer_open(const char *path, const struct trace_opts *o, int replace,
    struct trace_writer **out, struct err *err)
{
	int rc = trace_writer_create(path, o, replace, out, err);

	if (rc != RC_OK)
		return rc;
	rc = trace_writer_head(*out, o, err);
	if (rc != RC_OK)
		trace_writer_abandon(out);
	return rc;
}

void
trace_writer_abandon(struct trace_writer **w)
{
	if (w == NULL)
		return;
	free_writer(*w);
	*w = NULL;
}

int
trace_writer_close(struct trace_writer **w, struct err *err)
{
	int rc;

	if (w == NULL || *w == NULL)
		return RC_OK;
	rc = put_end(*w, err);
	if (rc == RC_OK)
		rc = push(*w, err);
	if (rc == RC_OK && fdatasync((*w)->fd) != 0)
		rc = err_errno(err, RC_IO, "%s: cannot sync", (*w)->path);
	trace_writer_abandon(w);
	return rc;
}

int
trace_where(const struct trace_writer *w)
{
	struct stat mine, named;

	if (fstat(w->fd, &mine) != 0 || mine.st_nlink == 0)
		return TRACE_DELETED;
	if (w->cut || (S_ISREG(mine.st_mode) &&
	    (uint64_t)mine.st_size < w->at))
		return TRACE_CUT;
	if (stat(w->path, &named) != 0 || named.st_ino != mine.st_ino ||
	    named.st_dev != mine.st_dev)
		return TRACE_MOVED;
	return TRACE_THERE;
}

int
trace_writer_fd(const struct trace_writer *w)
{
	return w->fd;
}

/* ---- for mending ------------------------------------------------------ */

int
trace_writer_cut(struct trace_writer *w, struct err *err)
{
	return end_frame(w, err);
}

const char *
trace_writer_path(const struct trace_writer *w)
{
	return w->path;
}

int
trace_writer_rename(struct trace_writer *w, const char *path,
    struct err *err)
{
	char *copy = strdup(path);

	if (copy == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (rename(w->path, path) != 0) {
		free(copy);
		return err_errno(err, RC_IO, "%s: cannot replace it", path);
	}
	free(w->path);
	w->path = copy;
	return replace_sync_folder(path, err);
}

int
trace_write_frame(struct trace_writer *w, const struct zst_src *src,
    const struct zst_frame *f, uint64_t exchanges, struct err *err)
{
	struct zst_frame mine = *f;
	uint64_t left = f->n, from = f->at;
	char *to;
	size_t n;
	int rc;

	rc = end_frame(w, err);
	mine.at = w->frame_at;
	while (rc == RC_OK && left > 0) {
		n = left < COPY_BYTES ? (size_t)left : COPY_BYTES;
		to = buf_reserve(target(w), n);
		if (to == NULL)
			return buf_check(target(w), w->path, err);
		rc = zst_pread(src, to, n, from, err);
		target(w)->len += rc == RC_OK ? n : 0;
		from += n;
		left -= n;
		if (rc == RC_OK)
			rc = seal(w, left == 0, err);
		if (rc == RC_OK)
			rc = push(w, err);
	}
	if (rc != RC_OK)
		return rc;
	if (zst_layout_add(&w->layout, &mine) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	w->counts.written += exchanges;
	w->frame_at = logical_end(w);
	return RC_OK;
}
