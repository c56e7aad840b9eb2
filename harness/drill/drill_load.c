/* A drill's suite; see drill_load.h. */
#include "harness/drill/drill_load.h"

#include <limits.h>
#include <stdio.h>
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
	char *name = NULL;
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
	/* another name than the one it extends, in the same folder */
	if (err->code == RC_OK && asprintf(&name, "%s+", path) < 0)
		(void)err_set(err, RC_NOMEM, "out of memory");
	rc = err->code != RC_OK ? (int)err->code :
	    suite_load(name, &both, out, err);
	free(name);
	buf_fini(&b);
	return rc;
}
