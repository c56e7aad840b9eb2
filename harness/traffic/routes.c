/* The kinds of requests in a trace; see routes.h. */
#include "harness/traffic/routes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"

enum { PATH_BYTES = 1024, LONG_PART = 16 };

void
routes_init(struct routes *r)
{
	memset(r, 0, sizeof(*r));
	table_init(&r->table);
}

void
routes_fini(struct routes *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		free(r->v[i].method);
		free(r->v[i].path);
		hist_free(r->v[i].total);
	}
	table_fini(&r->table);
	r->n = 0;
}

/* Whether a part of a path names one thing among many. */
static int
is_id(const char *p, size_t n)
{
	size_t i, digits = 0, hex = 0, other = 0;

	for (i = 0; i < n; i++) {
		digits += isdigit((unsigned char)p[i]) != 0;
		hex += isxdigit((unsigned char)p[i]) || p[i] == '-';
		other += !isalnum((unsigned char)p[i]) && p[i] != '-' &&
		    p[i] != '_';
	}
	/* words: a question in the path */
	if (memmem(p, n, "%20", 3) != NULL || memchr(p, '+', n) != NULL)
		return 1;
	if (n == 0 || digits == 0 || other > 0)
		return 0;
	return digits == n || (hex == n && n >= 8) ||
	    (n >= LONG_PART && digits * 5 >= n) ||
	    /* "doc-17", not "v2" */
	    (digits * 3 >= n && memchr(p, '-', n) != NULL);
}

void
routes_path(const char *target, char *out, size_t cap)
{
	const char *end = target + strcspn(target, "?#");
	size_t n = 0, part;

	while (target < end && n + 2 < cap) {
		if (*target == '/') {
			out[n++] = *target++;
			continue;
		}
		part = strcspn(target, "/?#");
		if (is_id(target, part)) {
			out[n++] = '*';
		} else {
			size_t room = cap - n - 1;

			memcpy(out + n, target, part < room ? part : room);
			n += part < room ? part : room;
		}
		target += part;
	}
	out[n] = '\0';
}

struct name {
	const char *method, *path;
};

static int
same(const void *ctx, const void *key, uint32_t at)
{
	const struct routes *r = ctx;
	const struct name *k = key;

	return strcmp(r->v[at].method, k->method) == 0 &&
	    strcmp(r->v[at].path, k->path) == 0;
}

static struct route *
find(struct routes *r, const struct name *k)
{
	uint64_t h = hash_table(k->path, strlen(k->path)) ^
	    hash_table(k->method, strlen(k->method));
	uint32_t at = table_find(&r->table, h, same, r, k);
	struct route *new;

	if (at != TABLE_NONE)
		return &r->v[at];
	if (r->n == ROUTES_MAX) {
		r->others = 1;
		return &r->v[ROUTES_MAX - 1];
	}
	new = &r->v[r->n];
	new->method = strdup(k->method);
	new->path = strdup(k->path);
	new->total = hist_new();
	if (new->method == NULL || new->path == NULL || new->total == NULL ||
	    table_room(&r->table, r->n + 1) != 0) {
		free(new->method);
		free(new->path);
		hist_free(new->total);
		return NULL;
	}
	table_put(&r->table, h, (uint32_t)r->n);
	r->n++;
	return new;
}

struct route *
routes_add(struct routes *r, const struct exchange *ex)
{
	char path[PATH_BYTES];
	struct name k = { ex->method, path };
	struct route *to;

	routes_path(ex->target, path, sizeof(path));
	to = find(r, &k);
	if (to == NULL)
		return NULL;
	to->n++;
	to->status[ex->status >= 100 && ex->status < 600 ?
	    ex->status / 100 : 0]++;
	if (ex->status >= 200 && ex->status < 300)
		to->answered++;
	if (ex->status != 0 && ex->total_ns >= 0)
		hist_add(to->total, ex->total_ns);
	return to;
}
