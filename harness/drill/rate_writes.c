/* Writes beyond a rate limit; see rate_writes.h. */
#include "harness/drill/rate_writes.h"

#include <stdio.h>
#include <stdlib.h>

#include "harness/base/mono.h"
#include "harness/base/retry.h"
#include "harness/drill/writes.h"

static const char weak[] = "load controls weak";
static const char dropped[] = "no write is dropped";
static const char once[] = "and each has one effect";

#define LONGEST_NS (30 * MONO_S)
/* A 429 without Retry-After is asked again then. */
#define UNTOLD_NS (1 * MONO_S)

struct pending {
	struct writes w;
	int64_t *due_ns;	/* of each key; -1: it is not to be sent */
	size_t limited;		/* answers of 429 */
};

/* Adds what is to be sent again. returns how much, or an error */
static int
add_due(struct pending *p, struct err *err)
{
	int64_t now = mono_now_ns();
	struct ask *a;
	size_t i;
	int n = 0;

	for (i = 0; i < p->w.n; i++) {
		if (p->due_ns[i] < 0)
			continue;
		a = writes_add(&p->w, i, 0, err);
		if (a == NULL)
			return err->code;
		a->at_ns = p->due_ns[i] > now ? p->due_ns[i] - now : 0;
		n++;
	}
	return n;
}

static void
take(struct pending *p, const struct ask *a)
{
	const char *after = ask_answer_header(a, "retry-after");
	int64_t ns = after == NULL ? -1 : retry_after_ns(after,
	    mono_wall_ns());

	writes_take(&p->w, a);
	p->due_ns[a->tag] = a->status == 429 ? p->w.wave.begun_ns +
	    a->sent_ns + a->total_ns + (ns < 0 ? UNTOLD_NS : ns) : -1;
	p->limited += a->status == 429;
}

static int
send_all(struct pending *p, struct err *err)
{
	int64_t until = mono_now_ns() + LONGEST_NS;
	size_t i;
	int n, rc = RC_OK;

	while (rc == RC_OK && mono_now_ns() < until &&
	    !drill_stopped(p->w.d) && (n = add_due(p, err)) != 0) {
		rc = n < 0 ? n : wave_send(p->w.d, &p->w.wave, err);
		for (i = 0; i < p->w.wave.n && rc == RC_OK; i++)
			take(p, p->w.wave.v[i]);
		wave_reset(&p->w.wave);
	}
	return rc;
}

static void
judge(struct pending *p, int64_t before, int64_t after, const char *why)
{
	const struct write_key *lost = NULL, *two = NULL;
	size_t n = writes_lost(&p->w, &lost), twice = writes_twice(&p->w,
	    &two), served = p->w.n - n;
	int64_t effects = after - before;

	(void)drill_check(p->w.d, dropped, n == 0, weak, n == 0 ?
	    "%zu of %zu are done, 429 was answered %zu times" :
	    "%zu of %zu are done, 429 was answered %zu times; else %s",
	    served, p->w.n, p->limited, n == 0 ? "" : lost->refused);
	if (before < 0 || after < 0)
		drill_skip(p->w.d, once, "%s", why);
	else
		(void)drill_check(p->w.d, once, twice == 0 && effects ==
		    (int64_t)served, effects < (int64_t)served ? weak :
		    "idempotency missing", "the service counts %lld effects "
		    "of %zu writes", (long long)effects, served);
}

static int
try(struct pending *p, size_t n, struct err *err)
{
	int64_t before = -1, after = -1;
	char why[200] = "";
	int rc = audit_count(p->w.d, &before, why, err);

	if (rc == RC_OK)
		rc = writes_keys(&p->w, n, err);
	p->due_ns = rc == RC_OK ? calloc(n + 1, sizeof(*p->due_ns)) : NULL;
	if (rc == RC_OK && p->due_ns == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = send_all(p, err);
	if (rc == RC_OK && before >= 0)
		rc = audit_count(p->w.d, &after, why, err);
	if (rc == RC_OK)
		judge(p, before, after, why);
	free(p->due_ns);
	return rc;
}

int
rate_writes(struct drill *d, size_t n, int concurrency, struct err *err)
{
	struct pending p = { .limited = 0 };
	int rc;

	if (drill_word(d, "write.path") == NULL) {
		drill_skip(d, dropped, "needs a request that has an effect: "
		    "--set write.path=/PATH (and audit: see GUARDRAILS.md)");
		return RC_OK;
	}
	rc = writes_init(&p.w, d, concurrency, err);
	if (rc == RC_OK)
		rc = try(&p, n, err);
	writes_fini(&p.w);
	return rc;
}
