/* A result of more cases than are kept in memory. */
#ifndef LOCKSTEP_TESTS_MANY_H
#define LOCKSTEP_TESTS_MANY_H

#include "harness/result/result.h"
#include "tests/lib/check.h"

enum { MANY = 20000 };	/* more than a spool keeps in memory */

static void
many_case(struct result_case *c, size_t i, char id[24], char text[600])
{
	static const char *why[3] = { "one", "", "three" };

	(void)snprintf(id, 24, "c%zu", i);
	(void)snprintf(text, 600, "%*zu", (int)(i % 500), i);
	result_case_init(c);
	c->id = id;
	c->question = text;
	c->verdict = (enum case_verdict)(i % CASE_V_N);
	c->critical = i % 3 == 0;
	c->m[0][i % METRIC_N] = (float)i;
	c->m[1][METRIC_N - 1] = INFINITY;
	c->drift = i % 2 == 0 ? (float)i / 7 : NAN;
	c->expected = i % 4 == 0 ? text : NULL;
	c->why = why;
	c->n_why = i % 4;
	c->has_sides = i % 1000 == 7;
	c->side[1].answer = text;
}

static struct result *
many(void)
{
	struct result *r = result_new();
	struct result_case c;
	char id[24], text[600];
	size_t i;

	for (i = 0; i < MANY; i++) {
		many_case(&c, i, id, text);
		assert_int_equal(result_case_add(r, &c, NULL), RC_OK);
	}
	return r;
}

#endif
