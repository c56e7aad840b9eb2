/*
 * Members of the result as rows of a table: name, type, place, meaning.
 * Private to this room.
 *
 * A row is all there is of a member: from it report.json is written and
 * read, a case is packed for its spool, and suites/report.schema.json and
 * the list in REPORTS.md are drawn. The rows of a case are in case_fields.c,
 * all others in result_fields.c, each with the types that one member alone
 * has; the types that many share are in field.c.
 */
#ifndef LOCKSTEP_FIELD_PART_H
#define LOCKSTEP_FIELD_PART_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/json.h"
#include "harness/result/result.h"

struct field_type;
typedef const char *field_word_fn(int i);

enum {
	FIELD_SPARSE = 1,	/* left out of the JSON where it says nothing */
	FIELD_LATER = 2,	/* older reports have none */
	FIELD_TOLD = 4,		/* not read: it follows from the cases */
};

struct field {
	const char *name;	/* NULL ends a table */
	const struct field_type *type;
	size_t at;		/* of the member in its struct */
	const char *help;	/* for the schema; NULL: the name says it */
	unsigned flags;
	int n_words;
	field_word_fn *word;	/* of a word: the name of value i */
	const struct field *sub;	/* of a group; of a list's elements */
	size_t at_n;		/* of a list: where its size_t length is; of a
				   group that may lack: its int, if SPARSE */
	size_t size;		/* of a list: bytes of an element */
	void (*fresh)(void *);	/* of a list: makes an element; NULL: zeros */
	const char *def;	/* of what is defined once: $defs/NAME */
};

/* What writing needs beside the member. */
struct field_out {
	struct json_out *o;
	const struct result *r;
};

/* Names of metrics that are not built in, by slot: cases come before the
 * list that tells what they are. */
struct field_slots {
	char name[SCORER_METRICS_MAX][SCORER_NAME_MAX];
	size_t n;
};

/* The first error sticks; every reader is a no-op after it. */
struct field_in {
	struct result *r;
	struct err *err;
	int rc;
	struct arena *one;	/* for what lives as long as one case, whose
				   texts stay in the document; or NULL */
	struct field_slots *slots;
};

struct field_pack {
	struct buf *b;
	uint32_t n_texts;	/* in all lists of texts */
};

struct field_unpack {
	const char *p;		/* the packed bytes that come next */
	const char **texts;	/* room for all lists of texts */
};

/*
 * All functions get the member's struct as base. Where one is missing, the
 * type has no such thing: not read (others do that), not packed (not in a
 * case).
 */
struct field_type {
	/* the value; its key is written */
	void (*write)(const struct field_out *w, const struct field *f,
	    const char *base);
	/* v: NULL where the member is missing */
	void (*read)(struct field_in *in, const struct field *f,
	    const struct json *v, char *base);
	void (*pack)(struct field_pack *k, const struct field *f,
	    const char *base);
	void (*unpack)(struct field_unpack *u, const struct field *f,
	    char *base);
	size_t bytes;		/* packed as they lie in memory, without pack */
	/* of a SPARSE one: it says nothing */
	int (*none)(const struct field *f, const char *base);
	/* Its JSON Schema: a kind, one that may be null, and what else there
	 * is to say. */
	const char *kind, *kind_or_null;
	void (*schema)(struct json_out *o, const struct field *f);
};

/* ---- tables ------------------------------------------------------------- */

extern const struct field result_fields[];	/* of a struct result */
extern const struct field arm_fields[], gate_fields[];
extern const struct field case_fields[], side_fields[];

/* Where a member is; a warning where it is not of that type. */
#define FIELD_AT(of, member, type) (offsetof(struct of, member) + 0 * \
	sizeof(&((struct of *)0)->member == (type *)0))

/* ---- types; field.c, field_list.c and result_types.c --------------------- */

extern const struct field_type
    field_str,		/* const char *; null: NULL */
    field_text,		/* const char *; never NULL */
    field_num,		/* double; null: NaN */
    field_float,	/* float; with the digits that a float needs */
    field_both,		/* float[2], baseline and candidate */
    field_count,	/* uint64_t */
    field_int,		/* int, never below 0 */
    field_flag,		/* int, true or false */
    field_word,		/* an enum, or an int that is a place in the words */
    field_strs,		/* const char *const *, and its length */
    field_group,	/* members of a struct, in an object of their own */
    field_list;		/* an array of structs, and its length */

/* Of one member each. */
extern const struct field_type field_version, field_seed, field_total,
    field_outcomes, field_pins, field_interval, field_scorer_metrics,
    field_reasons, field_worst, field_cases;

/* A case, on one line. */
void field_write_case(const struct field_out *w, const struct result_case *c);

/* ---- whole tables; field_walk.c ------------------------------------------ */

/* The members of a struct; the object is opened and closed by the caller. */
void field_write(const struct field_out *w, const struct field *table,
    const char *base);
void field_read(struct field_in *in, const struct field *table,
    const struct json *j, char *base);
void field_pack(struct field_pack *k, const struct field *table,
    const char *base);
void field_unpack(struct field_unpack *u, const struct field *table,
    char *base);
/* "properties" and "required" of a table. */
void field_schema_members(struct json_out *o, const struct field *table);

/* ---- what types are made of ---------------------------------------------- */

void field_put_count(struct json_out *o, uint64_t v);
void field_put_both(struct json_out *o, float baseline, float candidate);

/* What result_reason_line() wrote, taken apart; the text is line's. */
struct result_reason field_reason_of(const char *line);

/* Notes that a member is not what it should be. */
void field_bad(struct field_in *in, const char *key, const char *want);
/* A copy that lives as long as the result, or the document's own. */
const char *field_keep(struct field_in *in, const char *s);
/* Zeroed room for n of a size; NULL also for none. */
void *field_room(struct field_in *in, size_t n, size_t size);
/* v, or NULL where it is not there or, with an error, of another kind. */
const struct json *field_of_kind(struct field_in *in, const char *key,
    const struct json *v, enum json_kind kind);
/* A whole number in [0,max]; what lies outside is cut. */
uint64_t field_count_of(const struct json *v, uint64_t max);
/* The two numbers of an object of baseline and candidate; NaN: not known. */
void field_get_both(struct field_in *in, const char *key,
    const struct json *v, float *baseline, float *candidate);

/* The slot of a metric that is not built in; SCORER_METRICS_MAX: it has
 * none. */
size_t field_slot(struct field_slots *s, const char *name);

void field_pack_text(struct field_pack *k, const char *s);
const char *field_unpack_text(struct field_unpack *u);
/* An object of the schema for a value of a type: the rest of a row aside. */
void field_schema_value(struct json_out *o, const struct field_type *t);
/* "minimum": 0 */
void field_schema_from_0(struct json_out *o, const struct field *f);
#endif
