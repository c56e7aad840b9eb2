/* What was found, in words; and how well a spec fits. See guess_part.h. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "harness/suite/guess_part.h"

void
guess_say(struct guess *g, const char *what, const char *pointer, size_t in,
    size_t of)
{
	struct guess_note *n;

	if (g->n_notes == GUESS_NOTES_MAX)
		return;
	n = &g->note[g->n_notes++];
	n->what = what;
	(void)snprintf(n->pointer, sizeof(n->pointer), "%s", pointer);
	n->in = in;
	n->of = of;
	n->sure = of >= 5 && in * 20 >= of * 19 ? GUESS_SURE :
	    of >= 2 && in * 2 >= of ? GUESS_LIKELY : GUESS_MAYBE;
}

void
guess_name(const char *pointer, char *out, size_t cap)
{
	const char *end = pointer + strlen(pointer), *p;
	size_t n = 0;

	for (;;) {
		for (p = end; p > pointer && p[-1] != '/'; p--)
			;
		if (p == pointer || (*p != '*' && !isdigit((unsigned char)*p)))
			break;
		end = p - 1;
	}
	for (; p < end && n + 1 < cap; p++) {
		if (isalnum((unsigned char)*p))
			out[n++] = (char)tolower((unsigned char)*p);
	}
	out[n] = '\0';
}

int
guess_named(const char *name, const char *const *names)
{
	int i;

	for (i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], name) == 0)
			return i + 1;
	}
	return 0;
}

static void
count(struct guess_fit *f, const struct answer *a)
{
	const struct snippet *s = a->retrieved;

	if (a->outcome != OUTCOME_OK && a->outcome != OUTCOME_REFUSED)
		return;
	f->understood++;
	f->found[FIT_ANSWER] += a->text != NULL;
	f->found[FIT_TOOLS] += a->tools != NULL;
	if (a->n_retrieved > 0)
		f->found[FIT_PASSAGES] += 1u + ((s->have & FIELD_TEXT) != 0) +
		    ((s->have & (FIELD_SECTION_ID | FIELD_SNIPPET_ID)) != 0);
	f->found[FIT_CITATIONS] += a->n_cited > 0;
	f->found[FIT_USAGE] += a->tokens_in >= 0;	/* not NaN */
}

int
guess_fit(const struct guess *g, const struct json *extract,
    struct guess_fit *out, struct err *err)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct extract_spec *spec = extract_new(extract, err);
	struct exchange ex;
	struct answer a;
	size_t i;
	int rc = RC_OK;

	memset(out, 0, sizeof(*out));
	answer_init(&a);
	if (spec == NULL)
		rc = err->code;
	else if (rec == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < g->n && rc == RC_OK; i++) {
		if (exchange_parse(rec, g->line[i].p, g->line[i].n, &ex,
		    NULL) != 1)
			continue;
		rc = extract_answer(spec, &ex, &a, err);
		if (rc == RC_OK)
			count(out, &a);
	}
	answer_fini(&a);
	extract_free(spec);
	exchange_rec_free(rec);
	return rc;
}
