/* Bytes in memory, then in a scratch file; see spool.h. */
#include "harness/base/spool.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/tmpfile.h"

/* A report of a few thousand cases needs no file. */
enum { TAIL_BYTES = 1 << 20 };

void
spool_init(struct spool *s)
{
	buf_init(&s->tail, SIZE_MAX / 4);
	s->in_file = 0;
	s->fd = -1;
}

void
spool_fini(struct spool *s)
{
	buf_fini(&s->tail);
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
}

uint64_t
spool_end(const struct spool *s)
{
	return s->in_file + s->tail.len;
}

static int
move_tail(struct spool *s, struct err *err)
{
	int rc = s->fd >= 0 ? RC_OK : tmpfile_open(&s->fd, err);

	if (rc == RC_OK)
		rc = tmpfile_write(s->fd, s->tail.p, s->tail.len,
		    (off_t)s->in_file, err);
	if (rc != RC_OK)
		return rc;
	s->in_file += s->tail.len;
	buf_reset(&s->tail);
	return RC_OK;
}

int
spool_add(struct spool *s, const void *p, size_t n, struct err *err)
{
	int rc = RC_OK;

	if (s->tail.len > 0 && s->tail.len + n > TAIL_BYTES)
		rc = move_tail(s, err);
	if (rc != RC_OK)
		return rc;
	buf_add(&s->tail, p, n);
	return buf_check(&s->tail, "a scratch file", err);
}

int
spool_read(const struct spool *s, uint64_t at, void *p, size_t n,
    struct err *err)
{
	size_t k = 0;
	int rc;

	assert(at + n <= spool_end(s));
	if (at < s->in_file) {
		k = s->in_file - at < n ? (size_t)(s->in_file - at) : n;
		rc = tmpfile_read(s->fd, p, k, (off_t)at, err);
		if (rc != RC_OK)
			return rc;
	}
	if (k < n)
		memcpy((char *)p + k, s->tail.p + (at + k - s->in_file),
		    n - k);
	return RC_OK;
}
