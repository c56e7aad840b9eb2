/*
 * Fuzzes what comes back from a scorer: the bytes are one line of it.  What
 * was read and kept must read the same again.
 */
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/score/scorer_part.h"

enum { N = 3 };

static void
check(const struct scorer_value *v)
{
	size_t i;

	for (i = 0; i < N; i++) {
		if ((v[i].missing == SCORER_HERE) != isfinite(v[i].v) ||
		    (v[i].missing == SCORER_HERE) != (v[i].why[0] == '\0'))
			abort();
		if (isfinite(v[i].v) && fabs(v[i].v) > SCORER_VALUE_MAX)
			abort();
		if (memchr(v[i].why, '\0', sizeof(v[i].why)) == NULL)
			abort();
	}
}

static int
kept(const struct scorer_value *v)
{
	return v->missing == SCORER_HERE || v->missing == SCORER_DECLINED ||
	    v->missing == SCORER_LEFT_OUT;
}

static void
check_kept(const struct scorer_names *names, const struct scorer_value *v)
{
	struct scorer_value back[N];
	struct json *j;
	struct buf b;
	size_t i;

	buf_init(&b, 1 << 20);
	scorer_reply_write(names, v, &b);
	j = json_parse(b.p, b.len, NULL);
	if (b.bad != RC_OK || j == NULL)
		abort();
	scorer_reply_read(j, names, back, NULL);
	check(back);
	for (i = 0; i < N; i++) {
		if (kept(&v[i]) && (v[i].missing != back[i].missing ||
		    (isfinite(v[i].v) && v[i].v != back[i].v)))
			abort();
	}
	json_free(j);
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct scorer_metric m[N] = { { .name = "faithfulness" },
		{ .name = "tone" }, { .name = "a" } };
	static const struct scorer_names names = { m, N };
	struct scorer_value v[N];
	struct scorer_stats st = { 0 };
	struct json *j = json_parse((const char *)data, n, NULL);
	uint64_t id = 0;

	if (j == NULL)
		return 0;
	if (scorer_reply_id(j, &id) == 0 && id > (uint64_t)1e19)
		abort();
	scorer_reply_read(j, &names, v, &st);
	check(v);
	check_kept(&names, v);
	if (st.undeclared > n ||
	    memchr(st.undeclared_name, '\0', SCORER_NAME_MAX) == NULL)
		abort();
	json_free(j);
	return 0;
}
