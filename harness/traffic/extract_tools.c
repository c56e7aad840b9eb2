/* Tool calls: names and arguments, of a whole answer or of a stream's
 * pieces; see extract_part.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"
#include "harness/traffic/extract_part.h"

enum { NAME_MAX_BYTES = 4096 };
#define ARGUMENTS_MAX ((size_t)8 << 20)

struct gather {
	const struct tools_map *map;
	struct answer_mem *mem;
	const struct json *event;	/* of a stream, or NULL */
	unsigned got;
};

/* The call of that number; a new one where there is none. */
static struct tool_call *
call_at(struct answer_mem *mem, long index)
{
	struct tool_call *t;
	size_t i;

	for (i = 0; i < mem->n_tools; i++) {
		if (mem->tools[i].index == index)
			return &mem->tools[i];
	}
	if (mem->n_tools == EXTRACT_TOOLS_MAX)
		return NULL;
	if (mem->tools == NULL)
		mem->tools = calloc(EXTRACT_TOOLS_MAX, sizeof(*mem->tools));
	if (mem->tools == NULL) {
		mem->nomem = 1;
		return NULL;
	}
	t = &mem->tools[mem->n_tools++];
	t->index = index;
	buf_init(&t->name, NAME_MAX_BYTES);
	buf_init(&t->arguments, ARGUMENTS_MAX);
	return t;
}

/* Arguments come as an object, or as the text of one. */
static void
add_arguments(struct answer_mem *mem, struct tool_call *t,
    const struct json *j)
{
	size_t n;
	const char *text = json_text(j, &n);

	if (text != NULL)
		utf8_append(&t->arguments, text, n);
	else if (j != NULL && extract_canon(&t->arguments, j) != RC_OK)
		mem->nomem = 1;
}

static void
add_call(struct gather *g, const struct json *j)
{
	const struct json *args = alt_find(&g->map->arguments, j);
	const char *name = json_str(alt_find(&g->map->name, j));
	const struct json *at;
	struct tool_call *t;
	long index = 0;

	if (g->event == NULL ? name == NULL : name == NULL && args == NULL)
		return;
	/* what is named by its kind alone calls something, or is none */
	if (g->event == NULL && args == NULL && g->map->name.n > 1 &&
	    name == json_get_str(j, "type"))
		return;
	g->got = GOT_TOOLS;
	if (g->mem == NULL)
		return;
	if (g->event != NULL) {
		at = alt_find(&g->map->index, j);
		if (at == NULL)
			at = alt_find(&g->map->index, g->event);
		index = (long)json_int(at, 0);
	} else {
		index = (long)g->mem->n_tools;
	}
	t = call_at(g->mem, index);
	if (t == NULL)
		return;
	if (name != NULL && t->name.len == 0)
		buf_puts(&t->name, name);
	add_arguments(g->mem, t, args);
}

static int
add_calls(void *ctx, const struct json *j)
{
	struct gather *g = ctx;

	if (json_kind(j) == JSON_OBJECT)
		add_call(g, j);
	if (json_kind(j) == JSON_ARRAY) {
		for (j = json_first(j); j != NULL; j = json_next(j))
			add_call(g, j);
	}
	return 0;
}

static unsigned
gather(struct gather *g, const struct json *j)
{
	const struct ptr_alt *a = &g->map->items;
	size_t i;

	for (i = 0; i < a->n && g->got == 0; i++)
		(void)json_ptr_each(a->p[i], j, add_calls, g);
	return g->got;
}

unsigned
extract_tools(const struct extract_spec *spec, const struct json *j,
    struct answer_mem *mem)
{
	struct gather g = { &spec->tools, mem, NULL, 0 };

	return gather(&g, j);
}

unsigned
extract_tool_piece(const struct extract_spec *spec, const struct json *j,
    struct answer_mem *mem)
{
	struct gather g = { &spec->tool_piece, mem, j, 0 };

	return gather(&g, j);
}

/* ---- as text ----------------------------------------------------------- */

static void
put_call(struct answer_mem *mem, struct buf *out, const struct tool_call *t)
{
	const char *args = buf_str(&t->arguments);
	struct json *j = json_parse(args, t->arguments.len, NULL);

	buf_puts(out, "{\"name\":");
	json_write_str(out, buf_str(&t->name), t->name.len);
	buf_puts(out, ",\"arguments\":");
	if (t->arguments.len == 0)
		buf_puts(out, "{}");
	else if (j == NULL)
		json_write_str(out, args, t->arguments.len);
	else if (extract_canon(out, j) != RC_OK)
		mem->nomem = 1;
	buf_putc(out, '}');
	json_free(j);
}

const char *
extract_tools_text(struct answer_mem *mem, size_t *n)
{
	const char *text;
	struct buf b;
	size_t i;

	if (mem->n_tools == 0)
		return NULL;
	buf_init(&b, 2 * ARGUMENTS_MAX);
	for (i = 0; i < mem->n_tools; i++) {
		buf_putc(&b, i == 0 ? '[' : ',');
		put_call(mem, &b, &mem->tools[i]);
	}
	buf_putc(&b, ']');
	if (b.bad != RC_OK)
		mem->nomem |= b.bad == RC_NOMEM;
	*n = b.len;
	text = extract_keep(mem, buf_str(&b), b.len);
	buf_fini(&b);
	return text;
}
