/* The table of report writers, and their files; see reports.h. */
#include "reports/reports.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/replace.h"

/* What a writer may hold at once: it empties its buffer after each case. */
#define REPORT_BYTES_MAX ((size_t)1 << 30)

const struct report_format *const report_formats[] = {
#define REPORT(name) &report_##name,
#include "reports/report_rows.h"
	NULL
};

const struct report_format *
report_format_of(const char *name)
{
	size_t i;

	for (i = 0; report_formats[i] != NULL; i++) {
		if (strcmp(report_formats[i]->name, name) == 0)
			break;
	}
	return report_formats[i];
}

/* Where a report goes. */
struct file {
	int fd;
	const char *name;
	struct err *err;
};

static enum rc
write_whole(void *ctx, const char *p, size_t n)
{
	struct file *f = ctx;
	ssize_t k;

	while (n > 0) {
		k = write(f->fd, p, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return (enum rc)err_errno(f->err, RC_IO,
			    "%s: cannot write", f->name);
		p += k;
		n -= (size_t)k;
	}
	return RC_OK;
}

int
reports_write_fd(const struct result *r, const struct report_format *format,
    const struct report_opts *o, int fd, const char *name, struct err *err)
{
	struct file f = { fd, name, err };
	struct buf b;
	int rc;

	buf_init(&b, REPORT_BYTES_MAX);
	buf_sink(&b, write_whole, &f);
	format->write(r, o, &b);
	buf_flush(&b);
	rc = buf_check(&b, name, err);
	buf_fini(&b);
	return rc;
}

int
reports_write_file(const struct result *r, const struct report_format *format,
    const char *path, struct err *err)
{
	struct replace to;
	int rc = replace_open(&to, path, REPLACE_OWN, err);

	if (rc != RC_OK)
		return rc;
	rc = reports_write_fd(r, format, NULL, to.fd, path, err);
	return replace_close(&to, rc, err);
}

int
reports_make_dir(const char *dir, struct err *err)
{
	char *path = strdup(dir), *p;
	int rc = RC_OK;

	if (path == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (p = path + 1; rc == RC_OK && *path != '\0'; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(path, 0777) != 0 && errno != EEXIST)
			rc = err_errno(err, RC_IO, "%s: cannot create", path);
		*p = c;
		if (c == '\0')
			break;
	}
	free(path);
	if (rc == RC_OK && access(dir, W_OK | X_OK) != 0)
		rc = err_errno(err, RC_IO, "%s: cannot write", dir);
	return rc;
}

/* Whether a name is one of mkstemp()'s for a report: FILE.XXXXXX */
static int
is_unfinished(const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t i, n;

	if (dot == NULL || strlen(dot) != 7)
		return 0;
	n = (size_t)(dot - name);
	for (i = 0; report_formats[i] != NULL; i++) {
		if (strlen(report_formats[i]->file) == n &&
		    memcmp(report_formats[i]->file, name, n) == 0)
			return 1;
	}
	return 0;
}

/* What a run that was killed left half written. Others may be writing. */
static void
remove_unfinished(const char *dir)
{
	enum { OLD_S = 600 };
	DIR *d = opendir(dir);
	struct dirent *e;
	struct stat st;

	/* the handle is ours alone. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (is_unfinished(e->d_name) &&
		    fstatat(dirfd(d), e->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		    st.st_mtime + OLD_S < time(NULL))
			(void)unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d != NULL)
		(void)closedir(d);
}

int
reports_write_all(const struct result *r, const char *dir, struct err *err)
{
	struct buf path;
	size_t i;
	int rc = reports_make_dir(dir, err);

	for (i = 0; rc == RC_OK && report_formats[i] != NULL; i++) {
		if (report_formats[i]->on_request)
			continue;
		buf_init(&path, 8192);
		buf_printf(&path, "%s/%s", dir, report_formats[i]->file);
		rc = buf_check(&path, dir, err);
		if (rc == RC_OK)
			rc = reports_write_file(r, report_formats[i],
			    buf_str(&path), err);
		buf_fini(&path);
	}
	remove_unfinished(dir);
	return rc;
}
