/*
 * Guardrail 8: a flagged path stays behind its flag. Flagged requests show
 * the flag's versions, others never do, beside them and at once; a user stays
 * on one side while it ramps up; and the kill switch works.
 */
#include <stdio.h>
#include <string.h>

#include "harness/drill/flag_ramp.h"
#include "harness/drill/flag_sides.h"

static const char bleed[] = "cache namespace bug";
static const char drift[] = "pin drift";

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
		flag_within_scope(f, a);
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
		    flag_side(f, &r, says) == 1;
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
	static const char *const options[FLAG_SCOPES] = {
		"scope_headers.regions=HEADER",
		"scope_headers.tenants=HEADER" };
	const char *header, *first;
	const char *path = json_get_str(f->flag, "other_path");
	size_t i;
	int rc = RC_OK;

	for (i = 0; i < FLAG_SCOPES && rc == RC_OK; i++) {
		if (flag_scope(f, i, &header, &first))
			rc = outside(f, flag_scopes[i], header, NULL, err);
		else
			untried(f, flag_scopes[i], options[i]);
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
		flag_within_scope(f, a);
		if (i % 2 == 0)
			ask_headers(&f->w, a, json_get(f->flag, "headers"));
	}
	return wave_send(f->d, &f->w, err);
}

/* killed  1: the flag is switched off, so that no request may show it */
static int
sides(struct flagging *f, int killed, struct err *err)
{
	size_t i, n[2] = { 0, 0 }, wrong[2] = { 0, 0 }, bad = 0;
	char says[160], seen[2][160] = { "", "" }, why[160] = "";
	struct tool_calls tools = { .n = 0 };
	double least;
	struct reading r;
	int side, flagged, rc = both(f, err);

	for (i = 0; i < f->w.n && rc == RC_OK; i++) {
		rc = reading_of(&f->q, f->w.v[i], &r, err);
		flagged = f->w.v[i]->at_ns % 2 == 0;
		if (rc == RC_OK && r.usable) {
			n[flagged]++;
			if (flagged)
				tool_calls_add(f->d, f->w.v[i], &tools);
			side = flag_side(f, &r, says);
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
	if (flag_tools_least(f, &least))
		tool_calls_check(f->d, "its tool calls succeed", least,
		    &tools);
	return RC_OK;
}

/* ---- all of it --------------------------------------------------------- */

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
	rc = flag_learn_off(f, err);
	if (rc == RC_OK && is_off(f->flag))
		return sides(f, 1, err);
	if (rc == RC_OK)
		rc = sides(f, 0, err);
	if (rc == RC_OK)
		rc = scope(f, err);
	if (rc == RC_OK)
		rc = flag_ramp(f, err);
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
