/*
 * Guardrail 8: a flagged path stays behind its flag. Flagged requests show
 * the flag's versions, others never do, beside them and at once; a user stays
 * on one side; and the kill switch works.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/drill/phase.h"
#include "harness/drill/tool_calls.h"

static const char bleed[] = "cache namespace bug";
static const char drift[] = "pin drift";

enum { USERS = 60, TIMES = 4 };
static const double tool_success = 0.99;

struct flagging {
	struct drill *d;
	struct questions q;
	struct wave w;
	const struct json *flag;	/* one of the suite's */
	struct json *off;		/* pins without the flag */
};

/* ---- pins --------------------------------------------------------------- */

/* Whether a pin is as a manifest writes it: "b7f3..." is its beginning. */
static int
is_version(const char *is, const char *want)
{
	size_t n = strlen(want);

	if (n > 3 && strcmp(want + n - 3, "...") == 0)
		return strncmp(is, want, n - 3) == 0;
	return strcmp(is, want) == 0;
}

/*
 * The side an answer is on: 1 the flag's, 0 the other's, -1 both or none.
 * Without `versions` the flag's side is whatever differs from the other.
 */
static int
side_of(const struct flagging *f, const struct reading *r, char says[160])
{
	const struct json *v = json_first(json_get(f->flag, "versions"));
	const struct json *m;
	size_t on = 0, n = 0, off = 0;
	const char *is;

	says[0] = '\0';
	for (m = json_first(f->off); m != NULL; m = json_next(m)) {
		is = reading_pin(r, json_key(m));
		if (strcmp(is, json_str(m)) != 0) {
			off++;
			(void)snprintf(says, 160, "%.60s %.80s",
			    json_key(m), is);
		}
	}
	if (v == NULL)
		return off > 0;
	for (; v != NULL; v = json_next(v)) {
		if (json_str(v) == NULL)
			continue;
		n++;
		is = reading_pin(r, json_key(v));
		on += is_version(is, json_str(v));
		if (!is_version(is, json_str(v)))
			(void)snprintf(says, 160, "%.60s %.80s",
			    json_key(v), is);
	}
	return on == n ? 1 : off == 0 ? 0 : -1;
}

/* Which pins there are without the flag. */
static int
learn_off(struct flagging *f, struct err *err)
{
	struct reading r;
	struct ask *a;
	int rc;

	wave_reset(&f->w);
	a = wave_one(f->d, &f->w, questions_add(&f->q, &f->w,
	    drill_arm(f->d), 0, err), err);
	if (a == NULL)
		return err->code;
	rc = reading_of(&f->q, a, &r, err);
	if (rc == RC_OK && !r.usable)
		rc = err_set(err, RC_USAGE, "no question is answered: %s",
		    r.why);
	if (rc == RC_OK && json_first(r.pins) == NULL)
		rc = err_set(err, RC_USAGE, "answers have no pins, so they do "
		    "not show which path served them: extract.pins");
	json_free(f->off);
	f->off = json_copy(r.pins);
	reading_fini(&r);
	return rc;
}

/* ---- scope -------------------------------------------------------------- */

static const char *const scopes[] = { "regions", "tenants" };

enum { SCOPES = sizeof(scopes) / sizeof(scopes[0]) };

/* The first of the flag's regions or tenants, and the header that names one;
 * 0: the flag is for all, or nothing says how a request names its own. */
static int
scope_of(const struct flagging *f, size_t i, const char **header,
    const char **first)
{
	const struct json *list = json_get(json_get(f->flag, "scope"),
	    scopes[i]);

	*first = json_str(json_first(list));
	*header = json_get_str(json_get(f->flag, "scope_headers"),
	    scopes[i]);
	return *first != NULL && *header != NULL &&
	    strcmp(*first, "all") != 0;
}

/* Puts a request inside of the flag's scope. */
static void
within_scope(struct flagging *f, struct ask *a)
{
	const char *header, *first;
	size_t i;

	for (i = 0; i < SCOPES; i++) {
		if (scope_of(f, i, &header, &first))
			ask_header(&f->w, a, header, first);
	}
}

/* Flagged requests from elsewhere, or to another endpoint (path). */
static int
send_outside(struct flagging *f, const char *header, const char *path,
    struct err *err)
{
	int64_t i, n = drill_int(f->d, "requests");
	struct ask *a;

	wave_reset(&f->w);
	for (i = 0; i < n; i++) {
		a = questions_add(&f->q, &f->w, drill_arm(f->d),
		    (size_t)i % f->q.n, err);
		if (a == NULL)
			return err->code;
		ask_headers(&f->w, a, json_get(f->flag, "headers"));
		within_scope(f, a);
		if (header != NULL)
			ask_header(&f->w, a, header, "lockstep-elsewhere");
		if (path != NULL)
			a->target = path;
	}
	return wave_send(f->d, &f->w, err);
}

static int
outside(struct flagging *f, const char *what, const char *header,
    const char *path, struct err *err)
{
	size_t i, n = 0, wrong = 0;
	char says[160], name[80], why[160] = "";
	struct reading r;
	int rc = send_outside(f, header, path, err);

	for (i = 0; i < f->w.n && rc == RC_OK; i++) {
		rc = reading_of(&f->q, f->w.v[i], &r, err);
		n += rc == RC_OK && r.usable;
		wrong += rc == RC_OK && r.usable &&
		    side_of(f, &r, says) == 1;
		if (rc == RC_OK && !r.usable)
			(void)snprintf(why, sizeof(why), "%s", r.why);
		reading_fini(&r);
	}
	(void)snprintf(name, sizeof(name), "off in other %.40s", what);
	if (rc == RC_OK && n == 0)
		drill_skip(f->d, name, "no such request is answered: %s",
		    why);
	else if (rc == RC_OK)
		(void)drill_check(f->d, name, wrong == 0, bleed, "%zu of %zu "
		    "flagged requests show the flag there", wrong, n);
	return rc;
}

/* A scope that nothing tries is told, with the option that lets it be. */
static void
untried(const struct flagging *f, const char *what, const char *option)
{
	const char *first = json_str(json_first(json_get(json_get(f->flag,
	    "scope"), what)));
	char name[80];

	if (first == NULL || strcmp(first, "all") == 0)
		return;
	(void)snprintf(name, sizeof(name), "off in other %.40s", what);
	drill_skip(f->d, name, "needs how a request names its own: --set "
	    "flags.%.60s.%s", json_key(f->flag), option);
}

static int
scope(struct flagging *f, struct err *err)
{
	static const char *const options[SCOPES] = {
		"scope_headers.regions=HEADER",
		"scope_headers.tenants=HEADER" };
	const char *header, *first;
	const char *path = json_get_str(f->flag, "other_path");
	size_t i;
	int rc = RC_OK;

	for (i = 0; i < SCOPES && rc == RC_OK; i++) {
		if (scope_of(f, i, &header, &first))
			rc = outside(f, scopes[i], header, NULL, err);
		else
			untried(f, scopes[i], options[i]);
	}
	if (rc == RC_OK && path != NULL)
		rc = outside(f, "endpoints", NULL, path, err);
	else if (rc == RC_OK)
		untried(f, "endpoints", "other_path=/PATH");
	return rc;
}

/* ---- on and off --------------------------------------------------------- */

/* Flagged and other requests in turn, all at once. tag: the question. */
static int
both(struct flagging *f, struct err *err)
{
	int64_t i, n = drill_int(f->d, "requests") * 2;
	struct ask *a;

	wave_reset(&f->w);
	for (i = 0; i < n; i++) {
		a = questions_add(&f->q, &f->w, drill_arm(f->d),
		    (size_t)(i / 2) % f->q.n, err);
		if (a == NULL)
			return err->code;
		a->at_ns = i;	/* keeps the order */
		within_scope(f, a);
		if (i % 2 == 0)
			ask_headers(&f->w, a, json_get(f->flag, "headers"));
	}
	return wave_send(f->d, &f->w, err);
}

/* Where the flag has a limit for it: a share, or true for 99 %. */
static void
tell_tools(const struct flagging *f, const char *name,
    const struct tool_calls *t)
{
	const struct json *least = json_get(json_get(f->flag, "gates"),
	    "tool_success_min");

	if (json_kind(least) == JSON_NUMBER || json_bool(least, 0))
		tool_calls_check(f->d, name, json_num(least, tool_success),
		    t);
}

/* killed  1: the flag is switched off, so that no request may show it */
static int
sides(struct flagging *f, int killed, struct err *err)
{
	size_t i, n[2] = { 0, 0 }, wrong[2] = { 0, 0 }, bad = 0;
	char says[160], seen[2][160] = { "", "" }, why[160] = "";
	struct tool_calls tools = { .n = 0 };
	struct reading r;
	int side, flagged, rc = both(f, err);

	for (i = 0; i < f->w.n && rc == RC_OK; i++) {
		rc = reading_of(&f->q, f->w.v[i], &r, err);
		flagged = f->w.v[i]->at_ns % 2 == 0;
		if (rc == RC_OK && r.usable) {
			n[flagged]++;
			if (flagged)
				tool_calls_add(f->d, f->w.v[i], &tools);
			side = side_of(f, &r, says);
			if (side != (flagged && !killed) &&
			    wrong[flagged]++ == 0)
				(void)snprintf(seen[flagged], 160, "; %.150s",
				    says);
		} else if (bad++ == 0) {
			(void)snprintf(why, sizeof(why), "; %.140s", r.why);
		}
		reading_fini(&r);
	}
	if (rc != RC_OK)
		return rc;
	if (killed) {
		(void)drill_check(f->d, "the kill switch", wrong[1] == 0 &&
		    n[1] > 0, bleed, "%zu of %zu flagged requests still show "
		    "the flag%s", wrong[1], n[1], seen[1]);
		return RC_OK;
	}
	(void)drill_check(f->d, "flagged requests show it", wrong[1] == 0 &&
	    n[1] > 0 && bad == 0, drift, "%zu of %zu do not, %zu fail%s%s",
	    wrong[1], n[1], bad, seen[1], why);
	(void)drill_check(f->d, "others never do", wrong[0] == 0, bleed,
	    "%zu of %zu do%s", wrong[0], n[0], seen[0]);
	tell_tools(f, "its tool calls succeed", &tools);
	return RC_OK;
}

/* ---- users -------------------------------------------------------------- */

static int
send_users(struct flagging *f, const char *header, struct err *err)
{
	char name[32];
	struct ask *a;
	int i;

	wave_reset(&f->w);
	for (i = 0; i < USERS * TIMES; i++) {
		a = questions_add(&f->q, &f->w, drill_arm(f->d),
		    (size_t)(i / USERS) % f->q.n, err);
		if (a == NULL)
			return err->code;
		(void)snprintf(name, sizeof(name), "drill-user-%d",
		    i % USERS);
		ask_header(&f->w, a, header, name);
		within_scope(f, a);
		a->at_ns = i;
	}
	return wave_send(f->d, &f->w, err);
}

/* Whether the share of users is what a fair draw may give. */
static int
may_be(size_t on, double share)
{
	double sd = sqrt(USERS * share * (1 - share));

	return fabs((double)on - USERS * share) <= 4 * sd + 1;
}

/* What is asked of who is behind the flag while the ramp holds. */
struct behind {
	size_t n, failed;	/* requests of all users */
	int expected, covered;	/* sections, behind the flag */
};

static void
within_gates(struct flagging *f, const struct behind *b)
{
	const struct json *g = json_get(f->flag, "gates");
	double rate = json_get_num(g, "error_rate_max",
	    f->d->suite->limits.errors);
	double least = json_get_num(g, "coverage_min",
	    f->d->suite->limits.coverage_min);

	(void)drill_check(f->d, "within its gates", (double)b->failed <=
	    rate * (double)b->n && (double)b->covered >= least *
	    (double)b->expected, "prompt regression", "%zu of %zu requests "
	    "fail, %d of %d expected sections behind the flag", b->failed,
	    b->n, b->covered, b->expected);
}

static int
users(struct flagging *f, const char *header, struct err *err)
{
	double share = json_num(json_get(json_get(f->flag, "traffic"),
	    "canary_weight"), 0);
	struct behind b = { .n = 0 };
	int seen[USERS][2];
	size_t i, moved = 0, on = 0;
	char says[160];
	struct reading r;
	int side, rc = send_users(f, header, err);

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < f->w.n && rc == RC_OK; i++) {
		rc = reading_of(&f->q, f->w.v[i], &r, err);
		side = rc == RC_OK ? side_of(f, &r, says) : 0;
		if (rc == RC_OK && r.usable)
			seen[f->w.v[i]->at_ns % USERS][side == 1]++;
		b.n++;
		b.failed += rc == RC_OK && !r.usable;
		b.expected += rc == RC_OK && side == 1 ? r.expected : 0;
		b.covered += rc == RC_OK && side == 1 ? r.covered : 0;
		reading_fini(&r);
	}
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < USERS; i++) {
		moved += seen[i][0] > 0 && seen[i][1] > 0;
		on += seen[i][1] > 0;
	}
	(void)drill_check(f->d, "a user stays on a side", moved == 0, bleed,
	    "%zu of %d users were on both in %d requests", moved, USERS,
	    TIMES);
	(void)drill_check(f->d, "as many as the weight says", moved > 0 ||
	    may_be(on, share), drift, "%zu of %d users, the weight is %.3g",
	    on, USERS, share);
	within_gates(f, &b);
	return RC_OK;
}

static int
ramp(struct flagging *f, struct err *err)
{
	const char *header = json_get_str(f->flag, "user_header");
	int rc;

	if (header == NULL || !lever_has_undo(f->d, "ramp")) {
		drill_skip(f->d, "a user stays on a side", "needs the header "
		    "that names the user (flags.%.40s.user_header) and "
		    "levers.ramp with its undo", json_key(f->flag));
		return RC_OK;
	}
	rc = lever_pull(f->d, "ramp", err);
	if (rc == RC_OK)
		rc = users(f, header, err);
	return rc == RC_OK ? lever_undo(f->d, "ramp", err) : rc;
}

static int
kill_switch(struct flagging *f, struct err *err)
{
	int rc;

	if (!lever_has_undo(f->d, "kill_flag")) {
		drill_skip(f->d, "the kill switch", "needs levers.kill_flag "
		    "with its undo");
		return RC_OK;
	}
	rc = lever_pull(f->d, "kill_flag", err);
	if (rc == RC_OK)
		rc = sides(f, 1, err);
	return rc == RC_OK ? lever_undo(f->d, "kill_flag", err) : rc;
}

/* Whether the manifest says that the flag is off everywhere. */
static int
is_off(const struct json *flag)
{
	const struct json *rules = json_get(json_get(flag, "abort_rules"),
	    "hard"), *m;
	const char *kind;

	for (m = json_first(rules); m != NULL; m = json_next(m)) {
		kind = json_get_str(m, "kind");
		if (kind != NULL && strcmp(kind, "global_off") == 0)
			return 1;
	}
	return 0;
}

static int
one_flag(struct flagging *f, struct err *err)
{
	int rc = RC_OK;

	if (json_first(json_get(f->flag, "headers")) == NULL) {
		drill_needs(f->d, "needs the header that switches it on: "
		    "--set flags.%.60s.headers.X-Flag=on",
		    json_key(f->flag));
		return RC_OK;
	}
	rc = learn_off(f, err);
	if (rc == RC_OK && is_off(f->flag))
		return sides(f, 1, err);
	if (rc == RC_OK)
		rc = sides(f, 0, err);
	if (rc == RC_OK)
		rc = scope(f, err);
	if (rc == RC_OK)
		rc = ramp(f, err);
	return rc == RC_OK ? kill_switch(f, err) : rc;
}

int
drill_flags(struct drill *d, struct err *err)
{
	struct flagging f;
	int rc;

	memset(&f, 0, sizeof(f));
	f.d = d;
	f.flag = json_first(drill_word(d, "flags"));
	if (f.flag == NULL)
		return err_set(err, RC_USAGE, "needs a flag: flags: {NAME: "
		    "{headers: {X-Flag: on}, versions: {PROMPT_VER: …}}}");
	wave_init(&f.w, (int)drill_int(d, "concurrency"));
	rc = questions_init(&f.q, d, (size_t)drill_int(d, "requests"), err);
	for (; f.flag != NULL && rc == RC_OK; f.flag = json_next(f.flag))
		rc = one_flag(&f, err);
	json_free(f.off);
	questions_fini(&f.q);
	wave_fini(&f.w);
	return rc;
}
