/* lockstep embed: vectors and distances of texts, and how good they are. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_embedder.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/meaning/calibrate.h"

#define BATCH 1024
#define SET_BYTES ((size_t)256 << 20)
#define OUT_MAX ((size_t)1 << 30)

struct args {
	const char *embedder, *with, *eval, *home;
	int pairs, stats, json;
};

static const struct opt options[] = {
	{ "embedder", 'e', OPT_STR, offsetof(struct args, embedder), 0, 0,
	  "SPEC", "builtin (default), lexical, model2vec:DIR or\n"
	  "openai:URL[#model]; a service's key comes from\n"
	  "LOCKSTEP_EMBED_KEY, else OPENAI_API_KEY" },
	{ "pairs", 'p', OPT_FLAG, offsetof(struct args, pairs), 0, 0, NULL,
	  "each line is two texts separated by a tab; print ΔS\n"
	  "and the raw distance of the two" },
	{ "with", 'w', OPT_STR, offsetof(struct args, with), 0, 0, "TEXT",
	  "print ΔS and the raw distance of TEXT, as a question,\n"
	  "to the nearest window of each line" },
	{ "eval", 0, OPT_STR, offsetof(struct args, eval), 0, 0, "FILE.tsv",
	  "each line is score, text, text; print Spearman's rank\n"
	  "correlation of scores and similarities" },
	{ "stats", 0, OPT_FLAG, offsetof(struct args, stats), 0, 0, NULL,
	  "print to stderr how many texts were embedded and how\n"
	  "many were known" },
	{ "home", 0, OPT_STR, offsetof(struct args, home), 0, 0, "DIR",
	  "keep a service's vectors here (LOCKSTEP_HOME, else\n"
	  ".lockstep)" },
	CMD_OPT_JSON(offsetof(struct args, json)),
	{ 0 }
};

static const struct opt_cmd command = {
	"embed", "[OPTION...] <TEXTS",
	"Reads one text a line and prints one vector a line: the dense part\n"
	"as numbers, the lexical part as BUCKET:VALUE, each of unit length.\n\n"
	"  echo 'How do I reset my password?' | lockstep embed\n"
	"  lockstep embed --with 'opening hours' <sections.txt\n"
	"  lockstep embed --eval stsb_dev.tsv -e lexical",
	options
};

/* Lines of a stream, a batch at a time. */
struct lines {
	char *line[BATCH];
	size_t n;
};

struct embed_job {
	const struct args *args;
	struct embedder *e;
	struct embed_set *set;
	struct buf out;
	struct json_out json;
	double *score, *like;		/* of --eval */
	size_t n_eval, cap_eval;
};

static int
read_lines(FILE *f, struct lines *l, struct err *err)
{
	size_t cap = 0, i;
	char *line = NULL;
	ssize_t n;

	for (i = 0; i < l->n; i++)
		free(l->line[i]);
	l->n = 0;
	while (l->n < BATCH && (n = getline(&line, &cap, f)) >= 0) {
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		l->line[l->n++] = line;
		line = NULL;
		cap = 0;
	}
	free(line);
	return ferror(f) ? err_errno(err, RC_IO, "reading texts") : RC_OK;
}

/* ---- printing ---------------------------------------------------------- */

static void
put_text_vector(struct embed_job *j, const struct embed_doc *d)
{
	static float dense[1 << 14], val[EMBED_LEXICAL_MAX];
	static uint16_t at[EMBED_LEXICAL_MAX];
	size_t n, i;

	if (d->whole == NULL) {
		buf_printf(&j->out, "- %s\n", embed_missing_text(d->why));
		return;
	}
	n = embed_vec_dense(d->whole, dense, sizeof(dense) / sizeof(*dense));
	for (i = 0; i < n; i++)
		buf_printf(&j->out, "%s%.6g", i ? " " : "", (double)dense[i]);
	n = embed_vec_lexical(d->whole, at, val, EMBED_LEXICAL_MAX);
	for (i = 0; i < n; i++)
		buf_printf(&j->out, "%s%u:%.6g", j->out.len > 0 &&
		    j->out.p[j->out.len - 1] != '\n' ? " " : "", at[i],
		    (double)val[i]);
	buf_putc(&j->out, '\n');
}

static void
put_json_vector(struct embed_job *j, const char *text,
    const struct embed_doc *d)
{
	static float dense[1 << 14], val[EMBED_LEXICAL_MAX];
	static uint16_t at[EMBED_LEXICAL_MAX];
	size_t n, i;

	json_out_obj(&j->json);
	json_put_str(&j->json, "text", text);
	if (d->whole == NULL) {
		json_put_str(&j->json, "missing", embed_missing_text(d->why));
		json_out_end(&j->json, '}');
		return;
	}
	n = embed_vec_dense(d->whole, dense, sizeof(dense) / sizeof(*dense));
	json_out_key(&j->json, "dense");
	json_out_arr(&j->json);
	for (i = 0; i < n; i++)
		json_out_num(&j->json, (double)dense[i]);
	json_out_end(&j->json, ']');
	n = embed_vec_lexical(d->whole, at, val, EMBED_LEXICAL_MAX);
	json_out_key(&j->json, "lexical");
	json_out_arr(&j->json);
	for (i = 0; i < n; i++) {
		json_out_arr(&j->json);
		json_out_int(&j->json, at[i]);
		json_out_num(&j->json, (double)val[i]);
		json_out_end(&j->json, ']');
	}
	json_out_end(&j->json, ']');
	json_out_end(&j->json, '}');
}

static void
put_distance(struct embed_job *j, const char *a, const char *b, double raw)
{
	double ds = embed_ds(j->e, raw);

	if (!j->args->json) {
		if (isnan(raw))
			buf_printf(&j->out, "-\t-\t%s\t%s\n", a, b);
		else
			buf_printf(&j->out, "%.4f\t%.4f\t%s\t%s\n", ds, raw,
			    a, b);
		return;
	}
	json_out_obj(&j->json);
	json_put_str(&j->json, "a", a);
	json_put_str(&j->json, "b", b);
	json_put_num(&j->json, "ds", ds);
	json_put_num(&j->json, "raw", raw);
	json_out_end(&j->json, '}');
}

/* ---- the three ways ---------------------------------------------------- */

static int
fetch(struct embed_job *j, const struct embed_want *want, size_t n,
    const struct embed_doc **docs, struct err *err)
{
	embed_set_release(j->set);
	return embed_set_fetch(j->set, want, n, docs, err);
}

static int
do_vectors(struct embed_job *j, const struct lines *l, struct err *err)
{
	struct embed_want want[BATCH];
	const struct embed_doc *docs[BATCH];
	size_t i;
	int rc;

	for (i = 0; i < l->n; i++)
		want[i] = (struct embed_want){ { l->line[i],
		    strlen(l->line[i]) }, EMBED_WHOLE };
	rc = fetch(j, want, l->n, docs, err);
	for (i = 0; rc == RC_OK && i < l->n; i++) {
		if (j->args->json)
			put_json_vector(j, l->line[i], docs[i]);
		else
			put_text_vector(j, docs[i]);
	}
	return rc;
}

static int
do_with(struct embed_job *j, const struct lines *l, struct err *err)
{
	struct embed_want want[BATCH + 1];
	const struct embed_doc *docs[BATCH + 1];
	size_t i;
	int rc;

	want[0] = (struct embed_want){ { j->args->with,
	    strlen(j->args->with) }, EMBED_WHOLE };
	for (i = 0; i < l->n; i++)
		want[i + 1] = (struct embed_want){ { l->line[i],
		    strlen(l->line[i]) }, EMBED_WINDOWS };
	rc = fetch(j, want, l->n + 1, docs, err);
	for (i = 0; rc == RC_OK && i < l->n; i++)
		put_distance(j, j->args->with, l->line[i],
		    embed_raw_windows(j->e, docs[0]->whole, docs[i + 1]));
	return rc;
}

static int
keep_score(struct embed_job *j, double score, double raw, struct err *err)
{
	size_t cap = j->cap_eval ? j->cap_eval * 2 : 1024;
	double *p;

	if (j->n_eval == j->cap_eval) {
		p = realloc(j->score, cap * sizeof(*p));
		j->score = p != NULL ? p : j->score;
		if (p != NULL)
			p = realloc(j->like, cap * sizeof(*p));
		if (p == NULL)
			return err_set(err, RC_NOMEM, "scored pairs");
		j->like = p;
		j->cap_eval = cap;
	}
	j->score[j->n_eval] = score;
	j->like[j->n_eval++] = -raw;
	return RC_OK;
}

/* Cuts the next field off at a tab; NULL when there is none left. */
static char *
field(char **line)
{
	char *f = *line, *tab;

	if (f == NULL)
		return NULL;
	tab = strchr(f, '\t');
	if (tab != NULL)
		*tab++ = '\0';
	*line = tab;
	return f;
}

/* Pairs of --pairs and of --eval; a score stands first in the latter. */
static int
do_pairs(struct embed_job *j, const struct lines *l, struct err *err)
{
	struct embed_want want[2 * BATCH];
	const struct embed_doc *docs[2 * BATCH];
	double score[BATCH], raw;
	char *rest, *end = NULL, *a, *b;
	size_t i;
	int rc;

	for (i = 0; i < l->n; i++) {
		rest = l->line[i];
		a = j->args->eval != NULL ? field(&rest) : NULL;
		score[i] = a != NULL ? strtod(a, &end) : 0;
		if (a != NULL && (end == a || *end != '\0'))
			return err_set(err, RC_FORMAT, "\"%.40s\" is not a "
			    "score",
			    a);
		a = field(&rest);
		b = field(&rest);
		if (b == NULL)
			return err_set(err, RC_FORMAT, "line without two texts "
			    "separated by a tab: \"%.40s\"", l->line[i]);
		want[2 * i] = (struct embed_want){ { a, strlen(a) },
		    EMBED_WHOLE };
		want[2 * i + 1] = (struct embed_want){ { b, strlen(b) },
		    EMBED_WHOLE };
	}
	rc = fetch(j, want, 2 * l->n, docs, err);
	for (i = 0; rc == RC_OK && i < l->n; i++) {
		raw = embed_raw(j->e, docs[2 * i]->whole,
		    docs[2 * i + 1]->whole);
		if (j->args->eval == NULL)
			put_distance(j, want[2 * i].text.s,
			    want[2 * i + 1].text.s, raw);
		else if (!isnan(raw))
			rc = keep_score(j, score[i], raw, err);
	}
	return rc;
}

/* ---- the command ------------------------------------------------------- */

static void
print_stats(const struct embed_job *j)
{
	struct embed_stats s = embed_set_stats(j->set);
	struct embed_usage u = embedder_usage(j->e);

	(void)fprintf(stderr, "%s: %llu texts, %llu known, %llu vectors from "
	    "the store, %llu made\n",
	    embedder_info(j->e)->name, (unsigned long long)s.asked,
	    (unsigned long long)s.hits, (unsigned long long)s.stored,
	    (unsigned long long)s.embedded);
	if (embedder_info(j->e)->remote)
		(void)fprintf(stderr, "%llu requests, %llu retries, %llu "
		    "batches failed, %llu tokens%s%s\n",
		    (unsigned long long)u.requests,
		    (unsigned long long)u.retries,
		    (unsigned long long)u.failures,
		    (unsigned long long)u.tokens,
		    *embedder_trouble(j->e) ? "; last failure: " : "",
		    embedder_trouble(j->e));
}

static void
print_eval(struct embed_job *j)
{
	double rho = calibrate_spearman(j->score, j->like, j->n_eval);

	if (j->args->json) {
		json_out_obj(&j->json);
		json_put_str(&j->json, "embedder", embedder_info(j->e)->name);
		json_put_int(&j->json, "pairs", (int64_t)j->n_eval);
		json_put_num(&j->json, "spearman", rho);
		json_out_end(&j->json, '}');
	} else {
		buf_printf(&j->out, "Spearman %.4f over %zu pairs, %s\n",
		    rho, j->n_eval, embedder_info(j->e)->name);
	}
}

/* Writes out what has gathered; text goes as it comes. */
static int
drain(struct embed_job *j, struct err *err)
{
	int rc = buf_check(&j->out, "output", err);

	if (rc != RC_OK)
		return rc;
	if (fwrite(buf_str(&j->out), 1, j->out.len, stdout) != j->out.len)
		return err_errno(err, RC_IO, "writing");
	buf_reset(&j->out);
	return RC_OK;
}

static int
each_batch(struct embed_job *j, FILE *f, struct err *err)
{
	struct lines *l = calloc(1, sizeof(*l));
	int rc = RC_OK;

	if (l == NULL)
		return err_set(err, RC_NOMEM, "texts");
	while (rc == RC_OK) {
		rc = read_lines(f, l, err);
		if (rc != RC_OK || l->n == 0)
			break;
		if (j->args->eval != NULL || j->args->pairs)
			rc = do_pairs(j, l, err);
		else if (j->args->with != NULL)
			rc = do_with(j, l, err);
		else
			rc = do_vectors(j, l, err);
		if (rc == RC_OK)
			rc = drain(j, err);
	}
	for (; l->n > 0; l->n--)
		free(l->line[l->n - 1]);
	free(l);
	return rc;
}

static int
run(struct embed_job *j, struct err *err)
{
	FILE *f = stdin;
	int rc, list = j->args->json && j->args->eval == NULL;

	if (j->args->eval != NULL)
		f = fopen(j->args->eval, "r");
	if (f == NULL)
		return err_errno(err, RC_IO, "%s", j->args->eval);
	if (list)
		json_out_arr(&j->json);
	rc = each_batch(j, f, err);
	if (f != stdin)
		(void)fclose(f);
	if (rc == RC_OK && j->args->eval != NULL)
		print_eval(j);
	if (rc == RC_OK && list)
		json_out_end(&j->json, ']');
	if (rc == RC_OK && j->args->json)
		buf_putc(&j->out, '\n');
	if (rc == RC_OK)
		rc = drain(j, err);
	if (rc == RC_OK && j->args->stats)
		print_stats(j);
	return rc;
}

/* Opens what a job needs, runs it, and closes it again. */
static int
run_job(const struct args *args, struct err *err)
{
	struct embed_job *j = calloc(1, sizeof(*j));
	struct cmd_embedder *handle = NULL;
	struct store *store = NULL;
	struct embed_store keep;
	int rc;

	if (j == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	j->args = args;
	buf_init(&j->out, OUT_MAX);
	json_out_init(&j->json, &j->out, 0);
	rc = cmd_embedder_open(args->embedder, &handle, &j->e, err);
	/* A local embedder is faster than the look-up of its vectors. */
	if (rc == RC_OK && embedder_info(j->e)->remote)
		rc = store_open(store_home(args->home), &store, err);
	cmd_embedder_keep(store, &keep);
	if (rc == RC_OK)
		rc = embed_set_open(j->e, SET_BYTES, store != NULL ? &keep :
		    NULL, &j->set, err);
	if (rc == RC_OK)
		rc = run(j, err);
	embed_set_close(&j->set);
	store_close(&store);
	cmd_embedder_close(&handle);
	buf_fini(&j->out);
	free(j->score);
	free(j->like);
	free(j);
	return rc;
}

cmd_fn cmd_embed;

int
cmd_embed(int argc, char **argv)
{
	struct args args = { .json = 0 };
	struct err err = ERR_INIT;
	struct cmd_line line;
	int rc;

	rc = cmd_begin(&command, argc, argv, &args, &line, &err);
	if (rc == RC_OK && line.n > 0)
		rc = err_set(&err, RC_USAGE, "unexpected \"%.40s\": give the "
		    "texts on standard input", line.rest[0]);
	if (rc == RC_OK)
		rc = run_job(&args, &err);
	return cmd_end("embed", &line, rc, 0, &err);
}
