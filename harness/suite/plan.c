/* The plan; see plan.h. */
#include "harness/suite/plan.h"

#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/rng.h"

/* Streams of the counter-based random numbers. */
enum { STREAM_ORDER = 0x6f72646572 };

void
plan_init(struct plan *p, const struct suite *s, uint64_t n_cases)
{
	const struct suite_target *base = &s->target[ARM_BASELINE];

	memset(p, 0, sizeof(*p));
	p->n_cases = n_cases;
	p->paraphrases = s->paraphrases;
	p->seeds = s->n_seeds;
	p->repeats = s->repeats;
	p->per_case = p->paraphrases * p->seeds * p->repeats;
	p->n_items = n_cases * p->per_case;
	p->arm_on[ARM_BASELINE] = base->present;
	p->arm_on[ARM_CANDIDATE] = s->target[ARM_CANDIDATE].present;
	p->arm_on[ARM_BASELINE2] = base->present &&
	    s->target[ARM_BASELINE2].present;
	p->echo_candidate_only = base->present && base->url == NULL;
	p->seed = s->seed;
}

/*
 * The arm that is asked twice: each stack on half of the variants, so that
 * both carry the same load; a stack of one arm alone needs no noise floor.
 */
static int
echo_of(const struct plan *p, const struct plan_item *item)
{
	if (!p->arm_on[ARM_BASELINE] || !p->arm_on[ARM_CANDIDATE])
		return -1;
	if (p->arm_on[ARM_BASELINE2])
		return ARM_BASELINE2;
	if (p->echo_candidate_only)
		return ARM_CANDIDATE2;
	return (item->case_index + item->v) % 2 == 0 ? ARM_BASELINE2 :
	    ARM_CANDIDATE2;
}

void
plan_item(const struct plan *p, uint64_t k, struct plan_item *out)
{
	enum arm arms[ARM_N];
	uint32_t perm[ARM_N];
	int n = 0, i, echo;

	memset(out, 0, sizeof(*out));
	out->case_index = k / p->per_case;
	out->v = (uint32_t)(k % p->per_case);
	out->r = out->v % p->repeats;
	out->s = out->v / p->repeats % p->seeds;
	out->p = out->v / p->repeats / p->seeds;
	if (p->arm_on[ARM_BASELINE])
		arms[n++] = ARM_BASELINE;
	if (p->arm_on[ARM_CANDIDATE])
		arms[n++] = ARM_CANDIDATE;
	echo = echo_of(p, out);
	if (echo >= 0)
		arms[n++] = (enum arm)echo;
	rng_permute(p->seed ^ STREAM_ORDER, k, perm, (size_t)n);
	for (i = 0; i < n; i++)
		out->arms[i] = arms[perm[i]];
	out->n_arms = n;
}

uint64_t
plan_requests(const struct plan *p)
{
	uint64_t each = (p->arm_on[ARM_BASELINE] != 0) +
	    (p->arm_on[ARM_CANDIDATE] != 0);

	return p->n_items * (each == 2 ? 3 : each);
}

void
plan_idem_key(const char *run_id, const struct ex_key *key, char *out)
{
	const uint64_t numbers[] = { key->p, key->s, key->r };
	size_t i;
	struct buf b;

	/* The lengths keep "a/b"+"c" and "a"+"b/c" apart. */
	buf_init(&b, 1 << 20);
	(void)buf_reserve(&b, 256);
	buf_u64(&b, strlen(run_id));
	buf_putc(&b, ':');
	buf_puts(&b, run_id);
	buf_putc(&b, '/');
	buf_puts(&b, key->case_id != NULL ? key->case_id : "");
	for (i = 0; i < 3; i++) {
		buf_putc(&b, '/');
		buf_u64(&b, numbers[i]);
	}
	buf_putc(&b, '/');
	buf_puts(&b, arm_name(key->arm));
	memcpy(out, "ls-", 4);
	hash_hex(buf_str(&b), b.len, out + 3);
	buf_fini(&b);
}
