/* Request templates, compiled; see template.h. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/opt.h"
#include "harness/suite/template_part.h"

enum { NAME_MAX_LEN = 200, DEPTH_MAX = 200 };

/* The last is the prefix of the case's members. */
static const char *const var_names[] = {
	"question", "seed", "session", "run", "arm", "paraphrase", "repeat",
	"target", "body", "case.id"
};
enum { N_VARS = sizeof(var_names) / sizeof(var_names[0]) };

/* ---- compiling -------------------------------------------------------- */

static struct seg *
add_seg(struct template *t, enum seg_kind kind, struct err *err)
{
	struct seg *s;
	size_t cap;

	if (t->n == t->cap) {
		cap = t->cap == 0 ? 16 : t->cap * 2;
		s = realloc(t->seg, cap * sizeof(*s));
		if (s == NULL) {
			(void)err_set(err, RC_NOMEM, "out of memory");
			return NULL;
		}
		t->seg = s;
		t->cap = cap;
	}
	assert(t->seg != NULL);
	s = &t->seg[t->n++];
	memset(s, 0, sizeof(*s));
	s->kind = kind;
	return s;
}

/* Begins a literal, or goes on with the last one. */
static int
literal(struct template *t, const char *p, size_t n, struct err *err)
{
	struct seg *s = t->n > 0 ? &t->seg[t->n - 1] : NULL;

	if (n == 0)
		return RC_OK;
	if (s == NULL || s->kind != SEG_LITERAL ||
	    s->from + s->n != t->lit.len) {
		s = add_seg(t, SEG_LITERAL, err);
		if (s == NULL)
			return RC_NOMEM;
		s->from = t->lit.len;
	}
	buf_add(&t->lit, p, n);
	s->n += n;
	return buf_check(&t->lit, "a request template", err);
}

/* "tags.user" as the pointer /tags/user. */
static struct json_ptr *
case_ptr(const char *name, struct err *err)
{
	char text[2 * NAME_MAX_LEN + 8];
	size_t n = 0;

	text[n++] = '/';
	for (; *name != '\0'; name++) {
		if (*name == '.') {
			text[n++] = '/';
		} else if (*name == '/' || *name == '~') {
			text[n++] = '~';
			text[n++] = *name == '/' ? '1' : '0';
		} else {
			text[n++] = *name;
		}
	}
	text[n] = '\0';
	return json_ptr_new(text, err);
}

static int
unknown_var(const char *name, struct err *err)
{
	const char *near = opt_nearest(name, var_names, N_VARS);

	if (near != NULL)
		return err_set(err, RC_FORMAT, "unknown placeholder "
		    "\"{{%s}}\"; did you mean \"{{%s}}\"?", name, near);
	return err_set(err, RC_FORMAT, "unknown placeholder \"{{%s}}\"; the "
	    "placeholders are question, seed, session, run, arm, paraphrase, "
	    "repeat, target, body and case.NAME", name);
}

static int
set_var(struct seg *s, const char *name, struct err *err)
{
	size_t i;

	if (strcmp(name, "path") == 0)
		name = var_names[VAR_TARGET];
	for (i = 0; i < VAR_CASE; i++) {
		if (strcmp(name, var_names[i]) == 0)
			s->var = (enum template_var)i;
		if (strcmp(name, var_names[i]) == 0 && i != VAR_BODY)
			return RC_OK;
	}
	if (s->var != VAR_BODY) {
		if (strncmp(name, "case.", 5) != 0 || name[5] == '\0')
			return unknown_var(name, err);
		s->var = VAR_CASE;
		name += 5;
	}
	s->ptr = case_ptr(name, err);
	return s->ptr == NULL ? err->code : RC_OK;
}

/* The placeholder at p, which begins with "{{"; *used: its length. */
static int
placeholder(struct template *t, enum seg_kind kind, const char *p,
    size_t *used, struct err *err)
{
	const char *end = strstr(p, "}}");
	char name[NAME_MAX_LEN + 1], *bar;
	struct seg *s;
	size_t n;

	if (end == NULL)
		return err_set(err, RC_FORMAT,
		    "\"%.40s\": a placeholder without closing }}", p);
	*used = (size_t)(end - p) + 2;
	for (p += 2; *p == ' '; p++)
		;
	while (end > p && end[-1] == ' ')
		end--;
	n = (size_t)(end - p);
	if (n > NAME_MAX_LEN)
		return err_set(err, RC_FORMAT,
		    "\"{{%.40s...\": a placeholder's name is too long", p);
	memcpy(name, p, n);
	name[n] = '\0';
	s = add_seg(t, kind, err);
	if (s == NULL)
		return RC_NOMEM;
	bar = strstr(name, "|url");
	if (bar != NULL && bar[4] == '\0') {
		s->url = 1;
		while (bar > name && bar[-1] == ' ')
			bar--;
		*bar = '\0';
	}
	return set_var(s, name, err);
}

/* Whether the text is one placeholder and nothing else. */
static int
is_alone(const char *text)
{
	const char *end = strstr(text, "}}");

	return strncmp(text, "{{", 2) == 0 && end != NULL &&
	    end[2] == '\0' && strstr(text, "|url") == NULL;
}

/* Literals of a JSON string are escaped when compiling. */
static int
text_literal(struct template *t, enum seg_kind kind, const char *p, size_t n,
    struct err *err)
{
	struct buf b;
	int rc;

	if (kind != SEG_IN_STRING)
		return literal(t, p, n, err);
	buf_init(&b, TEMPLATE_MAX);
	json_write_str(&b, p, n);
	rc = buf_check(&b, "a request template", err);
	if (rc == RC_OK)
		rc = literal(t, b.p + 1, b.len - 2, err);
	buf_fini(&b);
	return rc;
}

static int
compile_text(struct template *t, const char *text, enum seg_kind kind,
    struct err *err)
{
	const char *p;
	size_t used = 0;
	int rc = RC_OK;

	while (rc == RC_OK && (p = strstr(text, "{{")) != NULL) {
		rc = text_literal(t, kind, text, (size_t)(p - text), err);
		if (rc == RC_OK)
			rc = placeholder(t, kind, p, &used, err);
		text = p + used;
	}
	if (rc == RC_OK)
		rc = text_literal(t, kind, text, strlen(text), err);
	return rc;
}

static int compile_json(struct template *t, const struct json *j,
    struct err *err);

static int
compile_string(struct template *t, const char *text, struct err *err)
{
	size_t used;
	int rc;

	if (is_alone(text))
		return placeholder(t, SEG_VALUE, text, &used, err);
	rc = literal(t, "\"", 1, err);
	if (rc == RC_OK)
		rc = compile_text(t, text, SEG_IN_STRING, err);
	if (rc == RC_OK)
		rc = literal(t, "\"", 1, err);
	return rc;
}

static int
compile_key(struct template *t, const char *key, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, TEMPLATE_MAX);
	json_write_str(&b, key, strlen(key));
	buf_putc(&b, ':');
	rc = buf_check(&b, "a request template", err);
	if (rc == RC_OK)
		rc = literal(t, b.p, b.len, err);
	buf_fini(&b);
	return rc;
}

/* A member that is left out when its placeholder has no value. */
static int
compile_optional(struct template *t, const struct json *m, struct err *err)
{
	size_t used, from = t->lit.len;
	const char *key = json_key(m);
	int rc;

	rc = placeholder(t, SEG_MEMBER, json_str(m), &used, err);
	if (rc != RC_OK)
		return rc;
	json_write_str(&t->lit, key, strlen(key));
	buf_putc(&t->lit, ':');
	t->seg[t->n - 1].from = from;
	t->seg[t->n - 1].n = t->lit.len - from;
	return buf_check(&t->lit, "a request template", err);
}

static int
compile_members(struct template *t, const struct json *j, struct err *err)
{
	enum { NOTHING, MAYBE, SURELY } before = NOTHING;
	int object = json_kind(j) == JSON_OBJECT, rc = RC_OK;
	const struct json *m;

	for (m = json_first(j); m != NULL && rc == RC_OK; m = json_next(m)) {
		if (object && json_str(m) != NULL && is_alone(json_str(m))) {
			rc = compile_optional(t, m, err);
			before = before == SURELY ? SURELY : MAYBE;
			continue;
		}
		if (before == SURELY)
			rc = literal(t, ",", 1, err);
		else if (before == MAYBE)
			rc = add_seg(t, SEG_COMMA, err) ? RC_OK : RC_NOMEM;
		before = SURELY;
		if (rc == RC_OK && object)
			rc = compile_key(t, json_key(m), err);
		if (rc == RC_OK)
			rc = compile_json(t, m, err);
	}
	return rc;
}

static int
compile_json(struct template *t, const struct json *j, struct err *err)
{
	enum json_kind kind = json_kind(j);
	struct buf b;
	int rc;

	if (kind == JSON_STRING)
		return compile_string(t, json_str(j), err);
	if (kind == JSON_OBJECT || kind == JSON_ARRAY) {
		if (++t->depth > DEPTH_MAX)
			return err_set(err, RC_FORMAT,
			    "a request body is nested more than %d deep",
			    DEPTH_MAX);
		rc = literal(t, kind == JSON_OBJECT ? "{" : "[", 1, err);
		if (rc == RC_OK)
			rc = compile_members(t, j, err);
		if (rc == RC_OK)
			rc = literal(t, kind == JSON_OBJECT ? "}" : "]", 1,
			    err);
		t->depth--;
		return rc;
	}
	buf_init(&b, TEMPLATE_MAX);
	json_write(&b, j);
	rc = literal(t, buf_str(&b), b.len, err);
	buf_fini(&b);
	return rc;
}

static struct template *
new_template(struct err *err)
{
	struct template *t = calloc(1, sizeof(*t));

	if (t == NULL)
		(void)err_set(err, RC_NOMEM, "out of memory");
	else
		buf_init(&t->lit, TEMPLATE_MAX);
	return t;
}

struct template *
template_new(const struct json *body, struct err *err)
{
	struct err local = ERR_INIT;
	struct template *t;
	const char *text = json_str(body);
	int rc = RC_OK;

	if (err == NULL)
		err = &local;
	t = new_template(err);
	if (t == NULL)
		return NULL;
	t->body = body;
	t->json = text == NULL || is_alone(text);
	if (t->json && body != NULL)
		rc = compile_json(t, body, err);
	else if (text != NULL)
		rc = compile_text(t, text, SEG_TEXT, err);
	if (rc == RC_OK)
		return t;
	template_free(t);
	return NULL;
}

struct template *
template_new_text(const char *text, enum template_kind kind, struct err *err)
{
	static const enum seg_kind kinds[] = {
		[TEMPLATE_PLAIN] = SEG_PLAIN,
		[TEMPLATE_PATH] = SEG_PATH,
		[TEMPLATE_TEXT] = SEG_TEXT,
	};
	struct err local = ERR_INIT;
	struct template *t;

	if (err == NULL)
		err = &local;
	t = new_template(err);
	if (t == NULL || compile_text(t, text, kinds[kind], err) == RC_OK)
		return t;
	template_free(t);
	return NULL;
}

void
template_free(struct template *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->n; i++)
		json_ptr_free(t->seg[i].ptr);
	free(t->seg);
	buf_fini(&t->lit);
	free(t);
}

int
template_uses(const struct template *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (t->seg[i].kind >= SEG_VALUE &&
		    strcmp(var_names[t->seg[i].var], name) == 0)
			return 1;
	}
	return 0;
}
