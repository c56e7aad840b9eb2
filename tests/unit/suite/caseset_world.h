/* A folder of case files, and suites that name them. */
#ifndef LOCKSTEP_CASESET_WORLD_H
#define LOCKSTEP_CASESET_WORLD_H

#include "tests/lib/folder.h"
#include "harness/suite/caseset.h"
#include "harness/traffic/trace.h"

static inline void
write_file(const char *name, const char *text, char *path, size_t n)
{
	(void)snprintf(path, n, "%s", dir_file(name, text, strlen(text)));
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

#endif
