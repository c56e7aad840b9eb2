/*
 * The demo stack as a function, for bench_verdict: what the server would
 * answer, without the server.  Of its own because the names in the stack's
 * headers are also those of the core's.
 */
#ifndef LOCKSTEP_TESTS_VERDICT_STACK_H
#define LOCKSTEP_TESTS_VERDICT_STACK_H

#include <stddef.h>
#include <stdint.h>

struct bench_stack;

/*
 * A stack as `ragstack OPTIONS` would start it.
 * options   blank-separated
 * returns NULL after a line on stderr; caller frees with bench_stack_free()
 */
struct bench_stack *bench_stack_new(const char *sections, const char *gold,
    const char *options);
void bench_stack_free(struct bench_stack *s);

/*
 * Takes out what faults there are and plants one, from the next
 * bench_stack_reseed() on.
 * fault   "missing=.1"; NULL: none
 * returns 0, or -1 after a line on stderr
 */
int bench_stack_fault(struct bench_stack *s, const char *fault);

/* Begins anew with another seed; see stack_reseed(). */
void bench_stack_reseed(struct bench_stack *s, uint64_t seed);

struct bench_answer {
	int status;
	int hang;		/* it is never answered */
	int64_t service_ns;	/* drawn, not slept */
	const char *body;	/* until the next call */
	size_t n;
};

void bench_stack_ask(struct bench_stack *s, const char *path,
    const char *body, size_t n, struct bench_answer *out);

#endif
