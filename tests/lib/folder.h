/* A folder of a test program's own; make_dir() and drop_dir() are the set-up
 * and the tear-down of its group. */
#ifndef LOCKSTEP_TESTS_FOLDER_H
#define LOCKSTEP_TESTS_FOLDER_H

#include <unistd.h>

#include "tests/lib/check.h"

static char dir[32];

static inline int
make_dir(void **state)
{
	(void)state;
	(void)strcpy(dir, "/tmp/lockstep-unit.XXXXXX");
	return mkdtemp(dir) == NULL;
}

static inline int
drop_dir(void **state)
{
	char cmd[80];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

/* The path of a file in it; good until the eighth call from here. */
static inline const char *
dir_path(const char *name)
{
	static char path[8][300];
	static int next;
	char *p = path[next++ % 8];

	(void)snprintf(p, 300, "%s/%s", dir, name);
	return p;
}

/* The path of a file in it that holds n bytes. */
static inline const char *
dir_file(const char *name, const char *text, size_t n)
{
	const char *path = dir_path(name);
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	return path;
}

#endif
