/* The passages of the worst cases, whose texts are kept; see cause_part.h. */
#include <string.h>

#include "harness/judge/cause_part.h"

static size_t
passages(const struct result_side *s)
{
	const char *p = s->retrieved;
	size_t n = p != NULL && *p != '\0';

	for (; p != NULL && (p = strchr(p, ',')) != NULL; p++)
		n++;
	return n;
}

/* The id of "id: first words". */
static int
same_id(const char *a, const char *b)
{
	size_t n = a == NULL ? 0 : strcspn(a, ":");

	return n > 0 && b != NULL && strcspn(b, ":") == n &&
	    strncmp(a, b, n) == 0;
}

/* How many of the worst have this passage first on an arm. */
static size_t
with_top(const struct result *r, int arm, const char *top)
{
	size_t i, n = 0;

	for (i = 0; i < r->n_worst; i++)
		n += r->worst_sides[i] != NULL &&
		    same_id(r->worst_sides[i][arm].top, top);
	return n;
}

/* Takes the next of "a, b, c"; returns its length, 0 at the end. */
static size_t
next_id(const char **list, const char **id)
{
	size_t n;

	*id = *list;
	n = strcspn(*list, ",");
	*list += n;
	*list += strspn(*list, ", ");
	return n;
}

static int
has_id(const char *list, const char *id, size_t n)
{
	const char *other;
	size_t m;

	while ((m = next_id(&list, &other)) > 0) {
		if (m == n && memcmp(other, id, n) == 0)
			return 1;
	}
	return 0;
}

/* Whether the candidate's list is the baseline's without its first passage, and
 * perhaps others, and with new ones behind. *left  how many stayed */
static int
is_thinned(const struct result_side *s, size_t *left)
{
	const char *old = s[0].retrieved, *now = s[1].retrieved, *a, *b;
	const char *all = now;
	size_t n, i;

	*left = 0;
	for (i = 0; old != NULL && now != NULL &&
	    (n = next_id(&old, &a)) > 0; i++) {
		if (!has_id(all, a, n))
			continue;
		if (i == 0 || next_id(&now, &b) != n || memcmp(a, b, n) != 0)
			return 0;
		++*left;
	}
	return i > 0 && all != NULL && *all != '\0';
}

void
cause_worst(struct evidence *e)
{
	const struct result *r = e->r;
	const struct result_side *s;
	size_t i, n;

	for (i = 0; i < r->n_worst; i++) {
		s = r->worst_sides[i];
		if (s == NULL)
			continue;
		e->seen++;
		/* a service that failed says nothing of its index */
		e->none += passages(&s[0]) > 0 && passages(&s[1]) == 0 &&
		    s[1].said == NULL;
		e->lists += passages(&s[0]) > 0 && passages(&s[1]) > 0;
		if (s[1].lost != NULL && e->gone++ == 0)
			e->first_gone = s[1].lost;
		e->fewer += passages(&s[1]) > 0 &&
		    passages(&s[1]) < passages(&s[0]);
		if (is_thinned(s, &n)) {
			e->thinned++;
			e->left += n > 0;
		}
		n = with_top(r, 1, s[1].top);
		if (n >= 3 && n > e->same_top &&
		    with_top(r, 0, s[1].top) * 2 < n) {
			e->same_top = n;
			e->top = result_fmt(e->r, "%.*s",
			    (int)strcspn(s[1].top, ":"), s[1].top);
		}
	}
	/* most of them, or it is what these questions have in common */
	if (e->same_top * 3 < e->seen * 2)
		e->same_top = 0;
}
