/* Groups of questions as proposed gold; see cmd_cases_part.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/cmd/cmd_cases_part.h"

enum { PARAPHRASES = 5, SECTIONS = 3 };

/* The votes of all wordings of a group. */
struct tally {
	const char *id[64];
	uint64_t n[64];
	size_t len;
};

static void
count_votes(const struct asked_set *s, const struct group *g,
    struct tally *t)
{
	size_t i, k, m;

	t->len = 0;
	for (i = 0; i < s->n; i++) {
		if (s->v[i].leader != g->leader)
			continue;
		for (k = 0; k < VOTES_MAX && s->v[i].vote[k].id != NULL; k++) {
			for (m = 0; m < t->len && strcmp(t->id[m],
			    s->v[i].vote[k].id) != 0; m++)
				;
			if (m == 64)
				continue;
			if (m == t->len) {
				t->id[t->len] = s->v[i].vote[k].id;
				t->n[t->len++] = 0;
			}
			t->n[m] += s->v[i].vote[k].n;
		}
	}
}

/* Sections that most of the group's answers use. */
static void
put_sections(const struct asked_set *s, const struct group *g,
    struct json_out *o)
{
	struct tally t;
	size_t i, n = 0;

	count_votes(s, g, &t);
	for (i = 0; i < t.len && n < SECTIONS; i++) {
		if (t.n[i] * 2 < g->answered)
			continue;
		if (n++ == 0) {
			json_out_key(o, "section_ids");
			json_out_arr(o);
		}
		json_out_str(o, t.id[i]);
	}
	if (n > 0)
		json_out_end(o, ']');
}

static void
put_wordings(const struct asked_set *s, const struct group *g,
    struct json_out *o)
{
	size_t i, n = 0;

	for (i = 0; i < s->n && n < PARAPHRASES; i++) {
		if (s->v[i].leader != g->leader || i == g->leader)
			continue;
		if (n++ == 0) {
			json_out_key(o, "paraphrases");
			json_out_arr(o);
		}
		json_out_strn(o, s->v[i].text, s->v[i].n);
	}
	if (n > 0)
		json_out_end(o, ']');
}

static const struct asked *
answered(const struct asked_set *s, const struct group *g)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->v[i].leader == g->leader && s->v[i].answer != NULL)
			return &s->v[i];
	}
	return NULL;
}

int
cases_declined(const struct group *g)
{
	return g->declined * 2 > g->count;
}

void
cases_gold(const struct asked_set *s, const struct group *g, size_t number,
    uint64_t all, struct buf *out)
{
	const struct asked *lead = &s->v[g->leader];
	const struct asked *a = answered(s, g);
	struct json_out o;
	char id[32];

	(void)snprintf(id, sizeof(id), "q%03zu", number);
	json_out_init(&o, out, 0);
	json_out_obj(&o);
	json_put_str(&o, "id", id);
	json_out_key(&o, "question");
	json_out_strn(&o, lead->text, lead->n);
	put_wordings(s, g, &o);
	if (cases_declined(g)) {
		json_put_bool(&o, "unanswerable", 1);
	} else {
		put_sections(s, g, &o);
		if (a != NULL) {
			json_out_key(&o, "answers");
			json_out_arr(&o);
			json_out_strn(&o, a->answer, a->answer_n);
			json_out_end(&o, ']');
		}
	}
	json_put_bool(&o, "proposed", 1);
	json_out_key(&o, "tags");
	json_out_obj(&o);
	json_put_int(&o, "asked", (int64_t)g->count);
	json_put_num(&o, "share", round((double)g->count / (double)all * 1e4) /
	    1e4);
	json_put_num(&o, "spread", round(g->spread * 1e3) / 1e3);
	json_out_end(&o, '}');
	json_put_str(&o, "recorded", lead->id);
	json_out_end(&o, '}');
	if (lead->members != NULL && out->bad == RC_OK) {
		out->len--;
		buf_puts(out, lead->members);
		buf_putc(out, '}');
	}
	buf_putc(out, '\n');
}
