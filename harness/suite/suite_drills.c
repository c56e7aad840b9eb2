/* What drills need of a suite: a copy of their keys, in which ${NAME} is
 * resolved but in commands, which the shell resolves. */
#include "harness/suite/suite_part.h"

static const char *const drill_words[] = { "scenarios", "write", "writes",
	"audit", "levers",
	"cache", "flags", "boot", "index", "tables",
	"client", "queue_wait", "config", "logs", "tools",
	"communication" };

void
suite_drills(struct suite_load *ld)
{
	struct json *all = json_new(JSON_OBJECT);
	const struct json *j;
	size_t i;
	int rc = RC_OK;

	for (i = 0; i < sizeof(drill_words) / sizeof(drill_words[0]) &&
	    rc == RC_OK; i++) {
		j = suite_get(ld->mem->doc, drill_words[i]);
		if (j != NULL)
			rc = json_set(all, drill_words[i],
			    suite_expand_all(ld, j, "exec"));
	}
	if (rc != RC_OK) {
		json_free(all);
		all = NULL;
	}
	if (json_push(ld->mem->expanded, all) != RC_OK)
		suite_nomem(ld);
	else
		ld->s->drills = all;
}
