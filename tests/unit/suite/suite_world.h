/* A folder of suites, loaded or refused. */
#ifndef LOCKSTEP_SUITE_WORLD_H
#define LOCKSTEP_SUITE_WORLD_H

#include "tests/lib/folder.h"
#include <sys/stat.h>
#include "harness/suite/perturb.h"
#include "harness/suite/suite.h"
#include "harness/suite/suite_keys.h"

static inline const char *
file_of(const char *name, const char *text)
{
	return dir_file(name, text, strlen(text));
}

static inline struct suite *
load(const char *text, const struct suite_over *over)
{
	struct err err = ERR_INIT;
	struct suite *s;

	if (suite_load(file_of("s.yml", text), over, &s, &err) != RC_OK)
		fail_msg("%s: %s", text, err.msg);
	return s;
}

static inline void
fails(const char *text, const char *says)
{
	struct err err = ERR_INIT;
	struct suite *s;

	assert_int_not_equal(suite_load(file_of("s.yml", text), NULL, &s,
	    &err), RC_OK);
	assert_null(s);
	if (strstr(err.msg, says) == NULL)
		fail_msg("%s: %s", text, err.msg);
}

#endif
