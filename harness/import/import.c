/* The table of formats, and an import from end to end; see import.h. */
#include "harness/import/import.h"

#include <string.h>

#include "harness/import/formats.h"
#include "harness/import/import_part.h"

const struct import_format *const import_formats[] = {
#define FORMAT(name) &import_##name,
#include "harness/import/formats.h"
	NULL
};

const struct import_format *
import_format_of(const char *name)
{
	size_t i;

	for (i = 0; import_formats[i] != NULL; i++) {
		if (strcmp(import_formats[i]->name, name) == 0)
			break;
	}
	return import_formats[i];
}

int64_t
import_when(const char *s)
{
	return import_time(s);
}

int
import_run(const struct import_opts *o, const char *const *paths,
    size_t n_paths, struct import_account *account, struct err *err)
{
	struct import *im;
	struct import_src *src = NULL;
	int rc;

	rc = import_open(o, account, &im, err);
	if (rc == RC_OK)
		rc = import_src_open(paths, n_paths, &src, err);
	if (rc == RC_OK && o->feed != NULL)
		import_src_feed(src, o);
	if (rc == RC_OK)
		rc = o->format->read(im, src, err);
	import_src_close(&src);
	rc = import_close(&im, rc, err);
	if (rc == RC_OK && o->queue != NULL)
		rc = o->queue->kept(o->queue->ctx, 1, err);
	return rc;
}
