/* Who has joined a shadow: batches once, caps never twice. */
#include "tests/lib/check.h"

#include "replay/shadow_members.h"

static struct shadow_members m;

/* What a member says at a second. */
static struct shadow_one *
hear(const char *name, const char *session, int64_t rps, int64_t at_s)
{
	const struct shadow_says says = { .name = name, .session = session,
		.rps = rps };
	struct shadow_one *one;

	return shadow_members_hear(&m, &says, &one, at_s * MONO_S) == 0 ?
	    one : NULL;
}

static struct shadow_one *
own(int64_t at_s)
{
	const struct shadow_says says = { .rps = -1 };

	return shadow_members_own(&m, &says, at_s * MONO_S);
}

static int64_t
rps(struct shadow_one *one, int64_t at_s)
{
	struct shadow_caps caps;

	shadow_members_lend(&m, one, &caps, at_s * MONO_S);
	return caps.rps;
}

/* ---- batches ------------------------------------------------------------ */

static void
test_once(void **state)
{
	static const struct {
		const char *member, *session;
		int64_t n;
		int taken;
	} t[] = {
		{ "a", "s", 1, 0 }, { "a", "s", 1, 1 }, { "b", "s", 1, 0 },
		{ "a", "s", 2, 0 },
		/* the first one, on a connection that was slow */
		{ "a", "s", 1, 1 }, { "a", "s", 2, 1 },
		/* numbers need not follow: one was given up */
		{ "a", "s", 9, 0 }, { "a", "s", 8, 1 },
		/* it was started anew; the old one may still be on its way */
		{ "a", "t", 1, 0 }, { "a", "t", 1, 1 }, { "a", "s", 9, 1 },
		{ "b", "s", 1, 1 }, { "a", NULL, 1, -1 },
		{ "a", "", 1, -1 }, { "a", "t", 0, -1 }, { "a", "t", -1, -1 },
	};
	struct shadow_one *one;
	size_t i;

	(void)state;
	shadow_members_init(&m, 0, 0, 0, 0, 0);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		one = hear(t[i].member, t[i].session, -1, 1);
		assert_non_null(one);
		if (shadow_one_taken(one, t[i].n) != t[i].taken)
			fail_msg("row %zu", i);
		if (t[i].taken == 0)
			shadow_one_take(one, t[i].n);
	}
	assert_null(hear(NULL, "s", -1, 1));
	assert_null(hear("", "s", -1, 1));
	assert_null(hear("a23456789a23456789a23456789a23456789a23456789a234567"
	    "89a234567890", "s", -1, 1));
}

static int
join(int i, int64_t at_s)
{
	struct shadow_one *one;
	char session[32];

	(void)snprintf(session, sizeof(session), "s%d", i);
	one = hear("m", session, -1, at_s);
	if (one != NULL && shadow_one_taken(one, 1) == 0)
		shadow_one_take(one, 1);
	return one != NULL;
}

/* Who may send a batch again is remembered, then gives its place to another. */
static void
test_room(void **state)
{
	const int64_t doubt_s = SHADOW_DOUBT_NS / MONO_S;
	struct shadow_says bye = { .name = "m", .session = "s7", .rps = -1,
		.ends = 1 };
	struct shadow_one *one;
	int i;

	(void)state;
	shadow_members_init(&m, 0, 0, 0, 0, 0);
	for (i = 1; i < SHADOW_MEMBERS; i++)
		assert_true(join(i, 1));
	assert_false(join(0, 2));
	assert_int_equal(shadow_members_present(&m, 2 * MONO_S),
	    SHADOW_MEMBERS - 1);
	/* one that ended, as soon as nothing of it is in the lines */
	assert_int_equal(shadow_members_hear(&m, &bye, &one, 3 * MONO_S), 0);
	assert_false(join(0, 20));
	assert_true(join(0, 100));
	assert_false(join(-1, 100));
	assert_int_equal(shadow_one_taken(hear("m", "s0", -1, 100), 1), 1);
	/* all others, a while after they may have sent one again */
	assert_false(join(-1, doubt_s));
	assert_true(join(3, doubt_s));
	assert_true(join(-1, doubt_s + 100));
	assert_int_equal(shadow_one_taken(hear("m", "s3", -1, doubt_s + 100),
	    1), 1);
	assert_int_equal(shadow_one_taken(hear("m", "s0", -1, doubt_s + 100),
	    1), 1);
}

static void
test_kept(void **state)
{
	struct buf text;
	int i;

	(void)state;
	shadow_members_init(&m, 0, 0, 0, 0, 0);
	for (i = 1; i < SHADOW_MEMBERS; i++)
		assert_true(join(i, 1));
	buf_init(&text, 1 << 20);
	shadow_members_write(&m, &text);
	assert_int_equal(text.bad, RC_OK);
	shadow_members_init(&m, 0, 0, 0, 1, 5 * MONO_S);
	shadow_members_read(&m, text.p, text.len, 5 * MONO_S);
	assert_int_equal(shadow_members_present(&m, 5 * MONO_S), 0);
	assert_int_equal(shadow_one_taken(hear("m", "s9", -1, 6), 1), 1);
	assert_int_equal(shadow_one_taken(hear("m", "s9", -1, 6), 2), 0);
	assert_false(join(0, 300));
	buf_fini(&text);
}

/* What was kept may be anything. */
static void
test_damaged(void **state)
{
	static const char *const t[] = { "", "{", "7", "[]", "{\"a\":1}",
		"[7]", "[[]]", "[[\"a\"]]", "[[\"a\",\"s\",0]]",
		"[[\"a\",\"s\",\"1\"]]", "[[1,2,3]]", "[[\"a\",\"\",3]]" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		shadow_members_init(&m, 0, 0, 0, 1, 0);
		shadow_members_read(&m, t[i], strlen(t[i]), 0);
		assert_int_equal(m.n, 1);
	}
}

/* ---- rates -------------------------------------------------------------- */

/* Whose batch takes long keeps its part, others get none of it, until it has
 * stopped to use it by itself. */
static void
test_slow(void **state)
{
	const int64_t lease_s = SHADOW_LEASE_NS / MONO_S;
	struct shadow_one *a;
	int64_t s;

	(void)state;
	shadow_members_init(&m, 100, 0, 0, 0, 0);
	assert_int_equal(rps(own(0), 0), 100);
	a = hear("a", "s", 0, 1);
	assert_int_equal(rps(a, 1), 0);		/* it is not free yet */
	assert_int_equal(rps(own(1), 1), 50);
	a = hear("a", "s", 0, 2);
	assert_int_equal(rps(a, 2), 50);	/* the last second is over */
	for (s = 3; s <= 2 + lease_s; s++) {
		assert_int_equal(rps(own(s), s), 50);
		assert_int_equal(shadow_members_present(&m, s * MONO_S), 1);
	}
	s = 2 + lease_s + 2;
	assert_int_equal(shadow_members_present(&m, s * MONO_S), 0);
	assert_int_equal(rps(own(s), s), 100);
	/* it comes back, and gets its part when it is free again */
	a = hear("a", "s", 0, s + 1);
	assert_int_equal(rps(a, s + 1), 0);
	assert_int_equal(rps(own(s + 1), s + 1), 50);
	a = hear("a", "s", 0, s + 2);
	assert_int_equal(rps(a, s + 2), 50);
}

/* Whatever answers are lost, and whoever comes and goes: together they never
 * have more than there is. */
static void
test_never_twice(void **state)
{
	enum { N = 6, CAP = 100 };
	struct { int64_t rps, until, last, last_ns; } has[N] = { 0 };
	struct shadow_one *one;
	uint32_t r = 7;
	int64_t s, sum, got;
	int i, used = 0;
	char name[16];

	(void)state;
	shadow_members_init(&m, CAP, 0, 0, 0, 0);
	for (s = 0; s < 4000; s++) {
		for (i = 0; i < N; i++) {
			r = r * 1664525u + 1013904223u;
			if (s >= has[i].until)
				has[i].rps = 0;
			if (i > 0 && (r >> 16) % 3 == 0)
				continue;	/* it is not heard of, */
			if (i > 0 && (s / 40 + i) % 4 == 0)
				continue;	/* or for longer */
			(void)snprintf(name, sizeof(name), "m%d", i);
			one = i == 0 ? own(s) : hear(name, "s", has[i].rps, s);
			got = rps(one, s);
			r = r * 1664525u + 1013904223u;
			if (i > 0 && (r >> 16) % 4 == 0)
				continue;	/* the answer is lost */
			has[i].rps = got;
			has[i].until = i == 0 ? INT64_MAX : s +
			    SHADOW_LEASE_NS / MONO_S;
		}
		for (i = 0, sum = 0; i < N; i++) {
			if (s >= has[i].until)
				has[i].rps = 0;
			sum += has[i].rps;
			used += i > 0 && has[i].rps > 0;
		}
		if (sum > CAP)
			fail_msg("%lld at second %lld", (long long)sum,
			    (long long)s);
	}
	assert_true(used > 1000);
}

/* A scorer that was killed does not know who still has a part. */
static void
test_restarted(void **state)
{
	struct shadow_one *a;

	(void)state;
	shadow_members_init(&m, 100, 0, 0, 1, 0);
	assert_int_equal(rps(own(0), 0), 0);
	a = hear("a", "s", 50, 1);
	assert_int_equal(rps(a, 1), 50);
	assert_int_equal(rps(hear("b", "s", 0, 2), 2), 0);
	assert_int_equal(rps(own(3), 3), 0);
	a = hear("a", "s", 50, 13);
	assert_int_equal(rps(own(14), 14), 50);
}

/* A line that was long on its way does not lower what is known to be used. */
static void
test_late(void **state)
{
	struct shadow_says says = { .name = "a", .session = "s", .rps = 60,
		.beat = 2 };
	struct shadow_one *one;

	(void)state;
	shadow_members_init(&m, 100, 0, 0, 0, 0);
	assert_int_equal(shadow_members_hear(&m, &says, &one, 0), 0);
	says.rps = 0;
	says.beat = 1;
	assert_int_equal(shadow_members_hear(&m, &says, &one, 0), 0);
	assert_int_equal(rps(own(5), 5), 40);
}

/* ---- requests and money ------------------------------------------------- */

/* A member that idles: nobody has told a price yet, and it has no request to
 * tell one by. It does not keep who has one waiting, and is not lent a thing
 * that others then lack. */
static void
test_idle(void **state)
{
	struct shadow_says idle = { .name = "idle", .session = "s",
		.rps = -1 };
	struct shadow_says busy = { .name = "busy", .session = "s", .rps = -1,
		.over_money = 1 };
	struct shadow_caps caps;
	struct shadow_one *one;

	(void)state;
	shadow_members_init(&m, 0, 0, 8, 0, 0);
	shadow_members_lend(&m, own(0), &caps, 0);
	assert_near(caps.money, 0, 0);
	assert_int_equal(shadow_members_hear(&m, &idle, &one, 0), 0);
	shadow_members_lend(&m, one, &caps, 0);
	assert_near(caps.money, 0, 0);
	assert_near(caps.dearest, 0, 0);
	assert_int_equal(shadow_members_hear(&m, &busy, &one, 0), 0);
	shadow_members_lend(&m, one, &caps, 0);
	assert_true(caps.money > 0);
	/* one alone asks what it costs */
	idle.over_money = 1;
	assert_int_equal(shadow_members_hear(&m, &idle, &one, MONO_S), 0);
	shadow_members_lend(&m, one, &caps, MONO_S);
	assert_near(caps.money, 0, 0);
	/* it is known: each may */
	busy.money = busy.dearest = .5;
	assert_int_equal(shadow_members_hear(&m, &busy, &one, MONO_S), 0);
	assert_int_equal(shadow_members_hear(&m, &idle, &one, MONO_S), 0);
	shadow_members_lend(&m, one, &caps, MONO_S);
	assert_true(caps.money >= 1);
	assert_near(caps.dearest, .5, 0);
}

/* Before it has heard of a cap a member asks nothing; a process that is started
 * anew is lent its own part, not its predecessor's once more. */
static void
test_requests(void **state)
{
	struct shadow_says a = { .name = "a", .session = "s", .rps = -1 };
	struct shadow_caps caps;
	struct shadow_one *one;
	int64_t all = 0;
	char session[16];
	int i;

	(void)state;
	shadow_members_init(&m, 0, 100, 0, 0, 0);
	a.session = session;
	for (i = 0; i < 20; i++) {	/* each asks all it may, and dies */
		(void)snprintf(session, sizeof(session), "s%d", i);
		a.asked = 0;
		assert_int_equal(shadow_members_hear(&m, &a, &one,
		    i * 20 * MONO_S), 0);
		shadow_members_lend(&m, one, &caps, i * 20 * MONO_S);
		all += caps.requests;
		a.asked = caps.requests;
		assert_int_equal(shadow_members_hear(&m, &a, &one,
		    i * 20 * MONO_S), 0);
	}
	assert_true(all > 80 && all <= 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once), cmocka_unit_test(test_room),
		cmocka_unit_test(test_kept), cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_never_twice),
		cmocka_unit_test(test_restarted),
		cmocka_unit_test(test_late), cmocka_unit_test(test_idle),
		cmocka_unit_test(test_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
