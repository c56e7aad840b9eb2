/* What `check` says about the cases of a suite; see cmd_check_gold.h. */
#include "harness/cmd/cmd_check_gold.h"

#include <string.h>

#include "harness/suite/key_check.h"

enum { NAMES_SHOWN = 8, NAMES_KEPT = 1000 };

int
check_gold_init(struct check_gold *g, struct err *err)
{
	g->n_lost = g->n_proposed = 0;
	g->own = json_new(JSON_OBJECT);
	g->lost = json_new(JSON_OBJECT);
	return g->own != NULL && g->lost != NULL ? RC_OK :
	    err_set(err, RC_NOMEM, "out of memory");
}

void
check_gold_fini(struct check_gold *g)
{
	json_free(g->own);
	json_free(g->lost);
}

/* Adds a name that is not there yet. */
static int
add_name(struct json *names, const char *name, struct err *err)
{
	if (json_get(names, name) != NULL || json_size(names) >= NAMES_KEPT)
		return RC_OK;
	return json_set(names, name, json_new_bool(1)) == RC_OK ? RC_OK :
	    err_set(err, RC_NOMEM, "out of memory");
}

/* What the program writes of a recorded request, and reads again. */
static int
is_recorded(const char *name)
{
	static const char *const names[] = { "sent", "body", "target",
	    "session", "at" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return 1;
	}
	return 0;
}

int
check_gold_case(struct check_gold *g, const struct gold *c, struct err *err)
{
	const struct json *m;
	const char *name;
	size_t i, n = 0;
	int rc = RC_OK;

	g->n_proposed += (uint64_t)json_get_bool(c->doc, "proposed", 0);
	for (m = json_first(c->doc); m != NULL && rc == RC_OK;
	    m = json_next(m)) {
		name = key_check_own("@case", m);
		if (name != NULL && !is_recorded(name))
			rc = add_name(g->own, name, err);
	}
	for (i = 0; i < c->section_ids.n && g->sections != NULL &&
	    rc == RC_OK; i++) {
		if (sections_find(g->sections, c->section_ids.v[i]) != NULL)
			continue;
		n++;
		rc = add_name(g->lost, c->section_ids.v[i], err);
	}
	g->n_lost += n > 0;
	return rc;
}

/* "a, b, c and 4 more" of the names that are wanted */
static void
list(const struct json *names, const char *but, struct buf *out)
{
	const struct json *m;
	size_t n = 0;

	for (m = json_first(names); m != NULL; m = json_next(m)) {
		if (but != NULL && strstr(but, json_key(m)) != NULL)
			continue;
		if (n++ < NAMES_SHOWN)
			buf_printf(out, "%s%.80s", out->len > 0 ? ", " : "",
			    json_key(m));
	}
	if (n > NAMES_SHOWN)
		buf_printf(out, " and %zu more", n - NAMES_SHOWN);
}

void
check_gold_notes(const struct check_gold *g, const struct suite *s,
    struct json *notes)
{
	struct buf b, doc, text;

	buf_init(&b, 1 << 20);
	buf_init(&doc, 64 << 20);
	buf_init(&text, 1 << 20);
	json_write(&doc, s->doc);
	list(g->own, buf_str(&doc), &b);
	if (b.len > 0) {
		buf_printf(&text, "cases: unknown members, which nothing "
		    "reads: %s", buf_str(&b));
		(void)json_push(notes, json_new_str(buf_str(&text)));
	}
	buf_reset(&b);
	buf_reset(&text);
	list(g->lost, NULL, &b);
	if (b.len > 0) {
		buf_printf(&text, "cases: %llu expect%s sections that are not "
		    "in %s: %s; coverage of these is judged only where an "
		    "answer names them", (unsigned long long)g->n_lost,
		    g->n_lost == 1 ? "s" : "", s->sections_file,
		    buf_str(&b));
		(void)json_push(notes, json_new_str(buf_str(&text)));
	}
	buf_reset(&text);
	buf_printf(&text, "cases: %llu %s proposed from traffic and not "
	    "checked yet: remove \"proposed\" from those that are "
	    "right", (unsigned long long)g->n_proposed,
	    g->n_proposed == 1 ? "is" : "are");
	if (g->n_proposed > 0)
		(void)json_push(notes, json_new_str(buf_str(&text)));
	buf_fini(&b);
	buf_fini(&doc);
	buf_fini(&text);
}
