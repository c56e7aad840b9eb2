/* YAML events to a JSON tree; see yaml.h. */
#include "harness/base/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { ANCHORS_MAX = 1000 };

struct anchor {
	char *name;
	const struct json *node;
};

struct reader {
	yaml_parser_t parser;
	struct srcmap *map;
	int file;
	struct err *err;
	struct anchor *anchor;
	size_t n_anchors;
	struct json *attic;	/* values of `<<`, which anchors may name */
	size_t nodes;
	int depth;
};

static int
fail(struct reader *r, const yaml_mark_t *at, const char *what)
{
	return err_set(r->err, RC_FORMAT, "%s:%zu:%zu: %s",
	    srcmap_name(r->map, r->file), at->line + 1, at->column + 1, what);
}

static struct json *
none(struct reader *r)
{
	(void)err_set(r->err, RC_NOMEM, "out of memory");
	return NULL;
}

/* What is usually the matter; "" where libyaml's words are all we know. */
static const char *
advice(const char *problem)
{
	static const struct {
		const char *problem, *advice;
	} t[] = {
		{ "cannot start any token", "; a tab cannot indent, and a "
		    "text that begins with @, ` or % needs quotes" },
		{ "',' or ']'", "; its [ is not closed, or a comma is "
		    "missing" },
		{ "',' or '}'", "; its { is not closed, or a comma is "
		    "missing" },
		{ "expected key", "; lines of one mapping must begin in the "
		    "same column" },
		{ "node content", "; a value is missing, or a bracket is not "
		    "closed" },
		{ "mapping values are not allowed", "; a text with a colon "
		    "and a space in it needs quotes" },
	};
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (strstr(problem, t[i].problem) != NULL)
			return t[i].advice;
	}
	return "";
}

static int
next_event(struct reader *r, yaml_event_t *e)
{
	yaml_parser_t *p = &r->parser;
	yaml_mark_t at;
	char what[400];

	if (yaml_parser_parse(p, e))
		return RC_OK;
	at = p->error == YAML_SCANNER_ERROR || p->error == YAML_PARSER_ERROR ?
	    p->problem_mark : p->mark;
	if (p->error == YAML_MEMORY_ERROR)
		return err_set(r->err, RC_NOMEM, "out of memory");
	if (p->problem == NULL || p->context == NULL)
		return fail(r, &at, p->problem != NULL ? p->problem :
		    "not valid YAML");
	(void)snprintf(what, sizeof(what), "%.120s %.120s that begins in "
	    "line %zu%s", p->problem, p->context, p->context_mark.line + 1,
	    advice(p->problem));
	return fail(r, &at, what);
}

static int
place(struct reader *r, const struct json *j, const yaml_mark_t *at,
    const yaml_mark_t *key)
{
	struct src_pos pos;

	pos.file = r->file;
	pos.line = (uint32_t)at->line + 1;
	pos.column = (uint32_t)at->column + 1;
	pos.key_line = key == NULL ? 0 : (uint32_t)key->line + 1;
	pos.key_column = key == NULL ? 0 : (uint32_t)key->column + 1;
	if (srcmap_put(r->map, j, &pos) != RC_OK)
		return err_set(r->err, RC_NOMEM, "out of memory");
	return RC_OK;
}

/* ---- scalars ---------------------------------------------------------- */

static int
one_of(const char *s, const char *a, const char *b, const char *c)
{
	return strcmp(s, a) == 0 || strcmp(s, b) == 0 || strcmp(s, c) == 0;
}

/* Whether the text has the form of a decimal number of the core schema. */
static int
looks_decimal(const char *s)
{
	size_t digits, frac;

	s += *s == '+' || *s == '-';
	digits = strspn(s, "0123456789");
	s += digits;
	if (*s == '.') {
		frac = strspn(s + 1, "0123456789");
		digits += frac;
		s += 1 + frac;
	}
	if (digits == 0)
		return 0;
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '+' || *s == '-';
		if (strspn(s, "0123456789") == 0)
			return 0;
		s += strspn(s, "0123456789");
	}
	return *s == '\0';
}

/* 0o17 and 0xff of the core schema, of at most 64 bits. */
static int
is_based(const char *s)
{
	const char *digits = "01234567";
	size_t n, max = 21;

	if (s[0] != '0' || (s[1] != 'o' && s[1] != 'x'))
		return 0;
	if (s[1] == 'x') {
		digits = "0123456789abcdefABCDEF";
		max = 16;
	}
	n = strlen(s + 2);
	return n > 0 && n <= max && strspn(s + 2, digits) == n;
}

/* A decimal of the core schema as JSON writes it: no plus, no zeros in front,
 * a digit on either side of the point. */
static struct json *
decimal(const char *s)
{
	struct json *j;
	struct buf b;

	buf_init(&b, YAML_BYTES_MAX);
	if (*s == '-')
		buf_putc(&b, '-');
	s += *s == '+' || *s == '-';
	while (*s == '0' && s[1] >= '0' && s[1] <= '9')
		s++;
	if (*s == '.')
		buf_putc(&b, '0');
	for (; *s != '\0'; s++) {
		if (*s == '.' && (s[1] < '0' || s[1] > '9'))
			continue;
		buf_putc(&b, *s);
	}
	j = b.bad == RC_OK ? json_new_digits(buf_str(&b)) : NULL;
	buf_fini(&b);
	return j;
}

static struct json *
plain_number(const char *s)
{
	char text[32];

	if (looks_decimal(s))
		return decimal(s);
	if (!is_based(s))
		return json_new_str(s);
	(void)snprintf(text, sizeof(text), "%llu", strtoull(s + 2, NULL,
	    s[1] == 'x' ? 16 : 8));
	return json_new_digits(text);
}

/* Of tags, only those of the core schema have a meaning. */
static int
known_tag(const char *tag)
{
	static const char *const tags[] = {
		YAML_STR_TAG, YAML_INT_TAG, YAML_FLOAT_TAG, YAML_BOOL_TAG,
		YAML_NULL_TAG, YAML_SEQ_TAG, YAML_MAP_TAG, "!"
	};
	size_t i;

	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (tag == NULL || strcmp(tag, tags[i]) == 0)
			return 1;
	}
	return 0;
}

static struct json *
scalar(struct reader *r, const yaml_event_t *e)
{
	const char *s = (const char *)e->data.scalar.value;
	const char *tag = (const char *)e->data.scalar.tag;
	int plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct json *j;

	if (strlen(s) != e->data.scalar.length) {
		(void)fail(r, &e->start_mark, "a text has a NUL character");
		return NULL;
	}
	if (tag != NULL && strcmp(tag, YAML_STR_TAG) == 0)
		plain = 0;
	if (!plain)
		j = json_new_strn(s, e->data.scalar.length);
	else if (*s == '\0' || strcmp(s, "~") == 0 ||
	    one_of(s, "null", "Null", "NULL"))
		j = json_new(JSON_NULL);
	else if (one_of(s, "true", "True", "TRUE"))
		j = json_new_bool(1);
	else if (one_of(s, "false", "False", "FALSE"))
		j = json_new_bool(0);
	else
		j = plain_number(s);
	return j != NULL || r->err->code != RC_OK ? j : none(r);
}

/* ---- anchors ---------------------------------------------------------- */

static int
remember(struct reader *r, const yaml_char_t *name, const struct json *j,
    const yaml_mark_t *at)
{
	const char *s = (const char *)name;
	size_t i;

	if (s == NULL)
		return RC_OK;
	for (i = 0; i < r->n_anchors; i++) {
		if (strcmp(r->anchor[i].name, s) == 0) {
			r->anchor[i].node = j;
			return RC_OK;
		}
	}
	if (r->n_anchors == ANCHORS_MAX)
		return fail(r, at, "more than 1000 anchors");
	if (r->anchor == NULL)
		r->anchor = calloc(ANCHORS_MAX, sizeof(*r->anchor));
	if (r->anchor == NULL ||
	    (r->anchor[r->n_anchors].name = strdup(s)) == NULL)
		return err_set(r->err, RC_NOMEM, "out of memory");
	r->anchor[r->n_anchors++].node = j;
	return RC_OK;
}

static int
count(struct reader *r, const yaml_mark_t *at)
{
	if (++r->nodes > YAML_NODES_MAX)
		return fail(r, at, "more than 500000 values, aliases counted");
	return RC_OK;
}

/* Counts a subtree and gives the copy the places of the original. */
static int
count_copy(struct reader *r, const struct json *from, const struct json *to,
    const yaml_mark_t *at)
{
	const struct src_pos *pos = srcmap_get(r->map, from);
	struct src_pos copy;

	if (count(r, at) != RC_OK)
		return r->err->code;
	if (pos != NULL && to != NULL) {
		copy = *pos;
		if (srcmap_put(r->map, to, &copy) != RC_OK)
			return err_set(r->err, RC_NOMEM, "out of memory");
	}
	to = json_first(to);
	for (from = json_first(from); from != NULL; from = json_next(from)) {
		if (count_copy(r, from, to, at) != RC_OK)
			return r->err->code;
		to = json_next(to);
	}
	return RC_OK;
}

static struct json *
alias(struct reader *r, const yaml_event_t *e)
{
	const char *s = (const char *)e->data.alias.anchor;
	const struct json *node = NULL;
	struct json *copy;
	size_t i;

	for (i = 0; i < r->n_anchors; i++) {
		if (strcmp(r->anchor[i].name, s) == 0)
			node = r->anchor[i].node;
	}
	if (node == NULL) {
		(void)fail(r, &e->start_mark, "this alias has no finished "
		    "anchor before it");
		return NULL;
	}
	/* The size is known before anything is copied. */
	if (count_copy(r, node, NULL, &e->start_mark) != RC_OK)
		return NULL;
	copy = json_copy(node);
	if (copy == NULL)
		return none(r);
	if (count_copy(r, node, copy, &e->start_mark) != RC_OK) {
		json_free(copy);
		return NULL;
	}
	return copy;
}

/* ---- collections ------------------------------------------------------ */

static struct json *value(struct reader *r, yaml_event_t *e);

static int
enter(struct reader *r, const yaml_mark_t *at)
{
	if (++r->depth > YAML_DEPTH_MAX)
		return fail(r, at, "nested more than 100 deep");
	return RC_OK;
}

static struct json *
sequence(struct reader *r)
{
	struct json *list = json_new(JSON_ARRAY), *j;
	yaml_event_t e;

	if (list == NULL)
		return none(r);
	for (;;) {
		if (next_event(r, &e) != RC_OK)
			break;
		if (e.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&e);
			return list;
		}
		j = value(r, &e);
		yaml_event_delete(&e);
		if (j == NULL)
			break;
		if (json_push(list, j) != RC_OK) {
			(void)none(r);
			break;
		}
	}
	json_free(list);
	return NULL;
}

/* `<<: *base`: copies of the members that are not there yet. */
static int
merge_members(struct reader *r, struct json *into, const struct json *from,
    const yaml_mark_t *at)
{
	const struct json *m;
	struct json *copy;

	for (m = json_first(from); m != NULL; m = json_next(m)) {
		if (json_get(into, json_key(m)) != NULL)
			continue;
		copy = json_copy(m);
		if (json_set(into, json_key(m), copy) != RC_OK)
			return err_set(r->err, RC_NOMEM, "out of memory");
		if (count_copy(r, m, copy, at) != RC_OK)
			return r->err->code;
	}
	return RC_OK;
}

static int
merge(struct reader *r, struct json *map, const struct json *from,
    const yaml_mark_t *at)
{
	const struct json *j;
	int rc = RC_OK;

	if (json_kind(from) == JSON_OBJECT)
		return merge_members(r, map, from, at);
	for (j = json_first(from); j != NULL && rc == RC_OK;
	    j = json_next(j)) {
		if (json_kind(j) != JSON_OBJECT)
			break;
		rc = merge_members(r, map, j, at);
	}
	if (rc != RC_OK || (json_kind(from) == JSON_ARRAY && j == NULL))
		return rc;
	return fail(r, at, "`<<` must be a mapping or a list of mappings");
}

static int
add_member(struct reader *r, struct json *map, const yaml_event_t *key,
    struct json *j, yaml_mark_t at)
{
	const char *name = (const char *)key->data.scalar.value;
	const struct src_pos *pos;
	char what[200];

	if (json_get(map, name) != NULL) {
		pos = srcmap_get(r->map, json_get(map, name));
		json_free(j);
		(void)snprintf(what, sizeof(what), "key \"%.80s\" is there "
		    "twice, first in line %u", name,
		    pos == NULL ? 0 : pos->key_line);
		return fail(r, &key->start_mark, what);
	}
	if (json_set(map, name, j) != RC_OK)
		return err_set(r->err, RC_NOMEM, "out of memory");
	return place(r, j, &at, &key->start_mark);
}

/* One key and its value. *merged: the mappings of `<<` keys, added last. */
static int
member(struct reader *r, struct json *map, yaml_event_t *key,
    struct json **merged)
{
	yaml_event_t e;
	yaml_mark_t at;
	struct json *j;

	if (key->type != YAML_SCALAR_EVENT || strlen((const char *)
	    key->data.scalar.value) != key->data.scalar.length)
		return fail(r, &key->start_mark, "a key must be plain text");
	if (next_event(r, &e) != RC_OK)
		return r->err->code;
	at = e.start_mark;
	j = value(r, &e);
	yaml_event_delete(&e);
	if (j == NULL)
		return r->err->code;
	if (strcmp((const char *)key->data.scalar.value, "<<") == 0 &&
	    key->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
		if (*merged == NULL) {
			*merged = j;
			return RC_OK;
		}
		json_free(j);
		return fail(r, &key->start_mark, "key \"<<\" is there twice");
	}
	return add_member(r, map, key, j, at);
}

static struct json *
mapping(struct reader *r, const yaml_mark_t *at)
{
	struct json *map = json_new(JSON_OBJECT), *merged = NULL;
	int rc = map == NULL ? RC_NOMEM : RC_OK;
	yaml_event_t e;

	while (rc == RC_OK) {
		rc = next_event(r, &e);
		if (rc != RC_OK)
			break;
		if (e.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&e);
			break;
		}
		rc = member(r, map, &e, &merged);
		yaml_event_delete(&e);
	}
	if (rc == RC_OK && merged != NULL)
		rc = merge(r, map, merged, at);
	if (merged != NULL && json_push(r->attic, merged) != RC_OK)
		rc = err_set(r->err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		return map;
	json_free(map);
	return NULL;
}

/* The value that begins with an event, which the caller deletes. */
static struct json *
value(struct reader *r, yaml_event_t *e)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;
	struct json *j = NULL;

	if (count(r, &e->start_mark) != RC_OK)
		return NULL;
	if (e->type == YAML_SCALAR_EVENT)
		tag = e->data.scalar.tag;
	else if (e->type == YAML_SEQUENCE_START_EVENT)
		tag = e->data.sequence_start.tag;
	else if (e->type == YAML_MAPPING_START_EVENT)
		tag = e->data.mapping_start.tag;
	if (!known_tag((const char *)tag)) {
		(void)fail(r, &e->start_mark, "a tag that has no meaning here");
		return NULL;
	}
	switch (e->type) {
	case YAML_ALIAS_EVENT:
		return alias(r, e);
	case YAML_SCALAR_EVENT:
		anchor = e->data.scalar.anchor;
		j = scalar(r, e);
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = e->data.sequence_start.anchor;
		if (enter(r, &e->start_mark) == RC_OK)
			j = sequence(r);
		r->depth--;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = e->data.mapping_start.anchor;
		if (enter(r, &e->start_mark) == RC_OK)
			j = mapping(r, &e->start_mark);
		r->depth--;
		break;
	default:
		(void)fail(r, &e->start_mark, "a value was expected");
	}
	if (j != NULL && (place(r, j, &e->start_mark, NULL) != RC_OK ||
	    remember(r, anchor, j, &e->start_mark) != RC_OK)) {
		json_free(j);
		j = NULL;
	}
	return j;
}

/* ---- the document ----------------------------------------------------- */

/* Skips to the first event of the document's content; *e is that event. */
static int
first_event(struct reader *r, yaml_event_t *e)
{
	for (;;) {
		if (next_event(r, e) != RC_OK)
			return r->err->code;
		if (e->type != YAML_STREAM_START_EVENT &&
		    e->type != YAML_DOCUMENT_START_EVENT)
			return RC_OK;
		yaml_event_delete(e);
	}
}

static int
expect_end(struct reader *r)
{
	yaml_event_t e;
	int rc, done = 0;

	do {
		rc = next_event(r, &e);
		if (rc != RC_OK)
			return rc;
		done = e.type == YAML_STREAM_END_EVENT;
		if (!done && e.type != YAML_DOCUMENT_END_EVENT)
			rc = fail(r, &e.start_mark, "a second document; a "
			    "manifest has one");
		yaml_event_delete(&e);
	} while (rc == RC_OK && !done);
	return rc;
}

static struct json *
document(struct reader *r)
{
	yaml_event_t e;
	struct json *j;

	if (first_event(r, &e) != RC_OK)
		return NULL;
	if (e.type == YAML_STREAM_END_EVENT) {
		j = json_new(JSON_NULL);
		if (j == NULL || place(r, j, &e.start_mark, NULL) != RC_OK) {
			json_free(j);
			j = none(r);
		}
		yaml_event_delete(&e);
		return j;
	}
	j = value(r, &e);
	yaml_event_delete(&e);
	if (j != NULL && expect_end(r) != RC_OK) {
		json_free(j);
		j = NULL;
	}
	return j;
}

struct json *
yaml_parse(const char *text, size_t n, struct srcmap *m, int file,
    struct err *err)
{
	struct err local = ERR_INIT;
	struct reader r;
	struct json *j;
	size_t i;

	memset(&r, 0, sizeof(r));
	r.map = m;
	r.file = file;
	r.err = err != NULL ? err : &local;
	if (n > YAML_BYTES_MAX) {
		(void)err_set(r.err, RC_FORMAT, "%s: larger than %d MiB",
		    srcmap_name(m, file), YAML_BYTES_MAX >> 20);
		return NULL;
	}
	r.attic = json_new(JSON_ARRAY);
	if (!yaml_parser_initialize(&r.parser)) {
		json_free(r.attic);
		return none(&r);
	}
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text,
	    n);
	j = document(&r);
	yaml_parser_delete(&r.parser);
	for (i = 0; i < r.n_anchors; i++)
		free(r.anchor[i].name);
	free(r.anchor);
	json_free(r.attic);
	return j;
}
