/*
 * Frames of a trace as chunks of text, decoded ahead on threads and given in
 * order; see trace_part.h.
 *
 * Each thread takes the next frame and a slot for its text.  A frame longer
 * than TRACE_PART_BYTES fills its slot, waits until it is this frame's turn
 * and the text has been taken, and goes on: memory stays bounded whatever a
 * frame decodes to, and nobody waits for ever, since the frame whose turn it
 * is never depends on a later one.
 */
#include "harness/traffic/trace_part.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/tmpfile.h"

enum {
	THREADS_MAX = 16,
	SLOTS_MAX = THREADS_MAX + 1,
	IN_BYTES = 256 << 10,
	PLAIN_BYTES = 1 << 20,
	PIPE_BYTES = 64 << 10
};

enum slot_state { SLOT_FREE, SLOT_BUSY, SLOT_PART, SLOT_DONE };

struct slot {
	enum slot_state state;
	struct zst_src src;
	size_t frame;
	struct zst_frame f;
	struct buf text;
	struct buf in;		/* compressed bytes */
	struct zst_in from;	/* over in */
	uint64_t at;		/* of the next bytes to read */
	struct zst_dec *dec;
	int begun;		/* a part was given already */
	int torn, whole;
	int rc;
	struct err err;
};

struct trace_frames {
	char *path;
	struct trace_place place;
	int plain, piped;
	int piped_mid;		/* the pipe is within a frame */
	struct zst_layout layout;
	struct slot slot[SLOTS_MAX];
	size_t n_slots;
	struct buf out;		/* the text given last */
	pthread_t threads[THREADS_MAX];
	size_t n_threads;
	pthread_mutex_t lock;
	pthread_cond_t wake_reader, wake_worker;
	size_t next_job;	/* frame that a thread takes next */
	size_t turn;		/* frame that is given next */
	int stop;
	trace_pick_fn *pick;	/* or NULL: all */
	void *pick_ctx;
};

/* ---- decoding --------------------------------------------------------- */

static int
slot_bad(struct trace_frames *f, struct slot *s, int rc)
{
	if (!f->piped)
		err_prefix(&s->err, "%s: frame %zu at byte %llu", f->path,
		    s->frame, (unsigned long long)trace_place_at(&f->place,
		    s->f.at));
	else
		err_prefix(&s->err, "%s", f->path);
	buf_reset(&s->text);
	s->rc = rc;
	return 1;
}

static ssize_t
read_pipe(struct trace_frames *f, char *to, size_t n, struct err *err)
{
	ssize_t got;

	do {
		got = read(f->place.src.fd, to, n);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? err_errno(err, RC_IO, "cannot read") : got;
}

/* More compressed bytes into s->in. returns their number, 0 at the end */
static ssize_t
refill(struct trace_frames *f, struct slot *s)
{
	uint64_t left = s->f.at + s->f.n - s->at;
	size_t want = f->piped || left > IN_BYTES ? IN_BYTES : (size_t)left;
	ssize_t got;
	char *to;

	buf_reset(&s->in);
	to = buf_reserve(&s->in, IN_BYTES);
	if (to == NULL)
		return (ssize_t)buf_check(&s->in, "input", &s->err);
	if (f->piped)
		got = read_pipe(f, to, want, &s->err);
	else
		got = zst_read(&s->src, to, want, s->at, &s->err);
	/* what does not open ends a frame that has no end anyway */
	if (got == RC_FORMAT && s->f.kind == ZST_TORN) {
		memset(&s->err, 0, sizeof(s->err));
		got = 0;
	}
	if (got < 0)
		return got;
	s->in.len = (size_t)got;
	s->at += (uint64_t)got;
	s->from.p = to;
	s->from.n = (size_t)got;
	s->from.used = 0;
	return got;
}

/* Small frames of known size decode in one go, straight into place. */
static int
step_whole(struct trace_frames *f, struct slot *s)
{
	char *to = buf_reserve(&s->in, (size_t)s->f.n);
	int rc;

	rc = to == NULL ? buf_check(&s->in, "a frame", &s->err) :
	    zst_pread(&s->src, to, (size_t)s->f.n, s->f.at, &s->err);
	if (rc == RC_OK)
		rc = zst_dec_whole(s->dec, to, (size_t)s->f.n,
		    (size_t)s->f.text, &s->text, &s->err);
	buf_reset(&s->in);
	s->whole = rc == RC_OK;
	return rc == RC_OK ? 1 : slot_bad(f, s, rc);
}

/* The input is used up before the frame's end. */
static int
step_cut(struct trace_frames *f, struct slot *s)
{
	if (f->piped && !f->piped_mid)
		return 1;
	if (f->piped || s->f.kind == ZST_TORN) {
		s->torn = 1;
		return 1;
	}
	(void)err_set(&s->err, RC_FORMAT, "damaged: it has no end");
	return slot_bad(f, s, RC_FORMAT);
}

/* Decodes until the slot is full or the frame ends. returns 1 at its end */
static int
step_stream(struct trace_frames *f, struct slot *s)
{
	ssize_t got;
	int rc, ended;

	while (s->text.len < TRACE_PART_BYTES) {
		if (s->from.used == s->from.n && !zst_dec_more(s->dec)) {
			got = refill(f, s);
			if (got < 0)
				return slot_bad(f, s, (int)got);
			if (got == 0)
				return step_cut(f, s);
		}
		rc = zst_dec_add(s->dec, &s->from, &s->text,
		    TRACE_PART_BYTES, &ended, &s->err);
		if (f->piped)
			f->piped_mid = !ended;
		/* What follows the last flushed block of a torn frame. */
		if (rc == RC_FORMAT && s->f.kind == ZST_TORN) {
			memset(&s->err, 0, sizeof(s->err));
			s->torn = 1;
			return 1;
		}
		if (rc != RC_OK)
			return slot_bad(f, s, rc);
		if (ended && !f->piped) {
			s->whole = !s->begun;
			return 1;
		}
	}
	return 0;
}

static int
step_plain(struct trace_frames *f, struct slot *s)
{
	ssize_t got;
	char *to = buf_reserve(&s->text, PLAIN_BYTES);

	if (to == NULL)
		return slot_bad(f, s, buf_check(&s->text, "text", &s->err));
	got = read_pipe(f, to, PLAIN_BYTES, &s->err);
	if (got < 0)
		return slot_bad(f, s, (int)got);
	s->text.len += (size_t)got;
	return got == 0;
}

/* returns 1 when the frame is through */
static int
step(struct trace_frames *f, struct slot *s)
{
	if (f->plain)
		return step_plain(f, s);
	if (s->f.kind == ZST_BAD) {
		(void)err_set(&s->err, RC_FORMAT, "damaged: %llu bytes that "
		    "are not a whole zstd frame", (unsigned long long)s->f.n);
		return slot_bad(f, s, RC_FORMAT);
	}
	if (s->f.text <= TRACE_PART_BYTES && s->f.n <= TRACE_PART_BYTES)
		return step_whole(f, s);
	return step_stream(f, s);
}

static void
slot_begin(struct trace_frames *f, struct slot *s, size_t frame)
{
	static const struct zst_frame all = { .text = ZST_TEXT_UNKNOWN };

	s->frame = frame;
	s->f = f->layout.n > 0 ? f->layout.v[frame] : all;
	s->at = s->f.at;
	s->from.n = s->from.used = 0;
	s->begun = s->torn = s->whole = 0;
	s->rc = RC_OK;
	memset(&s->err, 0, sizeof(s->err));
	buf_reset(&s->text);
	zst_dec_reset(s->dec);
}

/* ---- threads ---------------------------------------------------------- */

static void
work_on(struct trace_frames *f, struct slot *s)
{
	int done;

	for (;;) {
		(void)pthread_mutex_unlock(&f->lock);
		done = step(f, s);
		(void)pthread_mutex_lock(&f->lock);
		s->state = done ? SLOT_DONE : SLOT_PART;
		(void)pthread_cond_signal(&f->wake_reader);
		if (done)
			return;
		while (s->state == SLOT_PART && !f->stop)
			(void)pthread_cond_wait(&f->wake_worker, &f->lock);
		if (f->stop)
			return;
	}
}

static void *
worker(void *arg)
{
	struct trace_frames *f = arg;
	struct slot *s;

	(void)pthread_mutex_lock(&f->lock);
	while (!f->stop && f->next_job < f->layout.n) {
		s = &f->slot[f->next_job % f->n_slots];
		if (s->state != SLOT_FREE) {
			(void)pthread_cond_wait(&f->wake_worker, &f->lock);
			continue;
		}
		s->state = SLOT_BUSY;
		slot_begin(f, s, f->next_job++);
		work_on(f, s);
	}
	(void)pthread_mutex_unlock(&f->lock);
	return NULL;
}

static int
start(struct trace_frames *f, int threads, struct err *err)
{
	long n = threads > 0 ? threads : sysconf(_SC_NPROCESSORS_ONLN);
	size_t i;
	int rc;

	if (n > THREADS_MAX)
		n = THREADS_MAX;
	if (f->layout.n < 2 || n <= 1)
		n = 0;
	f->n_slots = (size_t)n + 1;
	for (i = 0; i < f->n_slots; i++) {
		buf_init(&f->slot[i].text, (size_t)TRACE_PART_BYTES * 2);
		buf_init(&f->slot[i].in, (size_t)TRACE_PART_BYTES * 2);
		rc = zst_dec_new(&f->slot[i].dec, err);
		if (rc == RC_OK)
			rc = trace_place_again(&f->place, &f->slot[i].src,
			    err);
		if (rc != RC_OK)
			return rc;
	}
	for (; f->n_threads < (size_t)n; f->n_threads++) {
		if (pthread_create(&f->threads[f->n_threads], NULL, worker,
		    f) != 0)
			break;
	}
	return RC_OK;
}

/* ---- giving ----------------------------------------------------------- */

/* The slot of the frame whose turn it is, with text in it or done. */
static struct slot *
await(struct trace_frames *f)
{
	struct slot *s = &f->slot[f->turn % f->n_slots];

	if (f->n_threads == 0) {
		if (s->state == SLOT_FREE)
			slot_begin(f, s, f->turn);
		s->state = step(f, s) ? SLOT_DONE : SLOT_PART;
		return s;
	}
	while (s->frame != f->turn ||
	    (s->state != SLOT_PART && s->state != SLOT_DONE))
		(void)pthread_cond_wait(&f->wake_reader, &f->lock);
	return s;
}

static int
give(struct trace_frames *f, struct slot *s, struct trace_chunk *c,
    struct err *err)
{
	struct buf t = f->out;
	int rc = s->rc;

	f->out = s->text;
	s->text = t;
	buf_reset(&s->text);
	c->p = buf_str(&f->out);
	c->n = f->out.len;
	c->frame = s->frame;
	c->at = s->f.at;
	c->comp = s->f.n;
	c->first = !s->begun;
	c->last = s->state == SLOT_DONE;
	c->torn = s->torn;
	c->whole = s->whole;
	if (rc != RC_OK)
		(void)err_set(err, (enum rc)rc, "%s", s->err.msg);
	s->begun = 1;
	if (c->last) {
		s->state = SLOT_FREE;
		s->frame = SIZE_MAX;
		f->turn++;
	} else {
		s->state = SLOT_BUSY;
	}
	(void)pthread_cond_broadcast(&f->wake_worker);
	return rc != RC_OK ? rc : 1;
}

int
trace_frames_next(struct trace_frames *f, struct trace_chunk *c,
    struct err *err)
{
	size_t n = f->plain || f->piped ? 1 : f->layout.n;
	int rc;

	memset(c, 0, sizeof(*c));
	while (f->pick != NULL && f->turn < f->layout.n &&
	    f->slot[f->turn % f->n_slots].state == SLOT_FREE &&
	    !f->pick(f->pick_ctx, f->turn))
		f->turn++;
	if (f->turn >= n)
		return 0;
	(void)pthread_mutex_lock(&f->lock);
	rc = give(f, await(f), c, err);
	(void)pthread_mutex_unlock(&f->lock);
	return rc;
}

void
trace_frames_pick(struct trace_frames *f, trace_pick_fn *pick, void *ctx)
{
	f->pick = pick;
	f->pick_ctx = ctx;
}

const struct zst_layout *
trace_frames_layout(const struct trace_frames *f)
{
	return &f->layout;
}

const struct trace_place *
trace_frames_place(const struct trace_frames *f)
{
	return &f->place;
}

int
trace_frames_plain(const struct trace_frames *f)
{
	return f->plain;
}

/* ---- opening ---------------------------------------------------------- */

/* Text begins like JSON; anything else is taken for frames, be they broken. */
static int
is_text(const char *p, size_t n)
{
	static const char begins[] = " \t\r\n{[\xef";

	return n > 0 && p[0] != '\0' && strchr(begins, p[0]) != NULL;
}

/* Some bytes of it must be a frame, or it is no trace at all. */
static int
check_frames(struct trace_frames *f, struct err *err)
{
	const struct zst_layout *l = &f->layout;

	if (l->n == 1 && l->v[0].kind == ZST_BAD && l->v[0].n == l->size)
		return err_set(err, RC_FORMAT, "%s: not a trace: neither "
		    "zstd nor JSON lines", f->path);
	return RC_OK;
}

static int
look(struct trace_frames *f, int fd, struct err *err)
{
	char magic[4];
	ssize_t got;
	int rc;

	f->place.src.fd = fd;
	if (lseek(fd, 0, SEEK_CUR) < 0) {
		f->piped = 1;
		return RC_OK;
	}
	rc = trace_place_open(fd, f->path, &f->place, err);
	if (rc != RC_OK)
		return rc;
	got = zst_read(&f->place.src, magic, sizeof(magic), 0, NULL);
	f->plain = f->place.file == NULL &&
	    is_text(magic, got > 0 ? (size_t)got : 0);
	if (f->plain)
		return RC_OK;
	rc = zst_layout_read(&f->place.src, &f->layout, err);
	if (rc != RC_OK) {
		err_prefix(err, "%s", f->path);
		return rc;
	}
	return check_frames(f, err);
}

/* A sealed one can be opened at any place, and so must be a file. What it
 * becomes on the way is as sealed as it was. */
static int
spool_pipe(struct trace_frames *f, const struct buf *first, struct err *err)
{
	char b[PIPE_BYTES];
	off_t at = (off_t)first->len;
	ssize_t got = 1;
	int fd, rc;

	rc = tmpfile_open(&fd, err);
	if (rc != RC_OK)
		return rc;
	rc = tmpfile_write(fd, first->p, first->len, 0, err);
	while (rc == RC_OK && got > 0) {
		got = read_pipe(f, b, sizeof(b), err);
		rc = got < 0 ? (int)got :
		    tmpfile_write(fd, b, (size_t)got, at, err);
		at += got;
	}
	(void)close(f->place.src.fd);
	f->place.src.fd = fd;
	f->piped = 0;
	return rc != RC_OK ? rc : look(f, fd, err);
}

/* A pipe tells its kind by its first bytes, which the decoder must see. */
static int
look_piped(struct trace_frames *f, struct buf *first, struct err *err)
{
	char *to = buf_reserve(first, IN_BYTES);
	ssize_t got = 1;

	if (to == NULL)
		return buf_check(first, f->path, err);
	while (got > 0 && first->len < SEAL_MAGIC) {
		got = read_pipe(f, first->p + first->len,
		    IN_BYTES - first->len, err);
		if (got < 0) {
			err_prefix(err, "%s", f->path);
			return (int)got;
		}
		first->len += (size_t)got;
	}
	if (seal_is(first->p, first->len))
		return spool_pipe(f, first, err);
	f->plain = first->len == 0 || is_text(first->p, first->len);
	return RC_OK;
}

/* What was read to look at it is the beginning of what is read. */
static void
give_first(struct trace_frames *f, struct buf *first)
{
	struct slot *s = &f->slot[0];
	struct buf mine = s->in;

	slot_begin(f, s, 0);
	s->in = *first;
	*first = mine;
	s->from.p = s->in.p;
	s->from.n = s->in.len;
	s->from.used = 0;
	if (f->plain) {
		buf_add(&s->text, s->from.p, s->from.n);
		f->piped = 0;
	}
	s->state = SLOT_BUSY;
}

int
trace_frames_open(const char *path, int threads, struct trace_frames **out,
    struct err *err)
{
	struct trace_frames *f = calloc(1, sizeof(*f));
	struct buf first;
	size_t i;
	int fd, rc;

	*out = NULL;
	if (f == NULL || (f->path = strdup(path)) == NULL) {
		free(f);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	(void)pthread_mutex_init(&f->lock, NULL);
	(void)pthread_cond_init(&f->wake_reader, NULL);
	(void)pthread_cond_init(&f->wake_worker, NULL);
	buf_init(&f->out, (size_t)TRACE_PART_BYTES * 2);
	for (i = 0; i < SLOTS_MAX; i++)
		f->slot[i].frame = SIZE_MAX;
	f->place.src.fd = -1;
	buf_init(&first, (size_t)TRACE_PART_BYTES * 2);
	fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) :
	    open(path, O_RDONLY | O_CLOEXEC);
	rc = fd < 0 ? err_errno(err, RC_IO, "%s: cannot open", path) :
	    look(f, fd, err);
	if (rc == RC_OK && f->piped)
		rc = look_piped(f, &first, err);
	if (rc == RC_OK)
		rc = start(f, threads, err);
	if (rc == RC_OK && f->piped)
		give_first(f, &first);
	buf_fini(&first);
	if (rc != RC_OK)
		trace_frames_close(&f);
	*out = f;
	return rc;
}

void
trace_frames_close(struct trace_frames **fp)
{
	struct trace_frames *f = *fp;
	size_t i;

	if (f == NULL)
		return;
	(void)pthread_mutex_lock(&f->lock);
	f->stop = 1;
	(void)pthread_cond_broadcast(&f->wake_worker);
	(void)pthread_mutex_unlock(&f->lock);
	for (i = 0; i < f->n_threads; i++)
		(void)pthread_join(f->threads[i], NULL);
	for (i = 0; i < SLOTS_MAX; i++) {
		buf_fini(&f->slot[i].text);
		buf_fini(&f->slot[i].in);
		zst_dec_free(f->slot[i].dec);
		seal_cursor_free(f->slot[i].src.sealed);
	}
	trace_place_close(&f->place);
	(void)pthread_mutex_destroy(&f->lock);
	(void)pthread_cond_destroy(&f->wake_reader);
	(void)pthread_cond_destroy(&f->wake_worker);
	zst_layout_fini(&f->layout);
	buf_fini(&f->out);
	free(f->path);
	free(f);
	*fp = NULL;
}
