/* Traces in a folder of their own. */
#ifndef LOCKSTEP_TRACE_FILES_H
#define LOCKSTEP_TRACE_FILES_H

#include "tests/lib/folder.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "harness/traffic/trace.h"

static int gaps;	/* what was mended may lack some */

static inline void
put(struct trace_writer *w, int i, size_t pad)
{
	struct exchange ex;
	struct err err = ERR_INIT;
	struct buf b;
	char id[32];
	char *body = malloc(pad + 1);
	size_t k;

	assert_non_null(body);
	for (k = 0; k < pad; k++)
		body[k] = (char)('a' + (k * (size_t)(i + 7) * 2654435761u >>
		    13) % 26);
	exchange_init(&ex);
	(void)snprintf(id, sizeof(id), "id-%d", i);
	ex.id = id;
	ex.sent_ns = i;
	ex.req_body.p = body;
	ex.req_body.n = pad;
	buf_init(&b, TRACE_LINE_MAX);
	exchange_write(&b, &ex);
	if (trace_write(w, b.p, b.len, &err) != RC_OK)
		fail_msg("%s", err.msg);
	buf_fini(&b);
	free(body);
}

static inline struct trace_writer *
create(const char *path, size_t frame)
{
	struct trace_opts o = { .kind = "test", .frame_bytes = frame };
	struct trace_writer *w;
	struct err err = ERR_INIT;

	if (trace_writer_open(path, &o, 1, &w, &err) != RC_OK)
		fail_msg("%s", err.msg);
	return w;
}

static inline void
finish(struct trace_writer *w)
{
	struct err err = ERR_INIT;

	if (trace_writer_close(&w, &err) != RC_OK)
		fail_msg("%s", err.msg);
	assert_null(w);
}

/* Reads all; exchanges must be id-0, id-1, ... but for a gap that damage
 * leaves. returns their number */
static inline int
read_all(const char *path, int threads, struct trace_info *info, int *damage)
{
	struct trace_reader *r;
	struct exchange_rec *rec = exchange_rec_new();
	struct exchange ex;
	struct trace_rec line;
	struct err err = ERR_INIT;
	int n = 0, id, last = -1, rc;

	*damage = 0;
	if (trace_reader_open(path, threads, &r, &err) != RC_OK)
		fail_msg("%s", err.msg);
	while ((rc = trace_next(r, &line, &err)) != 0) {
		if (rc == RC_FORMAT) {
			++*damage;
			memset(&err, 0, sizeof(err));
			continue;
		}
		assert_int_equal(rc, 1);
		rc = exchange_parse(rec, line.line, line.n, &ex, &err);
		assert_int_equal(rc, line.is_exchange);
		if (rc == 0)
			continue;
		assert_int_equal(sscanf(ex.id, "id-%d", &id), 1);
		if (*damage == 0 && !gaps)
			assert_int_equal(id, last + 1);
		assert_true(id > last);
		last = id;
		n++;
	}
	trace_reader_info(r, info);
	trace_reader_close(&r);
	exchange_rec_free(rec);
	return n;
}

#endif
