/* The hash table against a plain array of what should be in it. */
#include "harness/base/table.h"

#include "harness/base/rng.h"
#include "tests/lib/check.h"

enum { NUMBERS = 2000 };

struct model {
	uint64_t hash[NUMBERS];
	int in[NUMBERS];
};

static int
same(const void *ctx, const void *key, uint32_t at)
{
	const struct model *m = ctx;

	return m->hash[at] == *(const uint64_t *)key;
}

static void
agrees(const struct table *t, const struct model *m)
{
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < NUMBERS; i++) {
		assert_int_equal(table_find(t, m->hash[i], same, m,
		    &m->hash[i]), m->in[i] ? i : TABLE_NONE);
		n += (size_t)m->in[i];
	}
	assert_int_equal(t->n, n);
}

/* spread: of how many different hashes, so that small ones collide whole. */
static void
hashes(struct model *m, uint64_t spread)
{
	uint32_t i;

	memset(m, 0, sizeof(*m));
	for (i = 0; i < NUMBERS; i++)
		/* different, but alike in the 32 bits that a slot has */
		m->hash[i] = (uint64_t)i << 32 | (i ^ i % spread);
}

static void
come_and_go(struct table *t, struct model *m)
{
	uint32_t i, k;

	for (k = 0; k < 20000; k++) {
		i = (uint32_t)rng_below(7, 0, k, NUMBERS);
		assert_int_equal(table_room(t, (size_t)t->n + 1), 0);
		if (m->in[i])
			assert_int_equal(table_del(t, m->hash[i], i), 1);
		else
			table_put(t, m->hash[i], i);
		m->in[i] = !m->in[i];
		assert_int_equal(table_del(t, m->hash[i] + 1, i), 0);
		if (k % 1000 == 0)
			agrees(t, m);
	}
	agrees(t, m);
}

static void
test_against_an_array(void **state)
{
	static const uint64_t spread[] = { 1, 3, 64, NUMBERS };
	struct model *m = calloc(1, sizeof(*m));
	struct table t;
	size_t i;

	(void)state;
	assert_non_null(m);
	for (i = 0; i < sizeof(spread) / sizeof(spread[0]); i++) {
		hashes(m, spread[i]);
		table_init(&t);
		agrees(&t, m);
		come_and_go(&t, m);
		table_clear(&t);
		memset(m->in, 0, sizeof(m->in));
		agrees(&t, m);
		table_fini(&t);
		agrees(&t, m);
	}
	free(m);
}

static void
test_borrowed(void **state)
{
	uint64_t slot[16] = { 0 }, wide[64] = { 0 };
	struct model *m = calloc(1, sizeof(*m));
	struct table t, u;
	uint32_t i;

	(void)state;
	assert_non_null(m);
	hashes(m, 5);
	table_over(&t, slot, 16);
	for (i = 0; i < 8; i++) {
		assert_int_equal(table_room(&t, i + 1), 0);
		table_put(&t, m->hash[i], i);
		m->in[i] = 1;
	}
	assert_int_equal(table_room(&t, 9), -1);
	agrees(&t, m);
	table_over(&u, wide, 64);
	table_copy(&u, &t);
	agrees(&u, m);
	assert_int_equal(table_room(&u, 32), 0);
	table_fini(&t);
	table_fini(&u);
	free(m);
}

static void
test_grow(void **state)
{
	uint64_t *v = NULL, *more;
	struct table t;
	size_t cap = 0, i;

	(void)state;
	table_init(&t);
	for (i = 0; i < 1000; i++) {
		if (t.n == cap) {
			more = table_grow(&t, v, &cap, sizeof(*v));
			assert_non_null(more);
			v = more;
			assert_true(cap > i);
		}
		v[t.n] = i * i;
		table_put(&t, i, t.n);
	}
	assert_int_equal(t.n, 1000);
	for (i = 0; i < 1000; i++)
		assert_int_equal(v[i], i * i);
	cap = (size_t)TABLE_MAX / 2 + 1;
	assert_null(table_grow(&t, v, &cap, sizeof(*v)));
	free(v);
	table_fini(&t);
}

static void
test_sizes(void **state)
{
	struct table t;

	(void)state;
	assert_int_equal(table_slots(0), 16);
	assert_int_equal(table_slots(8), 16);
	assert_int_equal(table_slots(9), 32);
	assert_int_equal(table_slots(TABLE_MAX), (size_t)2 * TABLE_MAX);
	table_init(&t);
	assert_int_equal(table_room(&t, (size_t)TABLE_MAX + 1), -1);
	assert_int_equal(table_del(&t, 1, 1), 0);
	table_clear(&t);
	table_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_an_array),
		cmocka_unit_test(test_borrowed),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
