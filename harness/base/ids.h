/*
 * What a report can show of an id: two ids that show the same count as a
 * mistake, because nobody could tell them apart in a result. A set belongs to
 * one thread.
 */
#ifndef LOCKSTEP_IDS_H
#define LOCKSTEP_IDS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/table.h"

/* 1 when all of it shows: printable ASCII without blanks. */
int id_is_plain(const char *id);

/*
 * Appends what shows: Unicode form C; without control, zero-width and other
 * format characters; runs of blanks as one, none at the ends.
 * id  UTF-8
 */
void id_shown(const char *id, struct buf *out);

/* What was seen of ids that are not plain, and in which line. */
struct id_seen {
	uint64_t key;
	uint32_t line;
};

struct id_set {
	struct table table;	/* of v, by key */
	struct id_seen *v;
	size_t cap;
};

void id_set_init(struct id_set *s);
void id_set_fini(struct id_set *s);

/* The line of what shows so, or 0. */
uint32_t id_set_find(const struct id_set *s, const char *shown);
/* line > 0. returns 0, or -1 when memory is out */
int id_set_add(struct id_set *s, const char *shown, uint32_t line);

#endif
