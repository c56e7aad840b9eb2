/* One gold case: from its line to struct gold; see caseset.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/suite/case_keys.h"
#include "harness/suite/caseset_part.h"
#include "harness/suite/line_check.h"

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
		free(m->len[i]);
		m->list[i] = NULL;
		m->len[i] = NULL;
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
	    g->n_expect > 0 || g->unanswerable || g->answerable;
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

const char *
gold_keep(struct gold_mem *m, char *s)
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

/* An element's text; ids may be numbers, and are then as they are written. */
static const char *
element(struct gold_mem *m, const struct json *j, size_t *n)
{
	const char *word = NULL;
	struct buf b;

	if (json_kind(j) == JSON_STRING)
		return json_text(j, n);
	buf_init(&b, CASE_LINE_MAX);
	if (json_kind(j) != JSON_BOOL)
		word = json_word(j, &b);
	if (word != NULL && word == b.p)
		word = gold_keep(m, buf_steal(&b));
	buf_fini(&b);
	*n = word == NULL ? 0 : strlen(word);
	return word;
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
	m->len[slot] = calloc(n, sizeof(size_t));
	if (m->list[slot] == NULL || m->len[slot] == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	out->v = m->list[slot];
	out->len = m->len[slot];
	for (; e != NULL && out->n < n; e = json_next(e)) {
		const char *s = element(m, e, &out->len[out->n]);

		if (s == NULL)
			return err_set(err, RC_FORMAT, "%s: \"%s\" must be "
			    "texts", where, key);
		out->v[out->n++] = s;
	}
	return RC_OK;
}

static int
lists(struct gold *g, const struct json *const at[CASE_MEMBER_N],
    const char *where, struct err *err)
{
	struct gold_mem *m = g->mem;
	const struct {
		enum case_member many, one;
		struct gold_list *out;
	} rows[] = {
		{ CASE_PARAPHRASES, CASE_MEMBER_N, &g->paraphrases },
		{ CASE_SECTION_IDS, CASE_SECTION_ID, &g->section_ids },
		{ CASE_DECOY_IDS, CASE_MEMBER_N, &g->decoy_ids },
		{ CASE_ANSWERS, CASE_ANSWER, &g->answers },
		{ CASE_SNIPPET_IDS, CASE_SNIPPET_ID, &g->snippet_ids },
	};
	const struct json *j;
	int i, rc = RC_OK;

	for (i = 0; i < 5 && rc == RC_OK; i++) {
		j = at[rows[i].many];
		if (j == NULL && rows[i].one != CASE_MEMBER_N)
			j = at[rows[i].one];
		rc = list(m, i, j, case_member_names[rows[i].many],
		    rows[i].out, where, err);
	}
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

/* json_parse() says "line 1, column C: what" of a line. */
static int
not_json(const char *where, const struct err *e, struct err *err)
{
	const char *column = strstr(e->msg, "column "), *what;

	what = column == NULL ? NULL : strstr(column, ": ");
	if (what == NULL)
		return err_set(err, e->code, "%s: %s", where, e->msg);
	return err_set(err, e->code, "%s: %s (%.*s)", where, what + 2,
	    (int)(what - column), column);
}

/* Finds all members in one walk. */
static void
members(const struct json *doc, const struct json *at[CASE_MEMBER_N])
{
	const struct json *m;
	const char *name, *known;
	int i;

	memset(at, 0, CASE_MEMBER_N * sizeof(const struct json *));
	for (m = json_first(doc); m != NULL; m = json_next(m)) {
		name = json_key(m);
		for (i = 0; i < CASE_MEMBER_N; i++) {
			known = case_member_names[i];
			if (known[0] == name[0] && strcmp(known, name) == 0)
				at[i] = m;
		}
	}
}

static int
fields(struct gold *g, const struct json *const at[CASE_MEMBER_N],
    const char *where, struct err *err)
{
	size_t id_n;

	g->id = json_text(at[CASE_ID], &id_n);
	g->question = json_text(at[CASE_QUESTION], &g->question_n);
	if (g->id == NULL || *g->id == '\0')
		return err_set(err, RC_FORMAT, "%s: \"id\" must be a text%s",
		    where, at[CASE_ID] == NULL ? "; there is none" : "");
	if (strlen(g->id) != id_n || text_has_controls(g->id))
		return err_set(err, RC_FORMAT, "%s: \"id\" has a control "
		    "character", where);
	if (g->question == NULL || g->question_n == 0)
		return err_set(err, RC_FORMAT, "%s: case \"%.80s\" has no "
		    "\"question\"", where, g->id);
	g->no_question = json_bool(at[CASE_NO_QUESTION], 0);
	g->unanswerable = json_bool(at[CASE_UNANSWERABLE], 0);
	g->answerable = at[CASE_UNANSWERABLE] != NULL && !g->unanswerable;
	g->critical = json_bool(at[CASE_CRITICAL], 0);
	g->tags = at[CASE_TAGS];
	g->request = at[CASE_REQUEST];
	g->recorded = json_str(at[CASE_RECORDED]);
	if (json_kind(g->request) == JSON_NULL)
		g->request = NULL;
	if (json_kind(g->tags) != JSON_OBJECT)
		g->tags = NULL;
	return RC_OK;
}

/* The document of a line: g->doc. */
static int
read_line(struct gold *g, const char *line, size_t n, const char *where,
    struct err *err)
{
	struct err sub = ERR_INIT;
	struct gold_mem *m;

	if (gold_line(g) == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	m = g->mem;
	gold_clear(g);
	if (m->doc == NULL)
		m->doc = json_doc_new();
	if (m->doc == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	m->source = line;
	m->source_n = n;
	g->doc = json_doc_parse(m->doc, line, n, &sub);
	if (g->doc == NULL)
		return not_json(where, &sub, err);
	if (json_kind(g->doc) != JSON_OBJECT)
		return err_set(err, RC_FORMAT, "%s: a case must be an object",
		    where);
	return RC_OK;
}

static int
fill(struct gold *g, const char *where, struct err *err)
{
	const struct json *at[CASE_MEMBER_N];
	int rc;

	members(g->doc, at);
	rc = fields(g, at, where, err);
	if (rc == RC_OK)
		rc = lists(g, at, where, err);
	if (rc == RC_OK)
		rc = gold_expectations(g, at[CASE_EXPECT], where, err);
	return rc;
}

int
gold_parse(struct gold *g, const char *line, size_t n, const char *where,
    struct err *err)
{
	int rc = read_line(g, line, n, where, err);

	return rc == RC_OK ? fill(g, where, err) : rc;
}

int
gold_parse_new(struct gold *g, const char *line, size_t n, const char *where,
    struct err *err)
{
	struct err sub = ERR_INIT;
	int rc = line_check_bytes(line, n, &sub);

	if (rc == RC_OK)
		rc = read_line(g, line, n, where, err);
	if (rc == RC_OK)
		rc = line_check(g->doc, "@case", &sub);
	if (sub.code != RC_OK)
		return err_set(err, sub.code, "%s: %s", where, sub.msg);
	return rc == RC_OK ? fill(g, where, err) : rc;
}
