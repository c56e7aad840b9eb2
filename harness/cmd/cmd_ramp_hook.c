/* The commands of a ramp's user, and what is said; see cmd_ramp_part.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "harness/base/buf.h"
#include "harness/base/child.h"
#include "harness/base/mono.h"
#include "harness/cmd/cmd_ramp_part.h"
#include "reports/glyph.h"

enum { HOOK_MAX = 1 << 20 };
/* Between two tries of a validation. */
#define TRY_NS (200 * MONO_MS)

void
ramp_say(const char *fmt, ...)
{
	char text[1024], at[MONO_UTC_MAX];
	struct buf b;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	mono_utc(mono_wall_ns(), at);
	buf_init(&b, 1 << 14);
	glyph_clean(&b, text);
	(void)printf("%.19sZ  %s\n", at, buf_str(&b));
	(void)fflush(stdout);
	buf_fini(&b);
}

int
ramp_note(struct ramp *r, enum ramp_event e, const struct ramp_note *n,
    struct err *err)
{
	return ramp_journal_note(r->j, &r->s, e, n, err);
}

int
ramp_hook(const struct ramp *r, const char *command, int weight,
    int64_t limit_ns, char *why, size_t cap, struct err *err)
{
	struct err bad = ERR_INIT;
	char now[16], before[16], how[64];
	struct buf out;
	int rc, status = 0;

	(void)snprintf(now, sizeof(now), "%d", weight);
	(void)snprintf(before, sizeof(before), "%d",
	    r->s.step > 0 ? r->plan.step[r->s.step - 1] : 0);
	/* no other thread runs. NOLINTBEGIN(concurrency-mt-unsafe) */
	if (setenv("LOCKSTEP_WEIGHT", now, 1) != 0 ||
	    setenv("LOCKSTEP_PREVIOUS_WEIGHT", before, 1) != 0 ||
	    setenv("LOCKSTEP_REASON", r->s.why, 1) != 0)
		/* NOLINTEND(concurrency-mt-unsafe) */
		return err_set(err, RC_NOMEM, "out of memory");
	buf_init(&out, HOOK_MAX);
	rc = child_output(command, limit_ns, &out, &status, &bad);
	if (out.len > 0)
		(void)fprintf(stderr, "%s", buf_str(&out));
	buf_fini(&out);
	if (rc == RC_OK && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 1;
	if (rc == RC_OK)
		child_say_status(status, how, sizeof(how));
	(void)snprintf(why, cap, "%s", rc == RC_OK ? how : bad.msg);
	return 0;
}

int
ramp_validate(const struct ramp *r, int weight, int64_t since_ns, char *why,
    size_t cap, struct err *err)
{
	const int64_t until = since_ns + r->plan.within_ns;
	int ok;

	do {
		ok = ramp_hook(r, r->plan.validate, weight, r->o.hook_ns, why,
		    cap, err);
		if (ok != 0 || *r->stop)
			break;
		mono_sleep_until_ns(mono_now_ns() + TRY_NS);
	} while (mono_now_ns() < until);
	return ok;
}
