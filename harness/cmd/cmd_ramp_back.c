/* The way back of a ramp; see cmd_ramp_part.h. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_ramp_part.h"

/* returns 0, an exit status, or an error */
static int
run_rollback(struct ramp *r, int64_t began_ns, struct err *err)
{
	struct ramp_note end = { .ok = 0 };
	char why[200] = "";
	int rc, ok;

	rc = ramp_note(r, RAMP_ROLLBACK_BEGIN, NULL, err);
	if (rc != RC_OK)
		return rc;
	ramp_say("rolling back: %s", r->plan.rollback);
	ok = ramp_hook(r, r->plan.rollback, 0, r->o.hook_ns, why, sizeof(why),
	    err);
	if (ok < 0)
		return ok;
	end.ok = ok;
	end.why = ok ? NULL : why;
	end.seconds = (double)(mono_now_ns() - began_ns) / 1e9;
	rc = ramp_note(r, RAMP_ROLLBACK_END, &end, err);
	if (rc != RC_OK)
		return rc;
	if (ok) {
		ramp_say("rolled back in %.1f s%s%s", end.seconds,
		    r->s.why[0] == '\0' ? "" : ": ", r->s.why);
		return 0;
	}
	ramp_say("the rollback FAILED: it %s; look at once, then `lockstep "
	    "ramp --resume --rollback-again`", why);
	return EXIT_INVALID;
}

/* Whether all is well again where the traffic was before, and in time.
 * began_ns  0: not known
 * returns   0, an exit status, or an error */
static int
validate_back(struct ramp *r, int64_t began_ns, struct err *err)
{
	const double within = (double)r->plan.within_ns / 1e9;
	struct ramp_note back = { .seconds = -1 };
	char why[200] = "";
	int rc, ok;

	if (r->plan.validate[0] == '\0')
		return 0;
	ok = ramp_validate(r, 0, began_ns > 0 ? began_ns : mono_now_ns(), NULL,
	    why, sizeof(why), err);
	if (ok < 0)
		return ok;
	if (began_ns > 0)
		back.seconds = (double)(mono_now_ns() - began_ns) / 1e9;
	back.ok = ok && back.seconds <= within;
	back.why = ok ? NULL : why;
	rc = ramp_note(r, RAMP_BACK, &back, err);
	if (rc != RC_OK)
		return rc;
	if (ok && began_ns == 0) {
		ramp_say("back and validated");
		return 0;
	}
	if (ok) {
		ramp_say("back and validated after %.1f s, %s %.1f s that it "
		    "may take", back.seconds, back.ok ? "of" :
		    "LONGER than the", within);
		return back.ok ? 0 : EXIT_FAIL;
	}
	ramp_say("the way back is NOT VALIDATED after %.1f s: the validation "
	    "%s; look at once, then `lockstep ramp --resume` validates "
	    "again", fmax(back.seconds, 0), why);
	return EXIT_INVALID;
}

/* returns 0, an exit status, or an error */
static int
go_back(struct ramp *r, struct err *err)
{
	const int64_t began_ns = mono_now_ns();
	int rc = run_rollback(r, began_ns, err);

	return rc != 0 ? rc : validate_back(r, began_ns, err);
}

static int
roll_back(struct ramp *r, struct err *err)
{
	int rc = go_back(r, err);

	return rc != 0 ? rc : EXIT_FAIL;
}

int
ramp_abort(struct ramp *r, const char *why, struct err *err)
{
	const struct ramp_note n = { .why = why };
	int rc;

	ramp_say("ABORT at %d %%: %s", r->plan.step[r->s.step], why);
	rc = ramp_note(r, RAMP_ABORT, &n, err);
	return rc != RC_OK ? rc : roll_back(r, err);
}

int
ramp_ask(const char *question)
{
	char line[16];

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return 0;
	(void)fprintf(stderr, "%s [y/N] ", question);
	return fgets(line, sizeof(line), stdin) != NULL &&
	    (line[0] == 'y' || line[0] == 'Y');
}

/* What a rollback that was begun has come to. */
static int
finish_rollback(struct ramp *r, struct err *err)
{
	int rc = r->s.back == 1 ? 0 : validate_back(r, 0, err);

	if (rc != 0)
		return rc;
	ramp_say("this ramp was aborted and rolled back: %s", r->s.why);
	return EXIT_FAIL;
}

int
ramp_finish_abort(struct ramp *r, struct err *err)
{
	const struct ramp_note cut = { .why = "it was cut off while the way "
	    "back was rehearsed" };
	const int unknown = r->s.rollbacks > 0 && r->s.rolled_back == 0;
	int rc = r->s.aborted ? RC_OK : ramp_note(r, RAMP_ABORT, &cut, err);

	if (rc != RC_OK)
		return rc;
	if (r->s.rollbacks == 0)
		return roll_back(r, err);
	if (r->s.rolled_back == 1)
		return finish_rollback(r, err);
	ramp_say(unknown ? "the rollback was begun at %s, and its end is not "
	    "known" : "the rollback begun at %s failed", r->s.rollback_at);
	if (r->o.rollback_again || ramp_ask("Run the rollback once more?"))
		return roll_back(r, err);
	ramp_say("it is not run again by itself: look where the traffic goes, "
	    "then `lockstep ramp --resume --rollback-again`, or do it by "
	    "hand");
	return EXIT_INVALID;
}

int
ramp_rehearse(struct ramp *r, struct err *err)
{
	const struct ramp_note bad = { .why = "the rehearsed way back was not "
	    "validated" };
	int rc;

	ramp_say("%d %%: the way back is rehearsed",
	    r->plan.step[r->s.step]);
	rc = go_back(r, err);
	if (rc > 0 && r->s.rolled_back == 1 &&
	    ramp_note(r, RAMP_ABORT, &bad, err) != RC_OK)
		return err->code;
	return rc;
}
