/* Which requests may be mirrored; see shadow_allow.h. */
#include "replay/shadow_allow.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *const reads[] = { "GET", "HEAD", "POST", NULL };

/* The parameter of frameworks that names another method. */
static const char field[] = "_method";
enum { FIELD_BYTES = sizeof(field) - 1, WORD_MAX = 16 };

int
shadow_allow_check(const char *rule, struct err *err)
{
	size_t n = strcspn(rule, " "), i;

	for (i = 0; reads[i] != NULL; i++) {
		if (strlen(reads[i]) == n && memcmp(reads[i], rule, n) == 0 &&
		    rule[n] == ' ' && rule[n + 1] == '/' &&
		    strpbrk(rule + n + 1, " ?#") == NULL)
			return RC_OK;
	}
	return err_set(err, RC_USAGE, "--allow \"%s\" is not \"METHOD /path\" "
	    "with GET, HEAD or POST, such as \"POST /query\" or \"GET "
	    "/docs/*\"; writes are never mirrored", rule);
}

/* A pattern with * against n bytes; tries each place for the last * only. */
static int
matches(const char *pattern, const char *s, size_t n)
{
	const char *star = NULL, *end = s + n, *again = NULL;

	while (s < end) {
		if (*pattern == '*') {
			star = pattern++;
			again = s;
		} else if (*pattern == *s) {
			pattern++;
			s++;
		} else if (star != NULL) {
			pattern = star + 1;
			s = ++again;
		} else {
			return 0;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

int
shadow_allow(const char *const *rules, size_t n, struct h1_str method,
    struct h1_str target)
{
	const char *path;
	size_t i, len, at;

	for (len = 0; len < target.n && target.p[len] != '?' &&
	    target.p[len] != '#'; len++)
		continue;
	for (i = 0; i < n; i++) {
		at = strcspn(rules[i], " ");
		path = rules[i] + at + 1;
		if (at == method.n && memcmp(rules[i], method.p, at) == 0 &&
		    matches(path, target.p, len))
			return 1;
	}
	return 0;
}

/* Whether a rule may allow a method, in any case. */
static int
is_read(const char *s, size_t n)
{
	size_t i;

	for (i = 0; reads[i] != NULL; i++) {
		if (strlen(reads[i]) == n && strncasecmp(reads[i], s, n) == 0)
			return 1;
	}
	return 0;
}

static int
hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL :
	    strchr(digits, tolower((unsigned char)c));

	return at == NULL ? -1 : (int)(at - digits);
}

/* Of "%5F" the byte; else -1. */
static int
unescape(const char *s, const char *end)
{
	int high, low;

	if (*s != '%' || end - s <= 2)
		return -1;
	high = hex(s[1]);
	low = hex(s[2]);
	return high < 0 || low < 0 ? -1 : 16 * high + low;
}

/*
 * A name or a value as frameworks read it: escapes undone once, without blanks
 * at either end.
 * returns how many bytes are in out; WORD_MAX: it is longer than any that
 *         counts here
 */
static size_t
read_word(const char *s, const char *end, char out[WORD_MAX])
{
	size_t n = 0;
	int byte;
	char c;

	for (; s < end; s++) {
		c = (char)(*s == '+' ? ' ' : *s);
		byte = unescape(s, end);
		if (byte >= 0) {
			c = (char)byte;
			s += 2;
		}
		if (n == 0 && c == ' ')
			continue;
		if (n == WORD_MAX - 1)
			return WORD_MAX;
		out[n++] = c;
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	return n;
}

/* Of "_method=PUT". */
static int
field_hides(const char *s, const char *end)
{
	const char *is = memchr(s, '=', (size_t)(end - s));
	char word[WORD_MAX];

	return is != NULL && read_word(s, is, word) == FIELD_BYTES &&
	    strncasecmp(word, field, FIELD_BYTES) == 0 &&
	    !is_read(word, read_word(is + 1, end, word));
}

/* Of "a=b&_method=PUT"; some read ; as &. */
static int
form_hides(const char *s, size_t n)
{
	const char *end = s + n, *at = s;

	for (; at < end; at++) {
		if (*at != '&' && *at != ';')
			continue;
		if (field_hides(s, at))
			return 1;
		s = at + 1;
	}
	return field_hides(s, end);
}

/* The value of a part: the line behind the empty one. */
static int
part_hides(const char *s, const char *end)
{
	const char *line = s, *next;

	for (; line < end; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end - line));
		if (next == NULL)
			break;
		if (line > s && (next == line ||
		    (next == line + 1 && *line == '\r'))) {
			line = ++next;
			while (next < end && *next != '\r' && *next != '\n')
				next++;
			return !is_read(line, (size_t)(next - line));
		}
	}
	return 1;
}

/*
 * Of a form in parts: name="_method" anywhere. It is not parsed, since servers
 * disagree on how: a read that looks like a write is only not mirrored.
 */
static int
parts_hide(const char *s, size_t n)
{
	static const char name[] = "name";
	const char *end = s + n, *at;
	int quoted;

	for (; (size_t)(end - s) > sizeof(name) - 1 + FIELD_BYTES; s++) {
		if (strncasecmp(s, name, sizeof(name) - 1) != 0)
			continue;
		at = s + sizeof(name) - 1;
		while (at < end && (*at == ' ' || *at == '='))
			at++;
		quoted = at < end && *at == '"';
		at += quoted;
		if ((size_t)(end - at) < FIELD_BYTES + (size_t)quoted ||
		    strncasecmp(at, field, FIELD_BYTES) != 0)
			continue;
		at += FIELD_BYTES;
		if (quoted ? *at == '"' : at == end || strchr("; \r\n", *at))
			if (part_hides(at, end))
				return 1;
	}
	return 0;
}

int
shadow_allow_hides(const struct ex_header *h, size_t n, const char *target,
    size_t target_n, const char *body, size_t body_n)
{
	static const char *const names[] = { "x-http-method-override",
		"x-http-method", "x-method-override", NULL };
	const char *query = memchr(target, '?', target_n);
	int form = 0, parts = 0;
	size_t i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; names[k] != NULL; k++) {
			if (strcasecmp(h[i].name, names[k]) == 0 &&
			    !is_read(h[i].value, strlen(h[i].value)))
				return 1;
		}
		if (strcasecmp(h[i].name, "content-type") == 0) {
			form |= strcasestr(h[i].value, "urlencoded") != NULL;
			parts |= strcasestr(h[i].value, "multipart/") != NULL;
		}
	}
	if (query != NULL && form_hides(query + 1, target_n -
	    (size_t)(query + 1 - target)))
		return 1;
	return body != NULL && ((form && form_hides(body, body_n)) ||
	    (parts && parts_hide(body, body_n)));
}
