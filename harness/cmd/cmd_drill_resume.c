/* An interrupted drill; see cmd_drill_resume.h. */
#include "harness/cmd/cmd_drill_resume.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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
progress_add(const char *home, const struct json *scenario, struct err *err)
{
	return put(home, scenario, 0, err);
}

void
progress_end(const char *home)
{
	char path[PATH_BYTES];

	path_of(home, path);
	(void)unlink(path);
}

int
progress_load(const char *home, struct json **how, struct json **done,
    struct err *err)
{
	char path[PATH_BYTES], *line = NULL;
	struct json *j;
	size_t cap = 0;
	ssize_t n;
	FILE *f;

	path_of(home, path);
	*how = NULL;
	*done = json_new(JSON_ARRAY);
	f = fopen(path, "re");
	while (f != NULL && (n = getline(&line, &cap, f)) > 0 &&
	    line[n - 1] == '\n') {
		j = json_parse(line, (size_t)n, NULL);
		if (*how == NULL)
			*how = j;
		else if (j != NULL)
			(void)json_push(*done, j);
	}
	free(line);
	if (f != NULL)
		(void)fclose(f);
	if (*how != NULL)
		return RC_OK;
	return err_set(err, RC_USAGE, "no drill of this state folder (%.300s) "
	    "was interrupted: there is nothing to resume", home);
}
