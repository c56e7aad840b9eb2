/*
 * Guardrail 13: whether a change may ship now. Windows of a calendar in UTC,
 * the rules of a freeze gate, and what the gate requires.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "harness/base/ical.h"
#include "harness/base/mono.h"
#include "harness/drill/calendar.h"
#include "harness/drill/drill_part.h"

enum { PATH_BYTES = 1100, VALUE_MAX = 128, READINESS = 1 };

/* One decision. */
struct freeze {
	struct drill *d;
	struct suite *file;		/* the calendar's own, or NULL */
	struct json *events;		/* of an iCalendar, or NULL */
	const struct json *windows, *releases, *rules;
	char now[VALUE_MAX], region[VALUE_MAX], tier[VALUE_MAX];
	char scope[VALUE_MAX];
	struct change change;
	size_t n_windows;
};

/* ---- inputs ------------------------------------------------------------- */

/* A value that may be "{{ env.NAME }}". returns 0, or -1: it is not set */
static int
input(const struct drill *d, const char *key, char out[VALUE_MAX],
    char missing[VALUE_MAX])
{
	char path[80], name[VALUE_MAX];
	const char *s, *env;
	size_t n;

	(void)snprintf(path, sizeof(path), "inputs.%s", key);
	s = json_str(drill_doc(d, path));
	out[0] = '\0';
	if (s == NULL)
		return 0;
	env = strstr(s, "env.");
	if (strncmp(s, "{{", 2) != 0 || env == NULL) {
		(void)snprintf(out, VALUE_MAX, "%s", s);
		return 0;
	}
	env += 4;
	for (n = 0; isalnum((unsigned char)env[n]) || env[n] == '_'; n++)
		;
	(void)snprintf(name, sizeof(name), "%.*s", (int)n, env);
	/* one thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	s = getenv(name);
	if (s == NULL || *s == '\0') {
		(void)snprintf(missing, VALUE_MAX, "$%.60s (inputs.%.40s)",
		    name, key);
		return -1;
	}
	(void)snprintf(out, VALUE_MAX, "%s", s);
	return 0;
}

static int
read_now(struct freeze *f)
{
	char missing[VALUE_MAX];
	const char *now = f->d->o->now;

	f->change.now_s = mono_wall_ns() / MONO_S;
	if (now == NULL && input(f->d, "now_utc", f->now, missing) != 0) {
		drill_needs(f->d, "needs %s, or --now "
		    "2026-01-31T12:00:00Z", missing);
		return -1;
	}
	if (now != NULL)
		(void)snprintf(f->now, VALUE_MAX, "%s", now);
	if (f->now[0] != '\0' && calendar_time(f->now, 0,
	    &f->change.now_s) != 0) {
		drill_needs(f->d, "now is \"%s\"; write it in UTC, as "
		    "2026-01-31T12:00:00Z", f->now);
		return -1;
	}
	if (f->now[0] == '\0') {
		mono_utc(f->change.now_s * MONO_S, f->now);
		f->now[19] = 'Z';
		f->now[20] = '\0';
	}
	return 0;
}

static int
read_inputs(struct freeze *f)
{
	char missing[VALUE_MAX];

	if (read_now(f) != 0)
		return -1;
	if (input(f->d, "region", f->region, missing) != 0 ||
	    input(f->d, "tier", f->tier, missing) != 0 ||
	    input(f->d, "scope", f->scope, missing) != 0) {
		drill_needs(f->d, "needs %s in the environment, or --set "
		    "inputs", missing);
		return -1;
	}
	f->change.region = f->region[0] == '\0' ? NULL : f->region;
	f->change.tier = f->tier[0] == '\0' ? NULL : f->tier;
	f->change.scope = f->scope[0] == '\0' ? NULL : f->scope;
	return 0;
}

/* ---- the calendar ------------------------------------------------------- */

/* Where the file is: beside the manifest, or where its project begins. */
static int
find_file(const struct drill *d, const char *name, char path[PATH_BYTES])
{
	const char *base = strrchr(name, '/');

	base = base == NULL ? name : base + 1;
	if (*name == '/')
		(void)snprintf(path, PATH_BYTES, "%.1000s", name);
	else
		(void)snprintf(path, PATH_BYTES, "%.500s/%.500s",
		    d->suite->dir, name);
	if (access(path, R_OK) == 0)
		return 0;
	(void)snprintf(path, PATH_BYTES, "%.500s/../%.500s", d->suite->dir,
	    name);
	if (access(path, R_OK) == 0)
		return 0;
	(void)snprintf(path, PATH_BYTES, "%.1000s", name);
	if (access(path, R_OK) == 0)
		return 0;
	(void)snprintf(path, PATH_BYTES, "%.500s/%.500s", d->suite->dir,
	    base);
	return access(path, R_OK);
}

static int
is_ical(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && strcasecmp(name + n - 4, ".ics") == 0;
}

static int
read_file(const char *path, struct buf *b, struct err *err)
{
	FILE *f = fopen(path, "re");
	char part[4096];
	size_t n;
	int bad;

	while (f != NULL && (n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(b, part, n);
	bad = f == NULL || ferror(f);
	if (f != NULL)
		(void)fclose(f);
	return bad ? err_errno(err, RC_IO, "%s", path) : buf_check(b, path,
	    err);
}

/* What of an iCalendar is under way now. */
static int
load_events(struct freeze *f, const char *path, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, ICAL_BYTES_MAX + 1);
	rc = read_file(path, &b, err);
	if (rc == RC_OK)
		rc = ical_windows(buf_str(&b), b.len, f->change.now_s,
		    f->change.now_s, &f->events, err);
	if (rc == RC_FORMAT)
		err_prefix(err, "%s", path);
	buf_fini(&b);
	return rc;
}

static int
load_calendar(struct freeze *f, struct err *err)
{
	const char *name = json_str(drill_doc(f->d, "inputs.calendar_file"));
	char path[PATH_BYTES];
	int ical = name != NULL && is_ical(name);

	f->windows = drill_doc(f->d, "windows");
	f->releases = drill_doc(f->d, "releases");
	f->rules = drill_doc(f->d, "checks.forbid_when");
	if (f->windows != NULL && !ical)
		return RC_OK;
	if (name == NULL || find_file(f->d, name, path) != 0) {
		drill_needs(f->d, "needs a calendar: --with "
		    "release_calendar.yml%s%.200s", name == NULL ? "" :
		    "; there is no ", name == NULL ? "" : name);
		return RC_OK;
	}
	if (ical)
		return load_events(f, path, err);
	if (suite_load(path, NULL, &f->file, err) != RC_OK)
		return err->code;
	f->windows = json_get(f->file->doc, "windows");
	if (f->releases == NULL)
		f->releases = json_get(f->file->doc, "releases");
	return RC_OK;
}

/* ---- the decision ------------------------------------------------------- */

static int
forbidden(const struct freeze *f, const struct json *window,
    const struct change *c)
{
	const struct json *r;

	if (json_first(f->rules) == NULL)
		return calendar_forbids_by_kind(window, c);
	for (r = json_first(f->rules); r != NULL; r = json_next(r)) {
		if (calendar_forbids(r, window, c))
			return 1;
	}
	return 0;
}

static const char *
or_dash(const char *s)
{
	return s == NULL ? "-" : s;
}

/* One window. returns whether it decides: it forbids, or cannot be read */
static int
stops(struct freeze *f, const char *name, const struct json *w,
    const struct change *c, int *n)
{
	int active = calendar_active(w, c);

	if (active < 0) {
		(void)drill_check(f->d, name, 0, NULL, "window %.60s has no "
		    "start and end in UTC", or_dash(json_get_str(w, "id")));
		return 1;
	}
	*n += active;
	if (!active || !forbidden(f, w, c))
		return 0;
	(void)drill_check(f->d, name, 0, NULL, "%.60s, tier %.8s, is "
	    "forbidden by %.80s, %.40s until %.30s", f->now, or_dash(c->tier),
	    or_dash(json_get_str(w, "id")), or_dash(json_get_str(w, "kind")),
	    or_dash(json_get_str(w, "end")));
	return 1;
}

/* One change against all windows. */
static void
decide(struct freeze *f, const char *what, const struct change *c)
{
	const struct json *w;
	char name[160];
	int n = 0;

	(void)snprintf(name, sizeof(name), "%.60s%s%.40s", what,
	    c->region == NULL ? "" : " in ", c->region == NULL ? "" :
	    c->region);
	for (w = json_first(f->windows); w != NULL; w = json_next(w)) {
		if (stops(f, name, w, c, &n))
			return;
	}
	for (w = json_first(f->events); w != NULL; w = json_next(w)) {
		if (stops(f, name, w, c, &n))
			return;
	}
	(void)drill_check(f->d, name, 1, NULL, "%.60s, tier %.8s: %d active "
	    "window%s, none forbids it", f->now, or_dash(c->tier), n,
	    n == 1 ? "" : "s");
}

static void
releases(struct freeze *f)
{
	const struct json *r, *region;
	struct change c = f->change;

	for (r = json_first(f->releases); r != NULL; r = json_next(r)) {
		if (f->change.tier == NULL)
			c.tier = json_get_str(r, "tier");
		c.region = f->change.region;
		region = json_first(json_get(r, "region_plan"));
		if (c.region != NULL || region == NULL) {
			decide(f, or_dash(json_get_str(r, "id")), &c);
			continue;
		}
		for (; region != NULL; region = json_next(region)) {
			c.region = json_str(region);
			decide(f, or_dash(json_get_str(r, "id")), &c);
		}
	}
}

static int
has_rollback(const struct drill *d)
{
	return lever_has(d, "rollback") || lever_has_undo(d, "deploy");
}

static int
is_t0(const struct freeze *f)
{
	const struct json *r;
	const char *tier;

	if (f->change.tier != NULL)
		return strcmp(f->change.tier, "T0") == 0;
	for (r = json_first(f->releases); r != NULL; r = json_next(r)) {
		tier = json_get_str(r, "tier");
		if (tier != NULL && strcmp(tier, "T0") == 0)
			return 1;
	}
	return 0;
}

static void
required(struct freeze *f)
{
	const struct json *m = json_first(drill_doc(f->d, "checks.require"));
	const struct json *what;
	int lever = is_t0(f);

	for (; m != NULL; m = json_next(m)) {
		what = json_first(m);
		if (json_key(what) == NULL || !json_bool(what, 0))
			continue;
		if (strcmp(json_key(what), "rollback_lever_defined") == 0)
			lever = 1;
		else if (strcmp(json_key(what),
		    "readiness_gate_passed") == 0)
			(void)drill_check(f->d, "the readiness gate passed",
			    f->d->o->proven != NULL &&
			    f->d->o->proven(f->d->o->ctx, READINESS), NULL,
			    "what guardrail 1 last said in this home; "
			    "`lockstep guardrails` shows it");
		else
			drill_skip(f->d, json_key(what), "unknown here");
	}
	if (lever)
		(void)drill_check(f->d, "a rollback in one step",
		    has_rollback(f->d), NULL, "%s", has_rollback(f->d) ?
		    "a lever is defined" : "no levers.rollback, and no "
		    "levers.deploy with its undo; --with SUITE gives them");
}

int
drill_calendar(struct drill *d, struct err *err)
{
	struct freeze f;
	int rc;

	memset(&f, 0, sizeof(f));
	f.d = d;
	rc = read_inputs(&f) == 0 ? load_calendar(&f, err) : RC_OK;
	if (rc == RC_OK && !d->cannot) {
		if (json_first(f.releases) == NULL || f.rules != NULL)
			decide(&f, "a change", &f.change);
		else
			releases(&f);
		required(&f);
	}
	suite_free(f.file);
	json_free(f.events);
	return rc;
}
