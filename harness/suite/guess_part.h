/* Private to guess*.c. */
#ifndef LOCKSTEP_GUESS_PART_H
#define LOCKSTEP_GUESS_PART_H

#include "harness/suite/guess.h"
#include "harness/suite/shape.h"
#include "harness/traffic/extract.h"

/* What the answers of all exchanges are like. */
struct guess_shapes {
	struct shape said;	/* answers; of a stream its events together */
	struct shape asked;	/* requests */
	char format;		/* of streams: 's', 'n', 0: none */
	char end[128];		/* what ends one, or "" */
	size_t ends;		/* streams that it ends */
	/* the list of passages, once it is found, and what names them */
	const struct shape_node *passages, *snippet, *section;
	char passages_at[512];
	int columns;		/* passages is the list of their texts, and
				   ids and scores are in lists beside it */
};

/* guess_items.c: whether a list is beside another one and always as long. */
int guess_beside(const struct shape_node *a, const struct shape_node *b);

/* guess_read.c: every exchange into the shapes. */
int guess_read(struct guess *g, struct guess_shapes *s, struct err *err);

/* guess_fields.c: pointers out of the shapes into g->extract and the notes. */
int guess_fields(struct guess *g, struct guess_shapes *s, struct err *err);

/* guess_items.c: the node of the answers that scores most, or NULL when none
 * scores above 0. */
typedef double guess_score_fn(const struct guess_shapes *s,
    const struct shape_node *n);
const struct shape_node *guess_best(const struct guess_shapes *s,
    guess_score_fn *score);
/* The list of passages with its members. */
struct json *guess_passages(struct guess *g, struct guess_shapes *s);
/* The pointer of a list's member relative to the element, or NULL: it is
 * none. */
const char *guess_member(const char *list, const char *path);
/* The member of a list that has an id's name, or NULL. */
const struct shape_node *guess_id_member(const struct shape *s,
    const char *list, int *is_section);

/* guess_cited.c: the citations, once the passages are known. */
struct json *guess_citations(struct guess *g, struct guess_shapes *s);

/* guess_request.c: the question, and the body as a template. */
int guess_request(struct guess *g, struct guess_shapes *s, struct err *err);

/* guess_note.c: one thing that was found. */
void guess_say(struct guess *g, const char *what, const char *pointer,
    size_t in, size_t of);

/* How well a spec reads the exchanges: answers it makes sense of, and what it
 * finds in them. */
enum fit { FIT_ANSWER, FIT_PASSAGES, FIT_CITATIONS, FIT_USAGE, FIT_TOOLS,
	FIT_N };
struct guess_fit {
	size_t understood, found[FIT_N];
};
int guess_fit(const struct guess *g, const struct json *extract,
    struct guess_fit *out, struct err *err);

/* The last part of a pointer, its underscores and case gone: "docid". */
void guess_name(const char *pointer, char *out, size_t cap);
/* Whether a name is one of a list, which ends with NULL. returns its place
 * from 1, or 0 */
int guess_named(const char *name, const char *const *names);

#endif
