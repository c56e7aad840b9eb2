/*
 * Where the values of a manifest were written: file, line and column of every
 * node of a JSON tree, so that an error can point at it.
 *
 * Filled by yaml.c and json_pos.c, read by suite.c.  One thread at a time.
 */
#ifndef LOCKSTEP_SRCMAP_H
#define LOCKSTEP_SRCMAP_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/json.h"

struct src_pos {
	int file;			/* index of srcmap_file() */
	uint32_t line, column;		/* of the value, from 1 */
	uint32_t key_line, key_column;	/* of its key; 0: it has none */
};

struct srcmap;

struct srcmap *srcmap_new(void);
void srcmap_free(struct srcmap *m);

/* Registers a file. returns its index, or -1 when memory is out */
int srcmap_file(struct srcmap *m, const char *name);
const char *srcmap_name(const struct srcmap *m, int file);

/* Remembers (or replaces) the place of a node. returns RC_OK or RC_NOMEM */
int srcmap_put(struct srcmap *m, const struct json *node,
    const struct src_pos *pos);

/* returns the place, or NULL; it lives until the next srcmap_put() */
const struct src_pos *srcmap_get(const struct srcmap *m,
    const struct json *node);

/*
 * json_parse() that keeps the places of all values, and takes no key twice in
 * one object.
 * returns the value, caller frees; or NULL with RC_FORMAT ("FILE:LINE:COLUMN:
 *         what") or RC_NOMEM in err
 */
struct json *json_pos_parse(struct srcmap *m, int file, const char *text,
    size_t n, struct err *err);

#endif
