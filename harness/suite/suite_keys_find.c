/* Finding a row of the tables of keys; see suite_keys.h. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/table.h"
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
	if (i < drill_keys_n)
		return &drill_keys[i];
	i -= drill_keys_n;
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

static uint64_t slot[SLOTS];
static struct table table;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* FNV-1a: the same in every process, and a good one finds no row faster. */
static uint32_t
hash_of(const char *path)
{
	uint32_t h = 2166136261U;

	for (; *path != '\0'; path++)
		h = (h ^ (unsigned char)*path) * 16777619U;
	return h;
}

static int
same_path(const void *ctx, const void *key, uint32_t at)
{
	(void)ctx;
	return strcmp(suite_key_at(at)->path, key) == 0;
}

static void
index_rows(void)
{
	const struct suite_key *row;
	uint32_t i;

	table_over(&table, slot, SLOTS);
	/* of two rows of one path the first is found */
	for (i = 0; (row = suite_key_at(i)) != NULL && i < SLOTS / 2; i++)
		table_put(&table, hash_of(row->path), i);
}

/* The first row of that path, as the tables have it. */
static const struct suite_key *
row_of(const char *parent, const char *name)
{
	char path[256];
	uint32_t at;

	if ((size_t)snprintf(path, sizeof(path), "%s%s%s", parent,
	    *parent == '\0' ? "" : ".", name) >= sizeof(path))
		return NULL;
	at = table_find(&table, hash_of(path), same_path, NULL, path);
	return at == TABLE_NONE ? NULL : suite_key_at(at);
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
