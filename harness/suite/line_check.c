/* A line of a gold or sections file; see line_check.h. */
#include "harness/suite/line_check.h"

#include "harness/base/utf8.h"
#include "harness/suite/key_check.h"

int
line_check_bytes(const char *line, size_t n, struct err *err)
{
	size_t i = 0, len;

	while (i < n) {
		len = (unsigned char)line[i] < 0x80 ? 1 :
		    utf8_len(line + i, n - i);
		if (len == 0)
			return err_set(err, RC_FORMAT, "byte %zu (0x%02x) "
			    "is not UTF-8; save the file as UTF-8", i + 1,
			    (unsigned char)line[i]);
		i += len;
	}
	return RC_OK;
}

/* ---- the table --------------------------------------------------------- */

struct first_fault {
	struct err *err;
	int rc;
};

static void
keep_first(void *ctx, const struct json *node, int at_key, const char *what)
{
	struct first_fault *f = ctx;

	(void)node;
	(void)at_key;
	if (f->rc == RC_OK)
		f->rc = err_set(f->err, RC_FORMAT, "%s", what);
}

int
line_check(const struct json *doc, const char *parent, struct err *err)
{
	struct first_fault f = { err, RC_OK };
	struct key_check c = { keep_first, &f };
	const char *in, *name = json_twice(doc, &in);

	if (name != NULL)
		return err_set(err, RC_FORMAT, "\"%.80s\" is there twice"
		    "%s%.80s%s", name, in == NULL ? "" :
		    " in \"", in == NULL ? "" : in, in == NULL ? "" : "\"");
	key_check(&c, parent, doc);
	return f.rc;
}
