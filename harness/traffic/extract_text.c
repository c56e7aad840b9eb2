/* The text of an answer: a string, or the texts of a list. */
#include <string.h>

#include "harness/traffic/extract_part.h"

struct join {
	struct answer_mem *mem;
	const char *only;	/* the first text, while it is the only one */
	size_t n_texts;
};

static void
join_text(struct join *join, const char *s)
{
	if (join->n_texts == 1)
		buf_puts(&join->mem->text, join->only);
	if (join->n_texts > 0)
		buf_puts(&join->mem->text, s);
	join->only = s;
	join->n_texts++;
}

static int
join_value(void *ctx, const struct json *j)
{
	struct join *join = ctx;
	const char *s = json_kind(j) == JSON_NULL ? NULL :
	    json_str(j) != NULL ? json_str(j) : extract_as_text(join->mem, j);

	if (json_kind(j) == JSON_ARRAY) {
		for (j = json_first(j); j != NULL; j = json_next(j)) {
			s = json_str(j) != NULL ? json_str(j) :
			    json_get_str(j, "text");
			if (s != NULL)
				join_text(join, s);
		}
		return 0;
	}
	if (s != NULL)
		join_text(join, s);
	return 0;
}

const char *
extract_text(struct answer_mem *mem, const struct ptr_alt *a,
    const struct json *j, size_t *n)
{
	struct join join = { mem, NULL, 0 };
	size_t i;

	for (i = 0; i < a->n && join.n_texts == 0; i++) {
		buf_reset(&mem->text);
		(void)json_ptr_each(a->p[i], j, join_value, &join);
	}
	if (join.n_texts == 0)
		return NULL;
	if (join.n_texts == 1) {
		*n = strlen(join.only);
		return join.only;
	}
	if (mem->text.bad != RC_OK)
		mem->nomem = 1;
	*n = mem->text.len;
	return extract_keep(mem, buf_str(&mem->text), mem->text.len);
}
