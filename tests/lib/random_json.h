/*
 * JSON texts drawn by a counter-based generator: numbers of any length and
 * spelling, keys that are there twice, strings that hold anything.
 */
#ifndef LOCKSTEP_TESTS_RANDOM_JSON_H
#define LOCKSTEP_TESTS_RANDOM_JSON_H

#include "harness/base/buf.h"
#include "harness/base/rng.h"

struct random_json {
	uint64_t seed, doc, at;	/* of the generator */
	int loose;		/* blanks and any spelling of strings; else as
				   json_write() has it */
};

static inline uint64_t
random_below(struct random_json *r, uint64_t n)
{
	return rng_below(r->seed, r->doc, r->at++, n);
}

static inline void
random_blanks(struct random_json *r, struct buf *b)
{
	uint64_t n = r->loose ? random_below(r, 3) : 0;

	while (n-- > 0)
		buf_putc(b, " \t\r\n"[random_below(r, 4)]);
}

static inline void
random_digits(struct random_json *r, struct buf *b, uint64_t max)
{
	uint64_t n = 1 + random_below(r, max);

	while (n-- > 0)
		buf_putc(b, (char)('0' + random_below(r, 10)));
}

static inline void
random_number(struct random_json *r, struct buf *b)
{
	if (random_below(r, 3) == 0)
		buf_putc(b, '-');
	if (random_below(r, 4) == 0) {
		buf_putc(b, '0');
	} else {
		buf_putc(b, (char)('1' + random_below(r, 9)));
		if (random_below(r, 2) == 0)
			random_digits(r, b, 40);
	}
	if (random_below(r, 3) == 0) {
		buf_putc(b, '.');
		random_digits(r, b, 30);
	}
	if (random_below(r, 4) == 0) {
		buf_putc(b, "eE"[random_below(r, 2)]);
		if (random_below(r, 2) == 0)
			buf_putc(b, "+-"[random_below(r, 2)]);
		random_digits(r, b, 4);
	}
}

static inline void
random_string(struct random_json *r, struct buf *b)
{
	static const char *const strict[] = { "a", "Z", " ", "/", "\\\"",
	    "\\\\", "\\n", "\\r", "\\t", "\\u0000", "\\u001f", "\\u007f",
	    "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\\ud800",
	    "0123456789abcdefghij" };
	static const char *const loose[] = { "\\/", "\\b", "\\f", "\\u0041",
	    "\\u00E9", "\\uD83D\\uDE00", "\\uDfFf", "\xff", "\xed\xa0\x80" };
	const size_t n_strict = sizeof(strict) / sizeof(strict[0]);
	const size_t n_loose = sizeof(loose) / sizeof(loose[0]);
	uint64_t n = random_below(r, 8), k;

	buf_putc(b, '"');
	while (n-- > 0) {
		k = random_below(r, n_strict + (r->loose ? n_loose : 0));
		buf_puts(b, k < n_strict ? strict[k] : loose[k - n_strict]);
	}
	buf_putc(b, '"');
}

static inline void random_value(struct random_json *r, struct buf *b,
    int depth);

static inline void
random_children(struct random_json *r, struct buf *b, int depth, int object)
{
	uint64_t n = random_below(r, 5), i;

	buf_putc(b, object ? '{' : '[');
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(b, ',');
		random_blanks(r, b);
		if (object && !r->loose) {
			/* none twice: the first would not be written */
			buf_printf(b, "\"%llu", (unsigned long long)i);
			buf_puts(b, random_below(r, 2) ? "\\u0000\":" : "\":");
		} else if (object) {
			random_string(r, b);
			random_blanks(r, b);
			buf_putc(b, ':');
		}
		random_value(r, b, depth + 1);
		random_blanks(r, b);
	}
	random_blanks(r, b);
	buf_putc(b, object ? '}' : ']');
}

static inline void
random_value(struct random_json *r, struct buf *b, int depth)
{
	static const char *const words[] = { "true", "false", "null" };

	random_blanks(r, b);
	switch (random_below(r, depth > 4 ? 3 : 6)) {
	case 0:
		random_number(r, b);
		break;
	case 1:
		random_string(r, b);
		break;
	case 2:
		buf_puts(b, words[random_below(r, 3)]);
		break;
	case 3:
		random_children(r, b, depth, 0);
		break;
	default:
		random_children(r, b, depth, 1);
	}
}

/* A text of its own for every doc. */
static inline void
random_doc(uint64_t doc, int loose, struct buf *b)
{
	struct random_json r = { 7396, doc, 0, loose };

	buf_reset(b);
	random_value(&r, b, 0);
	random_blanks(&r, b);
}

#endif
