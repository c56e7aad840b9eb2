/* A folder of case files, and suites that name them. */
#ifndef LOCKSTEP_CASESET_WORLD_H
#define LOCKSTEP_CASESET_WORLD_H

#include "tests/lib/check.h"
#include <unistd.h>
#include "harness/suite/caseset.h"
#include "harness/traffic/trace.h"

static char dir[] = "/tmp/lockstep-caseset.XXXXXX";

static inline void
write_file(const char *name, const char *text, char *path, size_t n)
{
	FILE *f;

	(void)snprintf(path, n, "%s/%s", dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

static inline void
suite_of(struct suite *s, const char *path)
{
	memset(s, 0, sizeof(*s));
	s->path = "suite.yml";
	s->dir = ".";
	s->cases_file = path;
	s->paraphrases = 3;
	s->n_seeds = 2;
	s->repeats = 1;
	s->seed = 1;
	s->extract = extract_new(NULL, NULL);
}

static inline void
suite_done(struct suite *s)
{
	extract_free((struct extract_spec *)(uintptr_t)s->extract);
}

static inline struct caseset *
open_ok(const struct suite *s, const struct caseset_filter *f)
{
	struct err err = ERR_INIT;
	struct caseset *cs;

	if (caseset_open(s, f, &cs, &err) != RC_OK)
		fail_msg("%s", err.msg);
	return cs;
}

static inline int
make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL;
}

static inline int
drop_dir(void **state)
{
	char cmd[100];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

#endif
