/* What loading says, and the texts that it keeps; see suite_part.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/suite/suite_part.h"

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
