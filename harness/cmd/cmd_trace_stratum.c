/* What a sample is divided among; see cmd_trace_slice_part.h. */
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/mono.h"
#include "harness/cmd/cmd_trace_slice_part.h"
#include "harness/traffic/routes.h"

#define HOUR_NS (3600 * MONO_S)

static int
first_value(void *ctx, const struct json *j)
{
	uint64_t *hash = ctx;
	struct buf b;

	buf_init(&b, TRACE_LINE_MAX);
	json_write(&b, j);
	*hash = hash_table(buf_str(&b), b.len);
	buf_fini(&b);
	return 1;
}

static uint64_t
by_path(const struct exchange *ex)
{
	char path[1024];

	routes_path(ex->target, path, sizeof(path));
	return hash_table(path, strlen(path)) ^
	    hash_table(ex->method, strlen(ex->method)) << 1;
}

static uint64_t
stratum_of(void *ctx, const struct exchange *ex, const char *line, size_t n)
{
	struct stratum *s = ctx;
	uint64_t hash = 0;

	switch (s->by) {
	case STRATUM_PATH:
		return by_path(ex);
	case STRATUM_HOUR:
		return ex->sent_ns < 0 ? 24 :
		    (uint64_t)((s->wall_ns + ex->sent_ns) / HOUR_NS % 24);
	case STRATUM_STATUS:
		return (uint64_t)ex->status;
	case STRATUM_OUTCOME:
		return (uint64_t)ex->outcome;
	default:
		(void)where_ptr_each(s->look, s->ptr, ex, line, n,
		    first_value, &hash);
		return hash;
	}
}

static int
read_clock(struct stratum *s, const char *trace, struct err *err)
{
	struct trace_reader *r;
	int rc = trace_reader_open(trace, 1, &r, err);

	if (rc != RC_OK)
		return rc;
	s->wall_ns = trace_head_wall_ns(trace_reader_head(r));
	trace_reader_close(&r);
	return RC_OK;
}

int
stratum_open(struct stratum *s, const char *word, const char *trace,
    struct trace_pick *p, struct err *err)
{
	static const char *const words[] = { "path", "hour", "status",
		"outcome" };
	size_t i;

	memset(s, 0, sizeof(*s));
	p->stratum = stratum_of;
	p->stratum_ctx = s;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) != 0)
			continue;
		s->by = i;
		return i == STRATUM_HOUR ? read_clock(s, trace, err) : RC_OK;
	}
	if (word[0] != '/')
		return err_set(err, RC_USAGE, "--stratify: choose path, hour, "
		    "status, outcome or a pointer into the record such as "
		    "/request/body/user, not \"%s\"", word);
	s->by = STRATUM_POINTER;
	s->look = where_new();
	if (s->look == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	s->ptr = where_ptr_new(word, err);
	if (s->ptr == NULL)
		err_prefix(err, "--stratify");
	return s->ptr == NULL ? (int)err->code : RC_OK;
}

void
stratum_close(struct stratum *s)
{
	where_ptr_free(s->ptr);
	where_free(s->look);
	memset(s, 0, sizeof(*s));
}
