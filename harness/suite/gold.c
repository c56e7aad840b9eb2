/* One gold case: parsing, wordings, expectations; see caseset.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/opt.h"
#include "harness/base/text.h"
#include "harness/suite/caseset_part.h"
#include "harness/suite/perturb.h"

static const char *const op_names[EXPECT_OP_N] = {
	[EXPECT_EQ] = "eq", [EXPECT_GE] = "ge", [EXPECT_LE] = "le",
	[EXPECT_CONTAINS] = "contains",
	[EXPECT_NOT_CONTAINS] = "not_contains",
	[EXPECT_MATCHES] = "matches", [EXPECT_EXISTS] = "exists"
};

/* The members of a case that mean something here. */
enum key {
	KEY_ID, KEY_QUESTION, KEY_PARAPHRASES, KEY_SECTION_IDS,
	KEY_SECTION_ID, KEY_DECOY_IDS, KEY_ANSWERS, KEY_ANSWER,
	KEY_SNIPPET_IDS, KEY_SNIPPET_ID, KEY_UNANSWERABLE, KEY_CRITICAL,
	KEY_TAGS, KEY_REQUEST, KEY_RECORDED, KEY_EXPECT, KEY_N
};

static const char *const keys[KEY_N] = {
	[KEY_ID] = "id", [KEY_QUESTION] = "question",
	[KEY_PARAPHRASES] = "paraphrases", [KEY_SECTION_IDS] = "section_ids",
	[KEY_SECTION_ID] = "section_id", [KEY_DECOY_IDS] = "decoy_ids",
	[KEY_ANSWERS] = "answers", [KEY_ANSWER] = "answer",
	[KEY_SNIPPET_IDS] = "snippet_ids", [KEY_SNIPPET_ID] = "snippet_id",
	[KEY_UNANSWERABLE] = "unanswerable", [KEY_CRITICAL] = "critical",
	[KEY_TAGS] = "tags", [KEY_REQUEST] = "request",
	[KEY_RECORDED] = "recorded", [KEY_EXPECT] = "expect"
};

void
gold_init(struct gold *g)
{
	memset(g, 0, sizeof(*g));
}

static void
gold_clear(struct gold *g)
{
	struct gold_mem *m = g->mem;
	size_t i;

	for (i = 0; i < m->n_text; i++)
		free(m->text[i]);
	m->n_text = 0;
	for (i = 0; i < 6; i++) {
		free(m->list[i]);
		m->list[i] = NULL;
	}
	for (i = 0; i < m->n_expect; i++) {
		json_ptr_free(m->at[i]);
		regex_free(m->re[i]);
	}
	m->n_expect = 0;
	if (m->doc != NULL)
		json_doc_reset(m->doc);
	memset(g, 0, sizeof(*g));
	g->mem = m;
}

int
gold_expects(const struct gold *g)
{
	return g->section_ids.n + g->snippet_ids.n + g->answers.n +
	    g->n_expect > 0 || g->unanswerable;
}

void
gold_fini(struct gold *g)
{
	struct gold_mem *m = g->mem;

	if (m == NULL)
		return;
	gold_clear(g);
	json_doc_free(m->doc);
	free(m->text);
	free(m->expect);
	free(m->at);
	free(m->re);
	buf_fini(&m->line);
	case_ahead_fini(&m->ahead);
	free(m);
	g->mem = NULL;
}

/* Takes s. returns it, or NULL when memory is out */
static const char *
own_text(struct gold_mem *m, char *s)
{
	size_t cap = m->cap_text == 0 ? 8 : m->cap_text * 2;
	char **v;

	if (s == NULL)
		return NULL;
	if (m->n_text == m->cap_text) {
		v = realloc(m->text, cap * sizeof(*v));
		if (v == NULL) {
			free(s);
			return NULL;
		}
		m->text = v;
		m->cap_text = cap;
	}
	m->text[m->n_text++] = s;
	return s;
}

/* ---- lists ------------------------------------------------------------- */

/* An element's text; ids may be numbers. */
static const char *
element(struct gold_mem *m, const struct json *j)
{
	struct buf b;
	char *s;

	if (json_str(j) != NULL || json_kind(j) != JSON_NUMBER)
		return json_str(j);
	buf_init(&b, 64);
	json_write(&b, j);
	s = buf_steal(&b);
	buf_fini(&b);
	return own_text(m, s);
}

static int
list(struct gold_mem *m, int slot, const struct json *j, const char *key,
    struct gold_list *out, const char *where, struct err *err)
{
	const struct json *e = json_kind(j) == JSON_ARRAY ? json_first(j) : j;
	size_t n = json_kind(j) == JSON_ARRAY ? json_size(j) : 1;

	if (j == NULL || json_kind(j) == JSON_NULL || n == 0)
		return RC_OK;
	if (n > GOLD_LIST_MAX)
		return err_set(err, RC_FORMAT, "%s: \"%s\" has more than %d "
		    "elements", where, key, GOLD_LIST_MAX);
	m->list[slot] = calloc(n, sizeof(char *));
	if (m->list[slot] == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	out->v = m->list[slot];
	for (; e != NULL && out->n < n; e = json_next(e)) {
		const char *s = element(m, e);

		if (s == NULL)
			return err_set(err, RC_FORMAT, "%s: \"%s\" must be "
			    "texts", where, key);
		out->v[out->n++] = s;
	}
	return RC_OK;
}

static int
lists(struct gold *g, const struct json *const at[KEY_N], const char *where,
    struct err *err)
{
	struct gold_mem *m = g->mem;
	const struct {
		enum key many, one;
		struct gold_list *out;
	} rows[] = {
		{ KEY_PARAPHRASES, KEY_N, &g->paraphrases },
		{ KEY_SECTION_IDS, KEY_SECTION_ID, &g->section_ids },
		{ KEY_DECOY_IDS, KEY_N, &g->decoy_ids },
		{ KEY_ANSWERS, KEY_ANSWER, &g->answers },
		{ KEY_SNIPPET_IDS, KEY_SNIPPET_ID, &g->snippet_ids },
	};
	const struct json *j;
	int i, rc = RC_OK;

	for (i = 0; i < 5 && rc == RC_OK; i++) {
		j = at[rows[i].many];
		if (j == NULL && rows[i].one != KEY_N)
			j = at[rows[i].one];
		rc = list(m, i, j, keys[rows[i].many], rows[i].out, where,
		    err);
	}
	return rc;
}

/* ---- expectations ------------------------------------------------------ */

static int
expectation(struct gold_mem *m, const struct json *j, const char *where,
    struct err *err)
{
	const char *op = json_get_str(j, "op"), *at = json_get_str(j, "at");
	struct expect *e = &m->expect[m->n_expect];
	struct err sub = ERR_INIT;
	int i;

	m->at[m->n_expect] = NULL;
	m->re[m->n_expect] = NULL;
	memset(e, 0, sizeof(*e));
	for (i = 0; op != NULL && i < EXPECT_OP_N; i++) {
		if (strcmp(op, op_names[i]) == 0)
			break;
	}
	if (i == EXPECT_OP_N || at == NULL)
		return err_set(err, RC_FORMAT, "%s: an expectation is {at: "
		    "POINTER, op: eq, ge, le, contains, not_contains, "
		    "matches or exists, value: ...}", where);
	e->op = (enum expect_op)i;
	e->value = json_get(j, "value");
	if (e->value == NULL && e->op != EXPECT_EXISTS)
		return err_set(err, RC_FORMAT, "%s: the expectation at %s "
		    "has no value", where, at);
	m->at[m->n_expect] = json_ptr_new(at, &sub);
	if (m->at[m->n_expect] == NULL)
		return err_set(err, RC_FORMAT, "%s: %s", where, sub.msg);
	e->at = m->at[m->n_expect];
	if (e->op == EXPECT_MATCHES) {
		m->re[m->n_expect] = regex_new(json_str(e->value) != NULL ?
		    json_str(e->value) : "(", &sub);
		e->re = m->re[m->n_expect];
	}
	m->n_expect++;
	return e->op != EXPECT_MATCHES || e->re != NULL ? RC_OK :
	    err_set(err, RC_FORMAT, "%s: %s", where, sub.msg);
}

/* Whether an expectation asks for a status from 400 to 499. */
static int
wants_4xx(const struct expect *e)
{
	double v = json_num(e->value, 0);

	return strcmp(json_ptr_text(e->at), "/status") == 0 &&
	    (e->op == EXPECT_EQ || e->op == EXPECT_GE) && v >= 400 && v < 500;
}

static int
expectations(struct gold *g, const struct json *j, const char *where,
    struct err *err)
{
	struct gold_mem *m = g->mem;
	int rc = RC_OK;

	if (j == NULL || json_kind(j) == JSON_NULL)
		return RC_OK;
	if (json_kind(j) != JSON_ARRAY || json_size(j) > EXPECT_MAX)
		return err_set(err, RC_FORMAT, "%s: \"expect\" is a list of "
		    "at most %d", where, EXPECT_MAX);
	if (m->expect == NULL) {
		m->expect = calloc(EXPECT_MAX, sizeof(*m->expect));
		m->at = calloc(EXPECT_MAX, sizeof(struct json_ptr *));
		m->re = calloc(EXPECT_MAX, sizeof(struct regex *));
	}
	if (m->expect == NULL || m->at == NULL || m->re == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (j = json_first(j); j != NULL && rc == RC_OK; j = json_next(j)) {
		rc = expectation(m, j, where, err);
		if (rc == RC_OK)
			g->expects_4xx |= wants_4xx(
			    &m->expect[m->n_expect - 1]);
	}
	g->expect = m->expect;
	g->n_expect = m->n_expect;
	return rc;
}

/* ---- one line ---------------------------------------------------------- */

struct buf *
gold_line(struct gold *g)
{
	struct gold_mem *m = g->mem;

	if (m == NULL) {
		m = calloc(1, sizeof(*m));
		if (m == NULL)
			return NULL;
		buf_init(&m->line, CASE_LINE_MAX + 1);
		case_ahead_init(&m->ahead);
		g->mem = m;
	}
	return &m->line;
}

/* Finds all members in one walk; the first of several of a name counts. */
static void
members(const struct json *doc, const struct json *at[KEY_N])
{
	const struct json *m;
	const char *name;
	int i;

	memset(at, 0, KEY_N * sizeof(const struct json *));
	for (m = json_first(doc); m != NULL; m = json_next(m)) {
		name = json_key(m);
		for (i = 0; i < KEY_N; i++) {
			if (keys[i][0] == name[0] && at[i] == NULL &&
			    strcmp(keys[i], name) == 0)
				at[i] = m;
		}
	}
}

static int
fields(struct gold *g, const struct json *const at[KEY_N], const char *where,
    struct err *err)
{
	g->id = json_str(at[KEY_ID]);
	g->question = json_str(at[KEY_QUESTION]);
	if (g->id == NULL || *g->id == '\0')
		return err_set(err, RC_FORMAT, "%s: \"id\" must be a text",
		    where);
	if (text_has_controls(g->id))
		return err_set(err, RC_FORMAT, "%s: \"id\" holds a control "
		    "character", where);
	if (g->question == NULL || *g->question == '\0')
		return err_set(err, RC_FORMAT, "%s: case \"%.80s\" has no "
		    "\"question\"", where, g->id);
	g->unanswerable = json_bool(at[KEY_UNANSWERABLE], 0);
	g->critical = json_bool(at[KEY_CRITICAL], 0);
	g->tags = at[KEY_TAGS];
	g->request = at[KEY_REQUEST];
	g->recorded = json_str(at[KEY_RECORDED]);
	if (json_kind(g->request) == JSON_NULL)
		g->request = NULL;
	if (json_kind(g->tags) != JSON_OBJECT)
		g->tags = NULL;
	return RC_OK;
}

int
gold_parse(struct gold *g, const char *line, size_t n, const char *where,
    struct err *err)
{
	const struct json *at[KEY_N];
	struct err sub = ERR_INIT;
	struct gold_mem *m;
	int rc;

	if (gold_line(g) == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	m = g->mem;
	gold_clear(g);
	if (m->doc == NULL)
		m->doc = json_doc_new();
	if (m->doc == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	g->doc = json_doc_parse(m->doc, line, n, &sub);
	if (g->doc == NULL)
		return err_set(err, sub.code, "%s: not valid JSON (%s)",
		    where, sub.msg);
	if (json_kind(g->doc) != JSON_OBJECT)
		return err_set(err, RC_FORMAT, "%s: a case is an object",
		    where);
	members(g->doc, at);
	rc = fields(g, at, where, err);
	if (rc == RC_OK)
		rc = lists(g, at, where, err);
	if (rc == RC_OK)
		rc = expectations(g, at[KEY_EXPECT], where, err);
	return rc;
}

/* ---- wordings ---------------------------------------------------------- */

/* Whether a hash is among n; adds it when it is not. */
static int
met_before(uint64_t *seen, size_t *n, uint64_t h)
{
	size_t i;

	for (i = 0; i < *n; i++) {
		if (seen[i] == h)
			return 1;
	}
	seen[(*n)++] = h;
	return 0;
}

/* The k-th perturbation that is no wording yet; NULL: there are fewer. */
static const char *
perturbed(struct gold *g, const struct suite *s, size_t k)
{
	enum { ROUNDS = 4 };
	uint64_t seen[ROUNDS * SUITE_PERTURB_MAX];
	size_t n_seen = 0, i;
	struct buf b;
	uint32_t round;

	buf_init(&b, CASE_LINE_MAX);
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < s->n_perturb; i++) {
			buf_reset(&b);
			if (!perturb(s->perturb[i], g->question, round, &b) ||
			    met_before(seen, &n_seen, hash_u64(b.p, b.len)) ||
			    k-- > 0)
				continue;
			return own_text(g->mem, buf_steal(&b));
		}
	}
	buf_fini(&b);
	return NULL;
}

const char *
gold_wording(struct gold *g, const struct suite *s, uint32_t p, int *made)
{
	const struct json *same = json_get(g->doc, "same_answer_questions");
	const char *text;
	size_t k;

	*made = 0;
	if (p == 0)
		return g->question;
	k = p - 1;
	if (k < g->paraphrases.n)
		return g->paraphrases.v[k];
	k -= g->paraphrases.n;
	text = json_str(json_at(same, k));
	if (text != NULL)
		return text;
	k -= json_kind(same) == JSON_ARRAY ? json_size(same) : 0;
	text = perturbed(g, s, k);
	*made = text != NULL;
	return text != NULL ? text : g->question;
}

/* ---- judging expectations ---------------------------------------------- */

struct look {
	const struct expect *e;
	int found, holds;
};

static int
contains(const struct json *j, const struct json *what)
{
	const char *s = json_str(j), *w = json_str(what);
	const struct json *m;

	if (s != NULL && w != NULL)
		return strstr(s, w) != NULL;
	for (m = json_first(j); m != NULL; m = json_next(m)) {
		if (json_equal(m, what))
			return 1;
	}
	return 0;
}

static int
compare(const struct expect *e, const struct json *j)
{
	double a = json_num(j, NAN), b = json_num(e->value, NAN);
	const char *s = json_str(j);

	switch (e->op) {
	case EXPECT_EQ:
		return json_equal(j, e->value);
	case EXPECT_GE:
		return a >= b;
	case EXPECT_LE:
		return a <= b;
	case EXPECT_CONTAINS:
	case EXPECT_NOT_CONTAINS:
		return contains(j, e->value);
	case EXPECT_MATCHES:
		return s != NULL && e->re != NULL &&
		    regex_find(e->re, s, strlen(s), 0, NULL, NULL) == 1;
	default:
		return 1;
	}
}

static int
look_at(void *ctx, const struct json *j)
{
	struct look *l = ctx;

	l->found = 1;
	l->holds |= compare(l->e, j);
	return l->holds;
}

int
expect_holds(const struct expect *e, const struct json *body, int status)
{
	struct look l = { e, 0, 0 };
	struct json *wrap;

	if (strcmp(json_ptr_text(e->at), "/status") == 0) {
		wrap = json_new_num(status);
		(void)look_at(&l, wrap);
		json_free(wrap);
	} else {
		(void)json_ptr_each(e->at, body, look_at, &l);
	}
	if (e->op == EXPECT_EXISTS)
		return l.found == json_bool(e->value, 1);
	if (e->op == EXPECT_NOT_CONTAINS)
		return body != NULL && !l.holds;
	return l.holds;
}

void
expect_text(const struct expect *e, struct buf *out)
{
	static const char *const words[EXPECT_OP_N] = {
		[EXPECT_EQ] = "is", [EXPECT_GE] = "is at least",
		[EXPECT_LE] = "is at most", [EXPECT_CONTAINS] = "contains",
		[EXPECT_NOT_CONTAINS] = "does not contain",
		[EXPECT_MATCHES] = "matches", [EXPECT_EXISTS] = "exists"
	};
	const char *at = json_ptr_text(e->at);

	buf_puts(out, *at == '/' ? at + 1 : "the answer");
	if (e->op == EXPECT_EXISTS) {
		buf_puts(out, json_bool(e->value, 1) ? " exists" :
		    " is absent");
		return;
	}
	buf_printf(out, " %s ", words[e->op]);
	json_write(out, e->value);
}
