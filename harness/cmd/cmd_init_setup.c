/* The call that comes first: the one whose answer names what stands as an id
 * in the paths that are asked. */
#include <stdio.h>
#include <string.h>

#include "harness/cmd/cmd_init_part.h"
#include "harness/traffic/coding.h"
#include "harness/traffic/trace_each.h"

enum { IDS_MAX = 8, ID_BYTES = 200, POINTER_BYTES = 256, DEPTH = 8 };

struct search {
	struct init *in;
	char id[IDS_MAX][ID_BYTES];	/* of the first path that is asked */
	size_t n;
	char at[POINTER_BYTES];		/* where one was found */
	struct buf plain;
	int found;
};

/* Parts of the first asked path where the route has `*`. */
static void
take_ids(struct search *s)
{
	const char *path = s->in->path, *route = s->in->route->path;
	size_t n, m;

	while (*path != '\0' && *route != '\0' && s->n < IDS_MAX) {
		path += *path == '/';
		route += *route == '/';
		n = strcspn(path, "/?#");
		m = strcspn(route, "/");
		if (m == 1 && *route == '*' && n > 0 && n < ID_BYTES)
			(void)snprintf(s->id[s->n++], ID_BYTES, "%.*s",
			    (int)n, path);
		path += n;
		route += m;
		if (*path != '/' || *route != '/')
			break;
	}
}

static int
is_id(const struct search *s, const char *text)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (strcmp(s->id[i], text) == 0)
			return 1;
	}
	return 0;
}

/* Looks for an id among the members; s->at is its pointer. */
static int
look(struct search *s, const struct json *j, int depth)
{
	size_t len = strlen(s->at);
	const struct json *m;
	const char *key;

	if (json_str(j) != NULL)
		return is_id(s, json_str(j));
	if (depth == DEPTH || json_kind(j) != JSON_OBJECT)
		return 0;
	for (m = json_first(j); m != NULL; m = json_next(m)) {
		key = json_key(m);
		if (strpbrk(key, "~/") != NULL ||
		    len + strlen(key) + 2 > sizeof(s->at))
			continue;
		(void)snprintf(s->at + len, sizeof(s->at) - len, "/%s", key);
		if (look(s, m, depth + 1))
			return 1;
		s->at[len] = '\0';
	}
	return 0;
}

static int
look_at(void *ctx, const struct exchange *ex, const struct trace_rec *rec,
    struct err *err)
{
	struct search *s = ctx;
	struct init *in = s->in;
	const char *text = ex->res_body.p, *codings;
	size_t n = ex->res_body.n;
	char path[sizeof(in->setup_path)], list[128];
	struct json *j;

	(void)rec;
	(void)err;
	if (s->found || text == NULL || ex->status < 200 || ex->status > 299)
		return RC_OK;
	routes_path(ex->target, path, sizeof(path));
	if (strcmp(path, in->route->path) == 0)
		return RC_OK;
	codings = coding_of(ex->res_headers, ex->n_res_headers, list);
	buf_reset(&s->plain);
	if (codings != NULL && coding_undo(codings, text, n, 1 << 20,
	    &s->plain, NULL) == RC_OK) {
		text = buf_str(&s->plain);
		n = s->plain.len;
	}
	j = json_parse(text, n, NULL);
	s->at[0] = '\0';
	s->found = look(s, j, 0);
	json_free(j);
	if (!s->found)
		return RC_OK;
	(void)snprintf(in->setup_method, sizeof(in->setup_method), "%s",
	    ex->method);
	(void)snprintf(in->setup_path, sizeof(in->setup_path), "%s", path);
	(void)snprintf(in->setup_ids, sizeof(in->setup_ids), "%s", s->at);
	return RC_OK;
}

int
init_find_setup(struct init *in, struct err *err)
{
	struct search s = { .in = in };
	int rc;

	take_ids(&s);
	if (s.n == 0)
		return RC_OK;
	buf_init(&s.plain, 2 << 20);
	rc = trace_each(in->args->trace, NULL, look_at, &s, NULL, err);
	buf_fini(&s.plain);
	return rc;
}
