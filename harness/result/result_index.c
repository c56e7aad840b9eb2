/* Cases of a result by id: a hash and a place each, sorted; see result.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/result/result.h"

struct entry {
	uint32_t hash;
	uint32_t i;
};

struct result_index {
	struct result_reader rd;
	size_t n;
	struct entry v[];	/* by hash, then by place */
};

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

static uint32_t
hash_of(const char *id)
{
	return (uint32_t)hash_u64(id, strlen(id));
}

int
result_index_new(const struct result *r, struct result_index **out,
    struct err *err)
{
	struct result_index *x = NULL;
	const struct result_case *c;

	*out = NULL;
	if (r->n_cases < UINT32_MAX)
		x = malloc(sizeof(*x) + r->n_cases * sizeof(x->v[0]));
	if (x == NULL)
		return err_set(err, RC_NOMEM, "out of memory for the result");
	x->n = 0;
	result_reader_init(&x->rd, r);
	while ((c = result_case_next(&x->rd)) != NULL) {
		x->v[x->n].hash = hash_of(c->id);
		x->v[x->n].i = (uint32_t)x->n;
		x->n++;
	}
	if (result_reader_check(&x->rd, err) != RC_OK) {
		int rc = x->rd.rc;

		result_index_free(x);
		return rc;
	}
	qsort(x->v, x->n, sizeof(x->v[0]), compare);
	*out = x;
	return RC_OK;
}

void
result_index_free(struct result_index *x)
{
	if (x == NULL)
		return;
	(void)result_reader_fini(&x->rd);
	free(x);
}

const struct result_case *
result_index_find(struct result_index *x, const char *id, size_t *at)
{
	const struct result_case *c;
	uint32_t hash = hash_of(id);
	size_t lo = 0, hi = x->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (x->v[mid].hash < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < x->n && x->v[lo].hash == hash; lo++) {
		c = result_case_at(&x->rd, x->v[lo].i);
		if (c == NULL || strcmp(c->id, id) != 0)
			continue;
		if (at != NULL)
			*at = x->v[lo].i;
		return c;
	}
	return NULL;
}
