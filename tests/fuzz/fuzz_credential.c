/*
 * Fuzzes what keeps credentials off the disk: names, values, addresses and
 * bodies. What is counted in a body is what is replaced, its length stays,
 * and a text in which nothing is replaced comes out as it went in.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "harness/traffic/credential.h"

static void
body(const char *p, size_t n)
{
	static struct credential_known known;
	char *copy = malloc(n + 1);
	size_t found;

	if (copy == NULL)
		return;
	memcpy(copy, p, n);
	found = credential_body(p, n, NULL, NULL);
	if (credential_body(p, n, NULL, &known) != found ||
	    credential_body(p, n, NULL, &known) != found ||
	    credential_body(p, n, copy, NULL) != found ||
	    (found == 0 && memcmp(copy, p, n) != 0))
		abort();
	free(copy);
}

static void
text(const char *s)
{
	struct buf b;

	buf_init(&b, 16 << 20);
	if (!credential_text(&b, s) && b.bad == RC_OK &&
	    strcmp(buf_str(&b), s) != 0)
		abort();
	buf_reset(&b);
	if (!credential_pairs(&b, s) && b.bad == RC_OK &&
	    strcmp(buf_str(&b), s) != 0)
		abort();
	buf_reset(&b);
	if (!credential_query(&b, s) && b.bad == RC_OK &&
	    strcmp(buf_str(&b), s) != 0)
		abort();
	buf_reset(&b);
	credential_target(&b, s);
	buf_fini(&b);
	(void)credential_header(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *s = malloc(n + 1);

	if (s == NULL)
		return 0;
	memcpy(s, data, n);
	s[n] = '\0';
	body(s, n);
	(void)credential_value(s, n);
	text(s);
	free(s);
	return 0;
}
