/* The gates of a drill's suite; see cmd_drill_gates.h. */
#include "harness/cmd/cmd_drill_gates.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cmd/cmd_job.h"

enum { PATH_BYTES = 1100 };

/* A manifest that merges the two; its name in path. */
static int
write_both(const struct gates_ctx *c, char path[PATH_BYTES], struct err *err)
{
	char a[PATH_MAX], b[PATH_MAX];
	struct json_out o;
	struct buf text;
	FILE *f;
	int bad;

	(void)snprintf(path, PATH_BYTES, "%.1000s/drill-suite.json", c->home);
	if (realpath(c->path, a) == NULL || realpath(c->with, b) == NULL)
		return err_errno(err, RC_IO, "%s", c->with);
	buf_init(&text, 1 << 16);
	json_out_init(&o, &text, 1);
	json_out_obj(&o);
	json_out_key(&o, "extends");
	json_out_arr(&o);
	json_out_str(&o, a);
	json_out_str(&o, b);
	json_out_end(&o, ']');
	json_out_end(&o, '}');
	f = fopen(path, "we");
	bad = f == NULL || fputs(buf_str(&text), f) < 0;
	if (f != NULL && fclose(f) != 0)
		bad = 1;
	buf_fini(&text);
	return bad ? err_errno(err, RC_IO, "%s", path) : RC_OK;
}

static void
put_gate(const struct result_gate *g, struct json *list)
{
	struct json *j = json_new(JSON_OBJECT), *ci;

	(void)json_set(j, "name", json_new_str(g->name));
	(void)json_set(j, "title", json_new_str(g->title));
	(void)json_set(j, "metric", json_new_str(g->metric));
	(void)json_set(j, "unit", json_new_str(g->unit));
	(void)json_set(j, "class", json_new_str(gate_class_name(g->class)));
	(void)json_set(j, "verdict",
	    json_new_str(gate_verdict_name(g->verdict)));
	(void)json_set(j, "value", json_new_num(g->value));
	(void)json_set(j, "limit", json_new_num(g->limit));
	(void)json_set(j, "baseline", json_new_num(g->base));
	(void)json_set(j, "candidate", json_new_num(g->cand));
	ci = json_new(JSON_ARRAY);
	(void)json_push(ci, json_new_num(g->ci[0]));
	(void)json_push(ci, json_new_num(g->ci[1]));
	(void)json_set(j, "ci", ci);
	(void)json_set(j, "n", json_new_num((double)g->n));
	(void)json_set(j, "why", json_new_str(g->why == NULL ? "" : g->why));
	(void)json_push(list, j);
}

static void
put_gates(const struct result *r, struct drill_gates *out)
{
	size_t i;

	out->gates = json_new(JSON_ARRAY);
	for (i = 0; i < r->n_gates && out->gates != NULL; i++)
		put_gate(&r->gates[i], out->gates);
}

static void
take(const struct result *r, struct drill_gates *out)
{
	(void)snprintf(out->verdict, sizeof(out->verdict), "%s",
	    verdict_name(r->verdict));
	(void)snprintf(out->headline, sizeof(out->headline), "%s",
	    r->headline);
	(void)snprintf(out->run, sizeof(out->run), "%s", r->run.id);
	put_gates(r, out);
	if (r->n_causes > 0)
		(void)snprintf(out->cause, sizeof(out->cause), "%s",
		    r->causes[0].class);
}

int
drill_gates_run(void *ctx, const char *baseline, const char *candidate,
    struct drill_gates *out, struct err *err)
{
	const struct gates_ctx *c = ctx;
	char path[PATH_BYTES];
	struct result *r = NULL;
	struct store *store = NULL;
	struct job_opts o;
	int rc = RC_OK;

	job_opts_init(&o);
	o.arm[ARM_BASELINE] = baseline;
	o.arm[ARM_CANDIDATE] = candidate;
	o.set = *c->set;
	o.home = c->home;
	o.seed = c->seed;
	o.quiet = o.brief = 1;
	(void)snprintf(path, sizeof(path), "%.1000s", c->path);
	if (c->with != NULL)
		rc = write_both(c, path, err);
	if (rc == RC_OK)
		rc = store_open(c->home, &store, err);
	if (rc == RC_OK)
		rc = job_run(store, path, &o, c->stop, &r, err);
	if (rc == RC_OK)
		take(r, out);
	store_close(&store);
	result_free(r);
	return rc;
}
