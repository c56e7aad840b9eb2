/* What a service is like; see guess.h. */
#include "harness/suite/guess.h"

#include <stdlib.h>
#include <string.h>

#include "harness/suite/guess_part.h"

void
guess_init(struct guess *g)
{
	memset(g, 0, sizeof(*g));
}

void
guess_fini(struct guess *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		free(g->line[i].p);
	free(g->line);
	json_free(g->extract);
	json_free(g->body);
	guess_init(g);
}

int
guess_add(struct guess *g, const char *line, size_t n, struct err *err)
{
	char *p;

	if (g->n == GUESS_MAX || n > GUESS_LINE_MAX)
		return RC_OK;
	if (g->line == NULL)
		g->line = calloc(GUESS_MAX, sizeof(*g->line));
	p = g->line == NULL ? NULL : malloc(n);
	if (p == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	memcpy(p, line, n);
	g->line[g->n].p = p;
	g->line[g->n++].n = n;
	return RC_OK;
}

/* ---- known APIs ---- */

static size_t
sum(const struct guess_fit *f)
{
	size_t i, n = 0;

	for (i = 0; i < FIT_N; i++)
		n += f->found[i];
	return n;
}

/* The preset that finds most; NULL: none makes sense of nine in ten. */
static int
best_preset(struct guess *g, struct guess_fit *best, struct err *err)
{
	struct guess_fit fit;
	struct json *j;
	size_t i;
	int rc = RC_OK;

	memset(best, 0, sizeof(*best));
	for (i = 0; extract_presets[i] != NULL && rc == RC_OK; i++) {
		j = json_new(JSON_OBJECT);
		if (json_set(j, "preset", json_new_str(extract_presets[i])) !=
		    RC_OK) {
			json_free(j);
			return err_set(err, RC_NOMEM, "out of memory");
		}
		rc = guess_fit(g, j, &fit, err);
		json_free(j);
		if (rc != RC_OK || fit.understood * 10 < g->n * 9 ||
		    sum(&fit) <= sum(best) ||
		    fit.found[FIT_ANSWER] + fit.found[FIT_PASSAGES] == 0)
			continue;
		*best = fit;
		g->preset = extract_presets[i];
	}
	return rc;
}

/* Whether a note is about a member that the preset finds as well. */
static int
is_about(const struct guess_note *n, const char *key)
{
	static const char *const begins[][2] = {
		{ "answer", "answer" }, { "retrieved", "passages" },
		{ "citations", "citations" }, { "usage", "tokens" },
		{ "tool_calls", "tool calls" }, { "stream", "stream" },
		{ "pins", "pins" }
	};
	size_t i;

	for (i = 0; i < 7; i++) {
		if (strcmp(begins[i][0], key) == 0)
			return strncmp(n->what, begins[i][1],
			    strlen(begins[i][1])) == 0;
	}
	return 0;
}

static void
drop(struct guess *g, const char *key)
{
	size_t i, n = 0;

	json_free(json_take(g->extract, key));
	for (i = 0; i < g->n_notes; i++) {
		if (!is_about(&g->note[i], key))
			g->note[n++] = g->note[i];
	}
	g->n_notes = n;
}

/* What the preset knows is left to it; what it does not find stays. */
static int
merge(struct guess *g, const struct guess_fit *preset,
    const struct guess_fit *own, struct err *err)
{
	static const struct {
		const char *key;
		enum fit fit;
	} rows[] = {
		{ "retrieved", FIT_PASSAGES }, { "citations", FIT_CITATIONS },
		{ "usage", FIT_USAGE }, { "tool_calls", FIT_TOOLS },
		{ "answer", FIT_ANSWER }, { "stream", FIT_ANSWER }
	};
	struct json *j = json_new(JSON_OBJECT);
	struct guess_fit fit;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (preset->found[rows[i].fit] >= own->found[rows[i].fit])
			drop(g, rows[i].key);
	}
	drop(g, "pins");	/* the preset looks for them */
	rc = json_set(j, "preset", json_new_str(g->preset));
	if (rc == RC_OK)
		rc = json_merge(j, g->extract);
	json_free(g->extract);
	g->extract = j;
	if (rc == RC_OK)
		rc = guess_fit(g, g->extract, &fit, err);
	g->understood = fit.understood;
	return rc;
}

int
guess_make(struct guess *g, struct err *err)
{
	struct guess_shapes *s = calloc(1, sizeof(*s));
	struct guess_fit own, preset;
	int rc = s == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    guess_read(g, s, err);

	if (rc == RC_OK)
		rc = guess_fields(g, s, err);
	if (rc == RC_OK)
		rc = guess_fit(g, g->extract, &own, err);
	if (rc == RC_OK)
		rc = best_preset(g, &preset, err);
	if (rc == RC_OK) {
		g->understood = own.understood;
		if (g->preset != NULL && preset.understood >= own.understood)
			rc = merge(g, &preset, &own, err);
		else
			g->preset = NULL;
	}
	if (rc == RC_OK)
		rc = guess_request(g, s, err);
	if (rc == RC_OK && g->understood == 0)
		rc = err_set(err, RC_FORMAT, "nothing in these %zu answers "
		    "is known: neither an answer nor passages", g->n);
	if (s != NULL) {
		shape_fini(&s->said);
		shape_fini(&s->asked);
	}
	free(s);
	return rc;
}
