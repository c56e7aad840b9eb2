/* What the formats of spans share; see span_read_part.h. */
#include "harness/import/span_read_part.h"

#include <stdlib.h>

int
span_read(struct import *im, struct import_src *src, const char *path,
    import_value_fn *fn, struct err *err)
{
	struct span_reader *r = calloc(1, sizeof(*r));
	int rc;

	if (r == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	r->im = im;
	r->src = src;
	arena_init(&r->arena, 4 * IMPORT_VALUE_MAX);
	rc = spans_new(im, src, &r->spans, err);
	if (rc == RC_OK)
		rc = import_values(im, src, path, fn, r, err);
	if (rc == RC_OK)
		rc = spans_end(r->spans, err);
	spans_free(r->spans);
	arena_fini(&r->arena);
	free(r);
	return rc;
}

int
span_trace(struct span_reader *r, const char *id, const char *lacks,
    struct spans_trace **t, struct err *err)
{
	*t = NULL;
	import_seen(r->im);
	if (id == NULL || *id == '\0') {
		import_unusable(r->im, r->src, lacks);
		return RC_OK;
	}
	*t = spans_of(r->spans, id, err);
	if (*t == NULL)
		return err->code != RC_OK ? (int)err->code : RC_NOMEM;
	return RC_OK;
}

void
span_begin(struct span_reader *r, int is_root)
{
	arena_reset(&r->arena);
	attr_start(&r->s, &r->arena);
	r->s.is_root = is_root;
}

int64_t
span_nanos(const struct json *v)
{
	const char *s = json_str(v);

	return s != NULL ? strtoll(s, NULL, 10) : json_int(v, -1);
}
