/* Reading the lines of cases back; see caseset_part.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/suite/caseset_part.h"

enum {
	AHEAD_BYTES = 64 << 10,
	GAP_BYTES = 64		/* between two lines that follow each other */
};

void
case_ahead_init(struct case_ahead *a)
{
	memset(a, 0, sizeof(*a));
	a->next = UINT64_MAX;
}

void
case_ahead_fini(struct case_ahead *a)
{
	free(a->p);
	case_ahead_init(a);
}

/* Reads n bytes at least, max at most. returns how many, or -1 */
static ssize_t
read_some(int fd, char *to, size_t n, size_t max, uint64_t at)
{
	size_t got = 0;
	ssize_t k;

	while (got < n) {
		k = pread(fd, to + got, max - got, (off_t)(at + got));
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return -1;
		got += (size_t)k;
	}
	return (ssize_t)got;
}

/* Whether the line is in what was read ahead, or is now. */
static int
look_ahead(const struct caseset *cs, const struct case_entry *e,
    struct case_ahead *a)
{
	ssize_t n;

	if (e->at >= a->at && e->at + e->n <= a->at + a->n)
		return 1;
	if (e->at < a->next || e->at - a->next > GAP_BYTES ||
	    e->n > AHEAD_BYTES)
		return 0;
	if (a->p == NULL)
		a->p = malloc(AHEAD_BYTES);
	if (a->p == NULL)
		return 0;
	n = read_some(cs->fd, a->p, e->n, AHEAD_BYTES, e->at);
	a->at = e->at;
	a->n = n < 0 ? 0 : (size_t)n;
	return n >= 0;
}

int
case_read(const struct caseset *cs, const struct case_entry *e,
    struct case_ahead *a, struct buf *b, struct err *err)
{
	char *to;

	buf_reset(b);
	to = buf_reserve(b, e->n);
	if (to == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (look_ahead(cs, e, a))
		memcpy(to, a->p + (e->at - a->at), e->n);
	else if (read_some(cs->fd, to, e->n, e->n, e->at) < 0)
		return err_set(err, RC_IO, "%s: changed while in use",
		    cs->path);
	a->next = e->at + e->n;
	b->len = e->n;
	return RC_OK;
}
