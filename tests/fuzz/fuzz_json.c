/*
 * Fuzzes JSON: what is read, written, read again and compared; and, up to the
 * first NUL, a patch over the text behind it.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/jscan.h"
#include "harness/base/utf8.h"

static void
must(int holds)
{
	if (!holds)
		abort();
}

/* The scanner, which leaves a byte order mark to others. */
static int
skips(const char *text, size_t n)
{
	struct jscan s;
	int mark = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;

	jscan_init(&s, text + 3 * mark, n - 3 * (size_t)mark);
	jscan_skip(&s);
	return jscan_end(&s);
}

/* returns the value, or NULL */
static struct json *
read_all_ways(const char *text, size_t n)
{
	struct json_doc *d = json_doc_new();
	struct err err = ERR_INIT;
	struct json *tree = json_parse(text, n, &err);
	const struct json *doc = json_doc_parse(d, text, n, NULL);

	must((tree != NULL) == (err.code == RC_OK));
	must((tree != NULL) == (doc != NULL));
	must((tree != NULL) == (skips(text, n) != 0));
	if (tree != NULL)
		must(json_equal(tree, doc));
	json_doc_free(d);
	return tree;
}

/* What is not UTF-8 is written as U+FFFD, which may make two keys one. */
static int
is_utf8(const char *s, size_t n)
{
	size_t k = 1;

	for (; n > 0 && k > 0; n -= k) {
		k = utf8_len(s, n);
		s += k;
	}
	return n == 0;
}

static void
write_and_read(const struct json *tree, int exact)
{
	struct json *again, *copy = json_copy(tree);
	const char *in;
	struct buf a, b;

	buf_init(&a, 1 << 26);
	buf_init(&b, 1 << 26);
	json_write(&a, tree);
	again = json_parse(buf_str(&a), a.len, NULL);
	must(again != NULL);
	json_write(&b, again);
	if (exact) {
		must(json_twice(again, &in) == NULL && json_equal(again, tree));
		must(a.len == b.len && memcmp(a.p, b.p, a.len) == 0);
	}
	must(json_equal(copy, tree) && json_equal(tree, copy));
	json_free(again);
	json_free(copy);
	buf_fini(&a);
	buf_fini(&b);
}

static void
patch(const char *text, size_t n, const struct json *by, int exact)
{
	struct json *is = json_parse(text, n, NULL), *now, *want;
	struct buf b;
	int rc;

	buf_init(&b, 1 << 26);
	rc = json_patch(&b, text, n, by, NULL);
	must((rc == RC_OK) == (is != NULL));
	now = rc == RC_OK ? json_parse(b.p, b.len, NULL) : NULL;
	must(rc != RC_OK || now != NULL);
	/* the same over a tree */
	want = exact && json_kind(is) == JSON_OBJECT &&
	    json_kind(by) == JSON_OBJECT ? json_copy(is) : NULL;
	if (want != NULL) {
		must(json_merge(want, by) == RC_OK);
		must(json_equal(now, want));
	}
	json_free(is);
	json_free(now);
	json_free(want);
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data;
	const char *nul = memchr(text, '\0', n);
	size_t first = nul == NULL ? n : (size_t)(nul - text);
	struct json *tree = read_all_ways(text, first);
	int exact = is_utf8(text, first);

	if (tree != NULL) {
		write_and_read(tree, exact);
		if (nul != NULL)
			patch(nul + 1, n - first - 1, tree, exact);
	}
	json_free(tree);
	return 0;
}
