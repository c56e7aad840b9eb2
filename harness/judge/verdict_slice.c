/* Slices and quarantine: which cases are judged separately, and which are not
 * counted; see verdict_part.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/judge/verdict_part.h"

/* ---- slices ------------------------------------------------------------- */

/* A case's word at a pointer; NULL: none, or no scalar. Caller frees. */
static char *
word_at(const struct json_ptr *at, const struct json *doc)
{
	const char *word;
	struct buf b;
	char *out;

	buf_init(&b, 1 << 20);
	word = json_word(json_ptr_find(at, doc), &b);
	out = word == NULL ? NULL : strdup(word);
	buf_fini(&b);
	return out;
}

static int
find_words(const struct verdict_in *in, const char *pointer, char **words,
    struct err *err)
{
	struct json_ptr *at = json_ptr_new(pointer, err);
	uint64_t n = caseset_n(in->cases), i;
	struct gold g;
	int rc = at == NULL ? err->code : RC_OK;

	gold_init(&g);
	for (i = 0; i < n && rc == RC_OK; i++) {
		rc = caseset_get(in->cases, i, &g, err);
		if (rc == RC_OK)
			words[i] = word_at(at, g.doc);
	}
	gold_fini(&g);
	json_ptr_free(at);
	return rc;
}

/* "/tags/tenant" as the suite says it: "tags.tenant". */
static const char *
key_of(struct result *r, const char *pointer)
{
	char key[512];
	size_t i;

	(void)snprintf(key, sizeof(key), "%s", *pointer == '/' ?
	    pointer + 1 : pointer);
	for (i = 0; key[i] != '\0'; i++) {
		if (key[i] == '/')
			key[i] = '.';
	}
	return result_str(r, key);
}

static int
slice_one(const struct verdict_in *in, const struct gate_in *g,
    const char *pointer, struct result *r, struct err *err)
{
	uint64_t n = caseset_n(in->cases), i;
	char **words = calloc((size_t)n + 1, sizeof(*words));
	const char *key = key_of(r, pointer);
	int rc;

	if (words == NULL || key == NULL) {
		free(words);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	rc = find_words(in, pointer, words, err);
	if (rc == RC_OK)
		rc = gates_slice(g, key, (const char *const *)words, r,
		    r->gates + r->n_gates, err);
	if (rc >= 0) {
		r->n_gates += (size_t)rc;
		rc = RC_OK;
	}
	for (i = 0; i < n; i++)
		free(words[i]);
	free(words);
	return rc;
}

int
verdict_slices(const struct verdict_in *in, const struct gate_in *g,
    struct result *r, struct err *err)
{
	const struct json *j;
	int rc = RC_OK;

	for (j = json_first(in->suite->slices); j != NULL && rc == RC_OK &&
	    g->paired; j = json_next(j))
		rc = slice_one(in, g, json_str(j), r, err);
	return rc;
}

/* ---- quarantine --------------------------------------------------------- */

/* The line that names a case, or NULL. */
static const struct json *
line_of(const struct verdict_in *in, const char *id)
{
	const struct json *j;

	for (j = json_first(in->suite->quarantine); j != NULL;
	    j = json_next(j)) {
		if (json_get_str(j, "case") != NULL &&
		    strcmp(json_get_str(j, "case"), id) == 0)
			return j;
	}
	return NULL;
}

const char *
verdict_quarantined(const struct verdict_in *in, struct result *r,
    const char *id)
{
	const struct json *j = line_of(in, id);

	return j == NULL ? NULL : result_fmt(r, "in quarantine until %s (%s)",
	    json_get_str(j, "until"), json_get_str(j, "owner"));
}

/* By the run's own date, so that judging it again gives the same. */
static int
expired(const struct verdict_in *in, const struct json *j)
{
	char utc[MONO_UTC_MAX];
	const char *until = json_get_str(j, "until");

	mono_utc(in->started_wall_ns, utc);
	return until == NULL || strncmp(utc, until, 10) >= 0;
}

/* Cases that count, a bit each: all of them. */
static uint32_t *
all_cases(struct result *r, uint64_t n)
{
	size_t words = (size_t)n / 32 + 1;
	uint32_t *v = result_alloc(r, words * sizeof(*v));

	if (v != NULL)
		memset(v, 0xff, words * sizeof(*v));
	return v;
}

int
verdict_quarantine(const struct verdict_in *in, struct result *r,
    uint32_t **only, struct err *err)
{
	const struct json *j = json_first(in->suite->quarantine);
	const char *id;
	uint64_t i;

	*only = NULL;
	if (j == NULL)
		return RC_OK;
	*only = all_cases(r, caseset_n(in->cases));
	if (*only == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (; j != NULL; j = json_next(j)) {
		id = json_get_str(j, "case");
		i = id == NULL ? UINT64_MAX : caseset_find(in->cases, id);
		if (expired(in, j))
			verdict_raise(r, VERDICT_FAIL, result_fmt(r,
			    "the quarantine of case %s ended on %s: fix the "
			    "case (%s) or renew "
			    "it", id, json_get_str(j, "until"),
			    json_get_str(j, "owner")));
		if (i == UINT64_MAX)
			continue;	/* filtered out, or gone */
		verdict_note(r, result_fmt(r, "Case %s is %s and not "
		    "counted%s%s.", id, verdict_quarantined(in, r, id),
		    json_get_str(j, "reason") == NULL ? "" : ": ",
		    json_get_str(j, "reason") == NULL ? "" :
		    json_get_str(j, "reason")));
		(*only)[i / 32] &= ~(1u << i % 32);
	}
	return RC_OK;
}
