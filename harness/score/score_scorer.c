/*
 * What scorers are asked about a batch of cases, and where their answers go;
 * the form of a line is SCORERS.md's.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/score/score_part.h"

enum { FORMS = 2 };		/* told all, and blind */
#define LINES_MAX ((size_t)1 << 30)

/* The lines of a batch: one an observation that is judged, in two forms. */
struct lines {
	struct buf text[FORMS];
	size_t *from[FORMS];	/* n + 1 of each form that is wanted */
	struct score_one **one;
	size_t n;
};

/* ---- one line ------------------------------------------------------- */

static void
put_text(struct json_out *o, const char *key, const char *s, size_t n)
{
	json_out_key(o, key);
	if (s == NULL)
		json_out_null(o);
	else
		json_out_strn(o, s, n);
}

static void
put_member(struct json_out *o, const char *key, const char *s)
{
	if (s != NULL)
		put_text(o, key, s, strlen(s));
}

static void
put_ctext(struct json_out *o, const char *key, const struct ctext *t)
{
	put_text(o, key, t == NULL ? NULL : t->p, t == NULL ? 0 : t->n);
}

static void
put_snippets(struct json_out *o, const char *key, const struct snippet *v,
    size_t n)
{
	size_t i;

	json_out_key(o, key);
	json_out_arr(o);
	for (i = 0; i < n && i < METRIC_SNIPPETS_MAX; i++) {
		json_out_obj(o);
		put_member(o, "snippet_id", v[i].snippet_id);
		put_member(o, "section_id", v[i].section_id);
		put_member(o, "source_url", v[i].source_url);
		if (v[i].text != NULL)
			put_text(o, "text", v[i].text, v[i].text_n);
		if (isfinite(v[i].score))
			json_put_num(o, "score", v[i].score);
		json_out_end(o, '}');
	}
	json_out_end(o, ']');
}

static void
put_list(struct json_out *o, const char *key, const struct gold_list *l)
{
	size_t i;

	if (l->n == 0)
		return;
	json_out_key(o, key);
	json_out_arr(o);
	for (i = 0; i < l->n; i++)
		json_out_strn(o, l->v[i], l->len[i]);
	json_out_end(o, ']');
}

static void
put_expected(struct json_out *o, const struct score_case *c)
{
	size_t i;

	json_out_key(o, "expected");
	json_out_obj(o);
	put_list(o, "section_ids", &c->gold.section_ids);
	put_list(o, "snippet_ids", &c->gold.snippet_ids);
	put_list(o, "answers", &c->gold.answers);
	if (c->gold.unanswerable)
		json_put_bool(o, "unanswerable", 1);
	if (c->n_expected > 0) {
		json_out_key(o, "sections");
		json_out_arr(o);
		for (i = 0; i < c->n_expected; i++) {
			json_out_obj(o);
			put_member(o, "section_id", c->expected[i]->id);
			put_text(o, "text", c->expected[i]->text,
			    c->expected[i]->text_n);
			json_out_end(o, '}');
		}
		json_out_end(o, ']');
	}
	json_out_end(o, '}');
}

static void
put_variant(struct json_out *o, const struct score_job *job,
    const struct ex_key *key)
{
	json_out_key(o, "variant");
	json_out_obj(o);
	json_put_int(o, "wording", key->p);
	json_put_int(o, "seed", key->s < job->suite->n_seeds ?
	    job->suite->seeds[key->s] : 0);
	json_put_int(o, "repeat", key->r);
	json_out_end(o, '}');
}

/* An accepted answer replaces the baseline's. */
static const struct ctext *
baseline_answer(const struct score_case *c, const struct score_one *one)
{
	const struct score_one *b;

	if (one->ex.key.arm != ARM_CANDIDATE)
		return NULL;
	if (c->accepted != NULL && c->accepted[one->ex.key.p] != NULL)
		return c->accepted[one->ex.key.p];
	b = score_at(c, one->v, ARM_BASELINE);
	return b == NULL || !b->answered ? NULL : b->said;
}

static void
put_line(const struct score_job *job, const struct score_case *c,
    const struct score_one *one, int blind, struct buf *out)
{
	const struct ctext *before = baseline_answer(c, one);
	const struct answer *a = one->answer;
	struct json_out o;

	json_out_init(&o, out, 0);
	json_out_obj(&o);
	if (!blind) {
		put_member(&o, "case", c->gold.id);
		put_member(&o, "arm", arm_name(one->ex.key.arm));
		put_variant(&o, job, &one->ex.key);
	}
	put_ctext(&o, "question", one->question);
	put_ctext(&o, "answer", one->said);
	json_put_bool(&o, "refused", a->outcome == OUTCOME_REFUSED);
	put_snippets(&o, "retrieved", a->retrieved, a->n_retrieved);
	put_snippets(&o, "citations", a->cited, a->n_cited);
	put_expected(&o, c);
	if (!blind && before != NULL)
		put_ctext(&o, "baseline_answer", before);
	if (c->gold.tags != NULL)
		json_put_json(&o, "tags", c->gold.tags);
	json_out_end(&o, '}');
}

/* ---- a batch -------------------------------------------------------- */

static int
is_judged(const struct score_one *o)
{
	return o->answered && o->ex.key.arm <= ARM_CANDIDATE &&
	    (o->answer->outcome == OUTCOME_OK ||
	    o->answer->outcome == OUTCOME_REFUSED);
}

static void
lines_fini(struct lines *l)
{
	int f;

	for (f = 0; f < FORMS; f++) {
		buf_fini(&l->text[f]);
		free(l->from[f]);
	}
	free((void *)l->one);
}

static int
wants(const struct suite *s, int form)
{
	size_t i;

	for (i = 0; i < s->n_scorers; i++) {
		if (s->scorer[i].blind == form)
			return 1;
	}
	return 0;
}

static void
add_lines(const struct score_job *job, const struct score_case *c,
    struct score_one *one, struct lines *l)
{
	int f;

	for (f = 0; f < FORMS; f++) {
		if (!wants(job->suite, f))
			continue;
		l->from[f][l->n] = l->text[f].len;
		put_line(job, c, one, f, &l->text[f]);
		l->from[f][l->n + 1] = l->text[f].len;
	}
	l->one[l->n++] = one;
}

static int
lines_init(const struct score_job *job, struct score_batch *b,
    struct lines *l, struct err *err)
{
	size_t i, k, n = 0;
	int f;

	memset(l, 0, sizeof(*l));
	for (f = 0; f < FORMS; f++)
		buf_init(&l->text[f], LINES_MAX);
	for (i = 0; i < b->n; i++)
		n += b->c[i]->n_one;
	l->one = calloc(n + 1, sizeof(struct score_one *));
	for (f = 0; f < FORMS; f++)
		l->from[f] = calloc(n + 2, sizeof(*l->from[f]));
	if (l->one == NULL || l->from[0] == NULL || l->from[1] == NULL)
		return err_set(err, RC_NOMEM, "out of memory for scorers");
	for (i = 0; i < b->n; i++) {
		for (k = 0; k < b->c[i]->n_one; k++) {
			if (is_judged(&b->c[i]->one[k]))
				add_lines(job, b->c[i], &b->c[i]->one[k], l);
		}
	}
	return buf_check(&l->text[0], "lines for scorers", err) != RC_OK ?
	    RC_NOMEM : buf_check(&l->text[1], "lines for scorers", err);
}

/* The values of a batch, one block: n_own an observation. */
static int
make_room(const struct score_job *job, struct score_batch *b,
    const struct lines *l, struct err *err)
{
	size_t i, n = job->suite->n_scored;

	free(b->scored);
	b->scored = calloc(l->n * n + 1, sizeof(*b->scored));
	if (b->scored == NULL)
		return err_set(err, RC_NOMEM, "out of memory for scorers");
	for (i = 0; i < l->n; i++)
		l->one[i]->scored = b->scored + i * n;
	return RC_OK;
}

int
score_scorers(const struct score_job *job, struct score_batch *b,
    struct err *err)
{
	struct scorer_ask *asks[SUITE_SCORERS_MAX] = { NULL };
	const struct suite *s = job->suite;
	size_t n[SUITE_SCORERS_MAX] = { 0 }, i, k;
	struct lines l;
	int rc = lines_init(job, b, &l, err), f;

	if (rc == RC_OK)
		rc = make_room(job, b, &l, err);
	for (k = 0; k < s->n_scorers && rc == RC_OK; k++) {
		f = s->scorer[k].blind;
		n[k] = l.n;
		asks[k] = calloc(l.n + 1, sizeof(*asks[k]));
		if (asks[k] == NULL) {
			rc = err_set(err, RC_NOMEM,
			    "out of memory for scorers");
			break;
		}
		for (i = 0; i < l.n; i++)
			asks[k][i] = (struct scorer_ask){
				l.text[f].p + l.from[f][i],
				l.from[f][i + 1] - l.from[f][i],
				l.one[i]->scored + s->scorer[k].first };
	}
	if (rc == RC_OK)
		rc = scorer_set_ask(job->scorers, asks, n, err);
	for (k = 0; k < s->n_scorers; k++)
		free(asks[k]);
	lines_fini(&l);
	return rc;
}

/* ---- into the cell -------------------------------------------------- */

void
score_fold_scored(const struct score_job *job, struct score_case *c)
{
	const struct score_one *o;
	double sum[2];
	size_t i, k, n[2];
	int a;

	for (k = 0; k < job->suite->n_scored; k++) {
		sum[0] = sum[1] = 0;
		n[0] = n[1] = 0;
		for (i = 0; i < c->n_one; i++) {
			o = &c->one[i];
			if (o->scored == NULL ||
			    o->scored[k].missing != SCORER_HERE)
				continue;
			a = o->ex.key.arm == ARM_CANDIDATE;
			sum[a] += o->scored[k].v;
			n[a]++;
		}
		for (a = 0; a < 2; a++)
			c->cell.scored[a][k] = n[a] == 0 ? NAN :
			    (float)(sum[a] / (double)n[a]);
	}
}

/* ---- what is missing ------------------------------------------------ */

static void
count_reason(struct score_scored *w, const char why[SCORER_WHY_MAX])
{
	size_t i;

	for (i = 0; i < w->n_reasons; i++) {
		if (strcmp(w->reason[i].why, why) == 0) {
			w->reason[i].n++;
			return;
		}
	}
	if (w->n_reasons == SCORE_REASONS_MAX)
		return;
	memcpy(w->reason[i].why, why, SCORER_WHY_MAX);
	w->reason[i].n = 1;
	w->n_reasons++;
}

static void
count_scored(const struct score_one *one, size_t n_scored,
    struct score_scored *scored)
{
	enum arm arm = one->ex.key.arm;
	const struct scorer_value *v;
	size_t k;

	for (k = 0; k < n_scored; k++) {
		v = &one->scored[k];
		scored[k].judged++;
		scored[k].arm_judged[arm]++;
		if (v->missing == SCORER_HERE) {
			scored[k].here++;
		} else if (v->missing == SCORER_DECLINED) {
			scored[k].declined++;
		} else {
			scored[k].arm_failed[arm]++;
			count_reason(&scored[k], v->why);
		}
	}
}

/* Only what is_judged() has values: arms up to the candidate. */
void
score_scored_count(const struct score_job *job, const struct score_case *c,
    struct score_scored *scored)
{
	size_t i;

	for (i = 0; i < c->n_one; i++) {
		if (c->one[i].scored != NULL)
			count_scored(&c->one[i], job->suite->n_scored, scored);
	}
}

static int
by_count(const void *a, const void *b)
{
	const struct score_scored_reason *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return strcmp(x->why, y->why);
}

void
score_scored_finish(struct score_scored *scored, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		qsort(scored[i].reason, scored[i].n_reasons,
		    sizeof(scored[i].reason[0]), by_count);
}
