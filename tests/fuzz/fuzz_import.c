/* Fuzzing of the import formats: each reads the input, whatever it is of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/import/import.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct import_account account;
	struct import_opts o = { .sample = 1, .map = { .docs = "/docs" } };
	char in[64], out[80];
	const char *paths[1] = { in };
	size_t i;
	int fd = memfd_create("import", 0);

	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		abort();
	(void)snprintf(in, sizeof(in), "/proc/self/fd/%d", fd);
	(void)snprintf(out, sizeof(out), "%s/fuzz-import.%d.zst",
	    access("/dev/shm", W_OK) == 0 ?
	    "/dev/shm" : "/tmp", (int)getpid());
	o.out = out;
	for (i = 0; import_formats[i] != NULL; i++) {
		o.format = import_formats[i];
		(void)unlink(out);
		(void)import_run(&o, paths, 1, &account, NULL);
	}
	(void)unlink(out);
	(void)close(fd);
	return 0;
}
