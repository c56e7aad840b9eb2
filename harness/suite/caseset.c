/* Case sets: an index of offsets; see caseset.h. */
#include "harness/suite/caseset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/hash.h"
#include "harness/base/tmpfile.h"
#include "harness/suite/caseset_part.h"

enum { READ_BYTES = 1 << 20, CASES_MAX = 100000000 };

/* ---- the table of ids -------------------------------------------------- */

static size_t
slot_of(const struct caseset *cs, uint64_t id)
{
	size_t i = (size_t)id & (cs->table_cap - 1);

	while (cs->table[i] != 0 && cs->v[cs->table[i] - 1].id != id)
		i = (i + 1) & (cs->table_cap - 1);
	return i;
}

static int
table_build(struct caseset *cs, size_t cap)
{
	size_t i;

	free(cs->table);
	cs->table = calloc(cap, sizeof(*cs->table));
	if (cs->table == NULL)
		return RC_NOMEM;
	cs->table_cap = cap;
	for (i = 0; i < cs->n; i++)
		cs->table[slot_of(cs, cs->v[i].id)] = (uint32_t)i + 1;
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
	uint32_t i = cs->n == 0 ? 0 : cs->table[slot_of(cs, hash)];

	return i == 0 ? UINT64_MAX : i - 1;
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
room(struct caseset *cs, int strata, struct err *err)
{
	size_t cap = cs->cap == 0 ? 256 : cs->cap * 2;
	struct case_entry *v;
	uint64_t *st;

	if (cs->n < cs->cap)
		return RC_OK;
	if (cs->n >= CASES_MAX)
		return err_set(err, RC_FORMAT, "%s: more than %d cases",
		    cs->path, CASES_MAX);
	v = realloc(cs->v, cap * sizeof(*v));
	if (v == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	cs->v = v;
	if (strata) {
		st = realloc(cs->strata, cap * sizeof(*st));
		if (st == NULL)
			return err_set(err, RC_NOMEM, "out of memory");
		cs->strata = st;
	}
	cs->cap = cap;
	if (table_build(cs, cap * 2) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
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

int
caseset_add(struct caseset *cs, const struct suite *s, struct gold *g,
    const struct case_line *line, struct err *err)
{
	int strata = s->sample > 0 && s->stratify != NULL;
	struct case_entry *e;
	uint64_t twin, hash;
	char where[WHERE_MAX];
	int rc;

	place(cs, line->number, where);
	rc = gold_parse(g, line->p, line->n, where, err);
	if (rc == RC_OK)
		rc = room(cs, strata, err);
	if (rc != RC_OK)
		return rc;
	hash = id_hash(g->id);
	twin = find_hash(cs, hash);
	if (twin != UINT64_MAX)
		return err_set(err, RC_FORMAT, "%s: case \"%.80s\" is there "
		    "twice, first at %s:%u", where, g->id, cs->path,
		    cs->v[twin].line);
	if (strata)
		cs->strata[cs->n] = stratum_of(s, g, err);
	e = &cs->v[cs->n++];
	e->at = line->at;
	e->n = (uint32_t)line->n;
	e->line = line->number;
	e->id = hash;
	cs->table[slot_of(cs, e->id)] = (uint32_t)cs->n;
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

/* ---- sources ----------------------------------------------------------- */

static int
is_blank(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
			return 0;
	}
	return 1;
}

struct lines {
	struct caseset *cs;
	const struct suite *suite;
	struct gold gold;
	uint64_t at;		/* offset of what the buffer begins with */
	uint32_t number;
};

/* Takes the whole lines of a buffer; *used: their bytes. */
static int
take_lines(struct lines *l, const char *p, size_t n, int last, size_t *used,
    struct err *err)
{
	struct case_line line;
	const char *nl;
	size_t i = 0, len;
	int rc = RC_OK;

	while (i < n && rc == RC_OK) {
		nl = memchr(p + i, '\n', n - i);
		if (nl == NULL && !last)
			break;
		len = nl == NULL ? n - i : (size_t)(nl - p) - i;
		line.p = p + i;
		line.n = len;
		line.at = l->at + i;
		line.number = ++l->number;
		if (!is_blank(line.p, len))
			rc = caseset_add(l->cs, l->suite, &l->gold, &line,
			    err);
		i += len + (nl != NULL);
	}
	*used = i;
	l->at += i;
	return rc;
}

static int
read_lines(struct lines *l, struct buf *b, struct err *err)
{
	size_t used = 0;
	ssize_t n;
	char *to;
	int rc;

	do {
		to = buf_reserve(b, READ_BYTES);
		if (to == NULL)
			return err_set(err, RC_FORMAT, "%s:%u: a line of "
			    "more than %d MiB", l->cs->path, l->number + 1,
			    CASE_LINE_MAX >> 20);
		do
			n = read(l->cs->fd, to, READ_BYTES);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return err_errno(err, RC_IO, "%s: cannot read",
			    l->cs->path);
		b->len += (size_t)n;
		rc = take_lines(l, b->p, b->len, n == 0, &used, err);
		b->len -= used;
		memmove(b->p, b->p + used, b->len);
	} while (rc == RC_OK && n > 0);
	return rc;
}

static int
from_file(struct caseset *cs, const struct suite *s, struct err *err)
{
	struct lines l;
	struct buf b;
	int rc;

	cs->fd = open(cs->path, O_RDONLY | O_CLOEXEC);
	if (cs->fd < 0)
		return err_errno(err, RC_IO, "%s: cannot open (cases of %s)",
		    cs->path, s->path);
	memset(&l, 0, sizeof(l));
	l.cs = cs;
	l.suite = s;
	gold_init(&l.gold);
	buf_init(&b, CASE_LINE_MAX + READ_BYTES);
	rc = read_lines(&l, &b, err);
	if (rc == RC_OK && cs->n == 0)
		rc = err_set(err, RC_FORMAT, "%s: holds no case", cs->path);
	buf_fini(&b);
	gold_fini(&l.gold);
	return rc;
}

static int
from_list(struct caseset *cs, const struct suite *s, struct err *err)
{
	const struct json *j;
	struct buf line;
	struct gold g;
	uint32_t n = 0;
	int rc = RC_OK;

	gold_init(&g);
	buf_init(&line, CASE_LINE_MAX);
	for (j = json_first(s->cases_inline); j != NULL && rc == RC_OK;
	    j = json_next(j)) {
		buf_reset(&line);
		json_write(&line, j);
		rc = caseset_spool(cs, s, &g, &line, ++n, err);
	}
	if (rc == RC_OK && n == 0)
		rc = err_set(err, RC_FORMAT, "%s: `cases` is empty",
		    s->path);
	buf_fini(&line);
	gold_fini(&g);
	return rc;
}

static int
load(struct caseset *cs, const struct suite *s, struct err *err)
{
	const char *file = s->cases_file != NULL ? s->cases_file :
	    s->cases_trace;
	int rc;

	if (s->cases_inline == NULL && file == NULL)
		return err_set(err, RC_USAGE, "%s: the suite names no cases; "
		    "add `cases: gold.jsonl`", s->path);
	cs->path = file != NULL ? suite_resolve(s, file) : NULL;
	if (file == NULL && asprintf(&cs->path, "%s: cases", s->path) < 0)
		cs->path = NULL;
	if (cs->path == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (s->cases_file != NULL && s->cases_inline == NULL)
		return from_file(cs, s, err);
	rc = tmpfile_open(&cs->fd, err);
	if (rc != RC_OK)
		return rc;
	return s->cases_inline != NULL ? from_list(cs, s, err) :
	    caseset_from_trace(cs, s, cs->path, err);
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

/* Each line's hash into the next, in order. */
static int
hash_all(struct caseset *cs, struct err *err)
{
	struct case_ahead ahead;
	struct buf line;
	size_t i;
	int rc = RC_OK;

	case_ahead_init(&ahead);
	buf_init(&line, CASE_LINE_MAX + 64);
	hash_hex("", 0, cs->hash);
	for (i = 0; i < cs->n && rc == RC_OK; i++) {
		rc = case_read(cs, &cs->v[i], &ahead, &line, err);
		if (rc != RC_OK)
			break;
		buf_add(&line, cs->hash, strlen(cs->hash));
		rc = buf_check(&line, "a case", err);
		hash_hex(buf_str(&line), line.len, cs->hash);
	}
	buf_fini(&line);
	case_ahead_fini(&ahead);
	return rc;
}

/* ---- public ------------------------------------------------------------ */

int
caseset_open(const struct suite *s, const struct caseset_filter *f,
    struct caseset **out, struct err *err)
{
	struct caseset *cs = calloc(1, sizeof(*cs));
	int rc;

	*out = NULL;
	if (cs == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	cs->fd = -1;
	cs->critical = s->cases_critical;
	rc = load(cs, s, err);
	if (rc == RC_OK && s->sample > 0 && s->sample < cs->n)
		rc = caseset_sample(cs, s, err);
	if (rc == RC_OK && f != NULL &&
	    (f->n_ids > 0 || f->n_tags > 0 || f->shards > 1))
		rc = caseset_filter(cs, f, err);
	if (rc == RC_OK && table_build(cs, cs->table_cap) != RC_OK)
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = hash_all(cs, err);
	free(cs->strata);
	cs->strata = NULL;
	if (rc == RC_OK)
		*out = cs;
	else
		caseset_close(&cs);
	return rc;
}

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
	free(cs->table);
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
