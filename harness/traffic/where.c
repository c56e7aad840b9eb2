/* Choosing exchanges by conditions; see where.h. */
#include "harness/traffic/where.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/opt.h"
#include "harness/base/regex.h"
#include "harness/traffic/where_part.h"

enum { CONDS_MAX = 64, TEXT_MAX = 1 << 20, VALUES_MAX = 256 };

enum field {
	F_PATH, F_TARGET, F_METHOD, F_STATUS, F_OUTCOME, F_ID, F_SESSION,
	F_CASE, F_TOTAL_MS, F_TTFT_MS, F_NAMED, F_HEADER = F_NAMED, F_ANSWER,
	F_POINTER
};
static const char *const field_names[F_NAMED] = {
	"path", "target", "method", "status", "outcome", "id", "session",
	"case", "total_ms", "ttft_ms"
};

enum op { OP_EQ, OP_NE, OP_RE, OP_NRE, OP_LE, OP_GE, OP_LT, OP_GT,
	OP_EXISTS, OP_N = OP_EXISTS };
/* The longer of two that begin alike stands first. */
static const struct {
	const char *text;
	enum op op;
} ops[OP_N] = {
	{ "!=", OP_NE }, { "!~", OP_NRE }, { "<=", OP_LE }, { ">=", OP_GE },
	{ "=", OP_EQ }, { "~", OP_RE }, { "<", OP_LT }, { ">", OP_GT }
};

struct where_cond {
	enum field field;
	enum op op;
	char *name;		/* of a header */
	struct where_ptr *ptr;
	char **v;		/* what it is held against, any of them */
	size_t n;
	double num;		/* of < <= > >= */
	struct regex *re;
};

struct where *
where_new(void)
{
	struct where *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	buf_init(&w->plain, (size_t)65 << 20);
	buf_init(&w->word, TEXT_MAX);
	return w;
}

static void
cond_fini(struct where_cond *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		free(c->v[i]);
	free(c->v);
	free(c->name);
	where_ptr_free(c->ptr);
	regex_free(c->re);
}

void
where_free(struct where *w)
{
	size_t i;

	if (w == NULL)
		return;
	where_forget(w);
	for (i = 0; i < w->n; i++)
		cond_fini(&w->v[i]);
	free(w->v);
	buf_fini(&w->plain);
	buf_fini(&w->word);
	free(w);
}

size_t
where_n(const struct where *w)
{
	return w->n;
}

/* ---- reading conditions -------------------------------------------------- */

static int
set_field(struct where_cond *c, const char *name, struct err *err)
{
	const char *near;
	int i;

	if (*name == '/') {
		c->field = F_POINTER;
		c->ptr = where_ptr_new(name, err);
		return c->ptr == NULL ? (int)err->code : RC_OK;
	}
	for (i = 0; i < F_NAMED; i++) {
		if (strcmp(name, field_names[i]) == 0) {
			c->field = (enum field)i;
			return RC_OK;
		}
	}
	c->field = strncmp(name, "answer.", 7) == 0 ? F_ANSWER : F_HEADER;
	if ((c->field == F_ANSWER || strncmp(name, "header.", 7) == 0) &&
	    name[7] != '\0') {
		c->name = strdup(name + 7);
		return c->name == NULL ? err_set(err, RC_NOMEM,
		    "out of memory") : RC_OK;
	}
	near = opt_nearest(name, field_names, F_NAMED);
	return err_set(err, RC_FORMAT, "a condition cannot use "
	    "\"%.60s\"%s%s%s; use path, target, method, status, outcome, id, "
	    "session, case, total_ms, ttft_ms, header.NAME, answer.NAME and "
	    "pointers such as /request/body/user", name,
	    near != NULL ? " (did you mean \"" : "",
	    near != NULL ? near : "", near != NULL ? "\"?)" : "");
}

static int
is_status(const char *s)
{
	return (strlen(s) == 3 && isdigit((unsigned char)s[0]) &&
	    ((isdigit((unsigned char)s[1]) && isdigit((unsigned char)s[2])) ||
	    strcasecmp(s + 1, "xx") == 0)) || strcmp(s, "0") == 0;
}

static int
check_value(const struct where_cond *c, const char *v, struct err *err)
{
	if (c->field == F_STATUS && !is_status(v))
		return err_set(err, RC_FORMAT, "\"%.40s\" is not a status: use "
		    "404, 4xx, or 0 for none", v);
	if (c->field == F_OUTCOME && outcome_of(v) == OUTCOME_N)
		return err_set(err, RC_FORMAT, "no outcome is named \"%.40s\"; "
		    "outcomes are ok, http_5xx, timeout, reset, ...", v);
	return RC_OK;
}

static int
add_value(struct where_cond *c, const char *p, size_t n, struct err *err)
{
	char **v = realloc(c->v, (c->n + 1) * sizeof(*v));

	if (v == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	c->v = v;
	if (c->n == VALUES_MAX)
		return err_set(err, RC_FORMAT, "a condition of more than %d "
		    "values", VALUES_MAX);
	v[c->n] = strndup(p, n);
	if (v[c->n] == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	c->n++;
	return check_value(c, v[c->n - 1], err);
}

/* Values of the fields that are names may be a list, with commas. */
static int
add_values(struct where_cond *c, const char *s, struct err *err)
{
	size_t n;
	int rc = RC_OK;

	if (c->field >= F_HEADER)
		return add_value(c, s, strlen(s), err);
	do {
		n = strcspn(s, ",");
		rc = add_value(c, s, n, err);
		s += n + (s[n] == ',');
	} while (rc == RC_OK && *s != '\0');
	return rc;
}

static int
set_number(struct where_cond *c, const char *s, struct err *err)
{
	char *end;

	c->num = strtod(s, &end);
	if (end == s || *end != '\0' || !isfinite(c->num))
		return err_set(err, RC_FORMAT, "\"%.40s\" is not a number to "
		    "compare with", s);
	return RC_OK;
}

static int
set_value(struct where_cond *c, const char *s, struct err *err)
{
	switch (c->op) {
	case OP_EQ:
	case OP_NE:
		return add_values(c, s, err);
	case OP_RE:
	case OP_NRE:
		c->re = regex_new(s, err);
		return c->re == NULL ? (int)err->code : RC_OK;
	case OP_EXISTS:
		return RC_OK;
	default:
		return set_number(c, s, err);
	}
}

static struct where_cond *
add_cond(struct where *w, struct err *err)
{
	struct where_cond *v;

	if (w->n == CONDS_MAX) {
		(void)err_set(err, RC_FORMAT, "more than %d conditions",
		    CONDS_MAX);
		return NULL;
	}
	v = realloc(w->v, (w->n + 1) * sizeof(*v));
	if (v == NULL) {
		(void)err_set(err, RC_NOMEM, "out of memory");
		return NULL;
	}
	w->v = v;
	memset(&v[w->n], 0, sizeof(*v));
	return &v[w->n++];
}

/* A condition that is refused leaves nothing behind. returns rc */
static int
keep_cond(struct where *w, int rc)
{
	if (rc != RC_OK)
		cond_fini(&w->v[--w->n]);
	return rc;
}

/* The comparison at s, which is passed, blanks behind it too. */
static enum op
take_op(const char **s, enum op dflt)
{
	size_t i, n;

	for (i = 0; i < OP_N; i++) {
		n = strlen(ops[i].text);
		if (strncmp(*s, ops[i].text, n) != 0)
			continue;
		for (*s += n; **s == ' '; ++*s)
			;
		return ops[i].op;
	}
	return dflt;
}

/* Where the field ends. In a pointer ~0 and ~1 are characters. */
static size_t
field_length(const char *text)
{
	size_t n = strcspn(text, "=!~<>");

	while (*text == '/' && text[n] == '~' && (text[n + 1] == '0' ||
	    text[n + 1] == '1'))
		n += 2 + strcspn(text + n + 2, "=!~<>");
	return n;
}

static int
read_cond(struct where_cond *c, const char *text, struct err *err)
{
	size_t n = field_length(text);
	const char *s = text + n;
	char *name;
	int rc;

	while (n > 0 && text[n - 1] == ' ')
		n--;
	name = strndup(text, n);
	if (name == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = set_field(c, name, err);
	free(name);
	if (rc != RC_OK)
		return rc;
	c->op = *s == '\0' ? OP_EXISTS : take_op(&s, OP_EXISTS);
	if (c->op == OP_EXISTS && *s != '\0')
		return err_set(err, RC_FORMAT, "\"%.60s\": the operator must "
		    "be one of = != ~ !~ < <= > >=", text);
	return set_value(c, s, err);
}

int
where_add(struct where *w, const char *text, struct err *err)
{
	struct where_cond *c = add_cond(w, err);

	return c == NULL ? (int)err->code :
	    keep_cond(w, read_cond(c, text, err));
}

/* One member of a map: a text, a number, or a list of them. */
static int
read_member(struct where *w, struct where_cond *c, const struct json *m,
    struct err *err)
{
	const struct json *e = json_kind(m) == JSON_ARRAY ? json_first(m) : m;
	const char *s;
	int rc;

	rc = set_field(c, json_key(m), err);
	for (; rc == RC_OK && e != NULL; e = json_kind(m) == JSON_ARRAY ?
	    json_next(e) : NULL) {
		s = json_word(e, &w->word);
		if (s == NULL) {
			rc = err_set(err, RC_FORMAT, "\"%.60s\" needs a text, "
			    "a number or a list of them", json_key(m));
			break;
		}
		if (e == m)
			c->op = take_op(&s, OP_EQ);
		rc = c->op == OP_EQ && e != m ? add_value(c, s, strlen(s),
		    err) : set_value(c, s, err);
	}
	return rc;
}

int
where_add_map(struct where *w, const struct json *map, struct err *err)
{
	struct where_cond *c;
	const struct json *m;
	int rc = RC_OK;

	for (m = json_first(map); m != NULL && rc == RC_OK; m = json_next(m)) {
		c = add_cond(w, err);
		rc = c == NULL ? (int)err->code :
		    keep_cond(w, read_member(w, c, m, err));
	}
	return rc;
}

/* ---- holding a record against them --------------------------------------- */

/* `*` stands for any characters. */
static int
glob_match(const char *pat, const char *s, size_t n)
{
	const char *star = NULL, *end = s + n, *from = s;

	while (s < end) {
		if (*pat == '*') {
			star = pat++;
			from = s;
		} else if (*pat == *s) {
			pat++;
			s++;
		} else if (star != NULL) {
			pat = star + 1;
			s = ++from;
		} else {
			return 0;
		}
	}
	while (*pat == '*')
		pat++;
	return *pat == '\0';
}

static int
equal(const struct where_cond *c, const char *v, const char *s, size_t n)
{
	switch (c->field) {
	case F_PATH:
	case F_TARGET:
		return glob_match(v, s, n);
	case F_STATUS:
		return n > 0 && *v == *s && (strcasecmp(v + 1, "xx") == 0 ||
		    (strlen(v) == n && memcmp(v, s, n) == 0));
	case F_METHOD:
		return strlen(v) == n && strncasecmp(v, s, n) == 0;
	default:
		return strlen(v) == n && memcmp(v, s, n) == 0;
	}
}

static int
compare(const struct where_cond *c, const char *s)
{
	char *end;
	double v = strtod(s, &end);

	if (end == s || *end != '\0')
		return 0;
	switch (c->op) {
	case OP_LT:
		return v < c->num;
	case OP_LE:
		return v <= c->num;
	case OP_GT:
		return v > c->num;
	default:
		return v >= c->num;
	}
}

/* Whether one text is what is asked for; != and !~ are turned by the caller. */
static int
meets(const struct where_cond *c, const char *s, size_t n)
{
	size_t i;

	switch (c->op) {
	case OP_EXISTS:
		return 1;
	case OP_RE:
	case OP_NRE:
		return regex_find(c->re, s, n, 0, NULL, NULL) == 1;
	case OP_EQ:
	case OP_NE:
		for (i = 0; i < c->n; i++) {
			if (equal(c, c->v[i], s, n))
				return 1;
		}
		return 0;
	default:
		return compare(c, s);
	}
}

struct look {
	struct where *w;
	const struct where_cond *c;
};

static int
look_at(void *ctx, const struct json *j)
{
	struct look *l = ctx;
	const char *s = json_word(j, &l->w->word);

	if (s == NULL) {
		buf_reset(&l->w->word);
		json_write(&l->w->word, j);
		s = buf_str(&l->w->word);
	}
	return meets(l->c, s, strlen(s));
}

static int
headers_meet(const struct where_cond *c, const struct ex_header *h, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcasecmp(h[i].name, c->name) == 0 &&
		    meets(c, h[i].value, strlen(h[i].value)))
			return 1;
	}
	return 0;
}

static int
time_meets(const struct where_cond *c, int64_t ns)
{
	char text[32];

	if (ns < 0)
		return 0;
	(void)snprintf(text, sizeof(text), "%.6f", (double)ns / 1e6);
	return meets(c, text, strlen(text));
}

static int
named_meets(const struct where_cond *c, const struct exchange *ex)
{
	const char *s = NULL;
	char status[16];

	switch (c->field) {
	case F_PATH:
		return meets(c, ex->target, strcspn(ex->target, "?#"));
	case F_TARGET:
		s = ex->target;
		break;
	case F_METHOD:
		s = ex->method;
		break;
	case F_STATUS:
		(void)snprintf(status, sizeof(status), "%d", ex->status);
		s = status;
		break;
	case F_OUTCOME:
		s = outcome_name(ex->outcome);
		break;
	case F_ID:
		s = ex->id;
		break;
	case F_SESSION:
		s = ex->session;
		break;
	default:
		s = ex->key.case_id;
	}
	return s != NULL && meets(c, s, strlen(s));
}

static int
cond_holds(struct where *w, const struct where_cond *c,
    const struct exchange *ex, const char *line, size_t n)
{
	struct look l = { w, c };
	int yes;

	switch (c->field) {
	case F_HEADER:
		yes = headers_meet(c, ex->req_headers, ex->n_req_headers);
		break;
	case F_ANSWER:
		yes = headers_meet(c, ex->res_headers, ex->n_res_headers);
		break;
	case F_POINTER:
		yes = where_ptr_look(w, c->ptr, ex, line, n, look_at, &l);
		break;
	case F_TOTAL_MS:
		yes = time_meets(c, ex->total_ns);
		break;
	case F_TTFT_MS:
		yes = time_meets(c, ex->ttft_ns);
		break;
	default:
		yes = named_meets(c, ex);
	}
	return c->op == OP_NE || c->op == OP_NRE ? !yes : yes;
}

int
where_holds(struct where *w, const struct exchange *ex, const char *line,
    size_t n)
{
	size_t i;
	int yes = 1;

	for (i = 0; i < w->n && yes; i++)
		yes = cond_holds(w, &w->v[i], ex, line, n);
	where_forget(w);
	return yes;
}
