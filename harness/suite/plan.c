/* The plan; see plan.h. */
#include "harness/suite/plan.h"

#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/number.h"
#include "harness/base/rng.h"

/* Streams of the counter-based random numbers. */
enum { STREAM_ORDER = 0x6f72646572, STREAM_AGAIN = 0x616761696e };

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

uint64_t
plan_variant(const struct plan *p, const struct ex_key *key)
{
	return ((uint64_t)key->p * p->seeds + key->s) * p->repeats + key->r;
}

static void
set_variant(const struct plan *p, uint64_t case_index, uint32_t v,
    struct plan_item *out)
{
	memset(out, 0, sizeof(*out));
	out->case_index = case_index;
	out->v = v;
	out->r = v % p->repeats;
	out->s = v / p->repeats % p->seeds;
	out->p = v / p->repeats / p->seeds;
}

void
plan_item(const struct plan *p, uint64_t k, struct plan_item *out)
{
	enum arm arms[ARM_N];
	uint32_t perm[ARM_N];
	int n = 0, i, echo, mirror;

	set_variant(p, k / p->per_case, (uint32_t)(k % p->per_case), out);
	/*
	 * Every other case is the mirror image of the one before it, the arms
	 * exchanged: whichever is asked first, or waits behind its own echo,
	 * the same happens to the other.  A suite's seed draws the same order
	 * in each run, so what chance left uneven would favour one arm always.
	 */
	mirror = (int)(out->case_index % 2);
	for (i = 0; i < 2; i++) {
		if (p->arm_on[i ^ mirror])
			arms[n++] = (enum arm)(i ^ mirror);
	}
	echo = echo_of(p, out);
	if (echo >= 0)
		arms[n++] = (enum arm)echo;
	rng_permute(p->seed ^ STREAM_ORDER, k - (uint64_t)mirror *
	    p->per_case, perm, (size_t)n);
	for (i = 0; i < n; i++)
		out->arms[i] = arms[perm[i]];
	out->n_arms = n;
}

void
plan_ask_item(const struct plan *p, enum ex_round round,
    const struct plan_ask *ask, const int live[ARM_N], struct plan_item *out)
{
	uint64_t draw = rng_u64(p->seed ^ STREAM_AGAIN ^ (uint64_t)round,
	    ask->case_index, ask->n);
	enum arm a;
	int i;

	set_variant(p, ask->case_index, ask->v, out);
	out->round = round;
	out->n = ask->n;
	for (i = 0; i < 2; i++) {
		a = (enum arm)(i ^ (int)(draw & 1));
		if (live[a])
			out->arms[out->n_arms++] = a;
	}
}

void
plan_latency_ask(const struct plan *p, enum ex_round round, uint64_t k,
    struct plan_ask *out)
{
	uint64_t n = p->n_items, turn = k / n, i;
	uint64_t seed = p->seed ^ STREAM_AGAIN ^ (uint64_t)round << 32;
	/* steps that share no divisor with n visit all of them */
	uint64_t step = n < 3 ? 1 : 1 + rng_u64(seed, turn, 0) % (n - 1);

	while (number_gcd(step, n) != 1)
		step++;
	i = (uint64_t)(((unsigned __int128)(k % n) * step +
	    rng_u64(seed, turn, 1)) % n);
	out->case_index = i / p->per_case;
	out->v = (uint32_t)(i % p->per_case);
	out->n = (uint32_t)k;
}

int
plan_ask_order(const void *a, const void *b)
{
	const struct plan_ask *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return (x->case_index > y->case_index) -
	    (x->case_index < y->case_index);
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
	if (key->round != ROUND_PLAN) {
		buf_putc(&b, '/');
		buf_puts(&b, round_name(key->round));
		buf_putc(&b, '/');
		buf_u64(&b, key->n);
	}
	memcpy(out, "ls-", 4);
	hash_hex(buf_str(&b), b.len, out + 3);
	buf_fini(&b);
}
