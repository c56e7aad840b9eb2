/*
 * The sections file: what coverage and anchors are judged against.
 *
 * JSONL, one section a line: section_id (or id) and text, and optionally
 * source_url, title and doc_id; other members are ignored. Loaded whole;
 * immutable afterwards and safe to read from any thread.
 */
#ifndef LOCKSTEP_SECTIONS_H
#define LOCKSTEP_SECTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

/* Most that a file may hold: the texts live in memory. */
#define SECTIONS_BYTES_MAX ((size_t)1 << 30)
#define SECTIONS_MAX ((size_t)4000000)
#define SECTIONS_LINE_MAX ((size_t)16 << 20)

struct section {
	const char *id;
	const char *doc_id, *title, *source_url;	/* or NULL */
	const char *text;
	size_t text_n;
	const struct embed_doc *doc;	/* NULL until embedded */
};

struct sections;

/*
 * Loads a file.
 * returns RC_OK, caller closes with sections_close(); RC_IO; RC_FORMAT
 *         (path:line: what) for a line that is no object, a section without
 *         id or text, and an id that was there before; RC_NOMEM beyond the
 *         limits above
 */
int sections_open(const char *path, struct sections **out, struct err *err);
void sections_close(struct sections **s);

size_t sections_n(const struct sections *s);
/* Section i in the order of the file; doc is NULL. */
const struct section *sections_at(const struct sections *s, size_t i);
/* NULL when there is none. s may be NULL. */
const struct section *sections_find(const struct sections *s, const char *id);
/* A hash of the file's bytes, in hex. */
const char *sections_hash(const struct sections *s);

#endif
