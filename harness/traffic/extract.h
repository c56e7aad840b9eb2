/*
 * Extraction: what the metrics need, out of a response of any shape.
 *
 * A spec is a preset's row, pointers, or a preset with pointers on top
 * (SUITE.md, "extract").  Presets are data in presets.c.
 * A spec is immutable and may be used from any thread; an answer belongs to
 * one thread.
 */
#ifndef LOCKSTEP_EXTRACT_H
#define LOCKSTEP_EXTRACT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/json.h"
#include "harness/traffic/exchange.h"

/* Fields of a snippet or citation; bits tell which are mapped or present. */
enum {
	FIELD_SNIPPET_ID = 1 << 0,
	FIELD_SECTION_ID = 1 << 1,
	FIELD_SOURCE_URL = 1 << 2,
	FIELD_TEXT = 1 << 3,
	FIELD_OFFSETS = 1 << 4,
	FIELD_TOKENS = 1 << 5,
	FIELD_SCORE = 1 << 6
};

/* One retrieved snippet or one citation. Absent strings are NULL. */
struct snippet {
	unsigned have;		/* FIELD_* that the answer carried */
	const char *snippet_id, *section_id, *source_url;
	const char *text;
	size_t text_n;
	int blank;		/* a text without a letter, digit or symbol
				   stood there: text is NULL */
	int64_t from, to;	/* [from,to) within the section; -1: absent */
	double tokens, score;	/* NaN: absent */
};

struct answer_pin {
	const char *name, *value;	/* value as compact JSON or string */
};

/* What one response says. Owned by its struct answer until answer_reset. */
struct answer {
	enum outcome outcome;	/* what it is by what it says; the exchange's
				   own when it failed */
	const char *why;	/* detail, or NULL */
	struct snippet *retrieved, *cited;
	size_t n_retrieved, n_cited;
	const char *text;	/* the answer with its tool calls, or NULL */
	size_t text_n;
	const char *tools;	/* tool calls alone, as JSON, or NULL */
	enum json_kind odd;	/* what stood where text was expected and is
				   none (a null included); JSON_NONE: text */
	int blank;		/* there was an answer, and nothing in it to
				   read: text is NULL */
	int garbled;		/* the answer is no UTF-8 */
	int uncoded;		/* its header names a coding that its bytes do
				   not have: few clients can read it */
	const char *finish;	/* why the service stopped, or NULL */
	struct answer_pin *pins;	/* sorted by name */
	size_t n_pins;
	double tokens_in, tokens_out, cost;	/* NaN: absent */
	const char *effect_id;	/* or NULL */
	int64_t itl_ns;		/* mean time between tokens, -1: unknown */
	const struct json *body;	/* parsed response, or NULL: `expect` */
	struct answer_mem *mem;	/* private */
};

struct extract_spec;

/*
 * Compiles the suite's `extract` object.
 * j       NULL: the preset generic
 * returns the spec, caller frees; NULL with RC_FORMAT in err
 */
struct extract_spec *extract_new(const struct json *j, struct err *err);
void extract_free(struct extract_spec *spec);

/* What the preset's API is usually asked, {method, path, body}, for a suite
 * that says none; NULL without a preset. Belongs to the spec. */
const struct json *extract_request(const struct extract_spec *spec);

/* The names of the presets, NULL-terminated. */
extern const char *const extract_presets[];

/*
 * The question of a recorded request's body: by the suite's pointer, else by
 * the usual names (question, query, prompt, input, the last user message).
 * *n      its length: it may hold a NUL
 * returns the text, which belongs to body, or NULL
 */
const char *extract_question(const struct extract_spec *spec,
    const struct json *body, size_t *n);

/* Which fields are mapped: what schema_ok asks of every citation. */
unsigned extract_cited_fields(const struct extract_spec *spec);
unsigned extract_retrieved_fields(const struct extract_spec *spec);
/* Whether the suite's extraction provides for it at all. */
int extract_maps_answer(const struct extract_spec *spec);
int extract_maps_citations(const struct extract_spec *spec);
int extract_maps_retrieved(const struct extract_spec *spec);
int extract_maps_usage(const struct extract_spec *spec);
int extract_maps_pins(const struct extract_spec *spec);
int extract_maps_finish(const struct extract_spec *spec);
/* The header that pins are read from; it may not be there. */
const char *extract_pins_header(const struct extract_spec *spec);

/* 's': the suite's streams are server-sent events; 'n': JSON lines; 0: it
 * says nothing of streams. */
int extract_stream_format(const struct extract_spec *spec);
/* Whether the suite names marks of a stream's end; the first of them, or
 * NULL. */
const char *extract_stream_end(const struct extract_spec *spec);

/* Rules for streams of which no suite says anything: the shapes of all
 * presets. Made once, never freed by callers; NULL when memory is out. */
const struct extract_spec *extract_any(void);

struct sse_event;

/* What one event of a stream is. */
enum { EVENT_CONTENT = 1, EVENT_END = 2, EVENT_ERROR = 4 };

/*
 * Looks at one event by itself.
 * want    the EVENT_* that are asked for: what is not, costs nothing
 * words   gets what an error says; may be NULL
 * returns those that hold
 */
unsigned extract_event(const struct extract_spec *spec,
    const struct sse_event *e, unsigned want, struct buf *words);

void answer_init(struct answer *a);
void answer_fini(struct answer *a);

/*
 * Fills *out from one exchange: undoes its content coding, parses the body
 * (JSON, or a stream whose deltas are assembled), follows the pointers,
 * recognises refusals, and what the service itself says went wrong.
 * A response that does not hold what it should is an outcome, not an error.
 * returns RC_OK or RC_NOMEM
 */
int extract_answer(const struct extract_spec *spec, const struct exchange *ex,
    struct answer *out, struct err *err);

/* Normalised refusal test of METRICS: "I don't know", "cannot find", ... */
int extract_is_refusal(const char *text, size_t n);

#endif
