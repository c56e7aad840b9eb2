/*
 * Fuzzing of what `init --trace` finds out about a service: lines of a trace,
 * as many as there are.  Whatever it proposes is an extraction that a suite
 * takes.
 */
#include <assert.h>
#include <string.h>

#include "harness/suite/guess.h"
#include "harness/traffic/extract.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = (const char *)data, *end = p + n, *nl;
	struct extract_spec *spec;
	struct guess g;

	guess_init(&g);
	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl == NULL ? end : nl;
		(void)guess_add(&g, p, (size_t)(nl - p), NULL);
	}
	if (guess_make(&g, NULL) == RC_OK && g.extract != NULL) {
		spec = extract_new(g.extract, NULL);
		assert(spec != NULL);
		extract_free(spec);
	}
	assert(g.n_notes <= GUESS_NOTES_MAX);
	guess_fini(&g);
	return 0;
}
