/* lockstep calibrate: measure how well an embedder separates a suite's
 * sections. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/rng.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_embedder.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/meaning/calibrate.h"
#include "harness/suite/caseset.h"
#include "harness/suite/sections.h"

#define SET_BYTES ((size_t)256 << 20)
#define BATCH 256
#define EACH 16			/* right sections of a case that count */
#define DRAWS 64

struct args {
	const char *embedder;
	int64_t seed;
	int json;
};

static const struct opt options[] = {
	{ "embedder", 'e', OPT_STR, offsetof(struct args, embedder), 0, 0,
	  "SPEC", "use this embedder instead of the suite's" },
	{ "seed", 0, OPT_INT, offsetof(struct args, seed), 0, 1e15, "N",
	  "seed for drawing the wrong sections (1)" },
	CMD_OPT_JSON(offsetof(struct args, json)),
	{ 0 }
};

static const struct opt_cmd command = {
	"calibrate", "SUITE [OPTION...]",
	"Measures how well the embedder separates right sections from wrong\n"
	"ones, on the suite's own questions and sections. Fits the embedder's\n"
	"curve and shows what different limits would let through. Sends\n"
	"nothing to a stack.\n\n"
	"  lockstep calibrate handbook.yml -e model2vec:./potion",
	options
};

struct calibrate_job {
	const struct args *args;
	struct suite *suite;
	struct caseset *cases;
	struct sections *sections;
	struct cmd_embedder *handle;
	struct embedder *e;
	struct embed_set *set;
	size_t *by_doc;		/* sections in the order of their documents */
	double *right, *same, *other;
	size_t n;		/* cases with a known section */
};

/* What one question is compared with; NULL: none. */
struct row {
	char *question;
	const struct section *right[EACH], *same, *other;
	size_t n_right;
};

/* ---- wrong sections ---------------------------------------------------- */

static const char *
doc_of(const struct calibrate_job *j, size_t i)
{
	const struct section *s = sections_at(j->sections, i);

	return s->doc_id != NULL ? s->doc_id : "";
}

static int
by_doc(const void *a, const void *b, void *ctx)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int c = strcmp(doc_of(ctx, x), doc_of(ctx, y));

	return c != 0 ? c : x < y ? -1 : x > y;
}

/* The first place in by_doc whose document is not before doc (after: is
 * beyond it). */
static size_t
doc_bound(const struct calibrate_job *j, const char *doc, int after)
{
	size_t lo = 0, hi = sections_n(j->sections), mid;
	int c;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		c = strcmp(doc_of(j, j->by_doc[mid]), doc);
		if (c < 0 || (after && c == 0))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int
is_right(const struct gold *g, const struct section *s)
{
	size_t i;

	for (i = 0; i < g->section_ids.n; i++) {
		if (strcmp(g->section_ids.v[i], s->id) == 0)
			return 1;
	}
	return 0;
}

/* Draws from places [lo,hi) of by_doc, outside [not_lo,not_hi). */
static const struct section *
draw(const struct calibrate_job *j, const struct gold *g, size_t lo, size_t hi,
    const size_t not[2])
{
	const struct section *s;
	uint64_t c;
	size_t at;

	for (c = 0; c < DRAWS && hi > lo; c++) {
		at = lo + (size_t)rng_below((uint64_t)j->args->seed,
		    g->index * 2 + (lo == 0), c, hi - lo);
		s = sections_at(j->sections, j->by_doc[at]);
		if ((at < not[0] || at >= not[1]) && !is_right(g, s))
			return s;
	}
	return NULL;
}

static int
choose(const struct calibrate_job *j, const struct gold *g, struct row *r)
{
	const size_t none[2] = { 0, 0 };
	const struct section *s;
	size_t own[2], i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < g->section_ids.n && r->n_right < EACH; i++) {
		s = sections_find(j->sections, g->section_ids.v[i]);
		if (s != NULL)
			r->right[r->n_right++] = s;
	}
	if (r->n_right == 0 || g->unanswerable)
		return 0;
	r->question = strdup(g->question);
	if (g->decoy_ids.n > 0)
		r->same = sections_find(j->sections, g->decoy_ids.v[0]);
	s = r->right[0];
	if (s->doc_id == NULL) {
		r->other = draw(j, g, 0, sections_n(j->sections), none);
		return 1;
	}
	own[0] = doc_bound(j, s->doc_id, 0);
	own[1] = doc_bound(j, s->doc_id, 1);
	if (r->same == NULL)
		r->same = draw(j, g, own[0], own[1], none);
	r->other = draw(j, g, 0, sections_n(j->sections), own);
	return 1;
}

/* ---- distances --------------------------------------------------------- */

static struct embed_want
want_of(const struct section *s)
{
	return (struct embed_want){ { s->text, s->text_n }, EMBED_WINDOWS };
}

/* Embeds a batch of rows and appends their distances. */
static int
measure(struct calibrate_job *j, const struct row *rows, size_t n,
    struct err *err)
{
	static struct embed_want want[BATCH * (EACH + 3)];
	static const struct embed_doc *docs[BATCH * (EACH + 3)];
	size_t i, k, m = 0;
	double raw;
	int rc;

	for (i = 0; i < n; i++) {
		want[m++] = (struct embed_want){ { rows[i].question,
		    strlen(rows[i].question) }, EMBED_WHOLE };
		for (k = 0; k < rows[i].n_right; k++)
			want[m++] = want_of(rows[i].right[k]);
		if (rows[i].same != NULL)
			want[m++] = want_of(rows[i].same);
		if (rows[i].other != NULL)
			want[m++] = want_of(rows[i].other);
	}
	rc = embed_set_fetch(j->set, want, m, docs, err);
	for (i = 0, m = 0; rc == RC_OK && i < n; i++) {
		const struct embed_vec *q = docs[m++]->whole;
		size_t at = j->n++;

		j->right[at] = j->same[at] = j->other[at] = NAN;
		for (k = 0; k < rows[i].n_right; k++) {
			raw = embed_raw_windows(j->e, q, docs[m++]);
			j->right[at] = fmin(j->right[at], raw);
		}
		if (rows[i].same != NULL)
			j->same[at] = embed_raw_windows(j->e, q, docs[m++]);
		if (rows[i].other != NULL)
			j->other[at] = embed_raw_windows(j->e, q, docs[m++]);
	}
	embed_set_release(j->set);
	return rc;
}

static int
measure_all(struct calibrate_job *j, struct err *err)
{
	static struct row rows[BATCH];
	const uint64_t cases = caseset_n(j->cases);
	struct gold g;
	size_t n = 0, k;
	uint64_t i;
	int rc = RC_OK;

	gold_init(&g);
	for (i = 0; i < cases && rc == RC_OK; i++) {
		rc = caseset_get(j->cases, i, &g, err);
		if (rc == RC_OK && choose(j, &g, &rows[n])) {
			if (rows[n].question == NULL)
				rc = err_set(err, RC_NOMEM, "questions");
			n++;
		}
		if (rc == RC_OK && (n == BATCH || i + 1 == cases))
			rc = measure(j, rows, n, err);
		if (rc != RC_OK || n == BATCH || i + 1 == cases) {
			for (k = 0; k < n; k++)
				free(rows[k].question);
			n = 0;
		}
	}
	gold_fini(&g);
	return rc;
}

/* ---- printing ---------------------------------------------------------- */

static const char *const group_names[CALIBRATE_GROUPS] = {
	"right", "same_document", "other_document"
};

static void
print_text(const struct calibrate_job *j, const struct calibrate_out *o)
{
	const struct embed_info *info = embedder_info(j->e);
	size_t i;

	(void)printf("%s, %zu questions\n\n", info->name, j->n);
	(void)printf("AUC, right against wrong: %.4f of the same document, "
	    "%.4f of others\n", o->auc_same, o->auc_other);
	(void)printf("t = %.4f, 95 %% interval [%.4f, %.4f]: the raw distance "
	    "that is ΔS %.2f;\nbalanced accuracy %.3f%s\n\n", o->curve.t,
	    o->curve.t_lo, o->curve.t_hi, EMBED_LIMIT, o->balanced_accuracy,
	    o->against_other ? ", against other documents: the same document "
	    "has no\n"
	    "wrong sections" : "");
	(void)printf("%-16s %6s   raw p10    p50    p90   ΔS <= %.2f\n",
	    "sections", "n", EMBED_LIMIT);
	for (i = 0; i < CALIBRATE_GROUPS; i++)
		(void)printf("%-16s %6zu    %6.3f %6.3f %6.3f   %8.1f %%\n",
		    group_names[i], o->group[i].n, o->group[i].p10,
		    o->group[i].p50, o->group[i].p90,
		    100 * o->group[i].at_limit);
	(void)printf("\n%-26s %6s   right lost   same taken   other taken\n",
	    "limit", "ΔS");
	for (i = 0; i < CALIBRATE_LIMITS; i++)
		(void)printf("%-26s %5.3f   %8.1f %%   %8.1f %%   %9.1f %%\n",
		    o->limit[i].why, o->limit[i].ds,
		    100 * o->limit[i].rejected, 100 * o->limit[i].same,
		    100 * o->limit[i].other);
	(void)printf("\nTo use this curve, add to the suite:\n"
	    "  embedder: \"%s\"\n"
	    "  embedder_t: %.4f\n", info->name,
	    o->curve.t);
}

static void
put_groups(struct json_out *o, const struct calibrate_out *r)
{
	size_t i;

	json_out_key(o, "groups");
	json_out_obj(o);
	for (i = 0; i < CALIBRATE_GROUPS; i++) {
		json_out_key(o, group_names[i]);
		json_out_obj(o);
		json_put_num(o, "n", (double)r->group[i].n);
		json_put_num(o, "p10", r->group[i].p10);
		json_put_num(o, "p50", r->group[i].p50);
		json_put_num(o, "p90", r->group[i].p90);
		json_put_num(o, "at_limit", r->group[i].at_limit);
		json_out_end(o, '}');
	}
	json_out_end(o, '}');
	json_out_key(o, "limits");
	json_out_arr(o);
	for (i = 0; i < CALIBRATE_LIMITS; i++) {
		json_out_obj(o);
		json_put_str(o, "why", r->limit[i].why);
		json_put_num(o, "ds", r->limit[i].ds);
		json_put_num(o, "right_lost", r->limit[i].rejected);
		json_put_num(o, "same_taken", r->limit[i].same);
		json_put_num(o, "other_taken", r->limit[i].other);
		json_out_end(o, '}');
	}
	json_out_end(o, ']');
}

static int
print_json(const struct calibrate_job *j, const struct calibrate_out *r,
    struct err *err)
{
	struct json_out o;
	struct buf b;
	int rc;

	buf_init(&b, 1 << 20);
	json_out_init(&o, &b, 1);
	json_out_obj(&o);
	json_put_str(&o, "embedder", embedder_info(j->e)->name);
	json_put_str(&o, "weights", embedder_info(j->e)->weights_hash);
	json_put_num(&o, "questions", (double)j->n);
	json_put_num(&o, "auc_same", r->auc_same);
	json_put_num(&o, "auc_other", r->auc_other);
	json_put_num(&o, "t", r->curve.t);
	json_put_num(&o, "t_lo", r->curve.t_lo);
	json_put_num(&o, "t_hi", r->curve.t_hi);
	json_put_num(&o, "balanced_accuracy", r->balanced_accuracy);
	put_groups(&o, r);
	json_out_end(&o, '}');
	rc = buf_check(&b, "the calibration", err);
	if (rc == RC_OK)
		(void)printf("%s\n", buf_str(&b));
	buf_fini(&b);
	return rc;
}

/* ---- the command ------------------------------------------------------- */

static int
open_suite(struct calibrate_job *j, const char *path, struct err *err)
{
	const struct suite_over over = { .embedder = j->args->embedder,
	    .seed = -1, .no_env = 1 };
	const struct caseset_filter all = { .n_ids = 0 };
	char *file;
	int rc;

	rc = suite_load(path, &over, &j->suite, err);
	if (rc == RC_OK && j->suite->sections_file == NULL)
		rc = err_set(err, RC_USAGE, "%s has no `sections`, and "
		    "calibrate needs them: add the key", path);
	if (rc == RC_OK)
		rc = caseset_open(j->suite, &all, &j->cases, err);
	if (rc != RC_OK)
		return rc;
	file = suite_resolve(j->suite, j->suite->sections_file);
	rc = file == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    sections_open(file, &j->sections, err);
	free(file);
	return rc;
}

static int
make_room(struct calibrate_job *j, struct err *err)
{
	const size_t n = (size_t)caseset_n(j->cases) + 1;
	const size_t m = sections_n(j->sections);
	size_t i;

	j->right = calloc(n, sizeof(*j->right));
	j->same = calloc(n, sizeof(*j->same));
	j->other = calloc(n, sizeof(*j->other));
	j->by_doc = calloc(m + 1, sizeof(*j->by_doc));
	if (j->right == NULL || j->same == NULL || j->other == NULL ||
	    j->by_doc == NULL)
		return err_set(err, RC_NOMEM, "distances");
	for (i = 0; i < m; i++)
		j->by_doc[i] = i;
	qsort_r(j->by_doc, m, sizeof(*j->by_doc), by_doc, j);
	return RC_OK;
}

static int
run(struct calibrate_job *j, const char *path, struct err *err)
{
	struct calibrate_in in = { .seed = (uint64_t)j->args->seed };
	struct calibrate_out out;
	int rc = open_suite(j, path, err);

	if (rc == RC_OK)
		rc = make_room(j, err);
	if (rc == RC_OK)
		rc = cmd_embedder_open(j->suite->embedder, &j->handle, &j->e,
		    err);
	if (rc == RC_OK)
		rc = embed_set_open(j->e, SET_BYTES, NULL, &j->set, err);
	if (rc == RC_OK)
		rc = measure_all(j, err);
	if (rc != RC_OK)
		return rc;
	in.right = j->right;
	in.same = j->same;
	in.other = j->other;
	in.n = j->n;
	rc = calibrate(&in, &out, err);
	if (rc != RC_OK)
		return rc;
	if (j->args->json)
		return print_json(j, &out, err);
	print_text(j, &out);
	return RC_OK;
}

int
cmd_calibrate(int argc, char **argv)
{
	struct args args = { NULL, 1, 0 };
	struct calibrate_job j = { .args = &args };
	struct err err = ERR_INIT;
	struct cmd_line line;
	int rc;

	rc = cmd_begin(&command, argc, argv, &args, &line, &err);
	if (rc == RC_OK && line.n != 1)
		rc = err_set(&err, RC_USAGE, "give one SUITE");
	if (rc == RC_OK)
		rc = run(&j, line.rest[0], &err);
	embed_set_close(&j.set);
	cmd_embedder_close(&j.handle);
	sections_close(&j.sections);
	caseset_close(&j.cases);
	suite_free(j.suite);
	free(j.by_doc);
	free(j.right);
	free(j.same);
	free(j.other);
	return cmd_end("calibrate", &line, rc, 0, &err);
}
