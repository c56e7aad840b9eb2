/* Assertions of a case: reading them, and whether they hold; see caseset.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/suite/caseset_part.h"

static const char *const op_names[EXPECT_OP_N] = {
	[EXPECT_EQ] = "eq", [EXPECT_GE] = "ge", [EXPECT_LE] = "le",
	[EXPECT_CONTAINS] = "contains",
	[EXPECT_NOT_CONTAINS] = "not_contains",
	[EXPECT_MATCHES] = "matches", [EXPECT_EXISTS] = "exists"
};

/* ---- expectations ------------------------------------------------------ */

/* A pointer or pattern that a NUL would end: half of it expects less. */
static int
has_nul(const struct json *j)
{
	size_t n;
	const char *s = json_text(j, &n);

	return s != NULL && strlen(s) != n;
}

/* A value of the wrong type would never hold, or, for `exists`, hold the wrong
 * way round. */
static int
check_value(const struct expect *e, const char *at, const char *where,
    struct err *err)
{
	static const struct {
		enum json_kind kind;
		const char *kind_name;
	} wants[EXPECT_OP_N] = {
		[EXPECT_GE] = { JSON_NUMBER, "a number" },
		[EXPECT_LE] = { JSON_NUMBER, "a number" },
		[EXPECT_MATCHES] = { JSON_STRING, "a text" },
		[EXPECT_EXISTS] = { JSON_BOOL, "true or false" },
	};

	if (e->value == NULL && e->op != EXPECT_EXISTS)
		return err_set(err, RC_FORMAT, "%s: the expectation at %s "
		    "has no value", where, at);
	if (e->value == NULL || wants[e->op].kind_name == NULL ||
	    json_kind(e->value) == wants[e->op].kind)
		return RC_OK;
	return err_set(err, RC_FORMAT, "%s: the expectation at %s is \"%s\", "
	    "so its value must be %s", where, at, op_names[e->op],
	    wants[e->op].kind_name);
}

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
		return err_set(err, RC_FORMAT, "%s: an expectation must be "
		    "{at: POINTER, op: eq, ge, le, contains, not_contains, "
		    "matches or exists, value: ...}", where);
	e->op = (enum expect_op)i;
	e->value = json_get(j, "value");
	if (check_value(e, at, where, err) != RC_OK)
		return RC_FORMAT;
	if (has_nul(json_get(j, "at")))
		return err_set(err, RC_FORMAT, "%s: the pointer of an "
		    "expectation has a NUL behind %s", where, at);
	if (e->op == EXPECT_MATCHES && has_nul(e->value))
		return err_set(err, RC_FORMAT, "%s: the pattern at %s has a "
		    "NUL; write it as \\x00", where, at);
	m->at[m->n_expect] = json_ptr_new(at, &sub);
	if (m->at[m->n_expect] == NULL)
		return err_set(err, RC_FORMAT, "%s: %s", where, sub.msg);
	e->at = m->at[m->n_expect];
	if (e->op == EXPECT_MATCHES) {
		m->re[m->n_expect] = regex_new(json_str(e->value), &sub);
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

/* Whether it asks for a status that comes without a body. */
static int
wants_none(const struct expect *e)
{
	double v = json_num(e->value, 0);

	return e->op == EXPECT_EQ && (v == 204 || v == 205);
}

/* Whether it looks at what a service says of its own failure. */
static int
looks_at_error(const struct expect *e)
{
	const char *at = json_ptr_text(e->at);

	return strstr(at, "/error") != NULL && (e->op != EXPECT_EXISTS ||
	    json_bool(e->value, 1)) && e->op != EXPECT_NOT_CONTAINS;
}

int
gold_expectations(struct gold *g, const struct json *j, const char *where,
    struct err *err)
{
	struct gold_mem *m = g->mem;
	int rc = RC_OK;

	if (j == NULL || json_kind(j) == JSON_NULL)
		return RC_OK;
	if (json_kind(j) != JSON_ARRAY || json_size(j) > EXPECT_MAX)
		return err_set(err, RC_FORMAT, "%s: \"expect\" must be a list "
		    "of at most %d", where, EXPECT_MAX);
	if (m->expect == NULL) {
		m->expect = calloc(EXPECT_MAX, sizeof(*m->expect));
		m->at = calloc(EXPECT_MAX, sizeof(struct json_ptr *));
		m->re = calloc(EXPECT_MAX, sizeof(struct regex *));
	}
	if (m->expect == NULL || m->at == NULL || m->re == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (j = json_first(j); j != NULL && rc == RC_OK; j = json_next(j)) {
		rc = expectation(m, j, where, err);
		if (rc != RC_OK)
			break;
		g->expects_4xx |= wants_4xx(&m->expect[m->n_expect - 1]);
		g->expects_error |= looks_at_error(
		    &m->expect[m->n_expect - 1]);
	}
	g->expect = m->expect;
	g->n_expect = m->n_expect;
	return rc;
}

/* ---- judging expectations ---------------------------------------------- */

struct look {
	const struct expect *e;
	int found, holds;
};

static int
contains(const struct json *j, const struct json *what)
{
	size_t s_n, w_n;
	const char *s = json_text(j, &s_n), *w = json_text(what, &w_n);
	const struct json *m;

	if (s != NULL && w != NULL)
		return memmem(s, s_n, w, w_n) != NULL;
	for (m = json_first(j); m != NULL; m = json_next(m)) {
		if (json_equal(m, what))
			return 1;
	}
	return 0;
}

/* Whether a text holds it, at any depth. */
static int
mentions(const struct json *j, const struct json *what)
{
	const struct json *m;

	if (json_kind(j) == JSON_STRING)
		return contains(j, what);
	for (m = json_first(j); m != NULL; m = json_next(m)) {
		if (mentions(m, what))
			return 1;
	}
	return 0;
}

/* What may not be there is looked for within the parts of an object or a list,
 * too: a text that became one is no way around. */
static int
hides(const struct json *j, const struct json *what)
{
	const struct json *m;

	if (json_kind(what) != JSON_STRING)
		return 0;
	if (json_kind(j) == JSON_OBJECT)
		return mentions(j, what);
	for (m = json_first(j); m != NULL; m = json_next(m)) {
		if (json_first(m) != NULL && mentions(m, what))
			return 1;
	}
	return 0;
}

static int
compare(const struct expect *e, const struct json *j)
{
	const char *s;
	size_t n;
	int order;

	switch (e->op) {
	case EXPECT_EQ:
		return json_equal(j, e->value);
	case EXPECT_GE:
		return json_order(j, e->value, &order) && order >= 0;
	case EXPECT_LE:
		return json_order(j, e->value, &order) && order <= 0;
	case EXPECT_CONTAINS:
		return contains(j, e->value);
	case EXPECT_NOT_CONTAINS:
		return contains(j, e->value) || hides(j, e->value);
	case EXPECT_MATCHES:
		s = json_text(j, &n);
		return s != NULL && e->re != NULL &&
		    regex_find(e->re, s, n, 0, NULL, NULL) == 1;
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

/* A header's value: as a number where one is asked for and it is one. */
static struct json *
header_value(const struct expect *e, const char *value)
{
	struct json *j = json_kind(e->value) != JSON_NUMBER ? NULL :
	    json_parse(value, strlen(value), NULL);

	if (json_kind(j) == JSON_NUMBER)
		return j;
	json_free(j);
	return json_new_str(value);
}

/* What an answer says outside its body. */
static void
look_at_head(struct look *l, const char *at, const struct exchange *ex)
{
	const char *value;
	struct json *j;

	if (strcmp(at, "/status") == 0) {
		j = json_new_num(ex->status);
	} else {
		value = exchange_header(ex, at + strlen("/headers/"));
		j = value == NULL ? NULL : header_value(l->e, value);
	}
	if (j != NULL)
		(void)look_at(l, j);
	json_free(j);
}

/* Services tell a state of their own under "status", which is no number. */
static int
looks_at_head(const struct expect *e, const char *at,
    const struct json *body)
{
	if (strcmp(at, "/status") == 0)
		return e->op == EXPECT_EXISTS ||
		    json_kind(e->value) == JSON_NUMBER ||
		    json_get(body, "status") == NULL;
	return strncmp(at, "/headers/", 9) == 0 &&
	    json_get(body, "headers") == NULL;
}

int
expect_holds(const struct expect *e, const struct json *body,
    const struct exchange *ex)
{
	const char *at = json_ptr_text(e->at);
	struct look l = { e, 0, 0 };
	int head = looks_at_head(e, at, body);

	if (head)
		look_at_head(&l, at, ex);
	else
		(void)json_ptr_each(e->at, body, look_at, &l);
	if (e->op == EXPECT_EXISTS)
		return l.found == json_bool(e->value, 1);
	if (e->op == EXPECT_NOT_CONTAINS)
		return (body != NULL || head) && !l.holds;
	return l.holds;
}

int
expect_grounds(const struct gold *g, const struct json *body,
    const struct exchange *ex)
{
	const struct expect *e;
	size_t i;
	int grounds = 0;

	for (i = 0; i < g->n_expect; i++) {
		e = &g->expect[i];
		if (!expect_holds(e, body, ex))
			return 0;
		grounds |= e->op != EXPECT_NOT_CONTAINS &&
		    (e->op != EXPECT_EXISTS || json_bool(e->value, 1)) &&
		    (strcmp(json_ptr_text(e->at), "/status") != 0 ||
		    !looks_at_head(e, "/status", body) || wants_none(e));
	}
	return grounds;
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
