/*
 * Private to extract*.c and presets.c: a compiled spec, and the memory of an
 * answer.  Each file calls only those below it:
 *
 *   extract.c           one exchange
 *   extract_stream.c    a stream of events
 *   extract_value.c     one JSON value: a whole answer, or one event
 *   extract_items.c     snippets and citations; extract_text.c the answer's
 *                       text; extract_pins.c pins
 *   extract_scalar.c    single values by alternative pointers
 *   extract_mem.c       memory
 */
#ifndef LOCKSTEP_EXTRACT_PART_H
#define LOCKSTEP_EXTRACT_PART_H

#include "harness/base/arena.h"
#include "harness/traffic/extract.h"

enum {
	EXTRACT_ITEMS_MAX = 1000,	/* snippets or citations kept */
	EXTRACT_PINS_MAX = 64,
	EXTRACT_EVENTS_MAX = 4096,	/* kept events of one stream */
	EXTRACT_ALTS_MAX = 12
};

/* Pointers of which the first that is there counts. */
struct ptr_alt {
	struct json_ptr *p[EXTRACT_ALTS_MAX];
	size_t n;
};

/* A pointer into parallel lists: the list, and what is within one element. */
struct ptr_column {
	struct json_ptr *list, *rest;	/* NULL: not mapped */
};

enum item_field {
	ITEM_SNIPPET_ID, ITEM_SECTION_ID, ITEM_SOURCE_URL, ITEM_TEXT,
	ITEM_FROM, ITEM_TO, ITEM_TOKENS, ITEM_SCORE, ITEM_N
};

struct items_map {
	int present;
	struct ptr_alt items;
	struct ptr_alt field[ITEM_N];
	unsigned mapped;		/* FIELD_* */
	int columns;
	struct ptr_column column[ITEM_N];
	const char *marker;		/* "[doc{n}]", or NULL */
};

struct extract_spec {
	struct json *conf;		/* preset and manifest merged */
	struct json *usual;		/* the preset's request, or NULL */
	struct items_map retrieved, cited;
	struct ptr_alt answer, pins, tokens_in, tokens_out, cost, effect_id,
	    refusal, question, token, sources;
	int body_text;			/* the whole body is the answer */
	const char *pins_header;
	const char *token_event;	/* name of the events with tokens */
	struct extract_stream stream;
};

/* One row of presets.c: what a manifest would say, as JSON. */
struct preset {
	const char *name;
	const char *extract;	/* as the value of `extract` */
	const char *request;	/* {method, path, body} */
};

extern const struct preset presets[];	/* ends with a NULL name */

struct answer_mem {
	struct json_doc *doc;		/* of a body that is one value */
	struct json *body;		/* merged from a stream's events */
	struct json **kept;		/* events that values point into */
	size_t n_kept, cap_kept;
	struct snippet *retrieved, *cited;
	size_t cap_retrieved, cap_cited;
	struct answer_pin pins[EXTRACT_PINS_MAX];
	struct arena arena;		/* strings, until the reset */
	struct buf text;		/* a joined answer */
	struct buf data;		/* of one event */
	struct buf streamed;		/* the pieces of a stream's answer */
	int nomem;
};

/* Empties an answer for the next exchange. returns RC_OK or RC_NOMEM */
int answer_begin(struct answer *a);

/* Copies n bytes and a NUL; NULL (and mem->nomem) when memory is out. */
const char *extract_keep(struct answer_mem *mem, const char *s, size_t n);

/* What one JSON value gave. */
enum { GOT_ANSWER = 1, GOT_RETRIEVED = 2, GOT_CITED = 4, GOT_OTHER = 8 };

/*
 * Takes from j whatever *out does not have yet.
 * have    GOT_* that are known already
 * returns GOT_* that j gave
 */
unsigned extract_from(const struct extract_spec *spec, const struct json *j,
    unsigned have, struct answer *out);

/* Keeps a value until the answer's reset; takes j. returns RC_OK or
 * RC_NOMEM */
int extract_keep_json(struct answer_mem *mem, struct json *j);

/* The first value, or NULL; JSON null counts as absent. */
const struct json *alt_find(const struct ptr_alt *a, const struct json *j);

/* A scalar as text; NULL for others. Only numbers need memory. */
const char *extract_as_text(struct answer_mem *mem, const struct json *j);

/* A number, also one that stands in a string; NaN otherwise. */
double extract_as_number(const struct json *j);

/* Pins: the members of an object; those that the answer's header names, if
 * there are none yet. */
void extract_pins(const struct json *j, struct answer *out);
void extract_pins_of_header(const struct extract_spec *spec,
    const struct exchange *ex, struct answer *out);

/* The items of a map; *found: the list was there, be it empty. */
size_t extract_items(const struct items_map *map, const struct json *root,
    struct answer_mem *mem, int cited, int *found);

/* Leaves only citations whose marker stands in the answer. */
size_t extract_marked(const struct items_map *map, struct snippet *v,
    size_t n, const char *answer, size_t answer_n);

/* Text of an answer value: a string, or the texts of a list. NULL: none */
const char *extract_text(struct answer_mem *mem, const struct ptr_alt *a,
    const struct json *j, size_t *n);

/* 's', 'n' or 0: whether an exchange's body is a stream. */
int extract_stream_kind(const struct extract_spec *spec,
    const struct exchange *ex);

/* Fills *out from a stream; sets *why on a bad outcome. returns GOT_* */
unsigned extract_stream(const struct extract_spec *spec,
    const struct exchange *ex, int kind, struct answer *out);

/* Puts a value where a pointer says, making what is missing; takes v. */
int extract_put(struct json *root, const char *ptr, struct json *v);

#endif
