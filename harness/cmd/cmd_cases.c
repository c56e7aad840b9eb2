/* lockstep cases: propose a gold file from recorded questions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/replace.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_cases_part.h"
#include "harness/cmd/cmd_embedder.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/meaning/cluster.h"

struct args {
	const char *out, *route, *embedder;
	int64_t most, different, at_least;
	double distance;
	int json, replace, declined;
};

static const struct opt opts[] = {
	{ "out", 'o', OPT_STR, offsetof(struct args, out), 0, 0, "FILE",
	    "write the gold file here; without it the groups are\n"
	    "only listed" },
	{ "most", 'n', OPT_INT, offsetof(struct args, most), 1, ASKED_MAX,
	    "N", "the N groups asked most often; default: 100" },
	{ "most-different", 0, OPT_INT, offsetof(struct args, different), 1,
	    ASKED_MAX, "N", "N groups that differ most from each other "
	    "instead" },
	{ "at-least", 0, OPT_INT, offsetof(struct args, at_least), 1, 1e15,
	    "N", "only groups asked at least this often" },
	{ "distance", 0, OPT_NUM, offsetof(struct args, distance), 0, 2,
	    "DS", "questions this close are one group; default: 0.30" },
	{ "declined", 0, OPT_FLAG, offsetof(struct args, declined), 0, 0, NULL,
	    "propose questions that were mostly declined, too, as\n"
	    "unanswerable" },
	{ "route", 0, OPT_STR, offsetof(struct args, route), 0, 0, "ROUTE",
	    "the requests to read, \"POST /ask\"" },
	{ "embedder", 0, OPT_STR, offsetof(struct args, embedder), 0, 0,
	    "SPEC", "builtin, lexical, model2vec:DIR, openai:URL" },
	{ "json", 0, OPT_FLAG, offsetof(struct args, json), 0, 0, NULL,
	    "print one JSON document" },
	{ "replace", 0, OPT_FLAG, offsetof(struct args, replace), 0, 0, NULL,
	    "overwrite an existing file" },
	CMD_OPT_END
};

static const struct opt_cmd cmd = {
	.name = "cases",
	.usage = "TRACE [--out FILE] [OPTION...]",
	.about = "Groups recorded questions that mean nearly the same, and "
	    "proposes a gold file.\n"
	    "A case has the most frequent wording, other wordings as "
	    "paraphrases, and as\n"
	    "expectations the sections that most answers use and the recorded "
	    "answer. It is\n"
	    "marked \"proposed\": true until a person has checked it. Tags "
	    "keep how often and\n"
	    "how differently each question was asked. A question that was "
	    "mostly declined is\n"
	    "left out: whether that was right only a person knows, and a "
	    "service that\n"
	    "declines everything would pass it.\n\n"
	    "  lockstep cases traffic.jsonl.zst --out gold.jsonl\n"
	    "  lockstep cases traffic.jsonl.zst --most-different 50 -o "
	    "varied.jsonl",
	.opts = opts,
};

struct groups {
	struct group *v;
	size_t n;
	size_t all;		/* before any choice */
	size_t declined;	/* left out */
};

static int
embed(struct asked_set *s, struct embedder *e, struct err *err)
{
	struct embed_str *texts = calloc(s->n, sizeof(*texts));
	enum embed_missing *why = calloc(s->n, sizeof(*why));
	size_t i;
	int rc = RC_NOMEM;

	s->vec = calloc(s->n, sizeof(*s->vec));
	if (texts == NULL || why == NULL || s->vec == NULL)
		(void)err_set(err, RC_NOMEM, "out of memory");
	else
		rc = RC_OK;
	for (i = 0; rc == RC_OK && i < s->n; i++)
		texts[i] = (struct embed_str){ s->v[i].text, s->v[i].n };
	if (rc == RC_OK)
		rc = embedder_embed(e, texts, s->n, s->vec, why, err);
	free(texts);
	free(why);
	return rc;
}

static int
by_count(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return (x->leader > y->leader) - (x->leader < y->leader);
}

/* Leaders are the groups; their wordings are added up. */
static int
make_groups(struct asked_set *s, const struct embedder *e, double limit,
    struct groups *g, struct err *err)
{
	size_t *leader = calloc(s->n, sizeof(*leader));
	size_t *at = calloc(s->n, sizeof(*at)), i;
	double *ds = calloc(s->n, sizeof(*ds));
	struct group *to;
	int rc = RC_OK;

	g->v = calloc(s->n, sizeof(*g->v));
	if (leader == NULL || at == NULL || ds == NULL || g->v == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		cluster_lead(e, s->vec, s->n, limit, leader, ds);
	for (i = 0; rc == RC_OK && i < s->n; i++) {
		if (leader[i] == i) {
			at[i] = g->n++;
			g->v[at[i]].leader = i;
		}
		to = &g->v[at[leader[i]]];
		to->count += s->v[i].count;
		to->answered += s->v[i].answered;
		to->declined += s->v[i].declined;
		to->wordings++;
		to->spread = ds[i] > to->spread ? ds[i] : to->spread;
		s->v[i].leader = leader[i];
		s->v[i].ds = ds[i];
	}
	g->all = g->n;
	if (rc == RC_OK)
		qsort(g->v, g->n, sizeof(*g->v), by_count);
	free(leader);
	free(at);
	free(ds);
	return rc;
}

static int
keep_different(const struct asked_set *s, const struct embedder *e,
    struct groups *g, size_t k, struct err *err)
{
	size_t *among = calloc(g->n + 1, sizeof(*among));
	size_t *picked = calloc(k + 1, sizeof(*picked)), n, i, m, kept = 0;
	int rc = RC_OK;

	if (among == NULL || picked == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; rc == RC_OK && i < g->n; i++)
		among[i] = g->v[i].leader;
	if (rc == RC_OK)
		rc = cluster_different(e, s->vec, among, g->n, k, picked,
		    err);
	n = k < g->n ? k : g->n;
	for (i = 0; rc == RC_OK && i < g->n; i++) {
		for (m = 0; m < n && picked[m] != g->v[i].leader; m++)
			;
		if (m < n)
			g->v[kept++] = g->v[i];
	}
	g->n = kept;
	free(among);
	free(picked);
	return rc;
}

static void
leave_declined(struct groups *g)
{
	size_t i, n = 0;

	for (i = 0; i < g->n; i++) {
		if (!cases_declined(&g->v[i]))
			g->v[n++] = g->v[i];
	}
	g->declined = g->n - n;
	g->n = n;
}

static int
choose(const struct args *a, const struct asked_set *s,
    const struct embedder *e, struct groups *g, struct err *err)
{
	while (g->n > 0 && g->v[g->n - 1].count < (uint64_t)a->at_least)
		g->n--;
	if (g->n == 0)
		return err_set(err, RC_USAGE, "no question was asked %lld "
		    "times; see --at-least", (long long)a->at_least);
	if (!a->declined)
		leave_declined(g);
	if (g->n == 0)
		return err_set(err, RC_USAGE, "all questions were mostly "
		    "declined; --declined proposes that as right");
	if (a->different > 0)
		return keep_different(s, e, g, (size_t)a->different, err);
	if (g->n > (size_t)a->most)
		g->n = (size_t)a->most;
	return RC_OK;
}

/* ---- what comes of it ---------------------------------------------------- */

static int
write_gold(const struct args *a, const struct asked_set *s,
    const struct groups *g, struct err *err)
{
	struct buf b;
	size_t i;
	int rc;

	if (a->out == NULL)
		return RC_OK;
	if (!a->replace && access(a->out, F_OK) == 0)
		return err_set(err, RC_USAGE, "%s exists; use --replace to "
		    "overwrite it", a->out);
	buf_init(&b, (size_t)1 << 30);
	for (i = 0; i < g->n; i++)
		cases_gold(s, &g->v[i], i + 1, s->exchanges, &b);
	rc = buf_check(&b, a->out, err);
	if (rc == RC_OK)
		rc = replace_file(a->out, REPLACE_OWN, b.p, b.len, err);
	buf_fini(&b);
	return rc;
}

static void
say(const struct args *a, const struct asked_set *s, const struct groups *g)
{
	enum { SHOWN = 20 };
	char words[64];
	size_t i;

	(void)printf("%llu questions in %zu wordings are %zu groups\n",
	    (unsigned long long)(s->exchanges - s->without), s->n, g->all);
	if (s->without > 0)
		(void)printf("  without a question: %llu\n",
		    (unsigned long long)s->without);
	if (s->beyond > 0)
		(void)printf("  wordings beyond the first %d, not read: "
		    "%llu\n", ASKED_MAX, (unsigned long long)s->beyond);
	if (g->declined > 0)
		(void)printf("  mostly declined, not proposed: %zu; if that is "
		    "right, --declined\n", g->declined);
	(void)printf("  asked  share  spread  question\n");
	for (i = 0; i < g->n && i < SHOWN; i++) {
		(void)printf("%7llu %5.1f%%  %6.2f  ",
		    (unsigned long long)g->v[i].count, 100 *
		    (double)g->v[i].count / (double)s->exchanges,
		    g->v[i].spread);
		cmd_clip(24, s->v[g->v[i].leader].text);
	}
	if (g->n > SHOWN)
		(void)printf("  and %zu more\n", g->n - SHOWN);
	if (a->out != NULL)
		(void)printf("%s: %s proposed; check each, then remove "
		    "\"proposed\"\n"
		    "next: lockstep run SUITE --set cases=%s\n",
		    a->out, cmd_many(g->n, "case", words), a->out);
}

static void
say_json(const struct asked_set *s, const struct groups *g)
{
	struct json_out o;
	struct buf b;
	size_t i;

	buf_init(&b, (size_t)1 << 30);
	json_out_init(&o, &b, 1);
	json_out_obj(&o);
	json_put_int(&o, "exchanges", (int64_t)s->exchanges);
	json_put_int(&o, "without_question", (int64_t)s->without);
	json_put_int(&o, "wordings", (int64_t)s->n);
	json_put_int(&o, "groups", (int64_t)g->all);
	json_put_int(&o, "declined", (int64_t)g->declined);
	json_out_key(&o, "cases");
	json_out_arr(&o);
	for (i = 0; i < g->n; i++) {
		json_out_obj(&o);
		json_out_key(&o, "question");
		json_out_strn(&o, s->v[g->v[i].leader].text,
		    s->v[g->v[i].leader].n);
		json_put_int(&o, "asked", (int64_t)g->v[i].count);
		json_put_int(&o, "wordings", (int64_t)g->v[i].wordings);
		json_put_num(&o, "spread", g->v[i].spread);
		json_out_end(&o, '}');
	}
	json_out_end(&o, ']');
	json_out_end(&o, '}');
	(void)puts(buf_str(&b));
	buf_fini(&b);
}

static int
run(const struct args *a, const char *trace, struct err *err)
{
	struct init_args look = { .trace = trace, .route = a->route };
	struct init *in = calloc(1, sizeof(*in));
	struct cmd_embedder *keep = NULL;
	struct embedder *e = NULL;
	struct asked_set set;
	struct groups g = { NULL, 0, 0, 0 };
	int rc;

	memset(&set, 0, sizeof(set));
	if (in == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	in->args = &look;
	guess_init(&in->guess);
	routes_init(&in->routes);
	rc = init_from_trace(in, err);
	if (rc == RC_OK)
		rc = cases_read(in, trace, &set, err);
	if (rc == RC_OK)
		rc = cmd_embedder_open(a->embedder, &keep, &e, err);
	if (rc == RC_OK)
		rc = embed(&set, e, err);
	if (rc == RC_OK)
		rc = make_groups(&set, e, a->distance, &g, err);
	if (rc == RC_OK)
		rc = choose(a, &set, e, &g, err);
	if (rc == RC_OK)
		rc = write_gold(a, &set, &g, err);
	if (rc == RC_OK && a->json)
		say_json(&set, &g);
	else if (rc == RC_OK)
		say(a, &set, &g);
	free(g.v);
	cases_fini(&set);
	cmd_embedder_close(&keep);
	guess_fini(&in->guess);
	routes_fini(&in->routes);
	free(in);
	return rc;
}

int
cmd_cases(int argc, char **argv)
{
	struct args a = { .most = 100, .distance = .30, .at_least = 1 };
	struct err err = ERR_INIT;
	struct cmd_line line;
	int rc;

	rc = cmd_begin(&cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && line.n != 1)
		rc = err_set(&err, RC_USAGE, "give one TRACE; see lockstep "
		    "cases --help");
	if (rc == RC_OK)
		rc = run(&a, line.rest[0], &err);
	return cmd_end("cases", &line, rc, 0, &err);
}
