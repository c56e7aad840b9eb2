/* Errors that answers report, in the services' own words; see
 * verdict_part.h. */
#include <string.h>

#include "harness/judge/verdict_part.h"

enum { WORDS_SHOWN = 4 };

static const char *
said_by(enum arm a)
{
	return a == ARM_BASELINE ? "baseline" : "candidate";
}

/* The most frequent words of each outcome. */
static void
note_words(struct result *r, const struct score_arm *s, enum arm a)
{
	const struct score_pin *w, *before = NULL;
	size_t i, shown = 0;

	for (i = 0; i < s->n_words && shown < WORDS_SHOWN; i++) {
		w = &s->words[i];
		if (before != NULL && strcmp(before->name, w->name) == 0)
			continue;
		before = w;
		shown++;
		verdict_note(r, result_fmt(r, "%s, %llu of %llu answers %s: "
		    "%s%s", said_by(a), (unsigned long long)w->all,
		    (unsigned long long)s->sent, w->name, w->value,
		    w->n < w->all ? ", and others" : ""));
	}
}

void
verdict_said(const struct verdict_in *in, struct result *r)
{
	const struct score_arm *s;
	int a;

	for (a = ARM_BASELINE; a <= ARM_CANDIDATE; a++) {
		s = &in->score->arm[a];
		if (!r->arm[a].present)
			continue;
		note_words(r, s, (enum arm)a);
		if (a == ARM_CANDIDATE && s->blank > 0 &&
		    s->blank == s->answered)
			verdict_raise(r, VERDICT_INCONCLUSIVE,
			    "every answer of the candidate is blank: nothing "
			    "can be judged");
	}
}
