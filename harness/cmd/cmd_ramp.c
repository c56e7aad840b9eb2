/* lockstep ramp: step by step to all of the traffic, or back. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/child.h"
#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_drill_keep.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_ramp_journal.h"
#include "harness/cmd/cmd_stop.h"
#include "harness/result/store.h"
#include "replay/fetch.h"
#include "reports/glyph.h"

enum { BODY_MAX = 4 << 20, HOOK_MAX = 1 << 20 };

struct ramp_opts {
	const char *status, *set_weight, *rollback, *steps, *journal, *home;
	int64_t interval_ns, patience_ns, hook_ns;
	int resume, accept, rollback_again;
};

#define V(field) offsetof(struct ramp_opts, field)
static const struct opt ramp_table[] = {
	{ "status", 0, OPT_STR, V(status), 0, 0, "URL",
	    "/status of the running shadow" },
	{ "set-weight", 0, OPT_STR, V(set_weight), 0, 0, "CMD",
	    "shell command that gives the candidate\n"
	    "$LOCKSTEP_WEIGHT percent of the traffic; it may be run\n"
	    "again with the same weight" },
	{ "rollback", 0, OPT_STR, V(rollback), 0, 0, "CMD",
	    "shell command that takes all traffic back; run once\n"
	    "(the set-weight command with weight 0)" },
	{ "steps", 0, OPT_STR, V(steps), 0, 0, "LIST",
	    "weights in percent (0,5,25,50,100); 0 is shadow alone" },
	{ "journal", 0, OPT_STR, V(journal), 0, 0, "FILE",
	    "where it is kept what was done (ramp.journal)" },
	{ "resume", 0, OPT_FLAG, V(resume), 0, 0, NULL,
	    "resume an interrupted or held ramp, by its journal" },
	{ "accept", 0, OPT_FLAG, V(accept), 0, 0, NULL,
	    "accept the soft stops that there are now, and go on" },
	{ "rollback-again", 0, OPT_FLAG, V(rollback_again), 0, 0, NULL,
	    "with --resume: run the rollback once more, where its\n"
	    "end is not known or it failed" },
	{ "interval", 0, OPT_TIME, V(interval_ns), 0, 0, "TIME",
	    "between two looks at the status (5s)" },
	{ "patience", 0, OPT_TIME, V(patience_ns), 0, 0, "TIME",
	    "how long the status may be unreachable, or no pair be\n"
	    "added, before the ramp is held (5m)" },
	{ "hook-timeout", 0, OPT_TIME, V(hook_ns), 0, 0, "TIME",
	    "longest that a command may take (5m)" },
	CMD_OPT_HOME(V(home)),
	CMD_OPT_END
};

static const struct opt_cmd ramp_cmd = {
	"ramp", "--status URL --set-weight CMD [--rollback CMD]",
	"Gives a candidate more and more of the traffic while `shadow` judges "
	"it:\n"
	"a full window of the live verdict a step. A hard stop aborts and runs "
	"the\n"
	"rollback, exactly once, through crashes, too. A soft stop asks on a\n"
	"terminal, and holds without one: --resume --accept goes on.\n\n"
	"Commands get LOCKSTEP_WEIGHT, LOCKSTEP_PREVIOUS_WEIGHT and\n"
	"LOCKSTEP_REASON.\n\n"
	"Exit status: 0 all steps passed, 1 aborted and rolled back, 2 could "
	"not\n"
	"run, 3 held, 5 the rollback failed, or its end is not known.",
	ramp_table
};

struct ramp {
	struct ramp_opts o;
	struct ramp_plan plan;
	struct ramp_state s;
	struct ramp_journal *j;
	struct fetch *fetch;
	const char *target;	/* path of the status */
	volatile sig_atomic_t *stop;
	int64_t fresh_ns;	/* when a pair was last added */
	int64_t last_pairs;
};

/* What the shadow says. */
struct look {
	int here;		/* it answered with a status */
	int hard;
	int64_t soft;		/* soft stops */
	int64_t pairs, need_pairs;
	double seconds, need_seconds;
	char why[RAMP_WHY];
};

__attribute__((format(printf, 1, 2)))
static void
say(const char *fmt, ...)
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

/* ---- commands of the user's own ---------------------------------------- */

/* returns 1: it ended with 0; 0: it did not, *why says how; or an error */
static int
run_hook(const struct ramp *r, const char *command, int weight, char *why,
    size_t cap, struct err *err)
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
	rc = child_output(command, r->o.hook_ns, &out, &status, &bad);
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

static int
note(struct ramp *r, enum ramp_event e, const struct ramp_note *n,
    struct err *err)
{
	return ramp_journal_note(r->j, &r->s, e, n, err);
}

/* ---- back -------------------------------------------------------------- */

static int
roll_back(struct ramp *r, struct err *err)
{
	struct ramp_note end = { .ok = 0 };
	char why[200] = "";
	int64_t began_ns;
	int rc, ok;

	rc = note(r, RAMP_ROLLBACK_BEGIN, NULL, err);
	if (rc != RC_OK)
		return rc;
	say("rolling back: %s", r->plan.rollback);
	began_ns = mono_now_ns();
	ok = run_hook(r, r->plan.rollback, 0, why, sizeof(why), err);
	if (ok < 0)
		return ok;
	end.ok = ok;
	end.why = ok ? NULL : why;
	end.seconds = (double)(mono_now_ns() - began_ns) / 1e9;
	rc = note(r, RAMP_ROLLBACK_END, &end, err);
	if (rc != RC_OK)
		return rc;
	if (!ok) {
		say("the rollback FAILED: it %s; look at once, then `lockstep "
		    "ramp --resume --rollback-again`", why);
		return EXIT_INVALID;
	}
	say("rolled back in %.1f s: %s", end.seconds, r->s.why);
	return EXIT_FAIL;
}

static int
abort_ramp(struct ramp *r, const char *why, struct err *err)
{
	const struct ramp_note n = { .why = why };
	int rc;

	say("ABORT at %d %%: %s", r->plan.step[r->s.step], why);
	rc = note(r, RAMP_ABORT, &n, err);
	return rc != RC_OK ? rc : roll_back(r, err);
}

/* y on a terminal */
static int
ask(const char *question)
{
	char line[16];

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return 0;
	(void)fprintf(stderr, "%s [y/N] ", question);
	return fgets(line, sizeof(line), stdin) != NULL &&
	    (line[0] == 'y' || line[0] == 'Y');
}

/* An aborted ramp that is resumed: -1 there is nothing more to say. */
static int
finish_abort(struct ramp *r, struct err *err)
{
	const int unknown = r->s.rollbacks > 0 && r->s.rolled_back == 0;

	if (r->s.rollbacks == 0)
		return roll_back(r, err);
	if (r->s.rolled_back == 1) {
		say("this ramp was aborted and rolled back: %s", r->s.why);
		return EXIT_FAIL;
	}
	say(unknown ? "the rollback was begun at %s, and its end is not known"
	    : "the rollback begun at %s failed", r->s.rollback_at);
	if (r->o.rollback_again || ask("Run the rollback once more?"))
		return roll_back(r, err);
	say("it is not run again by itself: look where the traffic goes, then "
	    "`lockstep ramp --resume --rollback-again`, or do it by hand");
	return EXIT_INVALID;
}

/* ---- the status -------------------------------------------------------- */

static void
read_look(const struct json *j, struct look *k)
{
	const struct json *s = json_first(json_get(j, "stops"));
	const struct json *w = json_get(j, "window");
	const char *why = json_get_str(j, "reason");

	k->here = json_get(j, "verdict_code") != NULL && w != NULL;
	k->hard = json_get_bool(j, "hard_stop", 0);
	for (; s != NULL; s = json_next(s))
		k->soft += json_get_str(s, "class") != NULL &&
		    strcmp(json_get_str(s, "class"), "soft") == 0;
	k->pairs = json_get_int(j, "pairs", 0);
	k->seconds = json_get_num(j, "seconds", 0);
	k->need_pairs = json_get_int(w, "pairs_needed", 1);
	k->need_seconds = json_get_num(w, "seconds_needed", 0);
	(void)snprintf(k->why, sizeof(k->why), "%s", why == NULL ? "" : why);
}

static int
look(struct ramp *r, struct look *k, struct err *err)
{
	const struct fetch_req req = { .method = "GET", .target = r->target,
		.timeout_ns = 10 * MONO_S };
	const struct http_call *c;
	struct json *j;
	int rc = fetch_ask(r->fetch, &req, &c, err);

	memset(k, 0, sizeof(*k));
	if (rc != RC_OK)
		return rc;
	if (c->status != 200) {
		(void)snprintf(k->why, sizeof(k->why), "the shadow's status "
		    "cannot be read (%s)", outcome_name(c->outcome));
		return RC_OK;
	}
	j = json_parse(c->res_body, c->res_body_n, NULL);
	read_look(j, k);
	json_free(j);
	if (!k->here)
		(void)snprintf(k->why, sizeof(k->why), "what answers there is "
		    "no status of a shadow");
	if (k->here && k->pairs != r->last_pairs) {
		r->last_pairs = k->pairs;
		r->fresh_ns = mono_now_ns();
	}
	return RC_OK;
}

static int
hold(const char *why)
{
	say("HELD: %s; `lockstep ramp --resume` goes on", why);
	return EXIT_REVIEW;
}

/* ---- one step ---------------------------------------------------------- */

enum { GO_ON = 100 };	/* no exit status */

static int
soft_stop(struct ramp *r, const struct look *k, struct err *err)
{
	const struct ramp_note n = { .accepted = k->soft };
	int rc;

	say("soft stop at %d %%: %s", r->plan.step[r->s.step], k->why);
	if (!r->o.accept && !ask("Go on all the same?")) {
		say("HELD: `lockstep ramp --resume --accept` goes on, the "
		    "weight stays at %d %%", r->plan.step[r->s.step]);
		return EXIT_REVIEW;
	}
	r->o.accept = 0;
	rc = note(r, RAMP_ACCEPTED, &n, err);
	return rc != RC_OK ? rc : GO_ON;
}

/* The window of the step begins with what is counted now; also where the
 * shadow began anew. */
static int
begin_window(struct ramp *r, const struct look *k, struct err *err)
{
	const struct ramp_note n = { .pairs = k->pairs,
		.seconds = k->seconds };

	say("%d %%: a window of %lld pairs%s", r->plan.step[r->s.step],
	    (long long)k->need_pairs, k->need_seconds > 0 ?
	    ", and its time" : "");
	return note(r, RAMP_WINDOW, &n, err);
}

/* returns GO_ON: look again; -RC...; 0: the step has passed; or a status */
static int
weigh(struct ramp *r, const struct look *k, struct err *err)
{
	int rc;

	if (k->hard)
		return abort_ramp(r, k->why, err);
	if (k->soft > r->s.accepted)
		return soft_stop(r, k, err);
	if (!r->s.windowed || k->pairs < r->s.pairs) {
		rc = begin_window(r, k, err);
		return rc != RC_OK ? rc : GO_ON;
	}
	if (k->pairs - r->s.pairs < k->need_pairs ||
	    k->seconds - r->s.seconds < k->need_seconds)
		return GO_ON;
	return 0;
}

/* Until the next look, or a signal. */
static void
nap(const struct ramp *r)
{
	const int64_t until = mono_now_ns() + r->o.interval_ns;

	while (!*r->stop && mono_now_ns() < until)
		mono_sleep_until_ns(mono_now_ns() + MONO_S / 20 <
		    until ? mono_now_ns() + MONO_S / 20 : until);
}

static int
wait_window(struct ramp *r, struct err *err)
{
	struct look k;
	int rc;

	r->fresh_ns = mono_now_ns();
	for (;;) {
		rc = look(r, &k, err);
		if (rc != RC_OK)
			return rc;
		if (k.here) {
			rc = weigh(r, &k, err);
			if (rc != GO_ON)
				return rc;
		}
		if (*r->stop)
			return hold("stopped by a signal");
		if (mono_now_ns() - r->fresh_ns > r->o.patience_ns)
			return hold(k.here ? "no pair was added for too long" :
			    k.why);
		nap(r);
	}
}

static int
set_weight(struct ramp *r, struct err *err)
{
	const int weight = r->plan.step[r->s.step];
	char why[200] = "", says[RAMP_WHY];
	int rc, ok;

	if (r->s.set || weight == 0)
		return RC_OK;
	rc = note(r, RAMP_SET_BEGIN, NULL, err);
	if (rc != RC_OK)
		return rc;
	say("%d %%: %s", weight, r->plan.set_weight);
	ok = run_hook(r, r->plan.set_weight, weight, why, sizeof(why), err);
	if (ok < 0)
		return ok;
	if (ok)
		return note(r, RAMP_SET_END, NULL, err);
	(void)snprintf(says, sizeof(says), "the set-weight command %s", why);
	return abort_ramp(r, says, err);
}

static int
ramp(struct ramp *r, struct err *err)
{
	int rc;

	while (r->s.step < r->plan.n) {
		rc = set_weight(r, err);
		if (rc == RC_OK)
			rc = wait_window(r, err);
		if (rc != RC_OK)
			return rc;
		say("%d %%: passed", r->plan.step[r->s.step]);
		rc = note(r, RAMP_PASSED, NULL, err);
		if (rc != RC_OK)
			return rc;
	}
	rc = note(r, RAMP_COMPLETE, NULL, err);
	if (rc == RC_OK)
		say("complete: all of the traffic is the candidate's");
	return rc;
}

/* What `lockstep guardrails` shows of it: guardrail 2. status: of the exit */
static int
keep_proof(const struct ramp *r, int status, struct err *err)
{
	char name[RAMP_TEXT + 16], head[RAMP_WHY + 80];
	struct proof_note p = { .guardrail = 2, .name = name,
		.headline = head, .build = r->plan.status,
		.verdict = verdict_name(status == EXIT_PASS ? VERDICT_PASS :
		status == EXIT_FAIL ? VERDICT_FAIL : status == EXIT_REVIEW ?
		VERDICT_REVIEW : VERDICT_INVALID) };
	int at = r->s.step < r->plan.n ? r->s.step : r->plan.n - 1;

	(void)snprintf(name, sizeof(name), "ramp of %.200s",
	    r->plan.status);
	if (status == EXIT_PASS)
		(void)snprintf(head, sizeof(head), "all %d steps passed, up "
		    "to %d %%", r->plan.n, r->plan.step[r->plan.n - 1]);
	else
		(void)snprintf(head, sizeof(head), "%s at %d %%%s%s",
		    status == EXIT_FAIL ? "aborted and rolled back" :
		    status == EXIT_REVIEW ? "held" : "the rollback failed, "
		    "or its end is not known,", r->plan.step[at],
		    r->s.why[0] == '\0' ? "" : ": ", r->s.why);
	return proof_keep(store_home(r->o.home), &p, err);
}

/* ---- the command ------------------------------------------------------- */

static int
read_steps(const char *list, struct ramp_plan *p, struct err *err)
{
	const char *s = list;
	char *end;
	long v;

	for (p->n = 0; p->n < RAMP_STEPS_MAX; s = end + 1) {
		v = strtol(s, &end, 10);
		if (end == s || v < 0 || v > 100 || (*end != ',' && *end !=
		    '\0') || (p->n > 0 && v <= p->step[p->n - 1]))
			break;
		p->step[p->n++] = (int)v;
		if (*end == '\0')
			return RC_OK;
	}
	return err_set(err, RC_USAGE, "--steps %s: rising weights of 0 to 100 "
	    "are expected, 0,5,25,50,100", list);
}

static int
copy(char *out, const char *s, const char *what, struct err *err)
{
	if (s == NULL || *s == '\0')
		return err_set(err, RC_USAGE, "%s is needed", what);
	if (strlen(s) >= RAMP_TEXT)
		return err_set(err, RC_USAGE, "%s is longer than %d bytes",
		    what, RAMP_TEXT - 1);
	(void)snprintf(out, RAMP_TEXT, "%s", s);
	return RC_OK;
}

static int
make_plan(struct ramp *r, struct err *err)
{
	const struct ramp_opts *o = &r->o;
	int rc;

	if (o->resume)
		return RC_OK;
	rc = copy(r->plan.status, o->status, "--status URL", err);
	if (rc == RC_OK)
		rc = copy(r->plan.set_weight, o->set_weight,
		    "--set-weight CMD", err);
	if (rc == RC_OK)
		rc = copy(r->plan.rollback, o->rollback == NULL ?
		    o->set_weight : o->rollback, "--rollback CMD", err);
	return rc != RC_OK ? rc : read_steps(o->steps, &r->plan, err);
}

/* The status' URL is an address and a path. */
static int
connect_to(struct ramp *r, struct err *err)
{
	static char base[RAMP_TEXT];
	const char *host = strstr(r->plan.status, "://");
	const char *path = host == NULL ? NULL : strchr(host + 3, '/');
	struct http_origin_opts o = { .url = base };
	int rc;

	if (host == NULL)
		return err_set(err, RC_USAGE, "%s is no URL, as "
		    "http://127.0.0.1:9180/status is", r->plan.status);
	r->target = path == NULL ? "/status" : path;
	(void)snprintf(base, sizeof(base), "%.*s", path == NULL ?
	    (int)strlen(r->plan.status) : (int)(path - r->plan.status),
	    r->plan.status);
	rc = http_global_init(err);
	return rc != RC_OK ? rc : fetch_open(&o, BODY_MAX, &r->fetch, err);
}

static int
run(struct ramp *r, struct err *err)
{
	int rc = make_plan(r, err);

	if (rc == RC_OK)
		rc = ramp_journal_open(r->o.journal, r->o.resume, &r->plan,
		    &r->s, &r->j, err);
	if (rc != RC_OK)
		return rc;
	if (r->s.aborted)
		return finish_abort(r, err);
	if (r->s.complete) {
		say("this ramp is complete");
		return EXIT_PASS;
	}
	rc = connect_to(r, err);
	return rc != RC_OK ? rc : ramp(r, err);
}

int
cmd_ramp(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct cmd_line line;
	struct ramp r;
	int rc, status = EXIT_PASS;

	memset(&r, 0, sizeof(r));
	r.o.steps = "0,5,25,50,100";
	r.o.journal = "ramp.journal";
	r.o.interval_ns = 5 * MONO_S;
	r.o.patience_ns = r.o.hook_ns = 300 * MONO_S;
	rc = cmd_begin(&ramp_cmd, argc, argv, &r.o, &line, &err);
	if (rc == RC_OK && line.n > 0)
		rc = err_set(&err, RC_USAGE, "%s: ramp takes options alone",
		    line.rest[0]);
	if (rc == RC_OK) {
		r.stop = stop_catch();
		rc = run(&r, &err);
		if (rc > 0) {
			status = rc;
			rc = RC_OK;
		}
		if (rc == RC_OK)
			rc = keep_proof(&r, status, &err);
	}
	fetch_close(&r.fetch);
	ramp_journal_close(&r.j);
	return cmd_end("ramp", &line, rc, status, &err);
}
