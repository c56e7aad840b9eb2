/* Memory that is freed all at once. */
#include "harness/base/arena.h"

#include <stdint.h>

#include "tests/lib/check.h"

static void
test_pieces(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 5000, 70000, 3, 0 };
	struct arena a;
	char *p, *s;
	size_t i, k;

	(void)state;
	arena_init(&a, SIZE_MAX);
	for (i = 0; i < 200; i++) {
		k = sizes[i % (sizeof(sizes) / sizeof(sizes[0]))];
		p = arena_get(&a, k);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		memset(p, 0xff, k);
		p = arena_alloc(&a, k);
		assert_int_equal((uintptr_t)p % 16, 0);
		while (k-- > 0)
			assert_int_equal(p[k], 0);
		s = arena_strn(&a, "text and more", 4);
		assert_string_equal(s, "text");
		if (i % 37 == 0)
			arena_reset(&a);
	}
	arena_fini(&a);
}

/* A large piece takes nothing of the room that was left, and what it took is
 * there for the next round. */
static void
test_large_pieces(void **state)
{
	struct arena a;
	size_t room, before;

	(void)state;
	arena_init(&a, SIZE_MAX);
	assert_non_null(arena_get(&a, 9000));
	assert_non_null(arena_get(&a, 100));
	room = arena_room(&a);
	assert_true(room > 1000);
	assert_non_null(arena_get(&a, 300000));
	assert_int_equal(arena_room(&a), room);
	arena_reset(&a);
	assert_int_equal(arena_room(&a), 300000);
	before = a.used;
	assert_non_null(arena_get(&a, 300000));
	assert_int_equal(a.used, before);
	/* a giant is given back, what was there before it is not */
	assert_non_null(arena_get(&a, 5 << 20));
	arena_reset(&a);
	assert_int_equal(arena_room(&a), 300000);
	arena_fini(&a);
}

static void
test_limits(void **state)
{
	struct err err = ERR_INIT;
	struct arena a;

	(void)state;
	arena_init(&a, 20000);
	assert_non_null(arena_alloc(&a, 100));
	assert_int_equal(arena_check(&a, "it", &err), RC_OK);
	assert_null(arena_get(&a, 30000));
	assert_null(arena_get(&a, 1));		/* sticky */
	assert_null(arena_strn(&a, "x", 1));
	assert_int_equal(arena_check(&a, "it", &err), RC_NOMEM);
	assert_string_equal(err.msg, "out of memory for it");
	arena_reset(&a);
	assert_non_null(arena_get(&a, 1));
	assert_null(arena_get(&a, SIZE_MAX));
	arena_reset(&a);
	assert_null(arena_calloc(&a, SIZE_MAX / 2, 3));
	arena_reset(&a);
	assert_null(arena_strn(&a, "x", SIZE_MAX));
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_large_pieces),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
