/*
 * Fuzzes the files of lines that stand beside a suite: the first byte chooses
 * gold cases, sections or acceptances, the rest is the file.
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/suite/accept.h"
#include "harness/suite/caseset_part.h"
#include "harness/suite/sections.h"

static void
gold(const char *p, size_t n)
{
	struct err err = ERR_INIT;
	struct gold g;
	const char *end;

	gold_init(&g);
	for (; n > 0; n -= (size_t)(end - p), p = end) {
		end = memchr(p, '\n', n);
		end = end == NULL ? p + n : end + 1;
		if (gold_parse(&g, p, (size_t)(end - p), "fuzz", &err) ==
		    RC_OK && (g.id == NULL || g.question == NULL))
			abort();
	}
	gold_fini(&g);
}

static void
sections(const char *path)
{
	struct err err = ERR_INIT;
	struct sections *s = NULL;
	size_t i;

	if (sections_open(path, &s, &err) != RC_OK)
		return;
	for (i = 0; i < sections_n(s); i++) {
		const struct section *x = sections_at(s, i);

		if (sections_find(s, x->id) != x)
			abort();
	}
	sections_close(&s);
}

static void
acceptances(const char *suite)
{
	struct err err = ERR_INIT;
	struct accepted *a = NULL;
	size_t i;

	if (accepted_open(suite, &a, &err) != RC_OK)
		return;
	for (i = 0; i < accepted_n(a); i++) {
		if (accepted_find(a, accepted_at(a, i)->id) == NULL)
			abort();
	}
	accepted_free(a);
}

/* An acceptance is found beside its suite. */
static void
beside(const char *p, size_t n, void (*fn)(const char *suite))
{
	char dir[] = "/tmp/fuzz_lines.XXXXXX", suite[64], path[80];
	FILE *f;

	if (mkdtemp(dir) == NULL)
		abort();
	(void)snprintf(suite, sizeof(suite), "%s/s.yml", dir);
	(void)snprintf(path, sizeof(path), "%s/s.accepted.jsonl", dir);
	f = fopen(path, "wb");
	if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		abort();
	fn(suite);
	(void)unlink(path);
	(void)rmdir(dir);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = (const char *)data + 1;
	char path[64];
	int fd;

	if (n < 2)
		return 0;
	n--;
	if (data[0] % 3 == 0) {
		gold(p, n);
	} else if (data[0] % 3 == 1) {
		fd = memfd_create("sections", MFD_CLOEXEC);
		if (fd < 0 || write(fd, p, n) != (ssize_t)n)
			abort();
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		sections(path);
		(void)close(fd);
	} else {
		beside(p, n, acceptances);
	}
	return 0;
}
