/* Gates on a suite's own metrics; see gate_scorer.h. */
#include "harness/judge/gate_scorer.h"

#include <math.h>
#include <stdio.h>

#include "harness/judge/gate_kind.h"

/* A gate's level is a function of the cell alone: one a metric. */
#define EACH_SCORED(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) \
	X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

#define FUNCTIONS(k) \
	static double \
	level_##k(const struct cell *c, int arm) \
	{ \
		return (double)c->scored[arm][k]; \
	}
EACH_SCORED(FUNCTIONS)

#define ROW(k) level_##k,
static gate_level_fn *const functions[] = { EACH_SCORED(ROW) };
_Static_assert(sizeof(functions) / sizeof(functions[0]) == SCORER_METRICS_MAX,
    "functions for each");

static enum gate_class
class_of(const struct scorer_metric *m)
{
	return m->class == SCORER_HARD ? GATE_HARD :
	    m->class == SCORER_INFO ? GATE_INFO : GATE_GATE;
}

static struct gate_row *
add(struct gate_scorer *g, const struct scorer_metric *m, size_t k,
    const char *name_end, const char *title_end)
{
	struct gate_row *row = &g->row[g->n];
	struct gate_how *how = &g->how[g->n];

	(void)snprintf(g->text[g->n].metric, sizeof(g->text[0].metric), "%s",
	    m->name);
	(void)snprintf(g->text[g->n].name, sizeof(g->text[0].name), "%s%s",
	    m->name, name_end);
	(void)snprintf(g->text[g->n].title, sizeof(g->text[0].title), "%s%s",
	    m->name, title_end);
	*row = (struct gate_row){ .name = g->text[g->n].name,
		.title = g->text[g->n].title, 
		.metric = g->text[g->n].metric,
		.unit = "score", .class = class_of(m), .id = -1,
		.scored = k + 1, .how = how, .help = g->text[g->n].help };
	*how = (struct gate_how){ .level = functions[k], .worst = 1 };
	g->n++;
	return row;
}

static void
add_change(struct gate_scorer *g, const struct scorer_metric *m, size_t k)
{
	struct gate_row *row = add(g, m, k, "", m->higher_is_better ?
	    " drop" : " rise");
	struct gate_how *how = &g->how[g->n - 1];

	how->kind = &gate_kind_replicate;
	how->what = REPLICA_SCORER + (int)k;
	how->harm = m->higher_is_better ? -1 : 1;
	row->limit = offsetof(struct limits, scorer_margin) +
	    k * sizeof(double);
}

/* A hard stop on a level has the p of the change, as built-in ones have. */
static void
add_limit(struct gate_scorer *g, const struct scorer_metric *m, size_t k)
{
	const char *pair = g->row[g->n - 1].name;
	struct gate_row *row = add(g, m, k, "_limit", "");
	struct gate_how *how = &g->how[g->n - 1];

	how->kind = &gate_kind_absolute;
	how->less_is_worse = m->higher_is_better;
	how->pair = pair;
	row->limit = offsetof(struct limits, scorer_limit) + k * sizeof(double);
}

void
gate_scorer_init(struct gate_scorer *g, const struct suite *s)
{
	const struct scorer_metric *m;
	size_t k;

	g->n = 0;
	for (k = 0; k < s->n_scored; k++) {
		m = &s->scored[k];
		add_change(g, m, k);
		(void)snprintf(g->text[g->n - 1].help,
		    sizeof(g->text[0].help), "%s of the mean of %s, from the "
		    "scorer %.60s", m->higher_is_better ? "drop" :
		    "rise", m->name, s->scorer[m->scorer].name);
		if (isnan(m->limit))
			continue;
		add_limit(g, m, k);
		(void)snprintf(g->text[g->n - 1].help,
		    sizeof(g->text[0].help), "mean of %s, from the scorer "
		    "%.60s", m->name, s->scorer[m->scorer].name);
	}
}
