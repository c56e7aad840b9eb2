/*
 * Which messages of a queue the parts of a trace have; see import_part.h.
 *
 * A part begins and ends with a record of what was taken before, so the
 * newest one knows all: unless it was torn before that record was on the
 * disk, and then the one before it knows.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/import/import_part.h"

enum { TORN_MAX = 64 };		/* parts in a row that know nothing */

struct behind {
	const char *topic;
	char *path[TORN_MAX];	/* of the newest parts */
	size_t n;
	struct import_taken *taken;	/* of the last of them */
	int64_t start_ns;
	int placed;
};

/* What a killed import left may not be on the disk: it counts as kept now. */
static int
load(struct behind *b, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = RC_OK;

	if (fd < 0 || fsync(fd) != 0)
		rc = err_errno(err, RC_IO, "%s", path);
	if (fd >= 0)
		(void)close(fd);
	return rc != RC_OK ? rc : import_taken_load(b->taken, path, b->topic,
	    &b->start_ns, err);
}

/* One part, newer ones left aside. What is torn to nothing has nothing. */
static int
load_alone(struct behind *b, const char *path, struct err *err)
{
	struct err bad = ERR_INIT;
	int rc;

	import_taken_free(b->taken);
	b->taken = import_taken_new();
	if (b->taken == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = load(b, path, &bad);
	b->placed = rc == RC_OK && import_taken_placed(b->taken);
	return rc == RC_OK || rc == RC_FORMAT ? RC_OK :
	    err_set(err, (enum rc)rc, "%s", bad.msg);
}

/* A trace_parts_fn. */
static int
look_at(void *ctx, const char *path, int busy, struct err *err)
{
	struct behind *b = ctx;

	if (busy)
		return err_set(err, RC_USAGE, "%s: another process writes to "
		    "it; give each import an --out of its own", path);
	if (b->placed || b->n == TORN_MAX)
		return RC_OK;
	b->path[b->n] = strdup(path);
	if (b->path[b->n] == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	b->n++;
	return load_alone(b, path, err);
}

/* The newer ones behind the one that knows, in their order. */
static int
load_newer(struct behind *b, struct err *err)
{
	struct err bad;
	size_t i;
	int rc = RC_OK;

	for (i = b->n; rc == RC_OK && i > 1; i--) {
		bad = (struct err)ERR_INIT;
		rc = load(b, b->path[i - 2], &bad);
		if (rc == RC_FORMAT)
			rc = RC_OK;
		else if (rc != RC_OK)
			(void)err_set(err, (enum rc)rc, "%s", bad.msg);
	}
	return rc;
}

int
import_behind(const struct trace_parts *parts, const char *path,
    const char *topic, struct import_taken **out, int64_t *start_ns,
    struct err *err)
{
	struct behind b = { .topic = topic, .start_ns = *start_ns };
	size_t i;
	int rc = trace_parts_each(parts, look_at, &b, err);

	if (rc == RC_OK && !b.placed && b.n < TORN_MAX &&
	    access(path, F_OK) == 0)
		rc = look_at(&b, path, 0, err);
	if (rc == RC_OK && b.taken == NULL &&
	    (b.taken = import_taken_new()) == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = load_newer(&b, err);
	for (i = 0; i < b.n; i++)
		free(b.path[i]);
	*start_ns = b.start_ns;
	*out = b.taken;
	return rc;
}
