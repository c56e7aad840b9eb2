/*
 * What a trace costs, for tests/bench/bench_trace.sh: CPU of this process for
 * writing, reading and redacting what a file of JSON lines holds.
 *
 *	bench_trace write TEXT TRACE	MB/s of text, ratio
 *	bench_trace read TRACE		MB/s of text, one thread
 *	bench_trace redact TEXT		us an exchange, its bytes, us a 2 KB
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/mono.h"
#include "harness/traffic/exchange.h"
#include "harness/traffic/redact.h"
#include "harness/traffic/trace.h"

enum { HEADERS = 64 };

static void
die(const struct err *err)
{
	(void)fprintf(stderr, "bench_trace: %s\n", err->msg);
	exit(2);
}

static char *
load(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *p;

	if (f == NULL || fstat(fileno(f), &st) != 0) {
		perror(path);
		exit(2);
	}
	p = malloc((size_t)st.st_size + 1);
	if (p == NULL)
		exit(2);
	*n = fread(p, 1, (size_t)st.st_size, f);
	(void)fclose(f);
	return p;
}

static double
since(int64_t cpu)
{
	return (double)(mono_cpu_ns() - cpu) / 1e9;
}

static void
do_write(const char *text, const char *trace)
{
	struct trace_opts o = { .kind = "bench" };
	struct trace_writer *w;
	struct err err = ERR_INIT;
	const char *p, *nl;
	struct stat st;
	char *all;
	size_t n;
	int64_t cpu;

	all = load(text, &n);
	cpu = mono_cpu_ns();
	if (trace_writer_open(trace, &o, 1, &w, &err) != RC_OK)
		die(&err);
	for (p = all; p < all + n; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(all + n - p));
		if (nl == NULL)
			break;
		if (trace_write(w, p, (size_t)(nl - p), &err) != RC_OK)
			die(&err);
	}
	if (trace_writer_close(&w, &err) != RC_OK)
		die(&err);
	(void)stat(trace, &st);
	(void)printf("%.0f %.2f\n", (double)n / 1e6 / since(cpu),
	    (double)n / (double)st.st_size);
	free(all);
}

static void
do_read(const char *trace)
{
	struct trace_reader *r;
	struct trace_info info;
	struct trace_rec rec;
	struct err err = ERR_INIT;
	int64_t cpu = mono_cpu_ns();

	if (trace_reader_open(trace, 1, &r, &err) != RC_OK)
		die(&err);
	while (trace_next(r, &rec, &err) == 1)
		continue;
	trace_reader_info(r, &info);
	trace_reader_close(&r);
	if (err.code != RC_OK)
		die(&err);
	(void)printf("%.0f\n", (double)info.bytes_text / 1e6 / since(cpu));
}

/* Redacts one exchange. returns its bytes, 0: it is none */
static size_t
redact_line(struct redact_work *w, struct exchange_rec *rec, const char *p,
    size_t n)
{
	struct ex_header req[HEADERS], res[HEADERS];
	struct exchange ex;
	size_t bytes;

	if (exchange_parse(rec, p, n, &ex, NULL) != 1 ||
	    ex.n_req_headers > HEADERS || ex.n_res_headers > HEADERS)
		return 0;
	bytes = ex.req_body.n + ex.res_body.n;
	if (ex.n_req_headers > 0)
		memcpy(req, ex.req_headers, ex.n_req_headers * sizeof(*req));
	if (ex.n_res_headers > 0)
		memcpy(res, ex.res_headers, ex.n_res_headers * sizeof(*res));
	ex.req_headers = req;
	ex.res_headers = res;
	return redact_exchange(w, &ex, req, res) == RC_OK ? bytes : 0;
}

static void
do_redact(const char *text)
{
	static const char *const rules[] = { "all" };
	struct exchange_rec *rec = exchange_rec_new();
	struct exchange ex;
	struct redact *r;
	struct redact_work *w;
	struct err err = ERR_INIT;
	size_t n, bytes, sum = 0, count = 0;
	const char *p, *nl;
	double with, without;
	int64_t cpu;
	char *all = load(text, &n);

	if (redact_new(rules, 1, NULL, &r, &err) != RC_OK)
		die(&err);
	w = redact_work_new(r);
	if (rec == NULL || w == NULL)
		exit(2);
	cpu = mono_cpu_ns();
	for (p = all; (nl = memchr(p, '\n', (size_t)(all + n - p))) != NULL;
	    p = nl + 1)
		(void)exchange_parse(rec, p, (size_t)(nl - p), &ex, NULL);
	without = since(cpu);
	cpu = mono_cpu_ns();
	for (p = all; (nl = memchr(p, '\n', (size_t)(all + n - p))) != NULL;
	    p = nl + 1) {
		bytes = redact_line(w, rec, p, (size_t)(nl - p));
		sum += bytes;
		count += bytes > 0;
	}
	with = (since(cpu) - without) * 1e6;
	(void)printf("%.1f %.0f %.1f\n", with / (double)count,
	    (double)sum / (double)count, with / (double)sum * 2048);
	redact_work_free(w);
	redact_free(r);
	exchange_rec_free(rec);
	free(all);
}

int
main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "write") == 0)
		do_write(argv[2], argv[3]);
	else if (argc == 3 && strcmp(argv[1], "read") == 0)
		do_read(argv[2]);
	else if (argc == 3 && strcmp(argv[1], "redact") == 0)
		do_redact(argv[2]);
	else
		return 2;
	return 0;
}
