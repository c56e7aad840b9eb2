/* Places of the nodes of a JSON text; see srcmap.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/json_part.h"
#include "harness/base/srcmap.h"

struct placing {
	struct srcmap *map;
	int file;
	const char *text;
	size_t at, line, column;	/* counted up to here */
	struct err *err;
};

/* Characters, not bytes: what an editor shows. */
static void
go_to(struct placing *p, size_t at)
{
	for (; p->at < at; p->at++) {
		if (p->text[p->at] == '\n') {
			p->line++;
			p->column = 1;
		} else if (((unsigned char)p->text[p->at] & 0xc0) != 0x80) {
			p->column++;
		}
	}
}

static int
place(void *ctx, const struct json *j, size_t key_at, size_t value_at)
{
	struct placing *p = ctx;
	struct src_pos pos;

	memset(&pos, 0, sizeof(pos));
	pos.file = p->file;
	if (j->key != NULL) {
		go_to(p, key_at);
		pos.key_line = (uint32_t)p->line;
		pos.key_column = (uint32_t)p->column;
	}
	go_to(p, value_at);
	pos.line = (uint32_t)p->line;
	pos.column = (uint32_t)p->column;
	return srcmap_put(p->map, j, &pos) == RC_OK ? RC_OK :
	    err_set(p->err, RC_NOMEM, "out of memory");
}

/* A key that is there twice. returns RC_OK: there is none */
static int
check_keys(const struct placing *p, const struct json *j)
{
	const struct src_pos *pos;
	const struct json *c;
	uint32_t first;
	int rc = RC_OK;

	if (json_kind(j) != JSON_OBJECT && json_kind(j) != JSON_ARRAY)
		return RC_OK;
	for (c = j->first; c != NULL && rc == RC_OK; c = c->next) {
		if (!(c->flags & NODE_OUTDONE)) {
			rc = check_keys(p, c);
			continue;
		}
		pos = srcmap_get(p->map, c);
		first = pos == NULL ? 0 : pos->key_line;
		for (j = c->next; j->key_n != c->key_n ||
		    memcmp(j->key, c->key, c->key_n) != 0;)
			j = j->next;
		pos = srcmap_get(p->map, j);
		rc = err_set(p->err, RC_FORMAT, "%s:%u:%u: key \"%s\" is "
		    "there twice, first in line %u",
		    srcmap_name(p->map, p->file), pos == NULL ? 0 :
		    pos->key_line, pos == NULL ? 0 : pos->key_column, c->key,
		    first);
	}
	return rc;
}

/* json_parse() says "line L, column C: what"; of a file it is FILE:L:C. */
static void
name_file(const struct placing *p, const struct err *e)
{
	unsigned long line, column;
	char *end;

	if (strncmp(e->msg, "line ", 5) != 0) {
		(void)err_set(p->err, e->code, "%s", e->msg);
		return;
	}
	line = strtoul(e->msg + 5, &end, 10);
	column = strtoul(end + strlen(", column "), &end, 10);
	(void)err_set(p->err, e->code, "%s:%lu:%lu%s",
	    srcmap_name(p->map, p->file), line, column, end);
}

struct json *
json_pos_parse(struct srcmap *m, int file, const char *text, size_t n,
    struct err *err)
{
	struct err e = ERR_INIT;
	struct placing p = { m, file, text, 0, 1, 1, &e };
	struct json *j;

	p.at = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	j = json_parse_seen(text, n, place, &p, &e);
	p.err = err;
	if (j == NULL)
		name_file(&p, &e);
	if (j != NULL && check_keys(&p, j) != RC_OK) {
		json_free(j);
		j = NULL;
	}
	return j;
}
