/* The table of drills; see drill_rows.h. */
#include "harness/drill/drill_rows.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const struct drill_row rows[] = {
#define DRILL(name, guardrail, aliases, help) \
	{ #name, guardrail, aliases, help, drill_##name },
#include "harness/terms/drill_rows.h"
	{ NULL, 0, NULL, NULL, NULL }
};

/* Words of manifests that users have, and the drill that each asks for. */
static const struct {
	const char *word, *within, *drill;
} meant[] = {
	{ "warmup_invariants", "gates", "readiness" },
	{ "require_fields", "checks", "pins" },
	{ "assert_equal_envs", "checks", "pins" },
	{ "flags", NULL, "flags" },
	{ "default", "limits", "rate_limit" },
	{ "windows", NULL, "calendar" },
	{ "forbid_when", "checks", "calendar" },
	{ "calendar_file", "inputs", "calendar" },
	{ "class_rules", NULL, "retry" },
	{ "require_headers", NULL, "idempotency" },
	{ "reject_on_body_mismatch", NULL, "idempotency" },
	{ "on_conflict", NULL, "idempotency" },
};

const struct drill_row *
drill_at(size_t i)
{
	return i < sizeof(rows) / sizeof(rows[0]) && rows[i].name != NULL ?
	    &rows[i] : NULL;
}

const char *
drill_name_at(size_t i, int *guardrail, const char **help)
{
	const struct drill_row *r = drill_at(i);

	if (r == NULL)
		return NULL;
	*guardrail = r->guardrail;
	*help = r->help;
	return r->name;
}

const struct drill_row *
drill_find(const char *name)
{
	char word[80];
	size_t i, n;

	(void)snprintf(word, sizeof(word), "|%.76s|", name);
	for (i = 1; word[i] != '\0'; i++) {
		word[i] = (char)tolower((unsigned char)word[i]);
		if (word[i] == '-' || word[i] == ' ')
			word[i] = '_';
	}
	n = strlen(word) - 2;
	for (i = 0; rows[i].name != NULL; i++) {
		if ((strlen(rows[i].name) == n &&
		    strncmp(rows[i].name, word + 1, n) == 0) ||
		    strstr(rows[i].aliases, word) != NULL)
			return &rows[i];
	}
	return NULL;
}

static int
asks_for(const struct suite *s, size_t k)
{
	const struct json *j = s->doc;

	if (meant[k].within != NULL)
		j = json_get(j, meant[k].within);
	return json_get(j, meant[k].word) != NULL;
}

const struct drill_row *
drill_meant(const struct suite *s, size_t i)
{
	size_t k, m, n = sizeof(meant) / sizeof(meant[0]);

	for (k = 0; k < n; k++) {
		if (!asks_for(s, k))
			continue;
		for (m = 0; m < k; m++) {
			if (asks_for(s, m) &&
			    strcmp(meant[m].drill, meant[k].drill) == 0)
				break;
		}
		if (m == k && i-- == 0)
			return drill_find(meant[k].drill);
	}
	return NULL;
}
