/*
 * What an embedder can tell apart, measured on files of texts that people
 * scored or answered.
 *
 * usage: bench_meaning DATA_DIR SPEC...
 * DATA_DIR holds stsb_dev.tsv, squad_sections.jsonl, squad_gold.jsonl and
 * banking77.jsonl, unpacked.  Each SPEC is an embedder; for openai: the
 * texts are posted to the given address by curl(1).
 *
 * SQuAD: gold questions 0..499 against their right section, a wrong section
 * of the same article and a section of another article; the curve is fitted
 * on questions 1000..1999.  A section counts by its nearest window.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/base/rng.h"
#include "harness/meaning/calibrate.h"
#include "harness/meaning/embed.h"

#define TEST_N 500
#define FIT_LO 1000
#define FIT_HI 2000

struct section {
	char *id, *doc, *text;
};
struct gold {
	char *question;
	size_t section;
	char **same;		/* other people's wordings */
	size_t n_same;
};
struct sts {
	double score;
	char *a, *b;
};
struct data {
	struct section *sections;
	size_t n_sections;
	struct gold *gold;
	size_t n_gold;
	struct sts *sts;
	size_t n_sts;
	char **bank, **intent;
	size_t n_bank;
};

static void
die(const char *what)
{
	(void)fprintf(stderr, "bench_meaning: %s\n", what);
	exit(2);
}

static void *
grown(void *p, size_t n, size_t size)
{
	if ((n & (n - 1)) == 0)
		p = realloc(p, (n ? 2 * n : 1) * size);
	if (p == NULL)
		die("memory is out");
	return p;
}

static char *
copied(const char *s)
{
	char *d = strdup(s ? s : "");

	if (d == NULL)
		die("memory is out");
	return d;
}

static FILE *
open_in(const char *dir, const char *name)
{
	char path[1024];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (f == NULL)
		die(path);
	return f;
}

/* ---- reading ----------------------------------------------------------- */

typedef void row_fn(struct data *d, const struct json *j);

static void
each_row(struct data *d, const char *dir, const char *name, row_fn *fn)
{
	struct err err = ERR_INIT;
	FILE *f = open_in(dir, name);
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, f)) > 0) {
		struct json *j = json_parse(line, (size_t)n, &err);

		if (j == NULL)
			die(err.msg);
		fn(d, j);
		json_free(j);
	}
	free(line);
	(void)fclose(f);
}

static void
row_section(struct data *d, const struct json *j)
{
	struct section *s;

	d->sections = grown(d->sections, d->n_sections, sizeof(*s));
	s = &d->sections[d->n_sections++];
	s->id = copied(json_get_str(j, "section_id"));
	s->doc = copied(json_get_str(j, "doc_id"));
	s->text = copied(json_get_str(j, "text"));
}

static void
row_gold(struct data *d, const struct json *j)
{
	const char *id = json_get_str(j, "section_id");
	const struct json *w;
	struct gold *g;

	d->gold = grown(d->gold, d->n_gold, sizeof(*g));
	g = &d->gold[d->n_gold++];
	memset(g, 0, sizeof(*g));
	g->question = copied(json_get_str(j, "question"));
	while (g->section < d->n_sections &&
	    strcmp(d->sections[g->section].id, id) != 0)
		g->section++;
	if (g->section == d->n_sections)
		die("a question without its section");
	for (w = json_first(json_get(j, "same_answer_questions")); w != NULL;
	    w = json_next(w)) {
		g->same = grown(g->same, g->n_same, sizeof(*g->same));
		g->same[g->n_same++] = copied(json_str(w));
	}
}

/* Every fourth customer question. */
static void
row_bank(struct data *d, const struct json *j)
{
	static size_t row;

	if (row++ % 4 != 0)
		return;
	d->bank = grown(d->bank, d->n_bank, sizeof(*d->bank));
	d->intent = grown(d->intent, d->n_bank, sizeof(*d->intent));
	d->bank[d->n_bank] = copied(json_get_str(j, "text"));
	d->intent[d->n_bank++] = copied(json_get_str(j, "intent"));
}

static void
read_sts(struct data *d, const char *dir)
{
	FILE *f = open_in(dir, "stsb_dev.tsv");
	char *line = NULL, *save, *score, *a, *b;
	size_t cap = 0;

	while (getline(&line, &cap, f) > 0) {
		score = strtok_r(line, "\t", &save);
		a = strtok_r(NULL, "\t", &save);
		b = strtok_r(NULL, "\t\n", &save);
		if (b == NULL)
			continue;
		d->sts = grown(d->sts, d->n_sts, sizeof(*d->sts));
		d->sts[d->n_sts++] = (struct sts){
			strtod(score, NULL), copied(a), copied(b) };
	}
	free(line);
	(void)fclose(f);
}

/* ---- one embedder ------------------------------------------------------ */

/* Posts by curl(1), one request after the other. */
static int
post_curl(void *ctx, const struct embed_http_req *req, size_t n,
    struct embed_http_res *res, struct err *err)
{
	size_t i;

	(void)ctx;
	(void)err;
	for (i = 0; i < n; i++) {
		char name[] = "/tmp/bench_meaning.XXXXXX", cmd[512];
		int fd = mkstemp(name);
		FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
		struct buf b;
		char part[4096];
		size_t k;

		memset(&res[i], 0, sizeof(res[i]));
		if (f == NULL || fwrite(req[i].body, 1, req[i].body_n, f) !=
		    req[i].body_n || fclose(f) != 0)
			die(name);
		(void)snprintf(cmd, sizeof(cmd), "curl -sf --data-binary @%s "
		    "-H 'Content-Type: application/json' '%s'", name,
		    req[i].url);
		f = popen(cmd, "r");
		buf_init(&b, req[i].response_max + 1);
		while (f != NULL && (k = fread(part, 1, sizeof(part), f)) > 0)
			buf_add(&b, part, k);
		if (f != NULL && pclose(f) == 0)
			res[i].status = 200;
		(void)unlink(name);
		res[i].body_n = b.len;
		res[i].body = buf_steal(&b);
	}
	return RC_OK;
}

struct vecs {
	struct embed_vec **v;
	enum embed_missing *why;
	size_t n;
};

static struct vecs
embed_all(struct embedder *e, char **texts, size_t n)
{
	struct embed_str *s = calloc(n, sizeof(*s));
	struct vecs r = { calloc(n, sizeof(*r.v)), calloc(n, sizeof(*r.why)),
	    n };
	struct err err = ERR_INIT;
	size_t i;

	if (s == NULL || r.v == NULL || r.why == NULL)
		die("memory is out");
	for (i = 0; i < n; i++)
		s[i] = (struct embed_str){ texts[i], strlen(texts[i]) };
	if (embedder_embed(e, s, n, r.v, r.why, &err) != RC_OK)
		die(err.msg);
	free(s);
	return r;
}

static void
vecs_free(struct vecs *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		free(r->v[i]);
	free(r->v);
	free(r->why);
}

static void
bench_sts(struct embedder *e, const struct data *d)
{
	char **text = calloc(2 * d->n_sts, sizeof(*text));
	double *x = calloc(d->n_sts, sizeof(*x)), *y = calloc(d->n_sts,
	    sizeof(*y));
	struct vecs r;
	size_t i;

	if (text == NULL || x == NULL || y == NULL)
		die("memory is out");
	for (i = 0; i < d->n_sts; i++) {
		text[2 * i] = d->sts[i].a;
		text[2 * i + 1] = d->sts[i].b;
		y[i] = d->sts[i].score;
	}
	r = embed_all(e, text, 2 * d->n_sts);
	for (i = 0; i < d->n_sts; i++)
		x[i] = -embed_raw(e, r.v[2 * i], r.v[2 * i + 1]);
	(void)printf("  STS-B dev, Spearman               %.4f\n",
	    calibrate_spearman(x, y, d->n_sts));
	vecs_free(&r);
	free(text);
	free(x);
	free(y);
}

/* Distances of n questions from lo on: right, same article, other one. */
struct dists {
	double *right, *same, *other;
	size_t n;
};

static size_t
draw(const struct data *d, size_t q, int same)
{
	const char *doc = d->sections[d->gold[q].section].doc;
	uint64_t c = 0;
	size_t i;

	for (;;) {
		i = (size_t)rng_below(1, q * 2 + (size_t)same, c++,
		    d->n_sections);
		if (i != d->gold[q].section &&
		    (strcmp(d->sections[i].doc, doc) == 0) == (same != 0))
			return i;
	}
}

static struct dists
distances(const struct embedder *e, const struct data *d,
    const struct embed_doc *const *docs, const struct vecs *q, size_t lo,
    size_t hi)
{
	struct dists r = { .n = hi - lo };
	size_t i;

	r.right = calloc(r.n, sizeof(double));
	r.same = calloc(r.n, sizeof(double));
	r.other = calloc(r.n, sizeof(double));
	if (r.right == NULL || r.same == NULL || r.other == NULL)
		die("memory is out");
	for (i = 0; i < r.n; i++) {
		const struct embed_vec *v = q->v[lo + i];

		r.right[i] = embed_raw_windows(e, v,
		    docs[d->gold[lo + i].section]);
		r.same[i] = embed_raw_windows(e, v, docs[draw(d, lo + i, 1)]);
		r.other[i] = embed_raw_windows(e, v, docs[draw(d, lo + i, 0)]);
	}
	return r;
}

static void
dists_free(struct dists *r)
{
	free(r->right);
	free(r->same);
	free(r->other);
}

static void
bench_recall(const struct embedder *e, const struct data *d,
    const struct embed_doc *const *docs, const struct vecs *q,
    const struct dists *x)
{
	size_t i, k, nearer, at1 = 0, at5 = 0;

	for (i = 0; i < TEST_N; i++) {
		for (k = 0, nearer = 0; k < d->n_sections; k++)
			nearer += embed_raw_windows(e, q->v[i], docs[k]) <
			    x->right[i];
		at1 += nearer < 1;
		at5 += nearer < 5;
	}
	(void)printf("  SQuAD recall@1 / @5               %.3f / %.3f\n",
	    (double)at1 / TEST_N, (double)at5 / TEST_N);
}

static void
print_group(const char *name, const struct embedder *e,
    const struct calibrate_group *g, const double *x)
{
	const struct embed_curve *c = &embedder_info(e)->curve;
	size_t i, within = 0;

	for (i = 0; i < TEST_N; i++)
		within += x[i] <= (c->identity ? EMBED_LIMIT : c->t);
	(void)printf("    %-6s raw p10 %.3f p50 %.3f p90 %.3f   ΔS p10 %.3f "
	    "p50 %.3f p90 %.3f   <= .45: %5.1f %%\n", name, g->p10, g->p50,
	    g->p90, embed_ds(e, g->p10), embed_ds(e, g->p50),
	    embed_ds(e, g->p90), 100 * (double)within / TEST_N);
}

/* Prints what the test questions show under a curve fitted on others. */
static void
report_squad(struct embedder *e, const struct dists *x,
    const struct dists *y)
{
	struct calibrate_in test = { x->right, x->same, x->other, x->n, 1, 1 };
	struct calibrate_in other = { y->right, y->same, y->other, y->n, 1,
	    1000 };
	const struct embed_curve own = embedder_info(e)->curve;
	struct calibrate_out o, fit;
	struct err err = ERR_INIT;

	if (calibrate(&test, &o, &err) != RC_OK ||
	    calibrate(&other, &fit, &err) != RC_OK)
		die(err.msg);
	(void)printf("  SQuAD AUC same / other article    %.4f / %.4f\n",
	    o.auc_same, o.auc_other);
	(void)printf("  t fitted on other questions       %.4f [%.4f, %.4f]"
	    "   of the embedder: %.4f\n", fit.curve.t, fit.curve.t_lo,
	    fit.curve.t_hi, own.identity ? EMBED_LIMIT : own.t);
	if (own.identity)
		(void)embedder_set_curve(e, &fit.curve, &err);
	print_group("right", e, &o.group[CALIBRATE_RIGHT], x->right);
	print_group("same", e, &o.group[CALIBRATE_SAME], x->same);
	print_group("other", e, &o.group[CALIBRATE_OTHER], x->other);
}

static void
bench_squad(struct embedder *e, const struct data *d)
{
	struct embed_want *want = calloc(d->n_sections, sizeof(*want));
	const struct embed_doc **docs = calloc(d->n_sections, sizeof(*docs));
	char **text = calloc(d->n_gold, sizeof(*text));
	struct embed_set *set;
	struct err err = ERR_INIT;
	struct dists x, y;
	struct vecs q;
	size_t i;

	if (want == NULL || docs == NULL || text == NULL)
		die("memory is out");
	for (i = 0; i < d->n_sections; i++)
		want[i] = (struct embed_want){ { d->sections[i].text,
		    strlen(d->sections[i].text) }, EMBED_WINDOWS };
	for (i = 0; i < d->n_gold; i++)
		text[i] = d->gold[i].question;
	if (embed_set_open(e, (size_t)1 << 30, NULL, &set, &err) != RC_OK ||
	    embed_set_fetch(set, want, d->n_sections, docs, &err) != RC_OK)
		die(err.msg);
	q = embed_all(e, text, d->n_gold);
	x = distances(e, d, docs, &q, 0, TEST_N);
	y = distances(e, d, docs, &q, FIT_LO, FIT_HI);
	report_squad(e, &x, &y);
	bench_recall(e, d, docs, &q, &x);
	dists_free(&x);
	dists_free(&y);
	vecs_free(&q);
	embed_set_close(&set);
	free(want);
	free(docs);
	free(text);
}

/*
 * Wordings of the same question by different people, against different
 * questions on the same section.
 */
static void
bench_paraphrases(struct embedder *e, const struct data *d)
{
	double *near = NULL, *far = NULL;
	size_t n_near = 0, n_far = 0, i, k;

	for (i = 0; i < d->n_gold; i++) {
		const struct gold *g = &d->gold[i];
		char *text[8] = { g->question };
		size_t n = 1, same, others = 0;
		struct vecs r;

		if (g->n_same == 0)
			continue;
		for (k = 0; k < g->n_same && n < 4; k++)
			text[n++] = g->same[k];
		same = n;
		for (k = 0; k < d->n_gold && others < 4; k++) {
			if (k != i && d->gold[k].section == g->section) {
				text[n++] = d->gold[k].question;
				others++;
			}
		}
		r = embed_all(e, text, n);
		for (k = 1; k < n; k++) {
			double raw = embed_raw(e, r.v[0], r.v[k]);

			if (k < same) {
				near = grown(near, n_near, sizeof(*near));
				near[n_near++] = raw;
			} else {
				far = grown(far, n_far, sizeof(*far));
				far[n_far++] = raw;
			}
		}
		vecs_free(&r);
	}
	(void)printf("  human paraphrases, AUC            %.4f   (%zu pairs "
	    "of one meaning, %zu of two)\n",
	    calibrate_auc(near, n_near, far, n_far),
	    n_near, n_far);
	free(near);
	free(far);
}

/* Nearest other question: has it the same intent? */
static void
bench_intents(struct embedder *e, const struct data *d)
{
	struct vecs r = embed_all(e, d->bank, d->n_bank);
	size_t i, k, best, right = 0, n = 0;
	double least, raw;

	for (i = 0; i < d->n_bank; i += 4) {
		for (k = 0, best = 0, least = 3; k < d->n_bank; k++) {
			raw = k == i ? 3 : embed_raw(e, r.v[i], r.v[k]);
			if (raw < least) {
				least = raw;
				best = k;
			}
		}
		right += strcmp(d->intent[i], d->intent[best]) == 0;
		n++;
	}
	(void)printf("  Banking77, nearest has the intent %.4f   (%zu "
	    "questions)\n", (double)right / (double)n, n);
	vecs_free(&r);
}

static void
bench_speed(const char *spec, const struct data *d)
{
	struct embed_opts o = { .spec = spec, .serial = 1 };
	char **text = calloc(d->n_gold, sizeof(*text));
	struct err err = ERR_INIT;
	struct embedder *e;
	struct vecs r;
	int64_t t0, t1, t2, best = INT64_MAX;
	double sum = 0;
	size_t i;
	int k;

	if (text == NULL || embedder_open(&o, &e, &err) != RC_OK)
		die(err.msg);
	for (i = 0; i < d->n_gold; i++)
		text[i] = d->gold[i].question;
	for (k = 0; k < 5; k++) {
		t0 = mono_now_ns();
		r = embed_all(e, text, d->n_gold);
		t1 = mono_now_ns();
		best = t1 - t0 < best ? t1 - t0 : best;
		if (k < 4)
			vecs_free(&r);
	}
	t1 = mono_now_ns();
	for (i = 0; i < 10000; i++)
		sum += embed_ds(e, embed_raw(e, r.v[i % d->n_gold],
		    r.v[(i * 7 + 1) % d->n_gold]));
	t2 = mono_now_ns();
	(void)printf("  one core: %.0f questions/s; 10,000 cached ΔS %.2f ms "
	    "(mean %.3f)\n", (double)d->n_gold * 1e9 / (double)best,
	    (double)(t2 - t1) / 1e6, sum / 10000);
	vecs_free(&r);
	embedder_close(&e);
	free(text);
}

int
main(int argc, char **argv)
{
	struct data d = { 0 };
	struct err err = ERR_INIT;
	int i;

	if (argc < 3)
		die("usage: bench_meaning DATA_DIR SPEC...");
	each_row(&d, argv[1], "squad_sections.jsonl", row_section);
	each_row(&d, argv[1], "squad_gold.jsonl", row_gold);
	each_row(&d, argv[1], "banking77.jsonl", row_bank);
	read_sts(&d, argv[1]);
	for (i = 2; i < argc; i++) {
		struct embed_opts o = { .spec = argv[i], .post = post_curl };
		struct embedder *e;

		if (embedder_open(&o, &e, &err) != RC_OK)
			die(err.msg);
		(void)printf("%s\n", argv[i]);
		bench_sts(e, &d);
		bench_squad(e, &d);
		bench_paraphrases(e, &d);
		bench_intents(e, &d);
		if (!embedder_info(e)->remote)
			bench_speed(argv[i], &d);
		embedder_close(&e);
	}
	return 0;
}
