/* See tmpfile.h. */
#include "harness/base/tmpfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int
tmpfile_open(int *fd, struct err *err)
{
	const char *dir;
	char path[1024];

	/* nobody sets it. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	dir = getenv("TMPDIR");
	if (dir == NULL || dir[0] == '\0')
		dir = "/tmp";
	if (snprintf(path, sizeof(path), "%s/lockstep.XXXXXX", dir) >=
	    (int)sizeof(path))
		return err_set(err, RC_IO, "TMPDIR is too long");
	*fd = mkostemp(path, O_CLOEXEC);
	if (*fd < 0)
		return err_errno(err, RC_IO,
		    "cannot make a scratch file in %s", dir);
	(void)unlink(path);
	return RC_OK;
}

int
tmpfile_write(int fd, const void *p, size_t n, off_t at, struct err *err)
{
	const char *s = p;
	ssize_t k;

	while (n > 0) {
		k = pwrite(fd, s, n, at);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return err_errno(err, RC_IO, "cannot write a scratch "
			    "file; set TMPDIR to a folder with free space");
		s += k;
		at += k;
		n -= (size_t)k;
	}
	return RC_OK;
}

int
tmpfile_read(int fd, void *p, size_t n, off_t at, struct err *err)
{
	char *s = p;
	ssize_t k;

	while (n > 0) {
		k = pread(fd, s, n, at);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return err_errno(err, RC_IO,
			    "cannot read a scratch file back");
		s += k;
		at += k;
		n -= (size_t)k;
	}
	return RC_OK;
}
