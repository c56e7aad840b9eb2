/* The identity of a suite: a hash of what is asked and judged. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/rng.h"
#include "harness/suite/suite_part.h"

/* Where a stack is and how it is reached is not what is asked or judged. */
static const char *const place_keys[] = {
	"url", "start", "ready", "headers", "auth", "ca_file", "cert_file",
	"key_file", "unix_socket", "http2"
};

/* Where in the document a value is. */
enum where {
	ELSEWHERE,
	DOCUMENT,	/* the document itself */
	TARGETS,	/* the value of `targets` */
	TARGET,		/* one of them */
	IN_TARGET	/* within one */
};

static void
add_sorted(struct buf *b, const struct json *j, enum where where);

static int
is_place(const char *key)
{
	size_t i;

	for (i = 0; i < sizeof(place_keys) / sizeof(place_keys[0]); i++) {
		if (strcmp(place_keys[i], key) == 0)
			return 1;
	}
	return 0;
}

static int
by_key(const void *a, const void *b)
{
	return strcmp(json_key(*(const struct json *const *)a),
	    json_key(*(const struct json *const *)b));
}

static void
add_members(struct buf *b, const struct json *j, enum where where)
{
	size_t n = json_size(j), i = 0;
	const struct json **m = calloc(n + 1,
	    sizeof(const struct json *));

	if (m == NULL) {
		b->bad = RC_NOMEM;
		return;
	}
	for (j = json_first(j); j != NULL; j = json_next(j))
		m[i++] = j;
	qsort(m, n, sizeof(const struct json *), by_key);
	for (i = 0; i < n; i++) {
		if (where == TARGET && is_place(json_key(m[i])))
			continue;
		json_write_str(b, json_key(m[i]), strlen(json_key(m[i])));
		buf_putc(b, ':');
		add_sorted(b, m[i], where);
		buf_putc(b, ',');
	}
	free(m);
}

/* Where a member of something at `where` is. */
static enum where
member_of(enum where where, const char *key)
{
	switch (where) {
	case DOCUMENT:
		if (key == NULL)
			return DOCUMENT;
		return strcmp(key, "targets") == 0 ? TARGETS : ELSEWHERE;
	case TARGETS:
		return TARGET;
	case TARGET:
	case IN_TARGET:
		return IN_TARGET;
	default:
		return ELSEWHERE;
	}
}

/* Canonical text: keys sorted. where: of what the value is a member of. */
static void
add_sorted(struct buf *b, const struct json *j, enum where where)
{
	where = member_of(where, json_key(j));
	if (where == TARGET && json_kind(j) == JSON_STRING) {
		buf_puts(b, "{}");
		return;
	}
	if (json_kind(j) == JSON_OBJECT) {
		buf_putc(b, '{');
		add_members(b, j, where);
		buf_putc(b, '}');
	} else if (json_kind(j) == JSON_ARRAY) {
		buf_putc(b, '[');
		for (j = json_first(j); j != NULL; j = json_next(j)) {
			add_sorted(b, j, where == TARGETS ||
			    where == TARGET || where == IN_TARGET ?
			    IN_TARGET : ELSEWHERE);
			buf_putc(b, ',');
		}
		buf_putc(b, ']');
	} else {
		json_write_alike(b, j);
	}
}

int
suite_identity(struct suite_load *ld)
{
	struct buf b;
	int rc;

	buf_init(&b, 64 << 20);
	add_sorted(&b, ld->mem->doc, DOCUMENT);
	rc = buf_check(&b, "the suite", ld->err);
	if (rc == RC_OK)
		hash_hex(b.p, b.len, ld->s->hash);
	ld->s->seed = ld->over->seed > 0 ? (uint64_t)ld->over->seed :
	    rng_seed_from(ld->s->hash, strlen(ld->s->hash));
	buf_fini(&b);
	return rc;
}
