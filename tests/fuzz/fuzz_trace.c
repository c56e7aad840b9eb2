/*
 * Fuzzing of what reads traces: the frame layout, the reader, the parser of
 * exchanges, and mending.  libFuzzer's entry point; without libFuzzer, main()
 * replays the files it is given (-DFUZZ_REPLAY).
 */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/traffic/trace_cut.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A line: parsed, peeked at, moved in time, and written again. */
static void
try_line(struct exchange_rec *rec, const char *line, size_t n)
{
	struct exchange ex, again;
	struct exchange_rec *rec2;
	struct buf b, moved;
	int rc;

	rc = exchange_peek(rec, line, n, &ex, NULL);
	(void)rc;
	rc = exchange_parse(rec, line, n, &ex, NULL);
	buf_init(&moved, 1 << 24);
	(void)exchange_shift(&moved, line, n, 1000, NULL);
	if (rc == 1) {
		/* What was read can be written, and reads the same. */
		rec2 = exchange_rec_new();
		buf_init(&b, 1 << 26);
		exchange_write(&b, &ex);
		assert(b.bad == RC_OK);
		rc = exchange_parse(rec2, b.p, b.len, &again, NULL);
		assert(rc == 1);
		assert(again.outcome == ex.outcome);
		assert(again.n_req_headers == ex.n_req_headers);
		assert(again.req_body.n == ex.req_body.n);
		buf_fini(&b);
		exchange_rec_free(rec2);
	}
	buf_fini(&moved);
}

static uint64_t
read_trace(const char *path, int threads)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct trace_reader *r;
	struct trace_rec line;
	struct trace_info info;
	uint64_t n = 0;
	int rc;

	if (trace_reader_open(path, threads, &r, NULL) == RC_OK) {
		while ((rc = trace_next(r, &line, NULL)) == 1 ||
		    rc == RC_FORMAT) {
			if (rc == 1)
				try_line(rec, line.line, line.n);
			n += rc == 1;
		}
		trace_reader_info(r, &info);
		trace_reader_close(&r);
	}
	exchange_rec_free(rec);
	return n;
}

/* Of the encrypted seed: a copy that is changed is opened, too. */
static void
use_key(const uint8_t *data, size_t n)
{
	struct seal_key k;

	trace_key_use(NULL);
	if (!seal_is(data, n))
		return;
	if (seal_key_load("fixtures/traces/sealed.key", &k, NULL) == RC_OK)
		trace_key_use(&k);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char path[64], out[64];
	struct trace_repair rep;
	struct trace_info info;
	struct trace_reader *r;
	int fd = memfd_create("trace", 0);

	use_key(data, n);
	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	(void)snprintf(out, sizeof(out), "/tmp/lockstep-fuzz.%d",
	    (int)getpid());
	(void)read_trace(path, 1 + (n & 1));
	(void)unlink(out);
	/* Whatever came in, what mending makes of it is sound. */
	if (trace_repair(path, out, &rep, NULL) == RC_OK) {
		(void)read_trace(out, 1);
		if (trace_reader_open(out, 1, &r, NULL) != RC_OK) {
			/* a head of a later version is kept as it is */
			(void)unlink(out);
			(void)close(fd);
			return 0;
		}
		trace_reader_info(r, &info);
		assert(info.table && !info.torn);
		trace_reader_close(&r);
	}
	(void)unlink(out);
	(void)close(fd);
	return 0;
}

#ifdef FUZZ_REPLAY
int
main(int argc, char **argv)
{
	static uint8_t data[1 << 20];
	FILE *f;
	int i;

	for (i = 1; i < argc; i++) {
		f = fopen(argv[i], "rb");
		if (f == NULL)
			continue;
		(void)LLVMFuzzerTestOneInput(data, fread(data, 1,
		    sizeof(data), f));
		(void)fclose(f);
	}
	return 0;
}
#endif
