/* The index of a case set; see caseset.h. How it is filled is in
 * caseset_load.c. */
#include "harness/suite/caseset.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/hash.h"
#include "harness/base/tmpfile.h"
#include "harness/suite/caseset_part.h"

enum { CASES_MAX = 100000000 };

/* ---- the table of ids -------------------------------------------------- */

/* By its hash alone: nobody can aim at one of another's. */
static int
same_id(const void *ctx, const void *key, uint32_t at)
{
	const struct case_entry *v = ctx;

	return v[at].id == *(const uint64_t *)key;
}

int
caseset_index(struct caseset *cs)
{
	size_t i;

	table_clear(&cs->table);
	if (table_room(&cs->table, cs->n) != 0)
		return RC_NOMEM;
	for (i = 0; i < cs->n; i++)
		table_put(&cs->table, cs->v[i].id, (uint32_t)i);
	return RC_OK;
}

static uint64_t
id_hash(const char *id)
{
	return hash_table(id, strlen(id));
}

static uint64_t
find_hash(const struct caseset *cs, uint64_t hash)
{
	uint32_t at = table_find(&cs->table, hash, same_id, cs->v, &hash);

	return at == TABLE_NONE ? UINT64_MAX : at;
}

uint64_t
caseset_find(const struct caseset *cs, const char *id)
{
	return find_hash(cs, id_hash(id));
}

int
caseset_has(const struct caseset *cs, const char *id)
{
	return caseset_find(cs, id) != UINT64_MAX;
}

/* "FILE:LINE", for errors: made for each case, so without printf. */
static void
place(const struct caseset *cs, uint32_t line, char out[WHERE_MAX])
{
	enum { DIGITS = 12 };
	size_t n = strnlen(cs->path, WHERE_MAX - DIGITS);
	char digits[DIGITS];
	size_t i = DIGITS;

	digits[--i] = '\0';
	do {
		digits[--i] = (char)('0' + line % 10);
		line /= 10;
	} while (line != 0);
	digits[--i] = ':';
	memcpy(out, cs->path, n);
	memcpy(out + n, digits + i, DIGITS - i);
}

/* ---- adding ------------------------------------------------------------ */

static int
grow64(uint64_t **v, size_t cap)
{
	uint64_t *new = realloc(*v, cap * sizeof(*new));

	if (new == NULL)
		return RC_NOMEM;
	*v = new;
	return RC_OK;
}

static int
room(struct caseset *cs, const struct suite *s, struct err *err)
{
	size_t cap = cs->cap == 0 ? 256 : cs->cap * 2;
	struct case_entry *v;

	if (cs->n < cs->cap)
		return RC_OK;
	if (cs->n >= CASES_MAX)
		return err_set(err, RC_FORMAT, "%s: more than %d cases",
		    cs->path, CASES_MAX);
	v = realloc(cs->v, cap * sizeof(*v));
	if (v == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	cs->v = v;
	if (s->sample > 0 && (grow64(&cs->draw, cap) != RC_OK ||
	    (s->stratify != NULL && grow64(&cs->strata, cap) != RC_OK)))
		return err_set(err, RC_NOMEM, "out of memory");
	if (table_room(&cs->table, cap) != 0)
		return err_set(err, RC_NOMEM, "out of memory");
	cs->cap = cap;
	return RC_OK;
}

static uint64_t
stratum_of(const struct suite *s, const struct gold *g, struct err *err)
{
	struct json_ptr *p = json_ptr_new(s->stratify, err);
	const struct json *j;
	struct buf b;
	uint64_t h;

	if (p == NULL)
		return 0;
	j = json_ptr_find(p, g->doc);
	buf_init(&b, 1 << 20);
	if (j != NULL)
		json_write(&b, j);
	h = hash_u64(buf_str(&b), b.len);
	buf_fini(&b);
	json_ptr_free(p);
	return h;
}

/*
 * Whether another id shows the same as this one: *line is its. What is
 * plain shows as it is; what is not is kept by what shows of it.
 */
static int
shows_as(struct caseset *cs, const char *id, uint32_t number,
    uint32_t *line, struct err *err)
{
	struct buf b;
	uint64_t twin;
	int rc = RC_OK;

	*line = 0;
	if (id_is_plain(id)) {
		*line = id_set_find(&cs->shown, id);
		return RC_OK;
	}
	buf_init(&b, CASE_LINE_MAX);
	id_shown(id, &b);
	twin = caseset_find(cs, buf_str(&b));
	*line = twin != UINT64_MAX ? cs->v[twin].line :
	    id_set_find(&cs->shown, buf_str(&b));
	if (b.len == 0)
		rc = err_set(err, RC_FORMAT, "it has no visible character");
	else if (b.bad != RC_OK ||
	    id_set_add(&cs->shown, buf_str(&b), number) != 0)
		rc = err_set(err, RC_NOMEM, "out of memory");
	buf_fini(&b);
	return rc;
}

/* Whether the id is new, to the eye as well. */
static int
check_id(struct caseset *cs, const struct gold *g, uint32_t number,
    const char *where, struct err *err)
{
	struct err sub = ERR_INIT;
	uint64_t twin = find_hash(cs, id_hash(g->id));
	uint32_t line;

	if (twin != UINT64_MAX)
		return err_set(err, RC_FORMAT, "%s: case \"%.80s\" is there "
		    "twice, first at %s:%u", where, g->id, cs->path,
		    cs->v[twin].line);
	if (shows_as(cs, g->id, number, &line, &sub) != RC_OK)
		return err_set(err, sub.code, "%s: \"id\": %s", where,
		    sub.msg);
	if (line == 0)
		return RC_OK;
	return err_set(err, RC_FORMAT, "%s: \"id\": \"%.80s\" looks the "
	    "same as that of %s:%u; they differ only in blanks, characters "
	    "that do not show, or Unicode form", where, g->id, cs->path,
	    line);
}

int
caseset_add(struct caseset *cs, const struct suite *s, struct gold *g,
    const struct case_line *line, struct err *err)
{
	struct case_entry *e;
	char where[WHERE_MAX];
	int rc;

	place(cs, line->number, where);
	rc = cs->of_trace ? gold_parse(g, line->p, line->n, where, err) :
	    gold_parse_new(g, line->p, line->n, where, err);
	if (rc == RC_OK)
		rc = room(cs, s, err);
	if (rc == RC_OK)
		rc = check_id(cs, g, line->number, where, err);
	if (rc != RC_OK)
		return rc;
	if (cs->draw != NULL)
		cs->draw[cs->n] = hash_u64(g->id, strlen(g->id));
	if (cs->strata != NULL)
		cs->strata[cs->n] = stratum_of(s, g, err);
	e = &cs->v[cs->n];
	e->at = line->at;
	e->n = (uint32_t)line->n;
	e->line = line->number;
	e->id = id_hash(g->id);
	table_put(&cs->table, e->id, (uint32_t)cs->n++);
	return RC_OK;
}

int
caseset_spool(struct caseset *cs, const struct suite *s, struct gold *g,
    const struct buf *line, uint32_t number, struct err *err)
{
	struct case_line new = { line->p, line->len, cs->end, number };
	int rc;

	rc = buf_check(line, "a case", err);
	if (rc == RC_OK)
		rc = tmpfile_write(cs->fd, line->p, line->len,
		    (off_t)cs->end, err);
	if (rc != RC_OK)
		return rc;
	cs->end += line->len;
	return caseset_add(cs, s, g, &new, err);
}

/* ---- reading ----------------------------------------------------------- */

int
caseset_get(const struct caseset *cs, uint64_t i, struct gold *g,
    struct err *err)
{
	const struct case_entry *e = &cs->v[i];
	struct buf *line = gold_line(g);
	struct gold_mem *m = g->mem;
	char where[WHERE_MAX];
	int rc;

	if (line == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = case_read(cs, e, &m->ahead, line, err);
	if (rc != RC_OK)
		return rc;
	place(cs, e->line, where);
	rc = gold_parse(g, line->p, line->len, where, err);
	g->index = i;
	g->critical |= cs->critical;
	return rc;
}

/* ---- public ------------------------------------------------------------ */

void
caseset_close(struct caseset **csp)
{
	struct caseset *cs = *csp;

	*csp = NULL;
	if (cs == NULL)
		return;
	if (cs->fd >= 0)
		(void)close(cs->fd);
	free(cs->path);
	free(cs->v);
	free(cs->strata);
	free(cs->draw);
	id_set_fini(&cs->shown);
	table_fini(&cs->table);
	free(cs);
}

uint64_t
caseset_n(const struct caseset *cs)
{
	return cs->n;
}

uint64_t
caseset_skipped(const struct caseset *cs)
{
	return cs->skipped;
}

const char *
caseset_hash(const struct caseset *cs)
{
	return cs->hash;
}
