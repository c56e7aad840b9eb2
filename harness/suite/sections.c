/* The sections file in memory; see sections.h. */
#include "harness/suite/sections.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/hash.h"
#include "harness/base/ids.h"
#include "harness/base/json.h"
#include "harness/base/table.h"
#include "harness/suite/line_check.h"

struct sections {
	struct arena arena;	/* all strings */
	struct section *v;
	size_t n, cap;
	struct table table;	/* of v, by id */
	struct id_set shown;	/* of ids that are not plain, while loading */
	char hash[HASH_HEX];
};

static int
same_id(const void *ctx, const void *key, uint32_t at)
{
	const struct section *v = ctx;

	return strcmp(v[at].id, key) == 0;
}

static uint32_t
find(const struct sections *s, const char *id)
{
	return table_find(&s->table, hash_table(id, strlen(id)), same_id,
	    s->v, id);
}

static int
grow(struct sections *s)
{
	struct section *v = table_grow(&s->table, s->v, &s->cap, sizeof(*v));

	if (v == NULL)
		return -1;
	s->v = v;
	return 0;
}

static const char *
keep(struct sections *s, const char *text)
{
	return text == NULL ? NULL : arena_strn(&s->arena, text, strlen(text));
}

/* An id may be a number in the file; it is text here, as it was written. */
static const char *
id_of(struct sections *s, const struct json *j)
{
	const struct json *id = json_get(j, "section_id");
	const char *kept = NULL;
	struct buf b;

	if (id == NULL)
		id = json_get(j, "id");
	buf_init(&b, SECTIONS_LINE_MAX);
	if (json_kind(id) != JSON_BOOL)
		kept = keep(s, json_word(id, &b));
	buf_fini(&b);
	return kept;
}

/* Whether the id is new, to the eye as well. */
static int
check_id(struct sections *s, const char *id, uint32_t number,
    struct err *err)
{
	uint32_t line = 0;
	struct buf b;
	int rc = RC_OK;

	if (find(s, id) != TABLE_NONE)
		return err_set(err, RC_FORMAT,
		    "section_id \"%s\" is there twice", id);
	buf_init(&b, 1 << 20);
	if (id_is_plain(id)) {
		line = id_set_find(&s->shown, id);
	} else {
		id_shown(id, &b);
		line = find(s, buf_str(&b)) != TABLE_NONE ? UINT32_MAX :
		    id_set_find(&s->shown, buf_str(&b));
		if (b.bad != RC_OK ||
		    id_set_add(&s->shown, buf_str(&b), number) != 0)
			rc = err_set(err, RC_NOMEM, "out of memory");
	}
	if (line != 0)
		rc = err_set(err, RC_FORMAT, "section_id \"%.80s\" looks the "
		    "same as another; they differ only in blanks, characters "
		    "that do not show, or Unicode form", id);
	buf_fini(&b);
	return rc;
}

static int
add(struct sections *s, const struct json *j, uint32_t number,
    struct err *err)
{
	size_t text_n;
	const char *text = json_text(json_get(j, "text"), &text_n);
	struct section *x;
	int rc;

	if (json_kind(j) != JSON_OBJECT)
		return err_set(err, RC_FORMAT, "not a JSON object");
	if (s->n == SECTIONS_MAX)
		return err_set(err, RC_NOMEM, "more than %zu sections",
		    SECTIONS_MAX);
	if (s->n == s->cap && grow(s) != 0)
		return err_set(err, RC_NOMEM, "out of memory for sections");
	x = &s->v[s->n];
	*x = (struct section){ .id = id_of(s, j) };
	if (x->id == NULL || x->id[0] == '\0')
		return err_set(err, RC_FORMAT,
		    "no section_id (a string or a number)");
	if (text == NULL)
		return err_set(err, RC_FORMAT, "section \"%s\" has no text",
		    x->id);
	rc = check_id(s, x->id, number, err);
	if (rc != RC_OK)
		return rc;
	x->doc_id = keep(s, json_get_str(j, "doc_id"));
	x->title = keep(s, json_get_str(j, "title"));
	x->source_url = keep(s, json_get_str(j, "source_url"));
	x->text = arena_strn(&s->arena, text, text_n);
	x->text_n = text_n;
	table_put(&s->table, hash_table(x->id, strlen(x->id)),
	    (uint32_t)s->n++);
	if (s->arena.bad)
		return err_set(err, RC_NOMEM, "the sections take more than "
		    "%zu MiB", SECTIONS_BYTES_MAX >> 20);
	return RC_OK;
}

static int
add_line(struct sections *s, const char *line, size_t n, uint32_t number,
    struct err *err)
{
	struct json *j;
	int rc;

	while (n > 0 && strchr(" \t\r\n", line[n - 1]) != NULL)
		n--;
	if (n == 0)
		return RC_OK;
	if (n > SECTIONS_LINE_MAX)
		return err_set(err, RC_NOMEM, "a line of more than %zu MiB",
		    SECTIONS_LINE_MAX >> 20);
	rc = line_check_bytes(line, n, err);
	if (rc != RC_OK)
		return rc;
	j = json_parse(line, n, err);
	if (j == NULL)
		return err == NULL ? RC_FORMAT : (int)err->code;
	if (json_kind(j) == JSON_OBJECT)
		rc = line_check(j, "@section", err);
	if (rc == RC_OK)
		rc = add(s, j, number, err);
	json_free(j);
	return rc;
}

/* getline() of at most SECTIONS_LINE_MAX + 1 bytes, so that a file without
 * newlines cannot take all memory. returns bytes, 0 at the end */
static size_t
next_line(FILE *f, struct buf *line)
{
	char part[1 << 14];
	size_t n = 0;
	int c = 0;

	buf_reset(line);
	while (c != '\n' && line->len <= SECTIONS_LINE_MAX &&
	    /* f is this thread's. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	    (c = getc_unlocked(f)) != EOF) {
		part[n++] = (char)c;
		if (n == sizeof(part) || c == '\n') {
			buf_add(line, part, n);
			n = 0;
		}
	}
	buf_add(line, part, n);
	return line->len;
}

static int
load_sections(struct sections *s, FILE *f, const char *path, struct err *err)
{
	struct buf line;
	uint32_t number = 0;
	int rc = RC_OK;

	buf_init(&line, SECTIONS_LINE_MAX + (1 << 17));
	while (rc == RC_OK && next_line(f, &line) > 0) {
		number++;
		rc = add_line(s, buf_str(&line), line.len, number, err);
	}
	if (rc != RC_OK)
		err_prefix(err, "%s:%u", path, number);
	else if (line.bad != RC_OK)
		rc = buf_check(&line, path, err);
	else if (ferror(f))
		rc = err_errno(err, RC_IO, "%s", path);
	else if (s->n == 0)
		rc = err_set(err, RC_FORMAT, "%s: no sections in it", path);
	buf_fini(&line);
	return rc;
}

int
sections_open(const char *path, struct sections **out, struct err *err)
{
	struct sections *s = calloc(1, sizeof(*s));
	FILE *f;
	int rc;

	*out = NULL;
	if (s == NULL)
		return err_set(err, RC_NOMEM, "out of memory for sections");
	arena_init(&s->arena, SECTIONS_BYTES_MAX);
	f = fopen(path, "rbe");
	if (f == NULL) {
		rc = err_errno(err, RC_IO, "%s", path);
	} else {
		rc = load_sections(s, f, path, err);
		(void)fclose(f);
	}
	if (rc == RC_OK)
		rc = hash_file(path, s->hash, err);
	if (rc != RC_OK) {
		sections_close(&s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

void
sections_close(struct sections **s)
{
	if (s == NULL || *s == NULL)
		return;
	arena_fini(&(*s)->arena);
	id_set_fini(&(*s)->shown);
	free((*s)->v);
	table_fini(&(*s)->table);
	free(*s);
	*s = NULL;
}

size_t
sections_n(const struct sections *s)
{
	return s->n;
}

const struct section *
sections_at(const struct sections *s, size_t i)
{
	return &s->v[i];
}

const struct section *
sections_find(const struct sections *s, const char *id)
{
	uint32_t at;

	if (s == NULL || s->n == 0)
		return NULL;
	at = find(s, id);
	return at == TABLE_NONE ? NULL : &s->v[at];
}

const char *
sections_hash(const struct sections *s)
{
	return s->hash;
}
