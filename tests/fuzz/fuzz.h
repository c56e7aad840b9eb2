/*
 * Fuzzers: libFuzzer's entry point; without libFuzzer (-DFUZZ_REPLAY) a
 * main() that changes seed files at random, the same way every time:
 *
 *	replay_NAME [-n RUNS] SEED_FILE...
 */
#ifndef LOCKSTEP_TESTS_FUZZ_H
#define LOCKSTEP_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#ifdef FUZZ_REPLAY
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/rng.h"

#define FUZZ_SEED_MAX (1u << 20)

/* A few bytes replaced, inserted, removed or repeated. */
static size_t
fuzz_change(uint8_t *p, size_t n, uint64_t run)
{
	static const char *const words[] = { "-1", "1e9", "999999999999",
	    "null", "[[[[", "}", "\"\"", "\xFF", "0.5", "{}" };
	size_t changes = 1 + rng_below(1, run, 0, 6), i, at, len;
	uint64_t c = 1;

	for (i = 0; i < changes && n > 0; i++) {
		at = (size_t)rng_below(1, run, c++, n);
		switch (rng_below(1, run, c++, 4)) {
		case 0:
			p[at] = (uint8_t)rng_below(1, run, c++, 256);
			break;
		case 1:
			p[at] ^= (uint8_t)(1 << rng_below(1, run, c++, 8));
			break;
		case 2:
			n = rng_below(1, run, c++, 8) ? n : at;
			break;
		default:
			len = (size_t)rng_below(1, run, c++, 10);
			memcpy(p + at, words[len], strlen(words[len]) <
			    n - at ? strlen(words[len]) : n - at);
			break;
		}
	}
	return n;
}

static size_t
fuzz_read(const char *path, uint8_t *p)
{
	FILE *f = fopen(path, "rb");
	size_t n = f == NULL ? 0 : fread(p, 1, FUZZ_SEED_MAX, f);

	if (f != NULL)
		(void)fclose(f);
	return n;
}

int
main(int argc, char **argv)
{
	uint64_t runs = 10000, run;
	uint8_t *seed = malloc(FUZZ_SEED_MAX), *copy;
	int i = 1;

	if (argc > 2 && strcmp(argv[1], "-n") == 0) {
		runs = strtoull(argv[2], NULL, 10);
		i = 3;
	}
	for (; seed != NULL && i < argc; i++) {
		size_t n = fuzz_read(argv[i], seed);

		(void)LLVMFuzzerTestOneInput(seed, n);
		for (run = 0; run < runs; run++) {
			copy = malloc(n + 1);
			if (copy == NULL)
				return 2;
			memcpy(copy, seed, n);
			(void)LLVMFuzzerTestOneInput(copy,
			    fuzz_change(copy, n, run));
			free(copy);
		}
	}
	free(seed);
	return 0;
}
#endif

#endif
