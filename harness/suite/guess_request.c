/* How a service is asked; see guess_part.h. */
#include <stdio.h>
#include <string.h>

#include "harness/suite/guess_part.h"
#include "harness/suite/question.h"

/* Pointers that stand for a question where no usual name does. */
static double
score(const struct guess_shapes *s, const struct shape_node *n)
{
	if (n->texts * 10 < n->n * 9 || n->docs * 10 < s->asked.docs * 9 ||
	    strstr(n->path, "/*") != NULL || n->spaced * 2 < n->texts ||
	    n->urls > 0)
		return 0;
	return (double)n->n_values + (double)n->bytes / (double)n->texts /
	    1000;
}

static void
find_pointer(struct guess *g, struct guess_shapes *s)
{
	const struct shape_node *best = NULL;
	double most = 0, v;
	size_t i;

	for (i = 0; i < s->asked.n; i++) {
		v = score(s, &s->asked.v[i]);
		if (v > most) {
			most = v;
			best = &s->asked.v[i];
		}
	}
	if (best == NULL)
		return;
	(void)snprintf(g->question, sizeof(g->question), "%s", best->path);
	g->questions = best->docs;
	(void)json_set(g->extract, "question", json_new_str(best->path));
	guess_say(g, "question", best->path, best->docs, s->asked.docs);
}

/* ---- the template ---- */

/* The body with its question as a placeholder, and the seed. *odd: it holds
 * what a template would take for one. */
static void
write_template(const struct json *j, const char *question,
    struct json_out *o, int *odd)
{
	const char *text = json_str(j);
	const struct json *m;

	if (text != NULL && text == question) {
		json_out_str(o, "{{question}}");
		return;
	}
	if (json_kind(j) == JSON_OBJECT || json_kind(j) == JSON_ARRAY) {
		if (json_kind(j) == JSON_OBJECT)
			json_out_obj(o);
		else
			json_out_arr(o);
		for (m = json_first(j); m != NULL; m = json_next(m)) {
			if (json_kind(j) == JSON_OBJECT)
				json_out_key(o, json_key(m));
			write_template(m, question, o, odd);
		}
		json_out_end(o, json_kind(j) == JSON_OBJECT ? '}' : ']');
		return;
	}
	if (json_kind(j) == JSON_NUMBER && json_key(j) != NULL &&
	    strcmp(json_key(j), "seed") == 0) {
		json_out_str(o, "{{seed}}");
		return;
	}
	*odd |= text != NULL && (strstr(text, "{{") != NULL ||
	    strstr(text, "${") != NULL);
	json_out_json(o, j);
}

/* Names the members that differ from those of the first template. */
static void
compare(struct guess *g, const struct json *a, const struct json *b)
{
	const struct json *m, *was;
	size_t n = strlen(g->varies);
	char word[128];

	for (m = json_first(b); m != NULL; m = json_next(m)) {
		was = json_get(a, json_key(m));
		if (was != NULL && json_equal(was, m))
			continue;
		(void)snprintf(word, sizeof(word), "%.100s", json_key(m));
		if (strstr(g->varies, word) == NULL)
			n += (size_t)snprintf(g->varies + n,
			    sizeof(g->varies) - n, "%s%s", n > 0 ? ", " : "",
			    word);
		if (n >= sizeof(g->varies))
			return;
	}
	if (*g->varies == '\0' && !json_equal(a, b))
		(void)snprintf(g->varies, sizeof(g->varies), "members");
}

struct look {
	struct guess *g;
	struct question_reader reader;
	struct extract_spec *spec;
	struct buf text;
	struct json *first;	/* the first template */
	size_t bodies;
	int odd;
};

static void
look_at(struct look *l, const struct exchange *ex)
{
	struct json_out o;
	struct json *body, *t;
	const char *q;
	size_t n;

	q = question_of(&l->reader, l->spec, ex, &body, &n);
	l->g->questions += q != NULL;
	if (json_kind(body) == JSON_OBJECT && q != NULL) {
		l->bodies++;
		buf_reset(&l->text);
		json_out_init(&o, &l->text, 0);
		write_template(body, q, &o, &l->odd);
		t = json_parse(buf_str(&l->text), l->text.len, NULL);
		if (l->first == NULL) {
			l->first = t;
		} else {
			compare(l->g, l->first, t);
			json_free(t);
		}
	}
	json_free(body);
}

static int
look_at_all(struct look *l, struct err *err)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct json *said = json_new(JSON_OBJECT);
	struct exchange ex;
	size_t i;
	int rc;

	if (*l->g->question != '\0')
		(void)json_set(said, "question",
		    json_new_str(l->g->question));
	l->spec = extract_new(said, err);
	json_free(said);
	l->g->questions = 0;
	for (i = 0; rec != NULL && l->spec != NULL && i < l->g->n; i++) {
		if (exchange_parse(rec, l->g->line[i].p, l->g->line[i].n, &ex,
		    NULL) == 1)
			look_at(l, &ex);
	}
	rc = l->spec == NULL ? (int)err->code : rec == NULL ?
	    err_set(err, RC_NOMEM, "out of memory") : RC_OK;
	extract_free(l->spec);
	l->spec = NULL;
	exchange_rec_free(rec);
	return rc;
}

int
guess_request(struct guess *g, struct guess_shapes *s, struct err *err)
{
	struct look l = { .g = g };
	int rc;

	question_reader_init(&l.reader);
	buf_init(&l.text, GUESS_LINE_MAX);
	rc = look_at_all(&l, err);
	if (rc == RC_OK && g->questions * 2 < g->n && s->asked.docs > 0) {
		find_pointer(g, s);
		json_free(l.first);
		l.first = NULL;
		g->varies[0] = '\0';
		if (*g->question != '\0')
			rc = look_at_all(&l, err);
	}
	/* the request sent must equal the recorded one, except the question */
	if (rc == RC_OK && l.bodies > 0 && *g->varies == '\0' && !l.odd) {
		g->body = l.first;
		l.first = NULL;
	}
	json_free(l.first);
	buf_fini(&l.text);
	question_reader_fini(&l.reader);
	return rc;
}
