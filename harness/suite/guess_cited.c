/* Finds what answers cite: by its name, or because it names passages. See
 * guess_part.h. */
#include <stdio.h>
#include <string.h>

#include "harness/suite/guess_part.h"

static const char *const cited_names[] = { "citations", "references", "refs",
	"cites", "cited", "sources", "evidence", "footnotes", "because",
	"attributions", "documentids", "sourceids", "usedsources", NULL };

/* A list that may be one of citations, and what names them. */
struct cited {
	const struct shape_node *list, *id;
	size_t shared;		/* ids that passages have as well */
	int is_section;		/* as their section */
	int named;		/* place of its name, 0: it says nothing */
};

/* How many of a node's values another one has. */
static size_t
shared(const struct shape_node *a, const struct shape_node *b)
{
	size_t i, n = 0;

	for (i = 0; a != NULL && b != NULL && i < a->n_values; i++)
		n += (size_t)shape_has(b, a->values[i]);
	return n;
}

/* The member that names most passages; else one with the name of an id. */
static void
look(const struct guess_shapes *s, struct cited *c)
{
	const struct shape *said = &s->said;
	const struct shape_node *n;
	const char *rel;
	size_t i, of_section, of_snippet, most;

	for (i = 0; i < said->n; i++) {
		n = &said->v[i];
		rel = guess_member(c->list->path, n->path);
		if (rel == NULL || (n->texts + n->numbers) * 2 <= n->n)
			continue;
		of_section = shared(n, s->section);
		of_snippet = shared(n, s->snippet);
		most = of_section >= of_snippet ? of_section : of_snippet;
		if (most * 2 > n->n_values && most > c->shared) {
			c->id = n;
			c->shared = most;
			c->is_section = of_section >= of_snippet;
		}
		if (c->id == NULL && *rel == '\0')
			c->id = n;
	}
	if (c->id == NULL)
		c->id = guess_id_member(said, c->list->path,
		    &c->is_section);
}

static int
is_better(const struct cited *a, const struct cited *b)
{
	if (b->id == NULL || (a->shared > 0) != (b->shared > 0))
		return b->id == NULL || a->shared > 0;
	return a->named != 0 && (b->named == 0 || a->named < b->named);
}

struct json *
guess_citations(struct guess *g, struct guess_shapes *s)
{
	struct cited best = { NULL, NULL, 0, 0, 0 }, c;
	size_t n = strlen(s->passages_at), i;
	const char *rel;
	struct json *map;
	char name[64];

	for (i = 0; i < s->said.n; i++) {
		c = (struct cited){ &s->said.v[i], NULL, 0, 1, 0 };
		if (c.list->lists == 0 || c.list == s->passages ||
		    (s->columns && guess_beside(c.list, s->passages)) ||
		    (n > 0 && strncmp(c.list->path, s->passages_at, n) == 0))
			continue;
		guess_name(c.list->path, name, sizeof(name));
		c.named = guess_named(name, cited_names);
		look(s, &c);
		if (c.id != NULL && (c.named > 0 || c.shared >= 3 ||
		    (c.shared == 2 && c.id->n_values == 2)) &&
		    is_better(&c, &best))
			best = c;
	}
	if (best.id == NULL || (map = json_new(JSON_OBJECT)) == NULL)
		return NULL;
	(void)json_set(map, "items", json_new_str(best.list->path));
	rel = guess_member(best.list->path, best.id->path);
	if (*rel != '\0')
		(void)json_set(map, best.is_section ? "section_id" :
		    "snippet_id", json_new_str(rel));
	/* a plain text cites a section: what it names is then one */
	else if (!best.is_section && s->snippet != NULL)
		(void)json_set(json_get(g->extract, "retrieved"),
		    "section_id", json_new_str(s->columns ? s->snippet->path :
		    guess_member(s->passages_at, s->snippet->path)));
	guess_say(g, "citations", best.id->path, best.list->docs,
	    s->said.docs);
	return map;
}
