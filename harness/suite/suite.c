/* Suites: loading, in the order of its parts; see suite.h. */
#include "harness/suite/suite.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/rng.h"
#include "harness/base/text.h"
#include "harness/suite/suite_part.h"

/* ---- what the parts use ------------------------------------------------ */

void
suite_nomem(struct suite_load *ld)
{
	ld->nomem = 1;
	ld->n_errors++;
	(void)err_set(ld->err, RC_NOMEM, "out of memory");
}

void
suite_error(struct suite_load *ld, const struct json *node, int at_key,
    const char *fmt, ...)
{
	const struct src_pos *pos = srcmap_get(ld->map, node);
	struct err e = ERR_INIT;
	char what[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (pos == NULL)
		(void)err_set(&e, RC_FORMAT, "%s: %s", ld->s->path, what);
	else if (strncmp(srcmap_name(ld->map, pos->file), "--set", 5) == 0)
		(void)err_set(&e, RC_FORMAT, "%s: %s",
		    srcmap_name(ld->map, pos->file), what);
	else
		(void)err_set(&e, RC_FORMAT, "%s:%u:%u: %s",
		    srcmap_name(ld->map, pos->file),
		    at_key && pos->key_line ? pos->key_line : pos->line,
		    at_key && pos->key_line ? pos->key_column : pos->column,
		    what);
	ld->n_errors++;
	(void)err_set(ld->err, RC_FORMAT, "%s", e.msg);
	if (ld->over->on_error != NULL)
		ld->over->on_error(ld->over->on_error_ctx, e.msg);
}

void
suite_note(struct suite_load *ld, const char *fmt, ...)
{
	char what[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (json_push(ld->mem->notes, json_new_str(what)) != RC_OK)
		suite_nomem(ld);
}

const char *
suite_keep(struct suite_load *ld, const char *s)
{
	struct suite_mem *m = ld->mem;
	size_t cap = m->cap_pool == 0 ? 16 : m->cap_pool * 2;
	char **pool;

	if (m->n_pool == m->cap_pool) {
		pool = realloc(m->pool, cap * sizeof(*pool));
		if (pool == NULL) {
			suite_nomem(ld);
			return NULL;
		}
		m->pool = pool;
		m->cap_pool = cap;
	}
	m->pool[m->n_pool] = strdup(s);
	if (m->pool[m->n_pool] == NULL) {
		suite_nomem(ld);
		return NULL;
	}
	return m->pool[m->n_pool++];
}

/* ---- identity ---------------------------------------------------------- */

/* Where a stack is and how it is reached is not what is asked or judged. */
static const char *const place_keys[] = {
	"url", "start", "ready", "headers", "auth", "ca_file", "cert_file",
	"key_file", "unix_socket", "http2"
};

static void
add_sorted(struct buf *b, const struct json *j, int in_target);

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
add_members(struct buf *b, const struct json *j, int in_target)
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
		if (in_target == 2 && is_place(json_key(m[i])))
			continue;
		json_write_str(b, json_key(m[i]), strlen(json_key(m[i])));
		buf_putc(b, ':');
		add_sorted(b, m[i], in_target);
		buf_putc(b, ',');
	}
	free(m);
}

/* Canonical text: keys sorted. in_target: 0 the document, -1 elsewhere, else
 * the level within `targets`: 1 its own value, 2 a target. */
static void
add_sorted(struct buf *b, const struct json *j, int in_target)
{
	const char *key = json_key(j);

	if (in_target == 0 && key != NULL)
		in_target = strcmp(key, "targets") == 0 ? 1 : -1;
	else if (in_target > 0)
		in_target++;
	if (in_target == 2 && json_kind(j) == JSON_STRING) {
		buf_puts(b, "{}");
		return;
	}
	if (json_kind(j) == JSON_OBJECT) {
		buf_putc(b, '{');
		add_members(b, j, in_target);
		buf_putc(b, '}');
	} else if (json_kind(j) == JSON_ARRAY) {
		buf_putc(b, '[');
		for (j = json_first(j); j != NULL; j = json_next(j)) {
			add_sorted(b, j, in_target > 0 ? 3 : -1);
			buf_putc(b, ',');
		}
		buf_putc(b, ']');
	} else {
		json_write_alike(b, j);
	}
}

static int
identity(struct suite_load *ld)
{
	struct buf b;
	int rc;

	buf_init(&b, 64 << 20);
	add_sorted(&b, ld->mem->doc, 0);
	rc = buf_check(&b, "the suite", ld->err);
	if (rc == RC_OK)
		hash_hex(b.p, b.len, ld->s->hash);
	ld->s->seed = ld->over->seed > 0 ? (uint64_t)ld->over->seed :
	    rng_seed_from(ld->s->hash, strlen(ld->s->hash));
	buf_fini(&b);
	return rc;
}

/* ---- loading ----------------------------------------------------------- */

static void
name_and_owner(struct suite_load *ld)
{
	const struct json *doc = ld->mem->doc;
	const char *base = strrchr(ld->s->path, '/');
	char name[256];

	ld->s->name = suite_text(ld, doc, "name", NULL);
	if (ld->s->name != NULL && text_has_controls(ld->s->name))
		suite_error(ld, json_get(doc, "name"), 0, "name: holds a "
		    "control character");
	ld->s->owner = suite_text(ld, doc, "owner", NULL);
	ld->s->incident = suite_text(ld, doc, "incident", NULL);
	ld->s->reason = suite_text(ld, doc, "reason", NULL);
	ld->s->profile = suite_raw(doc, "profile");
	if (ld->s->profile == NULL)
		ld->s->profile = "release";
	if (ld->s->name != NULL)
		return;
	(void)snprintf(name, sizeof(name), "%s",
	    base == NULL ? ld->s->path : base + 1);
	if (strrchr(name, '.') != NULL && strrchr(name, '.') != name)
		*strrchr(name, '.') = '\0';
	ld->s->name = suite_keep(ld, name);
}

static void
general_notes(struct suite_load *ld)
{
	const struct suite *s = ld->s;

	if (s->cases_file == NULL && s->cases_trace == NULL &&
	    s->cases_inline == NULL)
		suite_note(ld, "cases: none; nothing can be asked until "
		    "`cases` names a gold file or a trace");
	if (!s->target[ARM_CANDIDATE].present)
		suite_note(ld, "targets: no candidate; give one here or as "
		    "--candidate");
	if (!s->target[ARM_BASELINE].present)
		suite_note(ld, "targets: no baseline; absolute limits alone "
		    "decide");
	if (s->sections_file == NULL)
		suite_note(ld, "sections: none; coverage and anchors are "
		    "judged only where the answers' offsets or ids allow");
	if (s->body == NULL && s->request_path == NULL)
		suite_note(ld, "request: none; a GET of / will be sent");
}

static int
build(struct suite_load *ld)
{
	if (suite_read(ld, ld->s->path) != RC_OK)
		return ld->err->code;
	suite_check(ld, ld->mem->doc);
	if (ld->n_errors > 0)
		return ld->err->code;
	name_and_owner(ld);
	suite_cases(ld);
	suite_gates(ld);
	suite_request(ld);
	suite_targets(ld);
	suite_apply_words(ld);
	general_notes(ld);
	ld->s->doc = ld->mem->doc;
	if (ld->s->request_path == NULL)
		ld->s->request_path = "/";
	if (ld->n_errors > 0)
		return ld->err->code;
	return identity(ld);
}

static struct suite *
new_suite(const char *path)
{
	struct suite *s = calloc(1, sizeof(*s));
	const char *slash = strrchr(path, '/');

	if (s == NULL)
		return NULL;
	s->mem = calloc(1, sizeof(*s->mem));
	if (s->mem != NULL) {
		s->mem->path = strdup(path);
		s->mem->dir = slash == NULL ? strdup(".") : strndup(path,
		    slash == path ? 1 : (size_t)(slash - path));
		s->path = s->mem->path;
		s->dir = s->mem->dir;
		s->mem->expanded = json_new(JSON_ARRAY);
		s->mem->notes = json_new(JSON_ARRAY);
		s->mem->words = json_new(JSON_ARRAY);
	}
	if (s->mem != NULL && s->path != NULL && s->dir != NULL &&
	    s->mem->words != NULL && s->mem->notes != NULL &&
	    s->mem->expanded != NULL)
		return s;
	suite_free(s);
	return NULL;
}

int
suite_load(const char *path, const struct suite_over *over,
    struct suite **out, struct err *err)
{
	static const struct suite_over none;
	struct err local = ERR_INIT;
	struct suite_load ld;
	int rc;

	*out = NULL;
	memset(&ld, 0, sizeof(ld));
	ld.over = over != NULL ? over : &none;
	ld.err = err != NULL ? err : &local;
	ld.s = new_suite(path);
	ld.map = srcmap_new();
	if (ld.s == NULL || ld.map == NULL) {
		suite_free(ld.s);
		srcmap_free(ld.map);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	ld.mem = ld.s->mem;
	rc = build(&ld);
	srcmap_free(ld.map);
	if (rc == RC_OK)
		*out = ld.s;
	else
		suite_free(ld.s);
	return rc;
}

static void
free_mem(struct suite_mem *m)
{
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < m->n_pool; i++)
		free(m->pool[i]);
	free(m->pool);
	for (i = 0; i <= ARM_N; i++)
		extract_free(m->spec[i]);
	json_free(m->doc);
	json_free(m->expanded);
	json_free(m->notes);
	json_free(m->words);
	free(m->path);
	free(m->dir);
	free(m);
}

void
suite_free(struct suite *s)
{
	size_t i;

	if (s == NULL)
		return;
	free_mem(s->mem);
	for (i = 0; i < ARM_N; i++)
		free(s->target[i].headers);
	free(s->headers);
	free(s);
}

void
suite_notes(const struct suite *s, suite_note_fn *fn, void *ctx)
{
	const struct json *j;

	for (j = json_first(s->mem->notes); j != NULL; j = json_next(j))
		fn(ctx, json_str(j));
}

char *
suite_resolve(const struct suite *s, const char *path)
{
	char *out = NULL;

	if (*path == '/' || strcmp(s->dir, ".") == 0)
		return strdup(path);
	if (asprintf(&out, "%s/%s", s->dir, path) < 0)
		return NULL;
	return out;
}
