/* Errors that answers report, in the services' own words; see
 * verdict_part.h. */
#include <string.h>

#include "harness/judge/verdict_part.h"

enum { WORDS_SHOWN = 4, LISTS_MIN = 5 };

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

#define BY_CHANCE .01

/*
 * Says what BAD of CAND answers of the candidate have and none of BASE of the
 * baseline. It is no PASS where chance does not explain it: that all BAD are
 * the candidate's, if each answer might have had it alike.
 */
static void
say_alone(struct result *r, const char *text, uint64_t cand, uint64_t base,
    uint64_t bad)
{
	double p = 1;
	uint64_t i;

	for (i = 0; i < bad && p > BY_CHANCE; i++)
		p *= (double)(cand - i) / (double)(cand + base - i);
	if (p <= BY_CHANCE)
		verdict_raise(r, VERDICT_INCONCLUSIVE, text);
	else
		verdict_note(r, text);
}

/*
 * The reason why a service stopped, which every answer of the baseline gives,
 * is the only sign that an answer is whole. A baseline that lacks it at times
 * is no measure for another.
 */
static void
judge_ends(const struct verdict_in *in, struct result *r)
{
	const struct score_arm *s = in->score->arm;
	uint64_t base = s[ARM_BASELINE].ended + s[ARM_BASELINE2].ended;
	uint64_t ended = s[ARM_CANDIDATE].ended + s[ARM_CANDIDATE2].ended;
	uint64_t lost = s[ARM_CANDIDATE].endless + s[ARM_CANDIDATE2].endless;
	const uint64_t all = lost + ended;
	const char *text;

	if (s[ARM_BASELINE].endless + s[ARM_BASELINE2].endless > 0 ||
	    base == 0 || lost == 0)
		return;
	text = result_fmt(r, "%llu of %llu answers of the candidate do not "
	    "say why they ended (finish_reason or the like), all %llu of the "
	    "baseline do: they may have broken off. Where that is meant: "
	    "`extract: {finish: []}`", (unsigned long long)lost,
	    (unsigned long long)all, (unsigned long long)base);
	say_alone(r, text, all, base, lost);
}

/* The candidate's header alone names a coding that was undone before. */
static void
judge_codings(const struct verdict_in *in, struct result *r)
{
	const struct score_arm *s = in->score->arm;
	uint64_t base = s[ARM_BASELINE].answered + s[ARM_BASELINE2].answered;
	uint64_t cand = s[ARM_CANDIDATE].answered + s[ARM_CANDIDATE2].answered;
	uint64_t bad = s[ARM_CANDIDATE].uncoded + s[ARM_CANDIDATE2].uncoded;
	const char *text;

	if (s[ARM_BASELINE].uncoded + s[ARM_BASELINE2].uncoded > 0 ||
	    bad == 0 || base == 0)
		return;
	text = result_fmt(r, "%llu of %llu answers of the candidate are not "
	    "packed as their Content-Encoding says, all %llu of the baseline "
	    "are as they say: most clients cannot read such an answer",
	    (unsigned long long)bad, (unsigned long long)cand,
	    (unsigned long long)base);
	say_alone(r, text, cand, base, bad);
}

/*
 * Lists of passages of half the length and less, all over: what is gone agrees
 * with nothing, and the rankings' measure takes a list as going on as it began
 * (RBO_EXT). Chance makes no difference of that kind, whatever the questions.
 */
static void
judge_lists(const struct verdict_in *in, struct result *r)
{
	const struct score_arm *s = in->score->arm;
	double was = (double)(s[ARM_BASELINE].retrieved +
	    s[ARM_BASELINE2].retrieved);
	double now = (double)(s[ARM_CANDIDATE].retrieved +
	    s[ARM_CANDIDATE2].retrieved);
	uint64_t base = s[ARM_BASELINE].lists + s[ARM_BASELINE2].lists;
	uint64_t cand = s[ARM_CANDIDATE].lists + s[ARM_CANDIDATE2].lists;

	if (base < LISTS_MIN || cand < LISTS_MIN || was == 0)
		return;
	was /= (double)base;
	now /= (double)cand;
	if (now * 2 <= was)
		verdict_raise(r, VERDICT_REVIEW, result_fmt(r, "the candidate "
		    "retrieves %.1f passages an answer, the baseline %.1f",
		    now, was));
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
	judge_ends(in, r);
	judge_codings(in, r);
	judge_lists(in, r);
}
