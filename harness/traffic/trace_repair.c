/*
 * Repairing and resuming traces; see trace.h. Both write a new file and rename
 * it: whatever happens meanwhile, one of the two is complete. Sound frames are
 * copied unchanged, not compressed again.
 */
#include "harness/traffic/trace_part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/jscan.h"

enum { PATH_BYTES = 4096 };

struct mend {
	const char *in;
	const char *bodies;	/* where body files go; NULL: they stay */
	struct trace_frames *frames;
	struct trace_writer *w;
	const struct trace_opts *opts;	/* of a head, when there is none */
	struct trace_repair *rep;
	struct buf carry;	/* a line that began in an earlier chunk */
	int begun;		/* a first record was written */
	struct json *account;	/* the last one read, or NULL */
	struct err *err;
};

static int
is_object(const char *line, size_t n)
{
	struct jscan s;

	jscan_init(&s, line, n);
	if (jscan_peek(&s) != '{')
		return 0;
	jscan_skip(&s);
	return jscan_end(&s);
}

static void
note(struct mend *m, const char *what)
{
	if (m->rep->first_bad[0] == '\0')
		(void)snprintf(m->rep->first_bad, sizeof(m->rep->first_bad),
		    "%s", what);
}

/* Accounts count from the trace's beginning: the last one holds. */
static void
take_account(struct mend *m, const char *line, size_t n)
{
	json_free(m->account);
	m->account = json_parse(line, n, NULL);
}

/*
 * What was dropped in the part that goes on stays as a record of its own:
 * a crash before the next account would forget it.
 */
static int
put_account(struct mend *m)
{
	uint64_t told = (uint64_t)json_get_int(m->account, "written", 0);

	if (told > m->rep->kept)
		trace_drop(m->w, "damaged", told - m->rep->kept);
	if (trace_add_drops(m->w, m->account) == 0)
		return RC_OK;
	return trace_write_drops(m->w, m->err);
}

static int
begin(struct mend *m, enum trace_type t)
{
	if (m->begun)
		return RC_OK;
	m->begun = 1;
	return t == TRACE_HEAD ? RC_OK :
	    trace_writer_head(m->w, m->opts, m->err);
}

/* One line that cannot be copied with its frame. */
static int
put_line(struct mend *m, const char *line, size_t n)
{
	enum trace_type t;
	char what[64];
	int rc;

	if (n == 0)
		return RC_OK;
	if (n > TRACE_LINE_MAX || !is_object(line, n)) {
		m->rep->lines_bad++;
		(void)snprintf(what, sizeof(what), "a record after exchange "
		    "%llu is not a JSON object", (unsigned long long)
		    m->rep->kept);
		note(m, what);
		return RC_OK;
	}
	t = trace_type_of(line, n);
	if (t == TRACE_TAIL || t == TRACE_ACCOUNT) {
		take_account(m, line, n);
		return RC_OK;
	}
	rc = begin(m, t);
	if (rc == RC_OK && m->bodies != NULL)
		rc = trace_body_copy(m->in, m->bodies, line, n, m->err);
	if (rc == RC_OK)
		rc = trace_write(m->w, line, n, m->err);
	if (rc == RC_OK && t == TRACE_HEAD)
		rc = trace_writer_cut(m->w, m->err);
	m->rep->kept += rc == RC_OK && t == TRACE_EXCHANGE;
	return rc;
}

static int
put_lines(struct mend *m, const struct trace_chunk *c)
{
	const char *p = c->p, *end = c->p + c->n, *nl;
	int rc;

	while ((nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		buf_add(&m->carry, p, (size_t)(nl - p));
		if (m->carry.bad != RC_OK)
			m->rep->lines_bad++;
		rc = m->carry.bad != RC_OK ? RC_OK :
		    put_line(m, m->carry.p, m->carry.len);
		buf_reset(&m->carry);
		if (rc != RC_OK)
			return rc;
		p = nl + 1;
		if (p == end)
			return RC_OK;
	}
	buf_add(&m->carry, p, (size_t)(end - p));
	return RC_OK;
}

/*
 * Whether a frame may be copied as it is: whole lines of sound records, no
 * account among them, a head at the very beginning.
 * *n_ex  exchanges in it
 */
static int
may_copy(struct mend *m, const struct trace_chunk *c, uint64_t *n_ex)
{
	const char *p = c->p, *end = c->p + c->n, *nl;
	enum trace_type t;

	*n_ex = 0;
	if (!c->whole || m->carry.len > 0 || c->n == 0 ||
	    end[-1] != '\n' ||
	    !trace_frames_layout(m->frames)->v[c->frame].has_sum)
		return 0;
	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!is_object(p, (size_t)(nl - p)))
			return 0;
		t = trace_type_of(p, (size_t)(nl - p));
		if (t == TRACE_TAIL || t == TRACE_ACCOUNT ||
		    (!m->begun && t != TRACE_HEAD))
			return 0;
		m->begun = 1;
		*n_ex += t == TRACE_EXCHANGE;
	}
	return 1;
}

static int
copy_bodies(struct mend *m, const struct trace_chunk *c)
{
	const char *p = c->p, *end = c->p + c->n, *nl;
	int rc = RC_OK;

	if (m->bodies == NULL)
		return RC_OK;
	for (; p < end && rc == RC_OK; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		rc = trace_body_copy(m->in, m->bodies, p, (size_t)(nl - p),
		    m->err);
	}
	return rc;
}

static int
put_chunk(struct mend *m, const struct trace_chunk *c)
{
	struct zst_frame f;
	uint64_t n_ex;
	int rc;

	if (!may_copy(m, c, &n_ex))
		return put_lines(m, c);
	rc = copy_bodies(m, c);
	if (rc != RC_OK)
		return rc;
	f = trace_frames_layout(m->frames)->v[c->frame];
	f.text = c->n;
	m->rep->kept += n_ex;
	return trace_write_frame(m->w, &trace_frames_place(m->frames)->src,
	    &f, n_ex, m->err);
}

/* The last line, if its newline alone is missing. */
static int
put_rest(struct mend *m)
{
	int rc = RC_OK;

	if (m->carry.bad == RC_OK && m->carry.len > 0) {
		if (is_object(m->carry.p, m->carry.len))
			rc = put_line(m, m->carry.p, m->carry.len);
		else
			m->rep->torn = 1;
	}
	return rc;
}

static int
copy_all(struct mend *m)
{
	struct err bad = ERR_INIT;
	struct trace_chunk c;
	int rc;

	while ((rc = trace_frames_next(m->frames, &c, &bad)) != 0) {
		if (rc == RC_FORMAT) {
			m->rep->frames_bad++;
			m->rep->bytes_lost += c.comp;
			note(m, bad.msg);
			memset(&bad, 0, sizeof(bad));
			buf_reset(&m->carry);
			continue;
		}
		if (rc < 0)
			return err_set(m->err, (enum rc)rc, "%s", bad.msg);
		rc = put_chunk(m, &c);
		if (rc != RC_OK)
			return rc;
	}
	m->rep->torn = trace_frames_layout(m->frames)->torn;
	rc = put_rest(m);
	if (rc == RC_OK)
		rc = begin(m, TRACE_OTHER);
	return rc == RC_OK ? put_account(m) : rc;
}

/*
 * Everything readable of m->in goes to a writer on tmp, which stays open.
 * m       in, bodies, opts, rep and err are set
 */
static int
mend_into(struct mend *m, const char *tmp, int replace)
{
	int rc;

	memset(m->rep, 0, sizeof(*m->rep));
	buf_init(&m->carry, (size_t)TRACE_LINE_MAX + 2);
	rc = trace_frames_open(m->in, 0, &m->frames, m->err);
	if (rc == RC_OK)
		rc = trace_writer_create(tmp, m->opts, replace, &m->w,
		    m->err);
	if (rc == RC_OK)
		rc = copy_all(m);
	buf_fini(&m->carry);
	json_free(m->account);
	trace_frames_close(&m->frames);
	if (rc != RC_OK && m->w != NULL) {
		trace_writer_abandon(&m->w);
		(void)unlink(tmp);
	}
	return rc;
}

static int
same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

/* A lock on a trace that is about to be replaced; -1 with err. */
static int
lock_trace(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct stat mine, now;

	if (fd < 0) {
		(void)err_errno(err, RC_IO, "%s: cannot open", path);
		return -1;
	}
	/* Who waited here while another replaced the file has a lock on
	 * something that is no longer it. */
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &mine) != 0 ||
	    stat(path, &now) != 0 || mine.st_ino != now.st_ino) {
		(void)err_set(err, RC_IO,
		    "%s: another process is writing to it", path);
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int
tmp_name(char *out, const char *path, struct err *err)
{
	int n = snprintf(out, PATH_BYTES, "%s.mend", path);

	if (n < 0 || n >= PATH_BYTES)
		return err_set(err, RC_USAGE, "%s: the path is too long",
		    path);
	return RC_OK;
}

/* Where nothing of what is there could be read, it is not thrown away. */
static int
set_aside(const char *path, struct trace_repair *rep, struct err *err)
{
	char aside[PATH_BYTES];
	int n = snprintf(aside, sizeof(aside), "%s.damaged", path);

	if (rep->kept > 0 || (rep->lines_bad == 0 && rep->frames_bad == 0 &&
	    !rep->torn))
		return RC_OK;
	if (n < 0 || n >= PATH_BYTES)
		return err_set(err, RC_USAGE, "%s: the path is too long",
		    path);
	if (access(aside, F_OK) == 0)
		return err_set(err, RC_USAGE, "%s exists from an earlier "
		    "repair; move it away, or repair into another file with "
		    "--out", aside);
	/* there are file systems without links */
	if (link(path, aside) != 0 && rename(path, aside) != 0)
		return err_errno(err, RC_IO, "%s: cannot be made", aside);
	rep->aside = 1;
	return RC_OK;
}

int
trace_repair(const char *in, const char *out, struct trace_repair *rep,
    struct err *err)
{
	struct trace_opts o = { .kind = "repaired" };
	struct mend m = { .in = in, .opts = &o, .rep = rep, .err = err };
	char tmp[PATH_BYTES];
	int rc, lock = -1, own = same_file(in, out);

	if (own) {
		rc = tmp_name(tmp, in, err);
		lock = rc == RC_OK ? lock_trace(in, err) : -1;
		if (lock < 0)
			return rc == RC_OK ? RC_IO : rc;
	}
	m.bodies = own ? NULL : out;
	rc = mend_into(&m, own ? tmp : out, own);
	if (rc == RC_OK)
		rc = trace_writer_close(&m.w, err);
	if (rc == RC_OK && own)
		rc = set_aside(in, rep, err);
	if (rc == RC_OK && own && rename(tmp, in) != 0)
		rc = err_errno(err, RC_IO, "%s: cannot replace it", in);
	if (rc != RC_OK && own)
		(void)unlink(tmp);
	if (lock >= 0)
		(void)close(lock);
	return rc;
}

int
trace_writer_resume(const char *path, const struct trace_opts *o,
    struct trace_writer **out, struct err *err)
{
	struct trace_repair rep;
	struct mend m = { .in = path, .opts = o, .rep = &rep, .err = err };
	char tmp[PATH_BYTES];
	int rc, lock;

	*out = NULL;
	rc = tmp_name(tmp, path, err);
	if (rc != RC_OK)
		return rc;
	lock = lock_trace(path, err);
	if (lock < 0)
		return RC_IO;
	rc = mend_into(&m, tmp, 1);
	if (rc == RC_OK)
		rc = trace_flush(m.w, 1, err);
	if (rc == RC_OK)
		rc = trace_writer_rename(m.w, path, err);
	if (rc != RC_OK && m.w != NULL) {
		trace_writer_abandon(&m.w);
		(void)unlink(tmp);
	}
	(void)close(lock);
	*out = m.w;
	return rc;
}
