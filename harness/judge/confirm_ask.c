/* What is to be asked again; see confirm_ask.h. */
#include "harness/judge/confirm_ask.h"

#include <stdlib.h>

/* Which variant comes at a repeat: those that count in turn. */
static uint32_t
variant_at(const struct result_again *a, const struct plan *p,
    uint32_t repeat)
{
	uint64_t left = a->variants;
	uint32_t n = (uint32_t)__builtin_popcountll(left), i;

	if (n == 0)
		return repeat % p->per_case;
	for (i = repeat % n; i > 0; i--)
		left &= left - 1;	/* takes the lowest away */
	return (uint32_t)__builtin_ctzll(left);
}

int
confirm_ask_cases(const struct result *r, const struct plan *p,
    const struct beyond *b, uint64_t most, struct plan_ask **out,
    uint64_t *n, struct err *err)
{
	uint64_t per = 1 + !b->clears, i, k = 0;
	uint32_t repeat;

	*n = 0;
	*out = NULL;
	if (r->again.missing == 0)
		return RC_OK;
	*out = calloc(r->again.n * b->repeats + 1, sizeof(**out));
	if (*out == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (repeat = 0; repeat < b->repeats; repeat++) {
		for (i = 0; i < r->again.n && k < most / per; i++)
			(*out)[k++] = (struct plan_ask){
				r->again.cases[i].index,
				variant_at(&r->again.cases[i], p, repeat),
				repeat };
	}
	qsort(*out, (size_t)k, sizeof(**out), plan_ask_order);
	*n = k;
	return RC_OK;
}

uint64_t
confirm_ask_pairs(const struct result *r, uint64_t most)
{
	uint64_t there = r->again.latency_there, left = most / 2;

	if (r->again.latency <= there || left == 0)
		return 0;
	return r->again.latency - there < left ? r->again.latency :
	    there + left;
}
