/* A drill's suite; see drill_load.h. */
#include "harness/drill/drill_load.h"

#include <limits.h>
#include <stdlib.h>

#include "harness/base/buf.h"
#include "harness/base/json.h"

static void
add_path(struct buf *b, const char *path, struct err *err)
{
	char real[PATH_MAX];

	if (realpath(path, real) == NULL)
		(void)err_errno(err, RC_IO, "%s: cannot open", path);
	else
		json_write_str(b, real, strlen(real));
}

int
drill_load(const char *path, const char *with, const struct suite_over *over,
    struct suite **out, struct err *err)
{
	struct suite_over both = *over;
	struct buf b;
	int rc;

	*out = NULL;
	if (with == NULL)
		return suite_load(path, over, out, err);
	buf_init(&b, 1 << 20);
	buf_puts(&b, "extends: [");
	add_path(&b, path, err);
	buf_puts(&b, ", ");
	add_path(&b, with, err);
	buf_puts(&b, "]\n");
	both.text = buf_str(&b);
	rc = err->code != RC_OK ? (int)err->code :
	    suite_load(path, &both, out, err);
	buf_fini(&b);
	return rc;
}
