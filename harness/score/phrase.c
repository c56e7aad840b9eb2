/* An expected answer in a text, with its signs; see phrase.h. */
#include "harness/score/phrase.h"

#include <assert.h>
#include <string.h>

#include "harness/score/signs.h"

/* A text and its words. */
struct side {
	struct signs_text t;
	const struct ctext_words *w;
};

/* What is looked for, and its signs. */
struct want {
	struct side side;
	struct signs signs[PHRASE_WORDS];
	enum signs_join join[PHRASE_WORDS];	/* to the word before */
	int two[PHRASE_WORDS];	/* both are numbers */
	unsigned percent;
};

static size_t
end_before(const struct side *x, size_t i)
{
	return i == 0 ? 0 : x->w->to[i - 1];
}

static struct signs
signs_at(const struct side *x, size_t i)
{
	size_t hi = i + 1 < x->w->n ? x->w->from[i + 1] : x->t.n;

	return signs_of(&x->t, end_before(x, i), x->w->from[i], x->w->to[i],
	    hi);
}

static enum signs_join
join_at(const struct side *x, size_t i)
{
	return signs_join(&x->t, x->w->to[i - 1], x->w->from[i]);
}

/* ---- signs that are written out ---------------------------------------- */

static const struct {
	char sign;	/* l, g: at most, at least; p: plus or minus; m: a
			   thousandth */
	char after;	/* after the amount, not before it */
	const char *words;
} spoken[] = {
	{ '<', 0, "less than" }, { '<', 0, "fewer than" },
	{ '<', 0, "lower than" }, { '<', 0, "smaller than" },
	{ '<', 0, "under" }, { '<', 0, "below" }, { '<', 0, "lt" },
	{ '>', 0, "more than" }, { '>', 0, "greater than" },
	{ '>', 0, "higher than" }, { '>', 0, "larger than" },
	{ '>', 0, "over" }, { '>', 0, "above" }, { '>', 0, "exceeding" },
	{ '>', 0, "gt" },	/* HTML's, as lt above */
	{ 'l', 0, "at most" }, { 'l', 0, "up to" },
	{ 'l', 0, "no more than" }, { 'l', 0, "not more than" },
	{ 'l', 0, "less than or equal to" }, { 'l', 0, "maximum of" },
	{ 'l', 1, "or less" }, { 'l', 1, "or fewer" },
	{ 'l', 1, "or lower" }, { 'l', 1, "or below" },
	{ 'l', 1, "or under" }, { 'l', 1, "or younger" },
	{ 'l', 1, "and under" }, { 'l', 1, "and below" },
	{ 'g', 0, "at least" }, { 'g', 0, "no less than" },
	{ 'g', 0, "no fewer than" }, { 'g', 0, "not less than" },
	{ 'g', 0, "greater than or equal to" }, { 'g', 0, "minimum of" },
	{ 'g', 1, "or more" }, { 'g', 1, "or greater" },
	{ 'g', 1, "or higher" }, { 'g', 1, "or above" },
	{ 'g', 1, "or over" }, { 'g', 1, "or older" },
	{ 'g', 1, "and over" }, { 'g', 1, "and above" },
	{ 'g', 1, "and older" }, { 'g', 1, "and up" },
	{ 'g', 1, "plus" },
	{ 'p', 0, "plus or minus" }, { 'p', 0, "plus minus" },
	{ 'p', 0, "give or take" },
	{ '-', 0, "minus" }, { '-', 0, "negative" },
	{ '-', 1, "below zero" }, { '-', 1, "degrees below" },
	{ '%', 1, "percent" }, { '%', 1, "per cent" }, { '%', 1, "pct" },
	{ '%', 1, "prozent" }, { '%', 1, "procent" },
	{ '%', 1, "pour cent" }, { '%', 1, "por ciento" },
	{ '%', 1, "por cento" }, { '%', 1, "per cento" },
	{ 'm', 1, "per mille" }, { 'm', 1, "per mil" },
	{ 'm', 1, "promille" }, { 'm', 1, "per thousand" },
};

/* Whether word i is the len letters at p, in lower case. */
static int
is_word(const struct side *x, size_t i, const char *p, size_t len)
{
	const char *s = x->t.s + x->w->from[i];
	size_t k;

	if (x->w->to[i] - x->w->from[i] != len)
		return 0;
	for (k = 0; k < len; k++) {
		if ((s[k] | 32) != p[k])
			return 0;
	}
	return 1;
}

/* Whether words are the words of x from i on. */
static int
says_from(const struct side *x, size_t i, const char *words)
{
	size_t len;

	for (; *words != '\0'; words += len + (words[len] == ' '), i++) {
		len = strcspn(words, " ");
		if (i >= x->w->n || !is_word(x, i, words, len))
			return 0;
	}
	return 1;
}

static size_t
count_words(const char *words)
{
	size_t n = 1;

	while ((words = strchr(words, ' ')) != NULL) {
		words++;
		n++;
	}
	return n;
}

/* Whether one of the signs is written out at the words [from,to) of x. */
static int
is_spoken(const struct side *x, size_t from, size_t to, const char *signs)
{
	size_t i, n, at;

	for (i = 0; i < sizeof(spoken) / sizeof *spoken; i++) {
		if (strchr(signs, spoken[i].sign) == NULL)
			continue;
		n = count_words(spoken[i].words);
		if (!spoken[i].after && n > from)
			continue;
		at = spoken[i].after ? to : from - n;
		if (!says_from(x, at, spoken[i].words))
			continue;
		/* "no less than" is another relation */
		if (!strchr("<>", spoken[i].sign) || at == 0 ||
		    !(is_word(x, at - 1, "no", 2) ||
		    is_word(x, at - 1, "not", 3)))
			return 1;
	}
	return 0;
}

/* ---- the same signs ---------------------------------------------------- */

/* What is found: words [from,to) of a text. */
struct found {
	const struct side *side;
	size_t from, to;
};

static int
same_relation(const struct signs *e, const struct signs *a,
    const struct found *f)
{
	static const char *const words[] = {
		[REL_LT] = "<", [REL_GT] = ">", [REL_LE] = "l",
		[REL_GE] = "g", [REL_PM] = "p", [REL_NE] = "", [REL_EQ] = ""
	};

	if (e->plus > 0 && e->digit_end)	/* 18+ */
		return a->plus > 0 || a->relation == REL_GE ||
		    is_spoken(f->side, f->from, f->to, "g>");
	if (e->relation == REL_NONE || e->relation == a->relation)
		return 1;
	if (e->relation == REL_EQ)
		return a->relation == REL_NONE;
	if (e->relation == REL_GE && a->plus > 0)
		return 1;
	return a->relation == REL_NONE &&
	    is_spoken(f->side, f->from, f->to, words[e->relation]);
}

static int
same_minus(const struct signs *e, const struct signs *a,
    const struct found *f)
{
	if (e->minus != MINUS_GLUED)
		return a->minus != MINUS_GLUED;
	return a->minus != MINUS_NONE ||
	    is_spoken(f->side, f->from, f->to, "-");
}

/* The signs of a number, or those that end a name: C++, C#, A-. */
static int
same_signs(const struct signs *e, const struct signs *a,
    const struct found *f)
{
	if (!same_relation(e, a, f) || e->raised != a->raised)
		return 0;
	if (e->digit_end)
		return 1;
	return e->plus == a->plus && e->sharp == a->sharp &&
	    (!e->dash || a->dash);
}

static int
is_weak(enum signs_join j)
{
	return j == JOIN_BLANK || j == JOIN_POINT || j == JOIN_LIST;
}

static int
is_date_part(enum signs_join j)
{
	return j == JOIN_POINT || j == JOIN_DASH || j == JOIN_SLASH;
}

/* Whether both join the numbers i - 1 and i alike: not 10:30 and 10-30, but
 * 1,000 and 1.000 and 1 000, and dates and telephone numbers of any kind. */
static int
same_join(const struct want *e, size_t i, enum signs_join a)
{
	enum signs_join j = e->join[i];
	size_t n = e->side.w->n;
	int parts = (i > 1 && e->two[i - 1] && is_date_part(e->join[i - 1])) ||
	    (i + 1 < n && e->two[i + 1] && is_date_part(e->join[i + 1]));

	if (j == a || (is_weak(j) && is_weak(a)))
		return 1;
	if (j == JOIN_BLANK || a == JOIN_BLANK)
		return j != JOIN_SLASH && a != JOIN_SLASH &&
		    j != JOIN_POWER && a != JOIN_POWER;
	if ((j == JOIN_COLON && a == JOIN_POINT) ||
	    (j == JOIN_POINT && a == JOIN_COLON))
		return 1;
	if (!is_date_part(j) || !is_date_part(a))
		return 0;
	/* 2019/20 is 2019-20 */
	return parts || (j != JOIN_POINT && a != JOIN_POINT &&
	    signs_digits_before(&e->side.t, e->side.w->to[i - 1]) == 4);
}

/* Whether what is found is a piece of a longer number. */
static int
is_piece(const struct want *e, const struct found *f)
{
	const struct ctext_words *w = f->side->w;
	const struct signs_text *t = &f->side->t;
	size_t n = e->side.w->n, from = w->from[f->from];
	size_t to = w->to[f->to - 1];

	if (e->signs[0].number && f->from > 0 && w->to[f->from - 1] > from)
		return 1;
	if (e->signs[0].point ? signs_joined_point(t, from) :
	    e->signs[0].number && signs_joined_before(t, from))
		return 1;
	if (!e->signs[n - 1].digit_end)
		return 0;
	return (f->to < w->n && w->from[f->to] < to) ||
	    signs_joined_after(t, to);
}

static int
same_amount(const struct want *e, const struct side *x, size_t from)
{
	const struct found f = { x, from, from + e->side.w->n };
	unsigned percent = 0;
	enum signs_join join = JOIN_BLANK;
	struct signs a;
	size_t i;

	if (is_piece(e, &f))
		return 0;
	for (i = 0; i < e->side.w->n; i++) {
		a = signs_at(x, from + i);
		percent |= a.percent;
		if (i > 0 && e->two[i]) {
			join = join_at(x, from + i);
			if (!same_join(e, i, join))
				return 0;
		}
		if (!same_signs(&e->signs[i], &a, &f))
			return 0;
		/* "10 -40" may be a range, too */
		if ((i == 0 || !e->two[i] || e->join[i] != JOIN_DASH ||
		    join != JOIN_DASH) && !same_minus(&e->signs[i], &a, &f))
			return 0;
	}
	percent = e->percent & ~percent;
	return (!(percent & PERCENT) || is_spoken(x, f.from, f.to, "%")) &&
	    (!(percent & PERMILLE) || is_spoken(x, f.from, f.to, "m"));
}

/* ---- finding ----------------------------------------------------------- */

static void
look_for(struct want *e)
{
	const struct ctext_words *w = e->side.w;
	size_t i;

	assert(w->n > 0 && w->n <= PHRASE_WORDS);
	for (i = 0; i < w->n; i++) {
		e->signs[i] = signs_at(&e->side, i);
		e->percent |= e->signs[i].percent;
		if (i == 0)
			continue;
		e->join[i] = join_at(&e->side, i);
		e->two[i] = e->signs[i - 1].digit_end && e->signs[i].number;
	}
	/* "<b>" is a tag, and "= answer" no relation */
	if (!e->signs[0].number && !e->signs[0].money)
		e->signs[0].relation = REL_NONE;
	/* "long-" is a half of a word, "A-" a grade */
	for (i = 0; i < w->n; i++)
		e->signs[i].dash &= w->to[i] - w->from[i] <= 2;
}

/* The words of a text that pass by. BEFORE and AFTER of a match are kept for
 * the words that stand for signs. */
enum { WINDOW = 256, BEFORE = 6, AFTER = 3 };

struct passing {
	const struct want *want;
	struct side side;
	struct ctext_words w;	/* of the arrays below */
	size_t next;		/* where to look next */
	int found;
	uint64_t hash[WINDOW];
	uint32_t from[WINDOW], to[WINDOW];
};

/* Looks at all places with that many words after them. */
static void
look(struct passing *p, size_t after)
{
	const struct ctext_words *e = p->want->side.w;

	for (; !p->found && p->next + e->n + after <= p->w.n; p->next++)
		p->found = memcmp(p->hash + p->next, e->hash,
		    e->n * sizeof(*e->hash)) == 0 &&
		    same_amount(p->want, &p->side, p->next);
}

static int
pass(void *ctx, uint64_t hash, uint32_t from, uint32_t to)
{
	struct passing *p = ctx;
	size_t old, kept;

	p->hash[p->w.n] = hash;
	p->from[p->w.n] = from;
	p->to[p->w.n++] = to;
	if (p->w.n < WINDOW)
		return 0;
	look(p, AFTER);
	if (p->found)
		return 1;
	old = p->next - BEFORE;
	kept = p->w.n - old;
	memmove(p->hash, p->hash + old, kept * sizeof(*p->hash));
	memmove(p->from, p->from + old, kept * sizeof(*p->from));
	memmove(p->to, p->to + old, kept * sizeof(*p->to));
	p->w.n = kept;
	p->next = BEFORE;
	return 0;
}

int
phrase_stands(struct ctext *want, const struct ctext *text, struct arena *a)
{
	struct want e = { .side = { { want->p, want->n },
	    ctext_words(want, a) } };
	struct passing p;

	look_for(&e);
	p.want = &e;
	p.w = (struct ctext_words){ 0, p.hash, p.from, p.to };
	p.side = (struct side){ { text->p, text->n }, &p.w };
	p.next = 0;
	p.found = 0;
	ctext_each(text, pass, &p);
	look(&p, 0);
	return p.found;
}
