/* The demo stack as a function; see stack.h. */
#include "tests/bench/verdict/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixtures/ragstack/route.h"

enum { WORDS_MAX = 40 };

struct bench_stack {
	struct stack s;
	struct response last;
	char words[1024];	/* options point into it */
	char sections[512], gold[512];
};

struct bench_stack *
bench_stack_new(const char *sections, const char *gold, const char *options)
{
	/* the documents' older editions are cut at the start or never */
	static char name[] = "ragstack", of_sections[] = "--sections",
	    of_gold[] = "--gold", old[] = "--fault=stale=0";
	struct bench_stack *b = calloc(1, sizeof(*b));
	char *argv[WORDS_MAX] = { name, of_sections, NULL, of_gold, NULL,
		old };
	char why[256], *save = NULL, *word;
	struct options o;
	int argc = 6;

	if (b == NULL)
		return NULL;
	(void)snprintf(b->sections, sizeof(b->sections), "%s", sections);
	(void)snprintf(b->gold, sizeof(b->gold), "%s", gold);
	(void)snprintf(b->words, sizeof(b->words), "%s", options);
	argv[2] = b->sections;
	argv[4] = b->gold;
	for (word = strtok_r(b->words, " ", &save); word != NULL &&
	    argc < WORDS_MAX; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	if (options_parse(&o, argc, argv) != -1) {
		free(b);
		return NULL;
	}
	if (stack_init(&b->s, &o, why, sizeof(why)) != 0) {
		(void)fprintf(stderr, "ragstack: %s\n", why);
		free(b);
		return NULL;
	}
	(void)bench_stack_fault(b, NULL);
	return b;
}

void
bench_stack_free(struct bench_stack *b)
{
	if (b == NULL)
		return;
	response_free(&b->last);
	stack_fini(&b->s);
	free(b);
}

int
bench_stack_fault(struct bench_stack *b, const char *fault)
{
	char why[256];

	memset(&b->s.o.faults, 0, sizeof(b->s.o.faults));
	if (fault == NULL ||
	    fault_plant(&b->s.o.faults, fault, why, sizeof(why)) == 0)
		return 0;
	(void)fprintf(stderr, "ragstack: %s\n", why);
	return -1;
}

void
bench_stack_reseed(struct bench_stack *b, uint64_t seed)
{
	stack_reseed(&b->s, seed);
}

void
bench_stack_ask(struct bench_stack *b, const char *path, const char *body,
    size_t n, struct bench_answer *out)
{
	struct demand d = { .method = "POST", .path = path, .body = body,
		.body_n = n };

	response_free(&b->last);
	route(&b->s, &d, &b->last);
	*out = (struct bench_answer){ b->last.status, b->last.hang,
		b->last.service_ns, b->last.body.p, b->last.body.n };
}
