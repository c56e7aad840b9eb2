/* Scorers and the metrics that they return, from the manifest. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/suite/suite_part.h"
#include "harness/terms/metric.h"

#define METRICS "scorers.[].metrics.*"

static int
declared(const struct suite *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n_scored; i++) {
		if (strcmp(s->scored[i].name, name) == 0)
			return 1;
	}
	return 0;
}

static enum scorer_class
class_of(const struct json *m)
{
	const struct json *j = suite_get(m, "gate");
	const char *word = json_str(j);

	if (word != NULL)
		return strcmp(word, "hard") == 0 ? SCORER_HARD :
		    strcmp(word, "info") == 0 ? SCORER_INFO : SCORER_GATE;
	return json_bool(j, 1) ? SCORER_GATE : SCORER_INFO;
}

/* Whether a name may be given to a metric; tells why not. */
static int
name_free(struct suite_load *ld, const struct json *m)
{
	const char *name = json_key(m);

	if (!scorer_metric_is_name(name))
		suite_error(ld, m, 1, "\"%.60s\": a metric's name begins with "
		    "a letter of a-z and has at most %d of a-z, 0-9 and _",
		    name, SCORER_NAME_MAX - 1);
	else if (metric_find(name) != NULL || limits_gate_of(name) >= 0)
		suite_error(ld, m, 1, "\"%s\" is the name of a built-in "
		    "metric or gate", name);
	else if (declared(ld->s, name))
		suite_error(ld, m, 1, "another scorer also returns \"%s\"",
		    name);
	else if (ld->s->n_scored == SCORER_METRICS_MAX)
		suite_error(ld, m, 1, "scorers may return %d metrics together",
		    SCORER_METRICS_MAX);
	else
		return 1;
	return 0;
}

static void
metric(struct suite_load *ld, const struct json *m)
{
	struct suite *s = ld->s;
	const char *better = suite_raw(m, "better");

	if (!name_free(ld, m))
		return;
	s->scored[s->n_scored++] = (struct scorer_metric){
		.name = json_key(m), .scorer = s->n_scorers,
		.higher_is_better = better == NULL ||
		    strcmp(better, "higher") == 0,
		.class = class_of(m),
		.margin = suite_num(m, METRICS, "margin"),
		.limit = json_num(suite_get(m, "limit"), NAN),
	};
}

/* The gate of a limit is called METRIC_limit. */
static void
check_limits(struct suite_load *ld, const struct json *list)
{
	char name[SCORER_NAME_MAX + 8];
	size_t i;

	for (i = 0; i < ld->s->n_scored; i++) {
		(void)snprintf(name, sizeof(name), "%s_limit",
		    ld->s->scored[i].name);
		if (!isnan(ld->s->scored[i].limit) && declared(ld->s, name))
			suite_error(ld, list, 0, "\"%s\" names a metric and "
			    "also the gate on another metric's limit",
			    name);
	}
}

static void
scorer(struct suite_load *ld, const struct json *j)
{
	struct suite *s = ld->s;
	struct suite_scorer *sc = &s->scorer[s->n_scorers];
	const struct json *list = suite_get(j, "metrics"), *m;
	char name[32];

	sc->exec = suite_raw(j, "exec");
	if (sc->exec == NULL || *sc->exec == '\0')
		suite_error(ld, j, 0, "a scorer needs \"exec\"");
	if (json_first(list) == NULL)
		suite_error(ld, j, 0, "a scorer needs \"metrics\": the names "
		    "of what it returns, such as {faithfulness: {}}");
	(void)snprintf(name, sizeof(name), "scorer%zu", s->n_scorers + 1);
	sc->name = suite_raw(j, "name");
	if (sc->name == NULL)
		sc->name = suite_keep(ld, name);
	sc->version = suite_raw(j, "version");
	if (sc->version == NULL)
		sc->version = "";
	sc->timeout_ns = suite_time(j, "scorers.[]", "timeout");
	if (sc->timeout_ns <= 0)
		suite_error(ld, suite_get(j, "timeout"), 0, "a scorer's "
		    "timeout must be longer than 0");
	sc->in_flight = (size_t)suite_int(j, "scorers.[]", "in_flight");
	sc->blind = suite_bool(j, "scorers.[]", "blind");
	sc->first = s->n_scored;
	for (m = json_first(list); m != NULL; m = json_next(m))
		metric(ld, m);
	sc->n = s->n_scored - sc->first;
	s->n_scorers++;
}

void
suite_scorers(struct suite_load *ld)
{
	const struct json *list = suite_get(ld->mem->doc, "scorers"), *j;

	for (j = json_first(list); j != NULL; j = json_next(j)) {
		if (ld->s->n_scorers == SUITE_SCORERS_MAX) {
			suite_error(ld, j, 0, "at most %d scorers",
			    SUITE_SCORERS_MAX);
			return;
		}
		scorer(ld, j);
	}
	check_limits(ld, list);
}
