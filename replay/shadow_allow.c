/* Which requests may be mirrored; see shadow_allow.h. */
#include "replay/shadow_allow.h"

#include <string.h>
#include <strings.h>

static const char *const reads[] = { "GET", "HEAD", "POST", NULL };

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

/* Of "a=b&_method=PUT". */
static int
form_hides(const char *s, size_t n)
{
	static const char name[] = "_method=";
	const size_t m = sizeof(name) - 1;
	const char *end = s + n, *amp;
	size_t len;

	for (; s < end; s = amp + 1) {
		amp = memchr(s, '&', (size_t)(end - s));
		amp = amp == NULL ? end : amp;
		len = (size_t)(amp - s);
		if (len >= m && strncasecmp(s, name, m) == 0 &&
		    !is_read(s + m, len - m))
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
	int form = 0;
	size_t i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; names[k] != NULL; k++) {
			if (strcasecmp(h[i].name, names[k]) == 0 &&
			    !is_read(h[i].value, strlen(h[i].value)))
				return 1;
		}
		form |= strcasecmp(h[i].name, "content-type") == 0 &&
		    strcasestr(h[i].value, "urlencoded") != NULL;
	}
	if (query != NULL && form_hides(query + 1, target_n -
	    (size_t)(query + 1 - target)))
		return 1;
	return form && body != NULL && form_hides(body, body_n);
}
