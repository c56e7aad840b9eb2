/* Fuzzing of the import formats: each reads the input, whatever it is of; as
 * messages of a queue its lines are read, and then again behind the trace that
 * is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/import/import.h"
#include "tests/fuzz/fuzz.h"

struct lines {
	const char *p, *end;
	char *copy;		/* of the line under way: to be its own bytes */
	int64_t n;
	unsigned keeps;
};

static int
next_line(void *ctx, struct import_message *m, struct err *err)
{
	struct lines *l = ctx;
	const char *nl;

	(void)err;
	free(l->copy);
	l->copy = NULL;
	if (l->p >= l->end)
		return IMPORT_END;
	if (l->n % 3 == 2 && l->keeps++ % 2 == 0)
		return IMPORT_KEEP;
	nl = memchr(l->p, '\n', (size_t)(l->end - l->p));
	m->n = (size_t)((nl == NULL ? l->end : nl) - l->p);
	l->copy = malloc(m->n + 1);
	if (l->copy == NULL)
		abort();
	memcpy(l->copy, l->p, m->n);
	m->p = l->copy;
	m->partition = (int32_t)(l->n % 3);
	m->offset = l->n / 3;
	m->at_ns = l->n % 4 == 0 ? -1 : INT64_MAX - 5;
	m->start_ns = l->n % 2 == 0 ? INT64_MAX - 9 : -1;
	l->p += m->n + 1;
	l->n++;
	return IMPORT_MESSAGE;
}

static int
kept(void *ctx, int last, struct err *err)
{
	(void)ctx;
	(void)last;
	(void)err;
	return RC_OK;
}

static void
read_messages(struct import_opts *o, const uint8_t *data, size_t n)
{
	struct lines l;
	struct import_queue q = { .brokers = "h:1", .topic = "t",
		.group = "g", .next = next_line, .kept = kept, .ctx = &l };
	struct import_account account;
	uint64_t written = 0;
	int again;

	o->queue = &q;
	for (again = 0; again < 2; again++) {
		memset(&l, 0, sizeof(l));
		l.p = (const char *)data;
		l.end = l.p + n;
		if (import_run(o, NULL, 0, &account, NULL) != RC_OK)
			abort();
		if (again ? account.written != 0 || account.again < written :
		    account.again != 0)
			abort();
		written = account.written;
		free(l.copy);
	}
	o->queue = NULL;
}

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
		if (strcmp(o.format->name, "kafka") == 0)
			read_messages(&o, data, n);
		else
			(void)import_run(&o, paths, 1, &account, NULL);
	}
	(void)unlink(out);
	(void)close(fd);
	return 0;
}
