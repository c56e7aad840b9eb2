/* What a shadow that was killed has left; see cmd_shadow_again.h. */
#include "harness/cmd/cmd_shadow_again.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/replace.h"
#include "harness/traffic/trace.h"

enum { NAME_BYTES = 4096 };

static int
name_of(const char *state, char out[NAME_BYTES], struct err *err)
{
	if ((size_t)snprintf(out, NAME_BYTES, "%s.run", state) >= NAME_BYTES)
		return err_set(err, RC_USAGE, "--state %.40s...: the path is "
		    "too long", state);
	return RC_OK;
}

/* returns 1 and the id; 0: no such file, or nothing in it */
static int
read_id(const char *state, char id[40], struct err *err)
{
	char path[NAME_BYTES];
	FILE *f;
	int rc = name_of(state, path, err);

	if (rc != RC_OK)
		return rc;
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	rc = fgets(id, 40, f) != NULL;
	(void)fclose(f);
	if (rc)
		id[strcspn(id, "\n")] = '\0';
	return rc && id[0] != '\0';
}

/* Runs are told newest first: it is among the first. */
struct search {
	const char *id;
	struct store_run *out;
	int found;
};

static int
is_it(void *ctx, const struct store_run *run)
{
	struct search *s = ctx;

	if (strcmp(run->id, s->id) != 0)
		return 0;
	*s->out = *run;
	return s->found = 1;
}

int
shadow_again_find(struct store *s, const char *state,
    const struct store_run *want, struct store_run *out, struct err *err)
{
	char id[40] = "", path[NAME_BYTES];
	struct search search = { id, out, 0 };
	int rc = read_id(state, id, err);

	if (rc != 1)
		return rc;
	rc = store_runs(s, NULL, is_it, &search, err);
	if (rc != RC_OK)
		return rc;
	if (!search.found || strcmp(out->state, "replaying") != 0 ||
	    strcmp(out->suite_hash, want->suite_hash) != 0 ||
	    strcmp(out->stacks, want->stacks) != 0)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/obs.jsonl.zst", out->dir);
	return access(path, R_OK | W_OK) == 0;
}

int
shadow_again_note(const char *state, const char *run, struct err *err)
{
	char path[NAME_BYTES], line[48];
	int n, rc = name_of(state, path, err);

	if (rc != RC_OK)
		return rc;
	n = snprintf(line, sizeof(line), "%.39s\n", run);
	return replace_file(path, REPLACE_OWN, line, (size_t)n, err);
}

/* ---- the trace --------------------------------------------------------- */

/* A case's id is HASH-NUMBER. */
static void
take_key(const struct ex_key *k, struct shadow_again *out)
{
	const char *dash = k->case_id == NULL ? NULL :
	    strrchr(k->case_id, '-');
	unsigned long long n = dash == NULL ? 0 : strtoull(dash + 1, NULL,
	    10);

	if (n > out->named)
		out->named = n;
	out->pairs += k->arm == ARM_CANDIDATE;
}

/* Damage is left to whoever mends the trace. */
static int
read_all(struct trace_reader *r, struct shadow_again *out, struct err *err)
{
	struct err bad = ERR_INIT;
	struct trace_rec rec;
	struct ex_key key;
	struct buf scratch;
	int rc;

	buf_init(&scratch, 1 << 16);
	while ((rc = trace_next(r, &rec, &bad)) == 1 || rc == RC_FORMAT) {
		if (rc == 1 && rec.is_exchange && exchange_peek_key(rec.line,
		    rec.n, &scratch, &key, NULL) == 1)
			take_key(&key, out);
		bad = (struct err)ERR_INIT;
	}
	buf_fini(&scratch);
	return rc == 0 ? RC_OK : err_set(err, (enum rc)rc, "%s", bad.msg);
}

int
shadow_again_read(const char *trace, struct shadow_again *out,
    struct err *err)
{
	struct trace_reader *r;
	const char *wall;
	int rc = trace_reader_open(trace, 1, &r, err);

	memset(out, 0, sizeof(*out));
	if (rc != RC_OK)
		return rc;
	wall = json_get_str(json_get(trace_reader_head(r), "clock"),
	    "wall_ns");
	out->start_wall_ns = wall == NULL ? 0 : strtoll(wall, NULL, 10);
	rc = read_all(r, out, err);
	trace_reader_close(&r);
	return rc;
}
