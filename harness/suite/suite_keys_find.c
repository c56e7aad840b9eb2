/* Finding a row of the tables of keys; see suite_keys.h. */
#include <pthread.h>
#include <string.h>

#include "harness/suite/suite_keys_part.h"
#include "harness/suite/suite_words.h"

const struct suite_key *
suite_key_at(size_t i)
{
	if (i < suite_own_keys_n)
		return &suite_own_keys[i];
	i -= suite_own_keys_n;
	if (i < case_keys_n)
		return &case_keys[i];
	i -= case_keys_n;
	return i < suite_words_n ? &suite_words[i] : NULL;
}

const char *
suite_key_member_name(const struct suite_key *row, const char *parent)
{
	size_t n = strlen(parent);
	const char *name = row->path;

	if (n > 0) {
		if (strncmp(name, parent, n) != 0 || name[n] != '.')
			return NULL;
		name += n + 1;
	} else if (*name == '@') {
		return NULL;
	}
	return strchr(name, '.') == NULL ? name : NULL;
}

/* ---- an index by path: every member of every case is looked up --------- */

enum { SLOTS = 2048 };		/* a power of two, several times the rows */

static const struct suite_key *slot[SLOTS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* FNV-1a of "parent.name", or of name alone. */
static size_t
hash_of(const char *parent, const char *name)
{
	uint32_t h = 2166136261U;

	for (; *parent != '\0'; parent++)
		h = (h ^ (unsigned char)*parent) * 16777619U;
	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * 16777619U;
	return (h ^ h >> 15) & (SLOTS - 1);
}

static void
index_rows(void)
{
	const struct suite_key *row;
	size_t i, at;

	for (i = 0; (row = suite_key_at(i)) != NULL && i < SLOTS / 2; i++) {
		at = hash_of("", row->path);
		while (slot[at] != NULL)
			at = (at + 1) & (SLOTS - 1);
		slot[at] = row;
	}
}

/* The first row of that path, as the tables have it. */
static const struct suite_key *
row_of(const char *parent, const char *name)
{
	size_t n = strlen(parent), at;
	char path[256];

	if (n + strlen(name) + 2 > sizeof(path))
		return NULL;
	memcpy(path, parent, n);
	if (n > 0)
		path[n++] = '.';
	memcpy(path + n, name, strlen(name) + 1);
	for (at = hash_of("", path); slot[at] != NULL;
	    at = (at + 1) & (SLOTS - 1)) {
		if (strcmp(slot[at]->path, path) == 0)
			return slot[at];
	}
	return NULL;
}

const struct suite_key *
suite_key_find(const char *parent, const char *name)
{
	const struct suite_key *row = NULL;

	(void)pthread_once(&once, index_rows);
	if (strchr(name, '.') == NULL && *name != '@')
		row = row_of(parent, name);
	if (row != NULL || strcmp(name, "[]") == 0)
		return row;
	return row_of(parent, "*");
}

const char *
suite_key_members(const struct suite_key *row)
{
	return row->use != NULL ? row->use : row->path;
}
