/* An interrupted drill; see cmd_drill_resume.h. */
#include "harness/cmd/cmd_drill_resume.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/replace.h"

enum { PATH_BYTES = 1100, LINE_MAX_BYTES = 64 << 20 };

static void
path_of(const char *home, char path[PATH_BYTES])
{
	(void)snprintf(path, PATH_BYTES, "%.1000s/drill.progress", home);
}

static int
put(const char *home, const struct json *line, int begin, struct err *err)
{
	char path[PATH_BYTES];
	struct buf b;
	int fd, rc;

	path_of(home, path);
	buf_init(&b, LINE_MAX_BYTES);
	json_write(&b, line);
	buf_putc(&b, '\n');
	rc = buf_check(&b, path, err);
	if (rc == RC_OK && begin) {
		(void)mkdir(home, 0700);
		rc = replace_file(path, REPLACE_OWN, b.p, b.len, err);
	} else if (rc == RC_OK) {
		fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
		if (fd < 0 || write(fd, b.p, b.len) != (ssize_t)b.len ||
		    fsync(fd) != 0)
			rc = err_errno(err, RC_IO, "%s", path);
		if (fd >= 0)
			(void)close(fd);
	}
	buf_fini(&b);
	return rc;
}

int
progress_begin(const char *home, const struct json *how, struct err *err)
{
	return put(home, how, 1, err);
}

int
progress_add(const char *home, const struct json *over, struct err *err)
{
	return put(home, over, 0, err);
}

void
progress_end(const char *home)
{
	char path[PATH_BYTES];

	path_of(home, path);
	(void)unlink(path);
}

void
progress_fini(struct progress *p)
{
	json_free(p->how);
	json_free(p->done);
	json_free(p->steps);
	memset(p, 0, sizeof(*p));
}

/* The steps before one that was tried again. */
static int
forget_from(struct progress *p, const char *name)
{
	struct json *kept = json_new(JSON_ARRAY);
	const struct json *m;
	int rc = kept == NULL ? RC_NOMEM : RC_OK;

	for (m = json_first(p->steps); m != NULL && rc == RC_OK &&
	    strcmp(json_get_str(m, "step"), name) != 0; m = json_next(m))
		rc = json_push(kept, json_copy(m));
	json_free(p->steps);
	p->steps = kept;
	return rc;
}

/* j  taken */
static int
take_line(struct progress *p, struct json *j)
{
	const char *step = json_get_str(j, "step");
	int rc;

	if (p->how == NULL) {
		p->how = j;
		return RC_OK;
	}
	if (step != NULL) {
		rc = forget_from(p, step);
		return rc == RC_OK ? json_push(p->steps, j) : rc;
	}
	json_free(p->steps);
	p->steps = json_new(JSON_ARRAY);
	return json_push(p->done, j);
}

int
progress_load(const char *home, struct progress *p, struct err *err)
{
	char path[PATH_BYTES], *line = NULL;
	struct json *j;
	size_t cap = 0;
	off_t whole = 0;
	ssize_t n;
	FILE *f;
	int rc = RC_OK;

	path_of(home, path);
	memset(p, 0, sizeof(*p));
	p->done = json_new(JSON_ARRAY);
	p->steps = json_new(JSON_ARRAY);
	f = fopen(path, "re");
	while (f != NULL && rc == RC_OK && (n = getline(&line, &cap, f)) > 0 &&
	    line[n - 1] == '\n') {
		whole += n;
		j = json_parse(line, (size_t)n, NULL);
		if (j != NULL)
			rc = take_line(p, j);
	}
	free(line);
	if (f != NULL)
		(void)fclose(f);
	if (rc != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	if (p->how == NULL)
		return err_set(err, RC_USAGE, "no drill of this state folder "
		    "(%.300s) was interrupted: there is nothing to resume",
		    home);
	return truncate(path, whole) == 0 ? RC_OK :
	    err_errno(err, RC_IO, "%s", path);
}
