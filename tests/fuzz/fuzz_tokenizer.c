/*
 * Fuzzes tokenizer.json and the texts that go through it: the input is the
 * JSON up to the first NUL, then a text.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/meaning/tokenizer.h"
#include "harness/meaning/window.h"

static int
count(void *ctx, uint32_t id)
{
	size_t *n = ctx;

	if (id >= TOKENIZER_IDS_MAX)
		abort();
	return ++*n == 1000;
}

static void
through(const struct tokenizer *t, const char *s, size_t n)
{
	struct tokenizer_scratch *room = tokenizer_scratch_new(t);
	size_t tokens = 0;

	if (room != NULL && text_valid(s, n))
		(void)tokenizer_each(t, room, s, n, count, &tokens);
	tokenizer_scratch_free(room);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char fixed[] = "Caf\xC3\xA9 \xE6\x9D\xB1\xE4\xBA\xAC, "
	    "hello hello!  A \xF0\x9F\x91\x8D \xE2\x96\x81 end";
	const char *p = (const char *)data;
	const char *nul = memchr(p, '\0', n);
	size_t json = nul != NULL ? (size_t)(nul - p) : n;
	struct window_iter it;
	struct embed_str w;
	struct tokenizer *t;

	window_init(&it, p, n);
	while (window_next(&it, &w)) {
		if (w.n == 0 || text_length(w.s, w.n) > WINDOW_CHARS)
			abort();
	}
	if (tokenizer_parse(p, json, &t, NULL) != RC_OK)
		return 0;
	through(t, fixed, sizeof(fixed) - 1);
	if (nul != NULL)
		through(t, nul + 1, n - json - 1);
	tokenizer_close(&t);
	return 0;
}
