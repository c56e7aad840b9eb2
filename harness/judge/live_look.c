/* What one answer says, as pairs are compared; see live_part.h. */
#include <math.h>
#include <string.h>

#include "harness/judge/live_part.h"

enum { TOOLS_SAME = 3, TOOLS_BYTES = 1 << 16, TOOL_CALLS = 64 };

void
live_look_init(struct live_look *k)
{
	memset(k, 0, sizeof(*k));
	answer_init(&k->answer);
}

void
live_look_fini(struct live_look *k)
{
	answer_fini(&k->answer);
}

/* ---- what it is -------------------------------------------------------- */

/*
 * A tool loop: one call with the same arguments three times within an answer.
 * The calls are canonical JSON, so that equal ones are equal bytes.
 */
static int
is_loop(const char *tools)
{
	struct json *j, *a, *b;
	int same, most = 0;
	size_t i = 0;

	if (tools == NULL || strlen(tools) > TOOLS_BYTES)
		return tools != NULL;
	j = json_parse(tools, strlen(tools), NULL);
	for (a = json_first(j); a != NULL && i < TOOL_CALLS;
	    a = json_next(a), i++) {
		same = 1;
		for (b = json_next(a); b != NULL; b = json_next(b))
			same += json_equal(a, b);
		most = same > most ? same : most;
	}
	json_free(j);
	return most >= TOOLS_SAME;
}

/* Said nothing, or declined: what is harm only where the other did not. */
static int
is_wordless(const struct live_look *k)
{
	const struct answer *a = &k->answer;

	if (a->outcome == OUTCOME_REFUSED || a->outcome == OUTCOME_FILTERED)
		return 1;
	return extract_maps_answer(k->spec) && a->tools == NULL &&
	    (a->blank || a->garbled || a->text == NULL);
}

static int
is_mute(const struct live_look *k)
{
	return k->wordless || (extract_maps_retrieved(k->spec) &&
	    k->answer.n_retrieved == 0);
}

static double
cost_of(const struct answer *a, const struct suite_target *t)
{
	double tokens = 0, usd = 0;

	if (isfinite(a->cost))
		return a->cost;
	if (isfinite(a->tokens_in))
		tokens += a->tokens_in;
	if (isfinite(a->tokens_out))
		tokens += a->tokens_out;
	if (!(tokens > 0))
		return NAN;
	if (!t->present || (isnan(t->price_in) && isnan(t->price_out)))
		return tokens;
	if (isfinite(t->price_in) && isfinite(a->tokens_in))
		usd += t->price_in * a->tokens_in;
	if (isfinite(t->price_out) && isfinite(a->tokens_out))
		usd += t->price_out * a->tokens_out;
	return usd;
}

int
live_look_at(struct live_look *k, const struct suite *s, enum arm arm,
    const struct exchange *ex, struct err *err)
{
	const struct suite_target *t = suite_target_of(s, arm);
	const struct answer *a = &k->answer;
	int rc;

	k->ex = ex;
	k->n_ids = k->n_cited = 0;
	k->bodyless = k->elsewhere = k->empty = 0;
	k->text = NULL;
	k->text_n = 0;
	if (ex == NULL)
		return RC_OK;
	k->spec = t->present && t->extract != NULL ? t->extract : s->extract;
	rc = extract_answer(k->spec, ex, &k->answer, err);
	if (rc != RC_OK)
		return rc;
	/* judged on the first attempt */
	k->outcome = ex->n_attempts > 0 ? ex->attempts[0].outcome : a->outcome;
	k->empty = ex->outcome == OUTCOME_OK && ex->status >= 200 &&
	    ex->res_body.p == NULL && ex->res_body.spill == NULL;
	if (arm == ARM_BASELINE) {
		k->bodyless = k->empty;
		k->elsewhere = ex->generic;
	}
	if (k->bodyless)
		k->outcome = OUTCOME_OK;
	k->error = outcome_is_error(k->outcome);
	k->http_5xx = k->outcome == OUTCOME_HTTP_5XX;
	k->answered = outcome_is_answer(a->outcome) && !k->bodyless;
	k->tool_loop = k->answered && is_loop(a->tools);
	k->wordless = k->answered && is_wordless(k);
	k->mute = k->answered && is_mute(k);
	k->cost = k->answered ? cost_of(a, t) : NAN;
	k->text = a->text;
	k->text_n = a->text == NULL ? 0 : a->text_n;
	if (k->text == NULL && a->n_retrieved > 0) {
		k->text = a->retrieved[0].text;
		k->text_n = k->text == NULL ? 0 : a->retrieved[0].text_n;
	}
	return RC_OK;
}

void
live_look_alike(const struct live_look *primary, struct live_look *candidate)
{
	if (primary->ex == NULL || !primary->bodyless || !candidate->empty ||
	    primary->ex->status != candidate->ex->status)
		return;
	candidate->outcome = OUTCOME_OK;
	candidate->error = 0;
}

/* ---- ids --------------------------------------------------------------- */

enum id_kind { BY_SECTION, BY_SNIPPET, BY_URL, BY_TEXT, ID_KINDS };

static const char *
id_of(const struct snippet *s, enum id_kind kind)
{
	switch (kind) {
	case BY_SECTION:
		return s->section_id;
	case BY_SNIPPET:
		return s->snippet_id;
	case BY_URL:
		return s->source_url;
	default:
		return s->text;
	}
}

static int
carries(const struct snippet *s, size_t n, enum id_kind kind)
{
	size_t i;

	for (i = 0; i < n && i < LIVE_IDS_MAX; i++) {
		if (id_of(&s[i], kind) != NULL)
			return 1;
	}
	return 0;
}

/* The first kind that either carries; both are asked alike. */
static enum id_kind
kind_of(const struct live_look *a, const struct live_look *b, int cited)
{
	const struct answer *x = &a->answer, *y = &b->answer;
	int k;

	for (k = BY_SECTION; k < BY_TEXT; k++) {
		if (cited ? carries(x->cited, x->n_cited, (enum id_kind)k) ||
		    carries(y->cited, y->n_cited, (enum id_kind)k) :
		    carries(x->retrieved, x->n_retrieved, (enum id_kind)k) ||
		    carries(y->retrieved, y->n_retrieved, (enum id_kind)k))
			break;
	}
	return (enum id_kind)k;
}

/* Each id once, in order. */
static size_t
list(const struct snippet *s, size_t n, enum id_kind kind, const char **out)
{
	const char *id;
	size_t i, k, used = 0;

	for (i = 0; i < n && used < LIVE_IDS_MAX; i++) {
		id = id_of(&s[i], kind);
		if (id == NULL)
			continue;
		for (k = 0; k < used && strcmp(out[k], id) != 0; k++)
			continue;
		if (k == used)
			out[used++] = id;
	}
	return used;
}

static void
fill(struct live_look *k, enum id_kind ranked, enum id_kind cited)
{
	const struct answer *a = &k->answer;
	size_t i;

	if (k->ex == NULL || !k->answered)
		return;
	k->n_ids = list(a->retrieved, a->n_retrieved, ranked, k->ids);
	k->n_cited = list(a->cited, a->n_cited, cited, k->cited);
	k->cited_have = extract_cited_fields(k->spec) & ~FIELD_SCORE;
	for (i = 0; i < a->n_cited; i++)
		k->cited_have &= a->cited[i].have;
}

void
live_look_ids(struct live_look *a, struct live_look *b,
    struct live_look *third)
{
	enum id_kind ranked = kind_of(a, b, 0), cited = kind_of(a, b, 1);

	/* spans name passages in another way than the service does */
	if (a->elsewhere)
		return;
	fill(a, ranked, cited);
	fill(b, ranked, cited);
	if (third != NULL)
		fill(third, ranked, cited);
}

/* ---- differences ------------------------------------------------------- */

static int
lists_differ(const char *const *a, size_t na, const char *const *b,
    size_t nb)
{
	size_t i;

	for (i = 0; na == nb && i < na; i++) {
		if (strcmp(a[i], b[i]) != 0)
			return 1;
	}
	return na != nb;
}

int
live_look_differ(const struct live_look *a, const struct live_look *b)
{
	if ((a->text == NULL) != (b->text == NULL) || a->text_n != b->text_n ||
	    (a->text != NULL && b->text != NULL &&
	    memcmp(a->text, b->text, a->text_n) != 0))
		return 1;
	return lists_differ(a->ids, a->n_ids, b->ids, b->n_ids) ||
	    lists_differ(a->cited, a->n_cited, b->cited, b->n_cited) ||
	    (a->n_cited > 0 && a->cited_have != b->cited_have);
}
