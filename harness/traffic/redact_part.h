/* What the parts of redaction share; private. */
#ifndef LOCKSTEP_REDACT_PART_H
#define LOCKSTEP_REDACT_PART_H

#include "harness/traffic/redact.h"

struct regex;

enum rule_how { RULE_KIND, RULE_PATTERN, RULE_POINTER, RULE_HEADER };

struct redact_rule {
	enum rule_how how;
	enum redact_action action;
	char name[96];		/* as it was asked for, without the action */
	const char *label;
	const struct redact_kind *kind;
	struct regex *regex;
	char *arg;		/* pointer or header; owned */
};

struct redact {
	struct redact_rule rule[REDACT_RULES_MAX];
	size_t n;
	uint64_t ask[256];	/* rules to ask at a byte: bits */
	int patterns;
	unsigned char key[REDACT_KEY_BYTES];
	int has_key;
};

/* What was found: bytes [from,to), by the rule at index `rule`. */
struct redact_hit {
	size_t from, to, rule;
};

/*
 * A built-in kind.  find() is asked at a byte that may be inside or at the
 * start of what it looks for, which is one of `at`.
 * returns 1 with *from and *to
 */
struct redact_kind {
	const char *name;	/* of the rule */
	const char *label;	/* in the text: "EMAIL" */
	const char *at;		/* bytes to ask at; "0": any digit */
	int (*find)(const char *p, size_t n, size_t at, size_t *from,
	    size_t *to);
};
extern const struct redact_kind redact_kinds[];	/* ends with a NULL name */

/*
 * A text as its reader means it: escapes undone, signs that nobody sees left
 * out, base64 unpacked. For searching alone.
 */
struct redact_seq {		/* [raw,raw+n_raw) became [at,at+n) */
	size_t at, n, raw, n_raw;
};
struct redact_view {
	struct buf text;
	struct buf sign;	/* what one sequence became */
	struct redact_seq *v;
	size_t n, cap;
	int bad;		/* out of memory */
};

/* How often a text is undone: what is escaped in what is escaped. */
enum { REDACT_VIEWS_MAX = 8 };

struct redact_work {
	const struct redact *r;
	struct redact_hit *hit;
	size_t cap_hit;
	uint64_t hits[REDACT_RULES_MAX];
	struct buf text;	/* of an exchange, as it becomes */
	struct ex_chunk *chunks;
	struct buf plain[2];	/* bodies whose coding was undone */
	struct redact_view view[REDACT_VIEWS_MAX];
	int bad;		/* out of memory */
};

/* Bytes at which something may be undone, letters and digits, and what else
 * base64 has, of either alphabet. */
enum { REDACT_UNDO = 1, REDACT_ALNUM = 2, REDACT_SIGN = 4 };
extern const unsigned char redact_view_at[256];
/* Shorter base64 holds nothing that is looked for. */
enum { REDACT_B64_MIN = 12 };

static inline int
redact_is_b64(char c)
{
	return redact_view_at[(unsigned char)c] & (REDACT_ALNUM | REDACT_SIGN);
}

/* Whether something may be undone at `from`, a sign or a run of base64's that
 * ends at `to`. */
int redact_may_undo(const char *p, size_t n, size_t from, size_t to);

/* Undoes a text once. returns whether anything was */
int redact_view_of(const char *p, size_t n, struct redact_view *view);
void redact_view_init(struct redact_view *view);
void redact_view_fini(struct redact_view *view);

/* A hit in the view becomes one in the text. */
void redact_view_back(const struct redact_view *view, size_t *from,
    size_t *to);

/* redact_escape.c: an escape of JSON at p[0], a backslash. returns how many
 * bytes it takes, 0 when it is none; its text in out[0..*len) */
size_t redact_escape(const char *p, size_t n, char out[4], size_t *len);

/* A number of so many hex digits, -1: there is none. */
int redact_hex(const char *p, size_t n, size_t digits);

/* A code point in UTF-8. returns its length */
size_t redact_point(unsigned u, char out[4]);

/* redact_ids.c: national ids with a checksum. p[at] is the first digit or
 * letter of a word. */
int redact_find_national(const char *p, size_t n, size_t at, size_t *from,
    size_t *to);

/* Luhn's check over the digits of [p,p+n), other bytes passed over. */
int redact_luhn(const char *p, size_t n);

/* Letters and digits of ASCII: a number may stand right behind any other
 * letter or quote, as no blank parts them in Chinese. */
static inline int
redact_is_word(char c)
{
	return (redact_view_at[(unsigned char)c] & REDACT_ALNUM) || c == '_';
}

static inline int
redact_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The hits in a text, in order, none over another; borrowed until the next
 * call. */
const struct redact_hit *redact_find(struct redact_work *w, const char *p,
    size_t n, size_t *n_hits);

/* Appends what stands in place of a hit. */
void redact_put(struct redact_work *w, size_t rule, const char *p, size_t n,
    struct buf *out);

/*
 * Redacts a body.
 * *out     appended to
 * map      of offsets, for marks: from the old to the new; may be NULL
 * returns whether anything changed
 */
struct redact_move {
	size_t from, to, len;	/* [from,to) became len bytes */
};
struct redact_moves {
	struct redact_move *v;
	size_t n, cap;
	int bad;		/* out of memory */
};
int redact_body(struct redact_work *w, const char *p, size_t n,
    struct buf *out, struct redact_moves *moves);

/* The pointer rules of a work: i-th, its rule's index in *rule; NULL: no
 * more. */
struct json_ptr;
const char *redact_pointer(const struct redact_work *w, size_t i,
    size_t *rule);

#endif
