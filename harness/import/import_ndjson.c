/* JSON lines of any shape, by pointers: also what a message queue's command
 * line client prints. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/import/import_part.h"

struct import_mapper {
	struct import *im;
	struct import_src *src;		/* of lines */
	struct arena arena;
	struct import_doc docs[256];
};

/* Seconds, milliseconds, microseconds or nanoseconds since 1970, or RFC
 * 3339. */
static int64_t
time_of(const struct json *v)
{
	double t = import_num(v);

	if (!isfinite(t))
		return import_time(json_str(v));
	while (t > 0 && t < 1e17)
		t *= 1000;
	return t > 0 && t < 9e18 ? (int64_t)t : -1;
}

static const char *
text_at(struct import_mapper *n, const char *pointer, const struct json *v)
{
	return pointer == NULL ? NULL :
	    import_text(&n->arena, import_find(pointer, v));
}

static void
take_docs(struct import_mapper *n, const struct import_map *m,
    const struct json *v, struct import_item *it)
{
	const struct json *list = import_find(m->docs, v), *d;

	if (json_kind(list) != JSON_ARRAY)
		return;
	it->has_docs = 1;
	it->docs = n->docs;
	for (d = json_first(list); d != NULL && it->n_docs < 256;
	    d = json_next(d)) {
		struct import_doc *to = &n->docs[it->n_docs++];

		to->text = m->doc_text != NULL ? text_at(n, m->doc_text, d) :
		    import_doc_text(&n->arena, d);
		to->id = m->doc_id != NULL ? text_at(n, m->doc_id, d) :
		    import_doc_id(&n->arena, d);
		to->source = NULL;
		to->score = import_doc_score(d);
	}
}

struct import_mapper *
import_mapper_new(struct import *im)
{
	struct import_mapper *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->im = im;
	arena_init(&n->arena, 4 * IMPORT_VALUE_MAX);
	return n;
}

void
import_mapper_free(struct import_mapper *n)
{
	if (n == NULL)
		return;
	arena_fini(&n->arena);
	free(n);
}

int
import_mapped(struct import_mapper *n, const struct import_src *src,
    const struct json *v, const struct import_dflt *dflt, struct err *err)
{
	const struct import_map *m = &import_options(n->im)->map;
	struct import_item it;

	arena_reset(&n->arena);
	import_item_init(&it);
	it.id = text_at(n, m->id, v);
	it.session = text_at(n, m->session, v);
	it.at_ns = time_of(import_find(m->time, v));
	it.question = m->question != NULL ?
	    import_asked(&n->arena, import_find(m->question, v)) :
	    import_asked(&n->arena, v);
	it.answer = m->answer != NULL ?
	    import_said(&n->arena, import_find(m->answer, v)) :
	    import_said(&n->arena, v);
	if (m->docs != NULL)
		take_docs(n, m, v, &it);
	if (dflt != NULL && it.id == NULL)
		it.id = dflt->id;
	if (dflt != NULL && it.at_ns < 0)
		it.at_ns = dflt->at_ns;
	return import_item(n->im, src, &it, err);
}

static int
take_record(void *ctx, const struct json *v, struct err *err)
{
	struct import_mapper *n = ctx;

	import_seen(n->im);
	return import_mapped(n, n->src, v, NULL, err);
}

static int
read_ndjson(struct import *im, struct import_src *src, struct err *err)
{
	struct import_mapper *n = import_mapper_new(im);
	int rc;

	if (n == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	n->src = src;
	rc = import_values(im, src, NULL, take_record, n, err);
	import_mapper_free(n);
	return rc;
}

const struct import_format import_ndjson = {
	.name = "ndjson",
	.help = "JSON lines of any shape, read by pointers",
	.mapped = 1,
	.read = read_ndjson,
};
