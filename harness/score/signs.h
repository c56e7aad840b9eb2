/*
 * The signs around the words of a text, which words alone do not show.
 * Pure functions, safe from any thread; none allocates. Places are bytes,
 * those of a word's begin and end.
 */
#ifndef LOCKSTEP_SIGNS_H
#define LOCKSTEP_SIGNS_H

#include <stddef.h>
#include <stdint.h>

/* UTF-8 of n bytes, perhaps hostile. */
struct signs_text {
	const char *s;
	size_t n;
};

enum signs_relation {
	REL_NONE, REL_LT, REL_GT, REL_LE, REL_GE, REL_EQ, REL_NE, REL_PM
};

enum signs_minus {
	MINUS_NONE, MINUS_APART,	/* "- 5" */
	MINUS_GLUED			/* "-5": a sign, and no hyphen */
};

enum { PERCENT = 1, PERMILLE = 2 };

/* What stands at a word. */
struct signs {
	enum signs_relation relation;	/* before it */
	enum signs_minus minus;		/* before a number */
	unsigned percent;		/* before or after it */
	unsigned plus;			/* so many glued to its end */
	int sharp;			/* # glued to its end */
	int dash;			/* - glued to its end: A-, not A-b */
	int point;			/* .5 */
	unsigned raised;		/* superscript digits in a number */
	int number, money, digit_end;	/* how it begins and ends */
};

/*
 * Of the word [from,to).
 * lo, hi  the end of the word before and the begin of the next
 */
struct signs signs_of(const struct signs_text *t, size_t lo, size_t from,
    size_t to, size_t hi);

/* What joins two numbers: "1.5", "1, 5", "1-5". */
enum signs_join {
	JOIN_BLANK, JOIN_POINT, JOIN_LIST, JOIN_DASH, JOIN_COLON, JOIN_SLASH,
	JOIN_POWER
};

/* Between two words, [from,to); the pieces of a character like 1/2 have
 * nothing between them. */
enum signs_join signs_join(const struct signs_text *t, size_t from, size_t to);

/* Whether the number that begins at at goes on before it, as 5 does in 1.5;
 * the year of a date does not. */
int signs_joined_before(const struct signs_text *t, size_t at);

/* The same of .5: whether it is more than that, as in 1.5; 0.5 is not. */
int signs_joined_point(const struct signs_text *t, size_t at);

/* Whether the number that ends at at goes on after it. */
int signs_joined_after(const struct signs_text *t, size_t at);

/* How many digits in a row end at at, up to 5. */
unsigned signs_digits_before(const struct signs_text *t, size_t at);

#endif
