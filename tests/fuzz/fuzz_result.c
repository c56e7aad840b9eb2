/*
 * Fuzzes result_read(): what is read can be written, and reading that again
 * gives the same bytes.
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/result/result.h"

enum { BYTES_MAX = 1 << 26 };

static struct result *
read_bytes(const void *p, size_t n, struct err *err)
{
	int fd = memfd_create("report", MFD_CLOEXEC);
	struct result *r = NULL;
	char path[64];
	int rc;

	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = result_read(path, &r, err);
	if ((rc == RC_OK) != (r != NULL) || (rc == RC_OK) == (*err->msg != 0))
		abort();
	(void)close(fd);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct err err = ERR_INIT, again = ERR_INIT;
	struct result *r = read_bytes(data, n, &err), *back;
	struct buf a, b;

	if (r == NULL)
		return 0;
	buf_init(&a, BYTES_MAX);
	buf_init(&b, BYTES_MAX);
	result_write_json(r, &a);
	back = read_bytes(a.p, a.len, &again);
	if (back == NULL)
		abort();
	result_write_json(back, &b);
	if (a.len != b.len || memcmp(a.p, b.p, a.len) != 0)
		abort();
	buf_fini(&a);
	buf_fini(&b);
	result_free(back);
	result_free(r);
	return 0;
}
