/*
 * JSON: values, RFC 6901 pointers with `*`, and a writer into struct buf whose
 * output depends on the input alone.
 *
 * What is read is what was written: a number keeps its text, so that integers
 * of any length and decimals compare, copy and write exactly; a string keeps
 * its length, so that it may hold NULs, and a lone half of a surrogate pair is
 * written as it was read.  Of members of one name the last counts, and the
 * others are not seen.  RFC 8259 is taken and nothing else but a byte order
 * mark in front.  Limits: 1,000 levels deep, 4 GiB.
 *
 * A value belongs to one thread at a time; reading is safe from many.
 */
#ifndef LOCKSTEP_JSON_H
#define LOCKSTEP_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"

enum json_kind {
	JSON_NONE,	/* of a NULL value */
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

struct json;

/* ---- reading ---------------------------------------------------------- */

/*
 * Parses n bytes, which need no NUL behind them; anything but white space
 * after the value is an error.
 * returns the value, caller frees with json_free(); or NULL with RC_FORMAT
 *         (the message holds line and column) or RC_NOMEM in err
 */
struct json *json_parse(const char *text, size_t n, struct err *err);

/*
 * A document: values that are only read and given back all at once, several
 * times faster than json_parse().  One thread at a time.
 */
struct json_doc;

struct json_doc *json_doc_new(void);		/* NULL: out of memory */
void json_doc_free(struct json_doc *d);		/* NULL is safe */
/* Frees what was parsed last, and its memory except one block. */
void json_doc_reset(struct json_doc *d);

/*
 * Parses what json_parse() parses, to equal values, after a reset.
 * returns a value that belongs to d until the next call and must neither be
 *         changed nor freed; or NULL with RC_FORMAT or RC_NOMEM in err
 */
const struct json *json_doc_parse(struct json_doc *d, const char *text,
    size_t n, struct err *err);

/* Reads and parses a whole file of at most max_bytes. As json_parse(). */
struct json *json_load(const char *path, size_t max_bytes, struct err *err);

/* NULL is safe. */
void json_free(struct json *j);

/* All readers accept NULL and answer JSON_NONE, NULL, 0 or the default. */
enum json_kind json_kind(const struct json *j);
/* NULL unless a string; a NUL within ends it for callers that do not ask its
 * length. */
const char *json_str(const struct json *j);
const char *json_text(const struct json *j, size_t *n);
/* A number as it was written; NULL unless a number. */
const char *json_digits(const struct json *j);
double json_num(const struct json *j, double dflt);	/* the nearest */
int64_t json_int(const struct json *j, int64_t dflt);	/* rounds, saturates */
int json_bool(const struct json *j, int dflt);
size_t json_size(const struct json *j);		/* children; O(n) */
struct json *json_first(const struct json *j);	/* first child or NULL */
struct json *json_next(const struct json *j);	/* next sibling or NULL */
const char *json_key(const struct json *j);	/* name within its object */
struct json *json_get(const struct json *j, const char *key);
/* The first of several names that there is; NULL ends them. */
struct json *json_get_any(const struct json *j, const char *const *keys);
struct json *json_at(const struct json *j, size_t i);
const char *json_get_str(const struct json *j, const char *key);
double json_get_num(const struct json *j, const char *key, double dflt);
int64_t json_get_int(const struct json *j, const char *key, int64_t dflt);
int json_get_bool(const struct json *j, const char *key, int dflt);

/*
 * A scalar as a word, of an id or a tag: a string itself (one that holds a NUL
 * as JSON writes it), a number as it was written, true, false.
 * b       where what has to be made is written; it is reset then
 * returns it, belonging to j or b; NULL unless it is one of these
 */
const char *json_word(const struct json *j, struct buf *b);

/*
 * A key that is there twice in one object, anywhere in j; or NULL.
 * *in     the member that this object is within, or NULL
 */
const char *json_twice(const struct json *j, const char **in);

/*
 * Compares two numbers by value, exactly.
 * *order  < 0, 0 or > 0
 * returns 1; or 0: they are not both numbers
 */
int json_order(const struct json *a, const struct json *b, int *order);

/* Deep equality, exact; numbers by value (1.0 is 1), objects without regard to
 * order. */
int json_equal(const struct json *a, const struct json *b);

/* ---- building (NULL when memory is out; setters then free the value) --- */

struct json *json_new(enum json_kind kind);	/* null, false, array, object */
struct json *json_new_str(const char *s);
struct json *json_new_strn(const char *s, size_t n);
struct json *json_new_num(double v);		/* null unless it is finite */
/* A number as it is written; NULL also when it is none of JSON. */
struct json *json_new_digits(const char *s);
struct json *json_new_bool(int v);
struct json *json_copy(const struct json *j);

/* Takes v, in place of an equal key. returns RC_OK or RC_NOMEM */
int json_set(struct json *obj, const char *key, struct json *v);
int json_push(struct json *arr, struct json *v);
/* Takes it out of its parent; caller frees. NULL when there is none. */
struct json *json_take(struct json *obj, const char *key);

/*
 * RFC 7396 merge patch: members of patch replace those of target, objects
 * merge, null removes.
 * target  an object, which is changed
 * returns RC_OK or RC_NOMEM
 */
int json_merge(struct json *target, const struct json *patch);

/*
 * RFC 7396 merge patch over a text: what the patch names is changed, added or
 * removed, and no other byte.  A member that is there twice is changed twice.
 * out     sticky: check it once
 * returns RC_OK, or RC_FORMAT: the text is no JSON
 */
int json_patch(struct buf *out, const char *text, size_t n,
    const struct json *patch, struct err *err);

/* ---- pointers --------------------------------------------------------- */

/* A compiled RFC 6901 pointer in which the token `*` stands for every
 * element of an array (or member of an object). Immutable; share freely. */
struct json_ptr;

/* returns the pointer, caller frees; or NULL with RC_FORMAT in err */
struct json_ptr *json_ptr_new(const char *text, struct err *err);
void json_ptr_free(struct json_ptr *p);
const char *json_ptr_text(const struct json_ptr *p);

/* The first value it names, or NULL. */
struct json *json_ptr_find(const struct json_ptr *p, const struct json *j);

/* Calls fn for each value in document order; stops when fn returns non-0
 * and returns that. */
typedef int json_each_fn(void *ctx, const struct json *value);
int json_ptr_each(const struct json_ptr *p, const struct json *j,
    json_each_fn *fn, void *ctx);

/* ---- writing ---------------------------------------------------------- */

/* A quoted string of n bytes; bytes that are not UTF-8 become U+FFFD. */
void json_write_str(struct buf *b, const char *s, size_t n);

/* The shortest decimal that reads back as v; NaN and infinities as null. */
void json_write_num(struct buf *b, double v);

/* The value in one line without spaces; numbers as they were written. */
void json_write(struct buf *b, const struct json *j);

/* The same, but of equal numbers alone read alike: 0.20 and 2e-1 as 0.2. */
void json_write_alike(struct buf *b, const struct json *j);

/*
 * A writer that puts the commas.  Misuse (a key outside an object) is a
 * mistake of ours and asserts.  pretty != 0 indents by two spaces.
 */
struct json_out {
	struct buf *b;
	int pretty;
	int depth;
	unsigned char first[1024];	/* per level: nothing written yet */
	int after_key;
};
void json_out_init(struct json_out *o, struct buf *b, int pretty);
void json_out_obj(struct json_out *o);
void json_out_arr(struct json_out *o);
void json_out_end(struct json_out *o, char close);	/* '}' or ']' */
void json_out_key(struct json_out *o, const char *key);
void json_out_str(struct json_out *o, const char *s);	/* NULL: null */
void json_out_strn(struct json_out *o, const char *s, size_t n);
void json_out_num(struct json_out *o, double v);
void json_out_int(struct json_out *o, int64_t v);
void json_out_bool(struct json_out *o, int v);
void json_out_null(struct json_out *o);
void json_out_json(struct json_out *o, const struct json *j);
/* A member: json_out_key(), and its value. */
void json_put_str(struct json_out *o, const char *key, const char *s);
void json_put_num(struct json_out *o, const char *key, double v);
void json_put_int(struct json_out *o, const char *key, int64_t v);
void json_put_count(struct json_out *o, const char *key, uint64_t v);
void json_put_bool(struct json_out *o, const char *key, int v);
void json_put_json(struct json_out *o, const char *key, const struct json *j);
/* How the JSON Schema (draft 2020-12) of an object begins, in its braces;
 * help NULL: no description. */
void json_out_schema(struct json_out *o, const char *title, const char *help);
/* Bytes that are JSON already, copied as they are. */
void json_out_raw(struct json_out *o, const char *s, size_t n);

#endif
