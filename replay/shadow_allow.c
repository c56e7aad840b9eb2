/* Which requests may be mirrored; see shadow_allow.h. */
#include "replay/shadow_allow.h"

#include <string.h>

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
