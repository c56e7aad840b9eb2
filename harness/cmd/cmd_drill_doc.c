/* The outcome of a drill as one document; see cmd_drill_doc.h. */
#include "harness/cmd/cmd_drill_doc.h"

#include <string.h>

#include "harness/base/mono.h"
#include "harness/base/version.h"

static void
put_str(struct json *to, const char *key, const char *v)
{
	(void)json_set(to, key, v == NULL ? json_new(JSON_NULL) :
	    json_new_str(v));
}

static void
put_time(struct json *to, const char *key, int64_t wall_ns)
{
	char at[MONO_UTC_MAX];

	mono_utc(wall_ns, at);
	put_str(to, key, at);
}

/* ---- what was measured -------------------------------------------------- */

/* The gates that say it, by the name that artifacts have for it. */
static const struct {
	const char *key, *gate;
} measures[] = {
	{ "delta_s", "ds_max" },
	{ "coverage", "coverage_min" },
	{ "lambda", "lambda_convergent" },
};

/* That gate, of the last scenario that ran the suite's gates; or NULL */
static struct json *
gate_of(const struct json *doc, const char *name)
{
	const struct json *s, *g;
	struct json *out = NULL;

	for (s = json_first(json_get(doc, "scenarios")); s != NULL;
	    s = json_next(s)) {
		for (g = json_first(json_get(s, "gates")); g != NULL;
		    g = json_next(g)) {
			if (strcmp(json_get_str(g, "name"), name) != 0)
				continue;
			json_free(out);
			out = json_copy(g);
			put_str(out, "scenario", json_get_str(s, "name"));
			put_str(out, "run", json_get_str(s, "run"));
		}
	}
	return out;
}

static struct json *
measured(const struct json *doc)
{
	struct json *out = json_new(JSON_OBJECT), *g;
	size_t i;

	for (i = 0; i < sizeof(measures) / sizeof(measures[0]); i++) {
		g = gate_of(doc, measures[i].gate);
		(void)json_set(out, measures[i].key, g == NULL ?
		    json_new(JSON_NULL) : g);
	}
	return out;
}

/* ---- what was not judged ------------------------------------------------ */

static void
add(struct json *list, const char *scenario, const char *what,
    const char *needs)
{
	struct json *j = json_new(JSON_OBJECT);

	put_str(j, "scenario", scenario);
	put_str(j, "what", what);
	put_str(j, "needs", needs);
	(void)json_push(list, j);
}

static void
add_of(struct json *list, const char *scenario, const struct json *all,
    const char *says)
{
	const struct json *c;
	const char *v;

	for (c = json_first(all); c != NULL; c = json_next(c)) {
		v = json_get_str(c, "verdict");
		if (v != NULL && strcmp(v, "NOT_JUDGED") == 0)
			add(list, scenario, json_get_str(c, "name"),
			    json_get_str(c, says));
	}
}

static struct json *
not_judged(const struct json *doc)
{
	struct json *list = json_new(JSON_ARRAY);
	const struct json *s;
	const char *name, *v;

	for (s = json_first(json_get(doc, "scenarios")); s != NULL;
	    s = json_next(s)) {
		name = json_get_str(s, "name");
		v = json_get_str(s, "verdict");
		if (v != NULL && strcmp(v, "COULD NOT RUN") == 0)
			add(list, name, "all of it",
			    json_get_str(s, "headline"));
		add_of(list, name, json_get(s, "checks"), "says");
		add_of(list, name, json_get(s, "gates"), "why");
	}
	return list;
}

/* ---- all of it ---------------------------------------------------------- */

static void
complete_scenario(struct json *s)
{
	static const char *const keys[] = { "drill", "guardrail", "title",
		"headline", "cause", "prevented_by", "build", "pins", "run" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (json_get(s, keys[i]) == NULL)
			put_str(s, keys[i], NULL);
	}
	if (json_get(s, "gates") == NULL)
		(void)json_set(s, "gates", json_new(JSON_ARRAY));
}

void
drill_complete(const struct suite *s, const char *path, int64_t began_wall_ns,
    struct json *doc)
{
	const char *verdict = json_get_str(doc, "verdict");
	struct json *targets = json_new(JSON_OBJECT), *j;
	int i;

	put_str(doc, "lockstep", LOCKSTEP_VERSION);
	put_str(doc, "suite", s->name);
	put_str(doc, "suite_hash", s->hash);
	put_str(doc, "path", path);
	put_time(doc, "started", began_wall_ns);
	put_time(doc, "ended", mono_wall_ns());
	for (i = 0; i <= ARM_CANDIDATE; i++) {
		if (s->target[i].present && s->target[i].url != NULL)
			put_str(targets, arm_name((enum arm)i),
			    s->target[i].url);
	}
	(void)json_set(doc, "targets", targets);
	put_str(doc, "decision", json_get_str(json_get(s->doc, "decision"),
	    verdict != NULL && strcmp(verdict, "PASS") == 0 ? "on_pass" :
	    "on_fail"));
	for (j = json_first(json_get(doc, "scenarios")); j != NULL;
	    j = json_next(j))
		complete_scenario(j);
	(void)json_set(doc, "measured", measured(doc));
	(void)json_set(doc, "not_judged", not_judged(doc));
}
