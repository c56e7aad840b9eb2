/* A file replaced whole; see replace.h. */
#include "harness/base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Names that a crash of the same process number may have left. */
enum { TRIES = 100 };

int
replace_open(struct replace *r, const char *path, unsigned mode,
    struct err *err)
{
	int i;

	*r = (struct replace){ .fd = -1, .path = path };
	for (i = 0; r->fd < 0 && i < TRIES; i++) {
		free(r->tmp);
		if (asprintf(&r->tmp, "%s.new-%ld-%d", path, (long)getpid(),
		    i) < 0) {
			r->tmp = NULL;
			return err_set(err, RC_NOMEM, "out of memory");
		}
		r->fd = open(r->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		    mode);
		if (r->fd < 0 && errno != EEXIST)
			break;
	}
	if (r->fd >= 0)
		return RC_OK;
	free(r->tmp);
	r->tmp = NULL;
	return err_errno(err, RC_IO, "%s: cannot write", path);
}

int
replace_close(struct replace *r, int rc, struct err *err)
{
	if (rc == RC_OK && fsync(r->fd) != 0)
		rc = err_errno(err, RC_IO, "%s: cannot write", r->path);
	if (close(r->fd) != 0 && rc == RC_OK)
		rc = err_errno(err, RC_IO, "%s: cannot write", r->path);
	if (rc == RC_OK && rename(r->tmp, r->path) != 0)
		rc = err_errno(err, RC_IO, "%s: cannot rename to it",
		    r->path);
	if (rc == RC_OK)
		rc = replace_sync_folder(r->path, err);
	else
		(void)unlink(r->tmp);
	free(r->tmp);
	r->tmp = NULL;
	r->fd = -1;
	return rc;
}

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t k;

	for (; n > 0; p += k, n -= (size_t)k) {
		k = write(fd, p, n);
		if (k < 0 && errno == EINTR)
			k = 0;
		else if (k <= 0)
			return -1;
	}
	return 0;
}

int
replace_file(const char *path, unsigned mode, const void *p, size_t n,
    struct err *err)
{
	struct replace r;
	int rc = replace_open(&r, path, mode, err);

	if (rc != RC_OK)
		return rc;
	if (write_all(r.fd, p, n) != 0)
		rc = err_errno(err, RC_IO, "%s: cannot write", path);
	return replace_close(&r, rc, err);
}

int
replace_sync_folder(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? strdup(".") :
	    strndup(path, (size_t)(slash - path) + 1);
	int fd, rc = RC_OK;

	if (dir == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Some file systems cannot sync a folder, and one that is not to be
	 * read cannot be opened; the file itself is synced. */
	if (fd < 0 ? errno != EACCES : fsync(fd) != 0 && errno != EINVAL)
		rc = err_errno(err, RC_IO, "%s: cannot sync its folder",
		    path);
	if (fd >= 0)
		(void)close(fd);
	free(dir);
	return rc;
}
