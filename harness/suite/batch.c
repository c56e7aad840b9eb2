/* Requests with several questions; see batch.h. */
#include "harness/suite/batch.h"

#include <string.h>

static int
add_ptr(struct batch *b, const struct json *j, struct err *err)
{
	if (b->n_ptr == BATCH_LISTS_MAX)
		return err_set(err, RC_FORMAT, "cases.batch: more than %d "
		    "lists", BATCH_LISTS_MAX);
	b->ptr[b->n_ptr] = json_ptr_new(json_str(j) == NULL ? "" :
	    json_str(j), err);
	if (b->ptr[b->n_ptr] == NULL)
		return err->code;
	b->n_ptr++;
	return RC_OK;
}

int
batch_init(struct batch *b, const struct json *ptrs, struct err *err)
{
	const struct json *j;
	int rc = RC_OK;

	memset(b, 0, sizeof(*b));
	if (json_kind(ptrs) == JSON_STRING)
		return add_ptr(b, ptrs, err);
	for (j = json_first(ptrs); j != NULL && rc == RC_OK; j = json_next(j))
		rc = add_ptr(b, j, err);
	return rc;
}

void
batch_fini(struct batch *b)
{
	size_t i;

	for (i = 0; i < b->n_ptr; i++)
		json_ptr_free(b->ptr[i]);
	b->n_ptr = 0;
}

size_t
batch_look(struct batch *b, const struct json *body)
{
	const struct json *list;
	size_t i, n;

	b->n = b->n_lists = 0;
	for (i = 0; i < b->n_ptr; i++) {
		list = json_ptr_find(b->ptr[i], body);
		if (json_kind(list) != JSON_ARRAY)
			continue;
		n = json_size(list);
		if (b->n_lists > 0 && n != b->n)
			return b->n = 0;
		b->n = n;
		b->list[b->n_lists++] = list;
	}
	if (b->n > BATCH_MAX)
		b->n = 0;
	return b->n;
}

static void
write_cut(const struct batch *b, const struct json *j, size_t k,
    struct json_out *o)
{
	const struct json *m;
	size_t i;

	for (i = 0; i < b->n_lists; i++) {
		if (b->list[i] != j)
			continue;
		json_out_arr(o);
		json_out_json(o, json_at(j, k));
		json_out_end(o, ']');
		return;
	}
	if (json_kind(j) == JSON_OBJECT) {
		json_out_obj(o);
		for (m = json_first(j); m != NULL; m = json_next(m)) {
			json_out_key(o, json_key(m));
			write_cut(b, m, k, o);
		}
		json_out_end(o, '}');
	} else if (json_kind(j) == JSON_ARRAY) {
		json_out_arr(o);
		for (m = json_first(j); m != NULL; m = json_next(m))
			write_cut(b, m, k, o);
		json_out_end(o, ']');
	} else {
		json_out_json(o, j);
	}
}

void
batch_cut(const struct batch *b, const struct json *body, size_t k,
    struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out, 0);
	write_cut(b, body, k, &o);
}

const struct json *
batch_element(const struct batch *b, size_t k)
{
	return json_at(b->list[0], k);
}
