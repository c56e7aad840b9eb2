/* The JSON writer; see json.h. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json_part.h"
#include "harness/base/number.h"
#include "harness/base/utf8.h"

/* 1 for the bytes that need no thought: printable ASCII but " and \. */
static const unsigned char plain[256] = {
	[' '] = 1, ['!'] = 1, ['#' ... '['] = 1, [']' ... '~'] = 1,
};

static void
write_escape(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char u[6] = "\\u00";

	switch (c) {
	case '"':
		buf_add(b, "\\\"", 2);
		return;
	case '\\':
		buf_add(b, "\\\\", 2);
		return;
	case '\n':
		buf_add(b, "\\n", 2);
		return;
	case '\r':
		buf_add(b, "\\r", 2);
		return;
	case '\t':
		buf_add(b, "\\t", 2);
		return;
	default:
		u[4] = hex[c >> 4];
		u[5] = hex[c & 15];
		buf_add(b, u, 6);
	}
}

/* What stands for half of a surrogate pair: the three bytes that UTF-8 would
 * have for it, were it a character. returns its number, or 0 */
static unsigned
lone_half(const unsigned char *p, size_t n)
{
	if (n < 3 || p[0] != 0xed || p[1] < 0xa0 || (p[1] & 0xc0) != 0x80 ||
	    (p[2] & 0xc0) != 0x80)
		return 0;
	return 0xd000 | (p[1] & 63U) << 6 | (p[2] & 63U);
}

/* lone  halves of surrogate pairs are written as they were read */
static void
write_text(struct buf *b, const char *s, size_t n, int lone)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i = 0, from = 0, k;
	unsigned half = 0, before;

	buf_putc(b, '"');
	while (i < n) {
		if (plain[p[i]]) {
			i++;
			continue;
		}
		if (p[i] >= 0x80 && (k = utf8_len(s + i, n - i)) > 0) {
			i += k;
			continue;
		}
		buf_add(b, s + from, i - from);
		before = i == from ? half : 0;
		half = lone ? lone_half(p + i, n - i) : 0;
		/* no pair may come of two, which then were no escapes */
		if (half >= 0xdc00 && before != 0 && before < 0xdc00)
			half = 0;
		if (half != 0)
			buf_printf(b, "\\u%04x", half);
		else if (p[i] >= 0x80)
			buf_add(b, "\xef\xbf\xbd", 3);
		else
			write_escape(b, p[i]);
		i += half != 0 ? 3 : 1;
		from = i;
	}
	buf_add(b, s + from, n - from);
	buf_putc(b, '"');
}

void
json_write_str(struct buf *b, const char *s, size_t n)
{
	write_text(b, s, n, 0);
}

void
json_write_key(struct buf *b, const struct json *m)
{
	write_text(b, m->key, m->key_n, 1);
	buf_putc(b, ':');
}

void
json_write_num(struct buf *b, double v)
{
	char s[40];
	int prec;

	if (!isfinite(v)) {
		buf_puts(b, "null");
		return;
	}
	if (fabs(v) < 9e15 && v == (double)(int64_t)v) {
		buf_i64(b, (int64_t)v);
		return;
	}
	for (prec = 6; prec <= 17; prec++) {
		(void)snprintf(s, sizeof(s), "%.*g", prec, v);
		if (strtod(s, NULL) == v)
			break;
	}
	buf_puts(b, s);
}

static void before_value(struct json_out *o);
static void write_key(struct json_out *o, const char *key, size_t n);

static void
write_value(struct json_out *o, const struct json *j)
{
	const struct json *c;

	switch (json_kind(j)) {
	case JSON_BOOL:
		json_out_bool(o, json_bool(j, 0));
		break;
	case JSON_NUMBER:
		json_out_raw(o, j->text, j->n);
		break;
	case JSON_STRING:
		before_value(o);
		write_text(o->b, j->text, j->n, 1);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		if (json_kind(j) == JSON_OBJECT)
			json_out_obj(o);
		else
			json_out_arr(o);
		for (c = json_first(j); c != NULL; c = json_next(c)) {
			if (json_kind(j) == JSON_OBJECT)
				write_key(o, c->key, c->key_n);
			write_value(o, c);
		}
		json_out_end(o, json_kind(j) == JSON_OBJECT ? '}' : ']');
		break;
	default:
		json_out_null(o);
	}
}

void
json_write(struct buf *b, const struct json *j)
{
	struct json_out o;

	json_out_init(&o, b, 0);
	write_value(&o, j);
}

const char *
json_word(const struct json *j, struct buf *b)
{
	switch (json_kind(j)) {
	case JSON_STRING:
		if (memchr(j->text, '\0', j->n) == NULL)
			return j->text;
		break;
	case JSON_NUMBER:
		return j->text;
	case JSON_BOOL:
		return j->n ? "true" : "false";
	default:
		return NULL;
	}
	buf_reset(b);
	json_write(b, j);
	return buf_str(b);
}

void
json_write_alike(struct buf *b, const struct json *j)
{
	double v = json_num(j, NAN);
	struct buf tmp;

	buf_init(&tmp, 64);
	json_write_num(&tmp, v);
	if (json_kind(j) != JSON_NUMBER)
		json_write(b, j);
	else if (isfinite(v) && number_compare(buf_str(&tmp), tmp.len,
	    j->text, j->n) == 0)
		buf_add(b, tmp.p, tmp.len);
	else
		number_alike(b, j->text, j->n);
	buf_fini(&tmp);
}

void
json_out_init(struct json_out *o, struct buf *b, int pretty)
{
	memset(o, 0, sizeof(*o));
	o->b = b;
	o->pretty = pretty;
	o->first[0] = 1;
}

static void
newline(struct json_out *o)
{
	int i;

	if (!o->pretty || o->depth == 0)
		return;
	buf_putc(o->b, '\n');
	for (i = 0; i < o->depth; i++)
		buf_add(o->b, "  ", 2);
}

/* The level is counted past the array's end too, so that a value of any
 * depth (the parser allows 1,000) is written, pretty or not. */
static unsigned char *
first_of(struct json_out *o)
{
	int last = (int)sizeof(o->first) - 1;

	return &o->first[o->depth < last ? o->depth : last];
}

static void
before_value(struct json_out *o)
{
	if (o->after_key) {
		o->after_key = 0;
		return;
	}
	if (!*first_of(o) && o->depth > 0)
		buf_putc(o->b, ',');
	*first_of(o) = 0;
	newline(o);
}

static void
open_level(struct json_out *o, char c)
{
	before_value(o);
	buf_putc(o->b, c);
	o->depth++;
	*first_of(o) = 1;
}

void
json_out_obj(struct json_out *o)
{
	open_level(o, '{');
}

void
json_out_arr(struct json_out *o)
{
	open_level(o, '[');
}

void
json_out_end(struct json_out *o, char close)
{
	int empty = *first_of(o);

	assert(o->depth > 0 && !o->after_key);
	o->depth--;
	if (!empty) {
		if (o->pretty && o->depth == 0)
			buf_putc(o->b, '\n');
		else
			newline(o);
	}
	*first_of(o) = 0;
	buf_putc(o->b, close);
}

static void
write_key(struct json_out *o, const char *key, size_t n)
{
	assert(o->depth > 0 && !o->after_key);
	before_value(o);
	write_text(o->b, key, n, 1);
	buf_putc(o->b, ':');
	if (o->pretty)
		buf_putc(o->b, ' ');
	o->after_key = 1;
}

void
json_out_key(struct json_out *o, const char *key)
{
	write_key(o, key, strlen(key));
}

void
json_out_str(struct json_out *o, const char *s)
{
	if (s == NULL)
		json_out_null(o);
	else
		json_out_strn(o, s, strlen(s));
}

void
json_out_strn(struct json_out *o, const char *s, size_t n)
{
	before_value(o);
	json_write_str(o->b, s, n);
}

void
json_out_num(struct json_out *o, double v)
{
	before_value(o);
	json_write_num(o->b, v);
}

void
json_out_int(struct json_out *o, int64_t v)
{
	before_value(o);
	buf_i64(o->b, v);
}

void
json_out_bool(struct json_out *o, int v)
{
	before_value(o);
	buf_puts(o->b, v ? "true" : "false");
}

void
json_out_null(struct json_out *o)
{
	before_value(o);
	buf_puts(o->b, "null");
}

void
json_out_json(struct json_out *o, const struct json *j)
{
	write_value(o, j);
}

void
json_put_str(struct json_out *o, const char *key, const char *s)
{
	json_out_key(o, key);
	json_out_str(o, s);
}

void
json_put_num(struct json_out *o, const char *key, double v)
{
	json_out_key(o, key);
	json_out_num(o, v);
}

void
json_put_int(struct json_out *o, const char *key, int64_t v)
{
	json_out_key(o, key);
	json_out_int(o, v);
}

void
json_put_count(struct json_out *o, const char *key, uint64_t v)
{
	json_out_key(o, key);
	json_out_int(o, (int64_t)v);
}

void
json_put_bool(struct json_out *o, const char *key, int v)
{
	json_out_key(o, key);
	json_out_bool(o, v);
}

void
json_put_json(struct json_out *o, const char *key, const struct json *j)
{
	json_out_key(o, key);
	json_out_json(o, j);
}

void
json_out_schema(struct json_out *o, const char *title, const char *help)
{
	json_put_str(o, "$schema",
	    "https://json-schema.org/draft/2020-12/schema");
	json_put_str(o, "title", title);
	if (help != NULL)
		json_put_str(o, "description", help);
	json_put_str(o, "type", "object");
}

void
json_out_raw(struct json_out *o, const char *s, size_t n)
{
	before_value(o);
	buf_add(o->b, s, n);
}
