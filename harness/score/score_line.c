/* Lines of the trace that wait: those of a case, and of cases asked again; see
 * score_part.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/score/score_part.h"

enum {
	FRESH_N_MAX = 1024,		/* repeats of a case */
	FRESH_BYTES_MAX = 1 << 30	/* lines of all of them */
};

void
score_lines_free(struct score_line *l)
{
	struct score_line *next;

	for (; l != NULL; l = next) {
		next = l->next;
		free(l);
	}
}

struct score_fresh_lines *
score_fresh_new(void)
{
	return calloc(1, sizeof(struct score_fresh_lines));
}

void
score_fresh_free(struct score_fresh_lines *f)
{
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < f->n; i++)
		score_lines_free(f->v[i].lines);
	free(f->v);
	free(f);
}

/* Lines of a case mostly follow one of the same few cases. */
static struct score_fresh_case *
case_at(struct score_fresh_lines *f, uint64_t index)
{
	struct score_fresh_case *v;
	size_t i, cap;

	for (i = 0; i < f->n; i++) {
		if (f->v[i].index == index)
			return &f->v[i];
	}
	if (f->n == f->cap) {
		cap = f->cap == 0 ? 32 : 2 * f->cap;
		v = realloc(f->v, cap * sizeof(*v));
		if (v == NULL)
			return NULL;
		f->v = v;
		f->cap = cap;
	}
	f->v[f->n] = (struct score_fresh_case){ index, NULL };
	return &f->v[f->n++];
}

int
score_fresh_add(struct score_fresh_lines *f, uint64_t case_index,
    const struct exchange *ex, const char *line, size_t n, struct err *err)
{
	struct score_fresh_case *c;
	struct score_line *l;

	if (ex->key.n >= FRESH_N_MAX || ex->key.arm > ARM_CANDIDATE)
		return RC_OK;
	f->bytes += n;
	c = f->bytes > FRESH_BYTES_MAX ? NULL : case_at(f, case_index);
	l = c == NULL ? NULL : malloc(sizeof(*l) + n);
	if (l == NULL)
		return err_set(err, RC_NOMEM, "out of memory for the answers "
		    "that were asked for again");
	l->n = n;
	memcpy(l->p, line, n);
	l->next = c->lines;
	c->lines = l;
	if (ex->key.n >= f->per_case)
		f->per_case = ex->key.n + 1;
	return RC_OK;
}
