/* A folder of suites, loaded or refused. */
#ifndef LOCKSTEP_SUITE_WORLD_H
#define LOCKSTEP_SUITE_WORLD_H

#include "tests/lib/check.h"
#include <sys/stat.h>
#include <unistd.h>
#include "harness/suite/perturb.h"
#include "harness/suite/suite.h"
#include "harness/suite/suite_keys.h"

static char dir[] = "/tmp/lockstep-suite.XXXXXX";

static inline const char *
file_of(const char *name, const char *text)
{
	static char path[8][300];
	static int next;
	char *p = path[next++ % 8];
	FILE *f;

	(void)snprintf(p, 300, "%s/%s", dir, name);
	f = fopen(p, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
	return p;
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
