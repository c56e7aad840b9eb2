/*
 * Private to extract*.c and presets.c: a compiled spec, and the memory of an
 * answer.  Each file calls only those below it:
 *
 *   extract.c           one exchange
 *   extract_stream.c    a stream of events
 *   extract_value.c     one JSON value: a whole answer, or one event
 *   extract_event.c     what an event is, for engine and extraction alike
 *   extract_items.c     snippets and citations; extract_text.c the answer's
 *                       text; extract_tools.c its tool calls;
 *                       extract_pins.c pins; extract_said.c errors and
 *                       reasons that the service gives; extract_body.c the
 *                       bytes, unpacked
 *   extract_scalar.c    single values by alternative pointers;
 *                       extract_canon.c JSON as text; extract_put.c putting
 *                       by pointer
 *   extract_mem.c       memory
 */
#ifndef LOCKSTEP_EXTRACT_PART_H
#define LOCKSTEP_EXTRACT_PART_H

#include "harness/base/arena.h"
#include "harness/traffic/extract.h"
#include "harness/traffic/sse.h"

enum {
	EXTRACT_ITEMS_MAX = 1000,	/* snippets or citations kept */
	EXTRACT_PINS_MAX = 64,
	EXTRACT_TOOLS_MAX = 128,	/* tool calls of one answer */
	EXTRACT_ENDS_MAX = 6,
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

/* Tool calls: the list, and pointers within one of them. */
struct tools_map {
	struct ptr_alt items, name, arguments, index;
};

/* What ends a stream: data, an event's name, or a member such as
 * "done":true. */
struct end_mark {
	const char *text;
	struct json *member;	/* an object of that member, or NULL */
};

struct extract_spec {
	struct json *conf;		/* preset and manifest merged */
	struct json *usual;		/* the preset's request, or NULL */
	struct items_map retrieved, cited;
	struct ptr_alt answer, pins, tokens_in, tokens_out, cost, effect_id,
	    refusal, question, token, sources;
	struct ptr_alt finish;		/* why the service stopped */
	struct ptr_alt error, filtered;	/* there: an error, a filter's word */
	struct ptr_alt cited_piece;	/* citations that come one by one */
	struct tools_map tools, tool_piece;
	struct end_mark ends[EXTRACT_ENDS_MAX];
	size_t n_ends;
	int body_text;			/* the whole body is the answer */
	int chat;			/* all of an answer's text stands under
					   `choices`, in streams too */
	const char *pins_header;
	const char *token_event;	/* name of the events with tokens */
	enum sse_format format;		/* of the suite's streams */
};

/* One row of preset_rows.h: what a manifest would say, as JSON. */
struct preset {
	const char *name;
	const char *extract;	/* as the value of `extract` */
	const char *request;	/* {method, path, body}; NULL: extract is the
				   name of the row that this is another for */
};

extern const struct preset presets[];	/* ends with a NULL name */
extern const char preset_any[];		/* `extract` of any stream */

/* A tool call while it is put together. */
struct tool_call {
	long index;
	struct buf name, arguments;
};

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
	struct buf unpacked;		/* a body whose coding is undone */
	struct buf decoded;		/* the same in UTF-8 */
	struct sse sse;
	struct tool_call *tools;	/* EXTRACT_TOOLS_MAX, or NULL */
	size_t n_tools;
	const char *finish;		/* why the service stopped, or NULL */
	int ended;			/* a stream's end mark was there */
	int told;			/* the service says itself whether it
					   declined */
	struct buf streamed;		/* the pieces of a stream's answer */
	struct buf whole;		/* what its events tell as a whole */
	int nomem;
};

/* Empties an answer for the next exchange. returns RC_OK or RC_NOMEM */
int answer_begin(struct answer *a);

/* Copies n bytes and a NUL; NULL (and mem->nomem) when memory is out. */
const char *extract_keep(struct answer_mem *mem, const char *s, size_t n);

/* What one JSON value gave. */
enum {
	GOT_ANSWER = 1, GOT_RETRIEVED = 2, GOT_CITED = 4, GOT_TOOLS = 8,
	GOT_OTHER = 16
};

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

/* A scalar as an id (json_word()); NULL for others, and for an empty one. Only
 * a string that holds a NUL needs memory. */
const char *extract_as_word(struct answer_mem *mem, const struct json *j);

/* A scalar as text; NULL for others, and for an empty one. */
const char *extract_as_text(const struct json *j, size_t *n);

/* A number, also one that stands in a string; NaN otherwise. */
double extract_as_number(const struct json *j);

/* Pins: the members of an object; those that the answer's header names, if
 * there are none yet. */
void extract_pins(const struct json *j, struct answer *out);
void extract_pins_of_header(const struct extract_spec *spec,
    const struct exchange *ex, struct answer *out);

/* The items of a map; *found: the list was there, be it empty.
 * n       items that are there already, and stay in front */
size_t extract_items(const struct items_map *map, const struct json *root,
    struct answer_mem *mem, int cited, size_t n, int *found);

/* Leaves only citations whose marker stands in the answer. */
size_t extract_marked(const struct items_map *map, struct snippet *v,
    size_t n, const char *answer, size_t answer_n);

/*
 * Text of an answer value: a string, the texts of a list; other values as
 * JSON.
 * *odd    what stands there when it is no text: JSON_NULL (then there is no
 *         text), JSON_NUMBER, JSON_BOOL, JSON_ARRAY or JSON_OBJECT; else
 *         JSON_NONE. NULL: only texts are wanted
 * returns NULL: none
 */
const char *extract_text(struct answer_mem *mem, const struct ptr_alt *a,
    const struct json *j, size_t *n, enum json_kind *odd);

/*
 * The body of an answer with its content coding undone, which belongs to the
 * answer or the exchange. What cannot be undone is out->outcome; what came
 * out before is the body.
 * returns RC_OK or RC_NOMEM
 */
int extract_body(const struct exchange *ex, struct answer *out,
    struct ex_bytes *body);

/* Appends a value as text in which keys are in order. returns RC_OK or
 * RC_NOMEM */
int extract_canon(struct buf *out, const struct json *j);

/* Tool calls of a whole answer (mem NULL: only whether there is one); of one
 * event, whose pieces it puts together.
 * returns GOT_TOOLS when there is one, else 0 */
unsigned extract_tools(const struct extract_spec *spec, const struct json *j,
    struct answer_mem *mem);
unsigned extract_tool_piece(const struct extract_spec *spec,
    const struct json *j, struct answer_mem *mem);
void extract_tools_forget(struct answer_mem *mem);

/* All calls as one JSON text, or NULL: there are none. */
const char *extract_tools_text(struct answer_mem *mem, size_t *n);

/* The name of an event: its own, else what the data say it is. */
const char *extract_event_name(const struct sse_event *e,
    const struct json *j);

/* Whether an event ends the stream. j: its data as JSON, or NULL */
int extract_event_ends(const struct extract_spec *spec,
    const struct sse_event *e, const struct json *j);

/* Whether tokens are looked for in events of that name. */
int extract_event_counts(const struct extract_spec *spec, const char *name);

/*
 * Whether a value is, or holds, an error that the service says.
 * name    of the event that it is, or NULL
 * words   gets what it says, shortened; may be NULL
 */
int extract_error(const struct extract_spec *spec, const char *name,
    const struct json *j, struct buf *words);

/* What a reason to stop makes of an answer: ok, cut, filtered or
 * service_error. */
enum outcome extract_finish(const char *reason);

/* The format of an answer's body, SSE_NONE: it is no stream. */
enum sse_format extract_stream_kind(const struct extract_spec *spec,
    const struct exchange *ex, const struct ex_bytes *body);

/* Fills *out from a stream; sets *why on a bad outcome. returns GOT_* */
unsigned extract_stream(const struct extract_spec *spec,
    const struct ex_bytes *body, enum sse_format kind, struct answer *out);

/*
 * A stream that came whole, as a list of its events (Gemini without alt=sse):
 * whether a body is one, and *out from it. It is read as the stream would be.
 */
int extract_is_listed(const struct extract_spec *spec,
    const struct json *body);
unsigned extract_listed(const struct extract_spec *spec,
    const struct json *body, struct answer *out);

/* Sets outcome and why, unless a failure is known already. */
void extract_fail(struct answer *out, enum outcome o, const char *why, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts a value where a pointer says, making what is missing; `*` is the
 * first element. Takes v. */
int extract_put(struct json *root, const char *ptr, struct json *v);

/* The preset generic. Made once; NULL when memory is out. */
const struct extract_spec *extract_generic(void);

#endif
