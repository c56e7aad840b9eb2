/* What traces and bodies are read from: a file as it is, or a sealed one with
 * the process's key; see trace_part.h. */
#include "harness/traffic/trace_part.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static struct seal_key the_key;
static int have_key;

void
trace_key_use(const struct seal_key *k)
{
	have_key = k != NULL;
	if (k != NULL)
		the_key = *k;
	else
		seal_key_wipe(&the_key);
}

const struct seal_key *
trace_key(void)
{
	return have_key ? &the_key : NULL;
}

int
trace_place_open(int fd, const char *name, struct trace_place *p,
    struct err *err)
{
	char magic[SEAL_MAGIC];
	ssize_t got;
	int rc;

	memset(p, 0, sizeof(*p));
	p->src.fd = fd;
	do {
		got = pread(fd, magic, sizeof(magic), 0);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_errno(err, RC_IO, "%s: cannot read", name);
	if (!seal_is(magic, (size_t)got))
		return RC_OK;
	rc = seal_file_new(fd, trace_key(), name, &p->file, err);
	return rc != RC_OK ? rc : trace_place_again(p, &p->src, err);
}

int
trace_place_again(const struct trace_place *p, struct zst_src *src,
    struct err *err)
{
	*src = p->src;
	src->sealed = NULL;
	if (p->file == NULL)
		return RC_OK;
	src->size = seal_file_size(p->file);
	return seal_cursor_new(p->file, &src->sealed, err);
}

void
trace_place_close(struct trace_place *p)
{
	seal_cursor_free(p->src.sealed);
	seal_file_free(p->file);
	if (p->src.fd >= 0)
		(void)close(p->src.fd);
	memset(p, 0, sizeof(*p));
	p->src.fd = -1;
}

uint64_t
trace_place_at(const struct trace_place *p, uint64_t at)
{
	return p->file == NULL ? at : seal_file_at(p->file, at);
}
