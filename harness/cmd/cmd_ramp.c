/* lockstep ramp: step by step to all of the traffic, or back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_drill_keep.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_ramp_part.h"
#include "harness/cmd/cmd_stop.h"
#include "harness/result/store.h"
#include "replay/fetch.h"

enum { BODY_MAX = 4 << 20 };

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
	{ "validate", 0, OPT_STR, V(validate), 0, 0, "CMD",
	    "shell command that ends with 0 when users get what\n"
	    "they should, as `lockstep run` against the front\n"
	    "does; run behind each weight and behind the rollback,\n"
	    "until it does" },
	{ "valid-within", 0, OPT_TIME, V(within_ns), 0, 0, "TIME",
	    "longest until then, from the start of the rollback, or\n"
	    "from the weight (2m)" },
	{ "rehearse-back", 0, OPT_FLAG, V(rehearse_back), 0, 0, NULL,
	    "at the last step go back once, validated and timed,\n"
	    "and forward again: the way back is known to work" },
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
	"--steps 0,100 --validate CMD --rehearse-back is a blue/green switch "
	"whose way\n"
	"back was tried.\n\n"
	"Commands get LOCKSTEP_WEIGHT, LOCKSTEP_PREVIOUS_WEIGHT and\n"
	"LOCKSTEP_REASON.\n\n"
	"Exit status: 0 all steps passed, 1 aborted and rolled back, 2 could "
	"not\n"
	"run, 3 held, 5 the rollback failed, or its end is not known, or it is "
	"not\n"
	"validated.",
	ramp_table
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
	ramp_say("HELD: %s; `lockstep ramp --resume` goes on", why);
	return EXIT_REVIEW;
}

/* ---- one step ---------------------------------------------------------- */

enum { GO_ON = 100 };	/* no exit status */

static int
soft_stop(struct ramp *r, const struct look *k, struct err *err)
{
	const struct ramp_note n = { .accepted = k->soft };
	int rc;

	ramp_say("soft stop at %d %%: %s", r->plan.step[r->s.step], k->why);
	if (!r->o.accept && !ramp_ask("Go on all the same?")) {
		ramp_say("HELD: `lockstep ramp --resume --accept` goes on, the "
		    "weight stays at %d %%", r->plan.step[r->s.step]);
		return EXIT_REVIEW;
	}
	r->o.accept = 0;
	rc = ramp_note(r, RAMP_ACCEPTED, &n, err);
	return rc != RC_OK ? rc : GO_ON;
}

/* The window of the step begins with what is counted now; also where the
 * shadow began anew. */
static int
begin_window(struct ramp *r, const struct look *k, struct err *err)
{
	const struct ramp_note n = { .pairs = k->pairs,
		.seconds = k->seconds };

	ramp_say("%d %%: a window of %lld pairs%s", r->plan.step[r->s.step],
	    (long long)k->need_pairs, k->need_seconds > 0 ?
	    ", and its time" : "");
	return ramp_note(r, RAMP_WINDOW, &n, err);
}

/* returns GO_ON: look again; -RC...; 0: the step has passed; or a status */
static int
weigh(struct ramp *r, const struct look *k, struct err *err)
{
	int rc;

	if (k->hard)
		return ramp_abort(r, k->why, err);
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
	rc = ramp_note(r, RAMP_SET_BEGIN, NULL, err);
	if (rc != RC_OK)
		return rc;
	ramp_say("%d %%: %s", weight, r->plan.set_weight);
	ok = ramp_hook(r, r->plan.set_weight, weight, r->o.hook_ns, why,
	    sizeof(why), err);
	if (ok < 0)
		return ok;
	if (ok)
		return ramp_note(r, RAMP_SET_END, NULL, err);
	(void)snprintf(says, sizeof(says), "the set-weight command %s", why);
	return ramp_abort(r, says, err);
}

/* A hard stop does not wait for a validation. */
static int
is_hard(struct ramp *r)
{
	struct err ignored = ERR_INIT;
	struct look k;

	if (r->hard[0] == '\0' && look(r, &k, &ignored) == RC_OK &&
	    k.here && k.hard)
		(void)snprintf(r->hard, sizeof(r->hard), "%s",
		    k.why[0] == '\0' ? "a hard stop" : k.why);
	return r->hard[0] != '\0';
}

/* Users get at the new weight what they should. */
static int
validate(struct ramp *r, struct err *err)
{
	const int64_t began_ns = mono_now_ns();
	const int weight = r->plan.step[r->s.step];
	struct ramp_note n = { .ok = 1 };
	char why[200] = "", says[RAMP_WHY];
	int ok;

	if (r->plan.validate[0] == '\0' || weight == 0 || r->s.valid)
		return RC_OK;
	ok = ramp_validate(r, weight, began_ns, is_hard, why, sizeof(why),
	    err);
	if (ok < 0)
		return ok;
	if (!ok && r->hard[0] != '\0')
		return ramp_abort(r, r->hard, err);
	if (!ok && *r->stop)
		return hold("stopped by a signal");
	n.seconds = (double)(mono_now_ns() - began_ns) / 1e9;
	if (ok) {
		ramp_say("%d %%: validated in %.1f s", weight, n.seconds);
		return ramp_note(r, RAMP_VALIDATED, &n, err);
	}
	(void)snprintf(says, sizeof(says), "not validated after %.1f s: the "
	    "validation %s", n.seconds, why);
	return ramp_abort(r, says, err);
}

static int
ramp(struct ramp *r, struct err *err)
{
	int rc;

	while (r->s.step < r->plan.n) {
		rc = set_weight(r, err);
		if (rc == RC_OK)
			rc = validate(r, err);
		if (rc == RC_OK && r->plan.rehearse_back && !r->s.rehearsed &&
		    r->s.step == r->plan.n - 1) {
			rc = ramp_rehearse(r, err);
			if (rc == RC_OK)
				continue;	/* forward again */
		}
		if (rc == RC_OK)
			rc = wait_window(r, err);
		if (rc != RC_OK)
			return rc;
		ramp_say("%d %%: passed", r->plan.step[r->s.step]);
		rc = ramp_note(r, RAMP_PASSED, NULL, err);
		if (rc != RC_OK)
			return rc;
	}
	rc = ramp_note(r, RAMP_COMPLETE, NULL, err);
	if (rc == RC_OK)
		ramp_say("complete: all of the traffic is the candidate's");
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

/* And guardrail 3, where the way back was validated, or was not. */
static int
keep_back(const struct ramp *r, struct err *err)
{
	char name[RAMP_TEXT + 32], head[80];
	const struct proof_note p = { .guardrail = 3, .name = name,
		.headline = head, .build = r->plan.status,
		.verdict = verdict_name(r->s.back > 0 ? VERDICT_PASS :
		VERDICT_FAIL) };

	if (r->s.back == 0)
		return RC_OK;
	(void)snprintf(name, sizeof(name), "way back of %.200s",
	    r->plan.status);
	if (r->s.back > 0 && r->s.back_seconds >= 0)
		(void)snprintf(head, sizeof(head), "back and validated after "
		    "%.1f s", r->s.back_seconds);
	else
		(void)snprintf(head, sizeof(head), "%s", r->s.back > 0 ?
		    "back and validated; how long it took is not known" :
		    "the way back was not validated in time");
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
	if (rc == RC_OK && o->validate != NULL)
		rc = copy(r->plan.validate, o->validate, "--validate CMD",
		    err);
	if (rc == RC_OK && o->rehearse_back && o->validate == NULL)
		rc = err_set(err, RC_USAGE, "--rehearse-back needs --validate "
		    "CMD: a way back that nobody looked at is not known to "
		    "work");
	r->plan.rehearse_back = o->rehearse_back;
	r->plan.within_ns = o->within_ns;
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
	if (r->s.aborted || r->s.rollbacks > 0)
		return ramp_finish_abort(r, err);
	if (r->s.complete) {
		ramp_say("this ramp is complete");
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
	r.o.within_ns = 120 * MONO_S;
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
		if (rc == RC_OK)
			rc = keep_back(&r, &err);
	}
	fetch_close(&r.fetch);
	ramp_journal_close(&r.j);
	return cmd_end("ramp", &line, rc, status, &err);
}
