/* The calls that come first, beside a promoted suite; see promote_part.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/suite/promote_part.h"
#include "harness/suite/setup_calls.h"
#include "harness/suite/yaml_out.h"

/* All of them are of one trace, else nobody could tell their order. */
static int
source_of(const struct suite *s, char **out, struct err *err)
{
	const struct json *list = json_get(s->doc, "setup"), *j;
	const char *first = NULL, *path;

	for (j = json_first(list); j != NULL; j = json_next(j)) {
		path = json_get_str(j, "trace");
		if (path == NULL)
			path = s->cases_trace;
		if (path == NULL)	/* refused where the suite is read */
			continue;
		if (first != NULL && strcmp(first, path) != 0)
			return err_set(err, RC_USAGE, "setup: its calls are "
			    "from several traces, %s and %s; join them with "
			    "`lockstep trace merge`", first, path);
		first = path;
	}
	*out = first == NULL ? NULL : suite_resolve(s, first);
	return first != NULL && *out == NULL ? err_set(err, RC_NOMEM,
	    "out of memory") : RC_OK;
}

static int
slice(const struct promote_job *job, const struct setup_calls *calls,
    const char *from, const char *to, struct err *err)
{
	struct trace_opts o = { .kind = "slice", .argc = job->argc,
		.argv = job->argv };
	size_t n = setup_calls_n(calls), i;
	const char **ids = calloc(n + 1, sizeof(*ids));
	struct trace_pick pick;
	struct trace_cut cut;
	int rc;

	if (ids == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < n; i++)
		ids[i] = setup_calls_at(calls, i)->id;
	trace_pick_init(&pick);
	pick.ids = ids;
	pick.n_ids = n;
	if (job->replace)
		(void)unlink(to);
	rc = trace_slice(from, to, &pick, &o, &cut, err);
	free(ids);
	return rc;
}

int
promote_setup(const struct promote_job *job, struct promote_out *out,
    struct err *err)
{
	struct setup_calls *calls = NULL;
	char *from = NULL;
	int rc = setup_calls_new(job->suite, &calls, err);

	if (rc != RC_OK || calls == NULL)
		return rc;
	rc = source_of(job->suite, &from, err);
	if (rc == RC_OK)
		rc = setup_calls_load(calls, err);
	if (rc == RC_OK)
		rc = slice(job, calls, from, out->setup, err);
	out->n_setup = setup_calls_n(calls);
	setup_calls_free(calls);
	free(from);
	return rc;
}

void
promote_put_setup(const struct suite *s, const char *file, struct buf *b)
{
	const struct json *list = json_get(s->doc, "setup"), *j;

	buf_puts(b, "setup:\n");
	for (j = json_first(list); j != NULL; j = json_next(j)) {
		buf_puts(b, "  - trace: ");
		yaml_quote(b, file, strlen(file));
		buf_puts(b, "\n    where: ");
		yaml_value(b, json_get(j, "where"));
		buf_putc(b, '\n');
		if (json_get(j, "ids") == NULL)
			continue;
		buf_puts(b, "    ids: ");
		yaml_value(b, json_get(j, "ids"));
		buf_putc(b, '\n');
	}
}
