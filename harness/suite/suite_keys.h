/*
 * The keys of a manifest as one table: kind, bounds, default and help of
 * each.  It drives checking, defaults, `check --keys`, the JSON Schema and
 * the reference in SUITE.md.
 *
 * A path is dotted; "*" stands for any name, "[]" for the elements of a list.
 * Paths that begin with "@" are groups that several rows use for their
 * members.  Immutable; safe from any thread.
 */
#ifndef LOCKSTEP_SUITE_KEYS_H
#define LOCKSTEP_SUITE_KEYS_H

#include <stddef.h>

#include "harness/base/buf.h"

enum {
	KEY_STR = 1 << 0,
	KEY_INT = 1 << 1,
	KEY_NUM = 1 << 2,
	KEY_BOOL = 1 << 3,
	KEY_OBJ = 1 << 4,
	KEY_LIST = 1 << 5,
	KEY_TIME = 1 << 6,	/* "30s"; a bare number is seconds */
	KEY_ENUM = 1 << 7,
	KEY_PTR = 1 << 8,	/* a JSON Pointer, "*" for every element */
	KEY_FILE = 1 << 9,	/* relative to the manifest that names it */
	KEY_SIZE = 1 << 10,	/* bytes: a number, or "16MiB" */
	KEY_ANY = 1 << 11,	/* not looked into */
	KEY_DATE = 1 << 12,	/* "2026-01-31" or with a time, UTC */
	KEY_TEXT = 1 << 13,	/* holds a letter, a digit or a symbol */
	KEY_OWN = 1 << 14	/* of "*": any name but a misspelt known one */
};

struct suite_key {
	const char *path;
	unsigned kinds;		/* KEY_* */
	const char *dflt;	/* in JSON, or NULL */
	const char *help;	/* one line */
	double min, max;	/* of KEY_INT and KEY_NUM; both 0: unbounded */
	const char *names;	/* of KEY_ENUM: "a|b|c" */
	const char *use;	/* group whose rows are its members, or NULL */
};

/* One row: path, kinds, default, help, then what else it needs. */
#define ROW(...) { .path = __VA_ARGS__ }

/* The rows in the order of the reference, ended by NULL; words that users
 * have from elsewhere (GUARDRAILS) come last. */
const struct suite_key *suite_key_at(size_t i);

/*
 * The row of a member of what `parent` describes: its own name, else "*".
 * parent  a row's path, "" for the document, or a group
 */
const struct suite_key *suite_key_find(const char *parent, const char *name);

/* Where the members of a row are listed: its group or its own path. */
const char *suite_key_members(const struct suite_key *row);

/* The last part of a row's path when the row is a member of parent, else
 * NULL. */
const char *suite_key_member_name(const struct suite_key *row,
    const char *parent);

/* "text or number from 0 to 1", for errors and the reference. */
void suite_key_kinds(const struct suite_key *row, struct buf *out);

/* The reference in Markdown, and the JSON Schema (draft 2020-12). */
void suite_keys_markdown(struct buf *out);
void suite_keys_schema(struct buf *out);

#endif
