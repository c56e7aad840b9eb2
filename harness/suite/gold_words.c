/* The wordings of a case; see caseset.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/suite/caseset_part.h"
#include "harness/suite/perturb.h"

/* ---- wordings ---------------------------------------------------------- */

/* Whether a hash is among n; adds it when it is not. */
static int
met_before(uint64_t *seen, size_t *n, uint64_t h)
{
	size_t i;

	for (i = 0; i < *n; i++) {
		if (seen[i] == h)
			return 1;
	}
	seen[(*n)++] = h;
	return 0;
}

/* The k-th perturbation that is no wording yet; NULL: there are fewer. A text
 * with a NUL is not natural language and stays unchanged. */
static const char *
perturbed(struct gold *g, const struct suite *s, size_t k)
{
	enum { ROUNDS = 4 };
	uint64_t seen[ROUNDS * SUITE_PERTURB_MAX];
	size_t n_seen = 0, i;
	struct buf b;
	uint32_t round;

	if (memchr(g->question, '\0', g->question_n) != NULL)
		return NULL;
	buf_init(&b, CASE_LINE_MAX);
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < s->n_perturb; i++) {
			buf_reset(&b);
			if (!perturb(s->perturb[i], g->question, round, &b) ||
			    met_before(seen, &n_seen, hash_u64(b.p, b.len)) ||
			    k-- > 0)
				continue;
			return gold_keep(g->mem, buf_steal(&b));
		}
	}
	buf_fini(&b);
	return NULL;
}

const char *
gold_wording(struct gold *g, const struct suite *s, uint32_t p, size_t *len,
    int *made)
{
	const struct json *same = json_get(g->doc, "same_answer_questions");
	const char *text;
	size_t k;

	*made = 0;
	*len = g->question_n;
	if (p == 0 || g->no_question)
		return g->question;
	k = p - 1;
	if (k < g->paraphrases.n) {
		*len = g->paraphrases.len[k];
		return g->paraphrases.v[k];
	}
	k -= g->paraphrases.n;
	text = json_text(json_at(same, k), len);
	if (text != NULL)
		return text;
	k -= json_kind(same) == JSON_ARRAY ? json_size(same) : 0;
	text = perturbed(g, s, k);
	*made = text != NULL;
	*len = text != NULL ? strlen(text) : g->question_n;
	return text != NULL ? text : g->question;
}
