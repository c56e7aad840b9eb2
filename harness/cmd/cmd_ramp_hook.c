/* The commands of a ramp's user, and what is said; see cmd_ramp_part.h. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* What a command is told. */
static int
set_env(const struct ramp *r, int weight, struct err *err)
{
	char now[16], before[16];

	(void)snprintf(now, sizeof(now), "%d", weight);
	(void)snprintf(before, sizeof(before), "%d",
	    r->s.step > 0 ? r->plan.step[r->s.step - 1] : 0);
	/* no other thread runs. NOLINTBEGIN(concurrency-mt-unsafe) */
	if (setenv("LOCKSTEP_WEIGHT", now, 1) != 0 ||
	    setenv("LOCKSTEP_PREVIOUS_WEIGHT", before, 1) != 0 ||
	    setenv("LOCKSTEP_REASON", r->s.why, 1) != 0)
		/* NOLINTEND(concurrency-mt-unsafe) */
		return err_set(err, RC_NOMEM, "out of memory");
	return RC_OK;
}

/* returns 1: it ended with 0; 0: *why says how it ended */
static int
ended_well(int status, char *why, size_t cap)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 1;
	child_say_status(status, why, cap);
	return 0;
}

int
ramp_hook(const struct ramp *r, const char *command, int weight,
    int64_t limit_ns, char *why, size_t cap, struct err *err)
{
	struct err bad = ERR_INIT;
	struct buf out;
	int rc, status = 0;

	if (set_env(r, weight, err) != RC_OK)
		return err->code;
	buf_init(&out, HOOK_MAX);
	rc = child_output(command, limit_ns, &out, &status, &bad);
	if (out.len > 0)
		(void)fprintf(stderr, "%s", buf_str(&out));
	buf_fini(&out);
	if (rc == RC_OK)
		return ended_well(status, why, cap);
	(void)snprintf(why, cap, "%s", bad.msg);
	return 0;
}

/* returns 1: it has ended, *status says how; 0: it was ended, by a signal to
 * us, by its limit or by watch */
static int
wait_for(struct ramp *r, pid_t pid, ramp_watch_fn *watch, int *status)
{
	const int64_t until = mono_now_ns() + r->o.hook_ns;
	int64_t look_ns = mono_now_ns() + r->o.interval_ns;
	pid_t got;

	for (;;) {
		got = waitpid(pid, status, WNOHANG);
		if (got == pid || (got < 0 && errno != EINTR))
			return 1;
		if (*r->stop || mono_now_ns() > until)
			break;
		if (watch != NULL && mono_now_ns() > look_ns) {
			if (watch(r))
				break;
			look_ns = mono_now_ns() + r->o.interval_ns;
		}
		mono_sleep_until_ns(mono_now_ns() + MONO_S / 50);
	}
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		continue;
	return 0;
}

/* One try of the validation; its output goes to stderr. */
static int
validate_once(struct ramp *r, int weight, ramp_watch_fn *watch, char *why,
    size_t cap, struct err *err)
{
	const int fd[3] = { STDIN_FILENO, STDERR_FILENO, STDERR_FILENO };
	int rc = set_env(r, weight, err), status = 0;
	pid_t pid;

	if (rc == RC_OK)
		rc = child_start(r->plan.validate, NULL, fd, &pid, err);
	if (rc != RC_OK)
		return rc;
	if (wait_for(r, pid, watch, &status))
		return ended_well(status, why, cap);
	(void)snprintf(why, cap, "was ended before its end");
	return 0;
}

int
ramp_validate(struct ramp *r, int weight, int64_t since_ns,
    ramp_watch_fn *watch, char *why, size_t cap, struct err *err)
{
	const int64_t until = since_ns + r->plan.within_ns;
	int ok;

	do {
		ok = validate_once(r, weight, watch, why, cap, err);
		if (ok != 0 || *r->stop || (watch != NULL && watch(r)))
			break;
		mono_sleep_until_ns(mono_now_ns() + TRY_NS);
	} while (mono_now_ns() < until);
	return ok;
}
