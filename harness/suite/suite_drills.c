/* What drills need of a suite: a copy of their keys, in which ${NAME} is
 * resolved but in commands, which the shell resolves. */
#include <string.h>

#include "harness/suite/suite_part.h"

static const char *const drill_words[] = { "scenarios", "write", "writes",
	"audit", "levers",
	"cache", "flags", "boot", "index", "tables",
	"client", "queue_wait", "config", "logs", "tools",
	"communication" };

static struct json *
resolved(struct suite_load *ld, const struct json *j)
{
	enum json_kind kind = json_kind(j);
	const struct json *m;
	struct json *out;
	int rc = RC_OK;

	if (kind == JSON_STRING && (json_key(j) == NULL ||
	    strcmp(json_key(j), "exec") != 0))
		return json_new_str(suite_expand(ld, j, NULL));
	if (kind != JSON_OBJECT && kind != JSON_ARRAY)
		return json_copy(j);
	out = json_new(kind);
	for (m = json_first(j); m != NULL && rc == RC_OK; m = json_next(m))
		rc = kind == JSON_OBJECT ?
		    json_set(out, json_key(m), resolved(ld, m)) :
		    json_push(out, resolved(ld, m));
	if (rc == RC_OK)
		return out;
	json_free(out);
	return NULL;
}

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
			rc = json_set(all, drill_words[i], resolved(ld, j));
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
