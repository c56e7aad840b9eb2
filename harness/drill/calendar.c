/* A release calendar; see calendar.h. */
#include "harness/drill/calendar.h"

#include <string.h>
#include <strings.h>
#include <time.h>

int
calendar_time(const char *text, int end, int64_t *out_s)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%SZ",
		"%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d" };
	struct tm tm;
	const char *rest;
	size_t i;

	for (i = 0; text != NULL && i < sizeof(forms) / sizeof(forms[0]);
	    i++) {
		memset(&tm, 0, sizeof(tm));
		rest = strptime(text, forms[i], &tm);
		if (rest == NULL || *rest != '\0')
			continue;
		*out_s = (int64_t)timegm(&tm);
		if (end && i == 3)
			*out_s += 86399;
		return 0;
	}
	return -1;
}

/* Whether a list, where there is one, holds a word, where there is one. */
static int
holds(const struct json *list, const char *word)
{
	const struct json *m;

	if (word == NULL || json_first(list) == NULL)
		return 1;
	for (m = json_first(list); m != NULL; m = json_next(m)) {
		if (json_str(m) != NULL && (strcasecmp(json_str(m),
		    word) == 0 || strcmp(json_str(m), "all") == 0))
			return 1;
	}
	return 0;
}

int
calendar_active(const struct json *window, const struct change *c)
{
	int64_t from, to;

	if (calendar_time(json_get_str(window, "start"), 0, &from) != 0 ||
	    calendar_time(json_get_str(window, "end"), 1, &to) != 0 ||
	    to < from)
		return -1;
	return from <= c->now_s && c->now_s <= to &&
	    holds(json_get(window, "regions"), c->region) &&
	    holds(json_get(window, "scope"), c->scope);
}

int
calendar_forbids(const struct json *rule, const struct json *window,
    const struct change *c)
{
	static const char with_tier[] = "_active_and_tier_in";
	const char *rk = json_get_str(rule, "kind");
	const char *wk = json_get_str(window, "kind");
	size_t n = wk == NULL ? 0 : strlen(wk);

	if (rk == NULL || wk == NULL || strncmp(rk, wk, n) != 0)
		return 0;
	if (strcmp(rk + n, "_active") == 0)
		return 1;
	return strcmp(rk + n, with_tier) == 0 &&
	    holds(json_get(rule, "tiers"), c->tier);
}

int
calendar_forbids_by_kind(const struct json *window, const struct change *c)
{
	const char *kind = json_get_str(window, "kind");

	if (c->tier == NULL)
		return 1;
	if (kind != NULL && strstr(kind, "soft") != NULL)
		return strcmp(c->tier, "T2") == 0 ||
		    strcmp(c->tier, "T3") == 0;
	return strcmp(c->tier, "T0") != 0;
}
