/* The memory of an answer; see extract.h. */
#include "harness/traffic/extract.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/traffic/coding.h"
#include "harness/traffic/extract_part.h"

#define TEXT_MAX CODING_TEXT_MAX
#define KEEP_BYTES ((size_t)256 << 10)
/* Copies of strings: a body's own bytes, merged events, and little else. */
#define KEEP_MAX (4 * TEXT_MAX)

const char *
extract_keep(struct answer_mem *mem, const char *s, size_t n)
{
	const char *to = arena_strn(&mem->arena, s, n);

	if (to == NULL)
		mem->nomem = 1;
	return to;
}

int
extract_keep_json(struct answer_mem *mem, struct json *j)
{
	size_t cap = mem->cap_kept == 0 ? 8 : mem->cap_kept * 2;
	struct json **kept;

	if (mem->n_kept == mem->cap_kept) {
		kept = realloc(mem->kept, cap * sizeof(struct json *));
		if (kept == NULL) {
			json_free(j);
			mem->nomem = 1;
			return RC_NOMEM;
		}
		mem->kept = kept;
		mem->cap_kept = cap;
	}
	mem->kept[mem->n_kept++] = j;
	return RC_OK;
}

/* A rare giant must not stay for the rest of the run. */
static void
drop_giant(struct buf *b)
{
	if (b->cap > KEEP_BYTES)
		buf_fini(b);
}

void
extract_tools_forget(struct answer_mem *m)
{
	while (m->n_tools > 0) {
		buf_fini(&m->tools[--m->n_tools].name);
		buf_fini(&m->tools[m->n_tools].arguments);
	}
	free(m->tools);
	m->tools = NULL;
}

static void
mem_reset(struct answer_mem *m)
{
	size_t i;

	json_doc_reset(m->doc);
	json_free(m->body);
	m->body = NULL;
	for (i = 0; i < m->n_kept; i++)
		json_free(m->kept[i]);
	m->n_kept = 0;
	arena_reset(&m->arena);
	extract_tools_forget(m);
	drop_giant(&m->text);
	drop_giant(&m->unpacked);
	drop_giant(&m->decoded);
	drop_giant(&m->streamed);
	drop_giant(&m->whole);
	drop_giant(&m->sse.line);
	drop_giant(&m->sse.data);
	m->finish = NULL;
	m->ended = 0;
	m->told = 0;
	m->nomem = 0;
}

static void
answer_clear(struct answer *a)
{
	struct answer_mem *mem = a->mem;

	memset(a, 0, sizeof(*a));
	a->mem = mem;
	a->tokens_in = NAN;
	a->tokens_out = NAN;
	a->cost = NAN;
	a->itl_ns = -1;
}

void
answer_init(struct answer *a)
{
	a->mem = NULL;
	answer_clear(a);
}

void
answer_fini(struct answer *a)
{
	struct answer_mem *m = a->mem;

	if (m != NULL) {
		mem_reset(m);
		arena_fini(&m->arena);
		json_doc_free(m->doc);
		free(m->kept);
		free(m->retrieved);
		free(m->cited);
		buf_fini(&m->text);
		buf_fini(&m->unpacked);
		buf_fini(&m->decoded);
		sse_fini(&m->sse);
		buf_fini(&m->streamed);
		buf_fini(&m->whole);
		free(m);
	}
	answer_init(a);
}

int
answer_begin(struct answer *a)
{
	if (a->mem == NULL) {
		a->mem = calloc(1, sizeof(*a->mem));
		if (a->mem == NULL)
			return RC_NOMEM;
		a->mem->doc = json_doc_new();
		if (a->mem->doc == NULL) {
			free(a->mem);
			a->mem = NULL;
			return RC_NOMEM;
		}
		arena_init(&a->mem->arena, KEEP_MAX);
		buf_init(&a->mem->text, TEXT_MAX);
		buf_init(&a->mem->unpacked, TEXT_MAX + 1);
		buf_init(&a->mem->decoded, TEXT_MAX + 1);
		sse_init(&a->mem->sse, SSE_NONE, TEXT_MAX);
		buf_init(&a->mem->streamed, TEXT_MAX);
		buf_init(&a->mem->whole, TEXT_MAX);
	}
	mem_reset(a->mem);
	answer_clear(a);
	return RC_OK;
}

void
extract_fail(struct answer *out, enum outcome o, const char *why, ...)
{
	char text[600];
	va_list ap;

	if (out->outcome != OUTCOME_OK && out->outcome != OUTCOME_REFUSED)
		return;
	va_start(ap, why);
	(void)vsnprintf(text, sizeof(text), why, ap);
	va_end(ap);
	out->outcome = o;
	out->why = extract_keep(out->mem, text, strlen(text));
}
