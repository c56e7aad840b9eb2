/* Texts of a few cases, for reports; see score.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/base/utf8.h"
#include "harness/score/score_part.h"

enum { FIRST_WORDS = 160 };

static int
by_index(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* What is collected: strings live in the arena. */
struct detailing {
	const struct score_job *job;
	struct score_details *out;
	struct arena *arena;
};

static const char *
keep(struct detailing *d, const char *s, size_t n)
{
	const char *out;
	struct buf b;

	if (s == NULL || n == 0 || memchr(s, '\0', n) == NULL)
		return s == NULL ? NULL : arena_strn(d->arena, s, n);
	buf_init(&b, 3 * n + 1);
	utf8_string(&b, s, n);
	out = arena_strn(d->arena, buf_str(&b), b.len);
	buf_fini(&b);
	return out;
}

/* The first words of a text, not cut within a character. */
static void
put_first_words(struct buf *b, const char *s, size_t n)
{
	size_t end = n < FIRST_WORDS ? n : FIRST_WORDS;

	if (end < n) {
		while (end > 0 && s[end] != ' ')
			end--;
		if (end == 0) {
			end = FIRST_WORDS;
			while (end > 0 && ((unsigned char)s[end] & 0xC0) ==
			    0x80)
				end--;
		}
	}
	buf_add(b, s, end);
	if (end < n)
		buf_puts(b, " ...");
}

static const char *
top_of(struct detailing *d, const struct score_one *o)
{
	const struct snippet *s;
	const char *id, *out;
	struct buf b;

	if (o->answer->n_retrieved == 0)
		return NULL;
	s = &o->answer->retrieved[0];
	id = s->section_id != NULL ? s->section_id : s->snippet_id;
	buf_init(&b, 1 << 20);
	if (id != NULL)
		buf_puts(&b, id);
	if (id != NULL && s->text_n > 0)
		buf_puts(&b, ": ");
	if (s->text_n > 0)
		put_first_words(&b, s->text, s->text_n);
	out = keep(d, buf_str(&b), b.len);
	buf_fini(&b);
	return out;
}

static const char *
joined(struct detailing *d, const char *const *v, size_t n)
{
	const char *out;
	struct buf b;
	size_t i;

	if (n == 0)
		return NULL;
	buf_init(&b, 1 << 20);
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_puts(&b, ", ");
		buf_puts(&b, v[i]);
	}
	out = keep(d, buf_str(&b), b.len);
	buf_fini(&b);
	return out;
}

static const char *
symbols(struct detailing *d, const struct score_case *c, int arm)
{
	const char *s, *out;
	struct buf b;
	uint32_t v;

	buf_init(&b, 1 << 20);
	for (v = 0; v < c->per_case; v++) {
		s = lambda_symbol(c->state[arm][v]);
		if (v > 0)
			buf_putc(&b, ' ');
		buf_puts(&b, s[0] == '\0' ? "-" : s);
	}
	out = keep(d, buf_str(&b), b.len);
	buf_fini(&b);
	return out;
}

/* What comes instead of an answer: of several reasons it is told first. */
#define INSTEAD (CASE_BROKEN | CASE_FILTERED | CASE_EMPTY | CASE_MUTE | \
	CASE_REFUSED | CASE_CUT)

/*
 * The variant to show on both arms: one that fails on the candidate while it
 * holds on the baseline, else one that fails there; of these the first with
 * what the case is said to fail by.
 * returns per_case when none fails
 */
static uint32_t
failing(const struct score_job *job, const struct score_case *c)
{
	const unsigned told = c->cell.arm[ARM_CANDIDATE].reasons & INSTEAD;
	const struct score_one *b, *k;
	uint32_t v, best = c->per_case;
	unsigned why;
	int rank, most = 0;

	for (v = 0; v < c->per_case; v++) {
		k = score_at(c, v, ARM_CANDIDATE);
		why = k == NULL || !k->answered ? 0 :
		    score_reasons(job, c, k);
		if (k == NULL || (k->answered && why == 0))
			continue;
		b = score_at(c, v, ARM_BASELINE);
		rank = 1 + (told == 0 || (why & told) != 0);
		if (b != NULL && b->answered && score_good(job, c, b))
			rank += 2;
		if (rank > most) {
			most = rank;
			best = v;
		}
	}
	return best;
}

/* The one to show of an arm: that variant, else the reference one, else the
 * first asked. */
static const struct score_one *
shown(const struct score_case *c, int arm, uint32_t variant)
{
	const struct score_one *o;
	uint32_t v;

	o = variant < c->per_case ? score_at(c, variant, (enum arm)arm) :
	    NULL;
	if (o != NULL)
		return o;

	if (c->lambda[arm].reference < c->per_case)
		return score_at(c, (uint32_t)c->lambda[arm].reference,
		    (enum arm)arm);
	for (v = 0; v < c->per_case; v++) {
		o = score_at(c, v, (enum arm)arm);
		if (o != NULL)
			return o;
	}
	return NULL;
}

/* What was sent, in its first words: scoring does not read requests. */
static const char *
sent_of(struct detailing *d, const struct score_one *o)
{
	struct exchange_rec *rec = exchange_rec_new();
	const char *out = NULL;
	struct exchange ex;
	struct buf b;

	buf_init(&b, 1 << 20);
	if (rec != NULL && exchange_parse(rec, o->line->p, o->line->n, &ex,
	    NULL) == 1 && ex.method != NULL && ex.target != NULL) {
		buf_printf(&b, "%s %s", ex.method, ex.target);
		if (ex.req_body.p != NULL && ex.req_body.n > 0) {
			buf_putc(&b, ' ');
			put_first_words(&b, ex.req_body.p, ex.req_body.n);
		}
		out = keep(d, buf_str(&b), b.len);
	}
	buf_fini(&b);
	exchange_rec_free(rec);
	return out;
}

/* The service's own words where it gave no answer. */
static const char *
said_of(struct detailing *d, const struct score_one *o)
{
	const struct exchange *ex = &o->ex;
	const char *why = o->answer->why != NULL ? o->answer->why : ex->why;
	const char *out;
	struct buf b;

	if (o->answer->outcome == OUTCOME_OK ||
	    o->answer->outcome == OUTCOME_REFUSED)
		return NULL;
	buf_init(&b, 1 << 20);
	if (why != NULL)
		buf_puts(&b, why);
	else if (ex->status > 0)
		buf_printf(&b, "status %d", ex->status);
	if (ex->res_body.p != NULL && ex->res_body.n > 0) {
		buf_puts(&b, b.len > 0 ? ": " : "");
		put_first_words(&b, ex->res_body.p, ex->res_body.n);
	}
	out = b.len == 0 ? NULL : keep(d, buf_str(&b), b.len);
	buf_fini(&b);
	return out;
}

/* The assertions that do not hold. */
static const char *
failed_of(struct detailing *d, const struct score_case *c,
    const struct score_one *o)
{
	const struct gold *g = &c->gold;
	const char *out;
	struct buf b;
	size_t i;

	buf_init(&b, 1 << 20);
	for (i = 0; i < g->n_expect; i++) {
		if (expect_holds(&g->expect[i], o->answer->body, &o->ex))
			continue;
		buf_puts(&b, b.len > 0 ? "; " : "");
		expect_text(&g->expect[i], &b);
	}
	out = b.len == 0 ? NULL : keep(d, buf_str(&b), b.len);
	buf_fini(&b);
	return out;
}

static int
among(const char *id, const char *const *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(v[i], id) == 0)
			return 1;
	}
	return 0;
}

/* What the baseline's answer had, at whatever rank, and the candidate's has
 * not: of the expected passages, where the case names any. */
static const char *
lost_of(struct detailing *d, const struct score_case *c,
    const struct score_one *b, const struct score_one *k)
{
	const char *out;
	struct buf t;
	size_t i;

	if (b == NULL || !b->answered || !k->answered)
		return NULL;
	buf_init(&t, 1 << 20);
	for (i = 0; i < b->n_ids; i++) {
		if (among(b->ids[i], k->ids, k->n_ids) || (c->n_gold_ids > 0 &&
		    !among(b->ids[i], c->gold_ids, c->n_gold_ids)))
			continue;
		buf_printf(&t, "%s%s (was rank %zu)", t.len > 0 ? ", " : "",
		    b->ids[i], i + 1);
	}
	out = t.len == 0 ? NULL : keep(d, buf_str(&t), t.len);
	buf_fini(&t);
	return out;
}

static void
fill_side(struct detailing *d, const struct score_case *c, int arm,
    struct score_side *out)
{
	const uint32_t v = failing(d->job, c);
	const struct score_one *o = shown(c, arm, v);

	if (o == NULL)
		return;
	out->outcome = outcome_name(o->answer->outcome);
	out->lambda = symbols(d, c, arm);
	out->sent = sent_of(d, o);
	out->said = said_of(d, o);
	out->failed = failed_of(d, c, o);
	if (arm == ARM_CANDIDATE)
		out->lost = lost_of(d, c, shown(c, ARM_BASELINE, v), o);
	if (!o->answered)
		return;
	out->answer = keep(d, o->answer->text, o->answer->text_n);
	out->top = top_of(d, o);
	out->retrieved = joined(d, o->ids, o->n_ids);
	out->cited = joined(d, o->cited, o->n_cited);
}

static int
run_batch(struct detailing *d, struct score_batch *b, struct err *err)
{
	struct score_detail *out;
	size_t i;
	int arm, rc = b->n == 0 ? RC_OK : score_batch_run(d->job, b, err);

	for (i = 0; i < b->n && rc == RC_OK; i++) {
		out = &d->out->v[d->out->n++];
		out->case_index = b->c[i]->index;
		for (arm = ARM_BASELINE; arm <= ARM_CANDIDATE; arm++)
			fill_side(d, b->c[i], arm, &out->side[arm]);
	}
	score_batch_reset(b);
	return rc == RC_OK ? arena_check(d->arena, "details", err) : rc;
}

static int
collect(struct detailing *d, const struct score_reading *how,
    struct score_batch *batch, struct err *err)
{
	struct score_reader *r;
	struct score_line *lines;
	uint64_t index;
	int rc = score_reader_open(d->job, how, &r, err);

	if (rc != RC_OK)
		return rc;
	d->out->n = 0;
	score_batch_reset(batch);
	while ((rc = score_reader_next(r, &index, &lines, err)) == 1) {
		score_batch_add(batch, index, lines);
		rc = score_batch_full(batch) ? run_batch(d, batch, err) :
		    RC_OK;
		if (rc != RC_OK)
			break;
	}
	score_reader_close(&r);
	return rc == 0 ? run_batch(d, batch, err) : rc;
}

static int
by_case(const void *a, const void *b)
{
	const struct score_detail *x = a, *y = b;

	return (x->case_index > y->case_index) -
	    (x->case_index < y->case_index);
}

int
score_details(const struct score_job *job, const struct score_where *where,
    const uint64_t *cases, size_t n, struct score_details *out,
    struct err *err)
{
	struct score_batch *batch = malloc(sizeof(*batch));
	uint64_t *only = malloc((n + 1) * sizeof(*only));
	struct score_job texts_only = *job;
	struct detailing d = { &texts_only, out, calloc(1, sizeof(*d.arena)) };
	struct score_only some;
	struct score_reading how = { .only = &some };
	size_t i, kept = 0;
	int rc;

	texts_only.scorers = NULL;
	*out = (struct score_details){ .mem = d.arena };
	out->v = calloc(n + 1, sizeof(*out->v));
	if (only == NULL || batch == NULL || d.arena == NULL ||
	    out->v == NULL) {
		rc = err_set(err, RC_NOMEM, "out of memory for details");
	} else {
		arena_init(d.arena, (size_t)1 << 30);
		memcpy(only, cases, n * sizeof(*only));
		qsort(only, n, sizeof(*only), by_index);
		for (i = 0; i < n; i++) {
			if (kept == 0 || only[kept - 1] != only[i])
				only[kept++] = only[i];
		}
		score_batch_init(batch);
		some = (struct score_only){ only, kept, where };
		rc = collect(&d, &how, batch, err);
		how.counted = 1;
		if (rc == SCORE_AGAIN)
			rc = collect(&d, &how, batch, err);
		score_batch_fini(batch);
		qsort(out->v, out->n, sizeof(*out->v), by_case);
	}
	free(only);
	free(batch);
	if (rc != RC_OK)
		score_details_free(out);
	return rc;
}

void
score_details_free(struct score_details *d)
{
	if (d == NULL)
		return;
	if (d->mem != NULL)
		arena_fini(d->mem);
	free(d->mem);
	free(d->v);
	*d = (struct score_details){ 0 };
}
