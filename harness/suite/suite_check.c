/* A manifest against the table of keys. */
#include "harness/suite/key_check.h"
#include "harness/suite/suite_part.h"

static void
tell(void *ctx, const struct json *node, int at_key, const char *what)
{
	suite_error(ctx, node, at_key, "%s", what);
}

void
suite_check(struct suite_load *ld, const struct json *doc)
{
	struct key_check c = { tell, ld };

	key_check(&c, "", doc);
}
