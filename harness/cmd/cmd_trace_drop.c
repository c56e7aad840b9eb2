/* lockstep trace drop and dedupe: traces without some of their exchanges. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/hash.h"
#include "harness/base/replace.h"
#include "harness/base/table.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_trace.h"
#include "harness/traffic/trace_each.h"

/* ---- drop ------------------------------------------------------------- */

struct drop_args {
	struct trace_choice choice;
	const char *out;
	int in_place;
};

static const struct opt drop_opts[] = {
	{ "where", 'w', OPT_LIST, offsetof(struct drop_args, choice.where),
	    0, 0, "COND", "erase these: path=/api/*, /request/body/user=7,\n"
	    "... as for trace grep; several must all match" },
	{ "out", 'o', OPT_STR, offsetof(struct drop_args, out), 0, 0,
	    "FILE", "the new trace; must not exist" },
	{ "in-place", 0, OPT_FLAG, offsetof(struct drop_args, in_place), 0,
	    0, NULL, "replace the trace by the rest" },
	CMD_OPT_END
};

static const struct opt_cmd drop_cmd = {
	.name = "trace drop",
	.usage = "FILE --where COND (--out FILE | --in-place)",
	.about = "Copies a trace without the exchanges that match the "
	    "conditions and without their\n"
	    "body files. To erase what a person asks for, use --in-place: "
	    "nothing of it stays\n"
	    "in the trace or beside it.\n\n"
	    "  lockstep trace drop t.jsonl.zst -w /request/body/user=7 "
	    "--in-place",
	.opts = drop_opts,
};

/* Removes a trace's body files with their folder. */
static int
remove_bodies(const char *trace, struct err *err)
{
	char path[2048];
	struct dirent *d;
	DIR *dir;
	int rc = RC_OK;

	(void)snprintf(path, sizeof(path), "%.1000s.d", trace);
	dir = opendir(path);
	if (dir == NULL)
		return errno == ENOENT ? RC_OK :
		    err_errno(err, RC_IO, "%s", path);
	/* one thread alone reads this folder.
	 * NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while (rc == RC_OK && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%.1000s.d/%.1000s", trace,
		    d->d_name);
		if (unlink(path) != 0)
			rc = err_errno(err, RC_IO, "%s", path);
	}
	(void)closedir(dir);
	(void)snprintf(path, sizeof(path), "%.1000s.d", trace);
	if (rc == RC_OK && rmdir(path) != 0)
		rc = err_errno(err, RC_IO, "%s", path);
	return rc;
}

/* The trace at `from` takes the place of `to`, bodies included. */
static int
take_place(const char *from, const char *to, struct err *err)
{
	char a[2048], b[2048];
	int rc = remove_bodies(to, err);

	(void)snprintf(a, sizeof(a), "%.1000s.d", from);
	(void)snprintf(b, sizeof(b), "%.1000s.d", to);
	if (rc == RC_OK && rename(a, b) != 0 && errno != ENOENT)
		rc = err_errno(err, RC_IO, "%s", b);
	if (rc == RC_OK && rename(from, to) != 0)
		rc = err_errno(err, RC_IO, "%s", to);
	return rc == RC_OK ? replace_sync_folder(to, err) : rc;
}

static int
run_drop(struct drop_args *a, const char *in, struct trace_cut *cut,
    struct err *err)
{
	struct trace_opts o = { .kind = "slice", .argc = cmd_main_argc,
		.argv = cmd_main_argv };
	struct trace_pick pick;
	char tmp[2048];
	int rc;

	(void)snprintf(tmp, sizeof(tmp), "%.1000s.rest", in);
	a->choice.invert = 1;
	rc = trace_choice_pick(&a->choice, &pick, err);
	if (rc == RC_OK)
		rc = trace_slice(in, a->in_place ? tmp : a->out, &pick, &o,
		    cut, err);
	if (rc == RC_OK && a->in_place)
		rc = take_place(tmp, in, err);
	trace_choice_fini(&a->choice);
	return rc;
}

int
cmd_trace_drop(int argc, char **argv)
{
	struct drop_args a = { .choice = TRACE_CHOICE_INIT };
	struct err err = ERR_INIT;
	struct cmd_line line;
	struct trace_cut cut;
	int rc;

	rc = cmd_begin(&drop_cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && (line.n != 1 || a.choice.where.n == 0 ||
	    (a.out == NULL) == (a.in_place == 0)))
		rc = err_set(&err, RC_USAGE, "give one FILE, --where, and "
		    "either --out or --in-place; see lockstep trace drop "
		    "--help");
	if (rc == RC_OK)
		rc = run_drop(&a, line.rest[0], &cut, &err);
	if (rc == RC_OK)
		(void)fprintf(stderr, "%s: %llu of %llu exchanges dropped\n",
		    a.in_place ? line.rest[0] : a.out,
		    (unsigned long long)(cut.seen - cut.written),
		    (unsigned long long)cut.seen);
	return cmd_end("trace drop", &line, rc, 0, &err);
}

/* ---- dedupe ----------------------------------------------------------- */

struct dedupe_args {
	const char *out;
	int answers;
};

static const struct opt dedupe_opts[] = {
	{ "out", 'o', OPT_STR, offsetof(struct dedupe_args, out), 0, 0,
	    "FILE", "the new trace; must not exist" },
	{ "answers", 0, OPT_FLAG, offsetof(struct dedupe_args, answers), 0,
	    0, NULL, "only if the answers are also equal: other answers to\n"
	    "the same request stay" },
	CMD_OPT_END
};

static const struct opt_cmd dedupe_cmd = {
	.name = "trace dedupe",
	.usage = "FILE --out FILE [--answers]",
	.about = "Keeps the first of equal requests: method, target and body, "
	    "byte for byte. Takes\n28 bytes of memory for each that stays.",
	.opts = dedupe_opts,
};

struct seen {
	struct table table;
	unsigned char (*v)[16];
	size_t n, cap;
	int answers, nomem;
};

static int
same(const void *ctx, const void *key, uint32_t at)
{
	return memcmp(((const struct seen *)ctx)->v[at], key, 16) == 0;
}

/* Whether it is the first of its kind. */
static int
is_new(void *ctx, const struct exchange *ex, const char *line, size_t n)
{
	struct seen *s = ctx;
	unsigned char key[16];
	void *v;
	uint64_t h;

	(void)line;
	(void)n;
	trace_asked_hash(ex, key);
	memcpy(&h, key, sizeof(h));
	if (s->answers) {
		h ^= trace_said_hash(ex);
		memcpy(key, &h, sizeof(h));
	}
	if (table_find(&s->table, h, same, s, key) != TABLE_NONE)
		return 0;
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 1024 : s->cap * 2;
		v = realloc(s->v, s->cap * 16);
		if (v == NULL) {
			s->nomem = 1;
			s->cap = s->n;
			return 1;
		}
		s->v = v;
	}
	if (table_room(&s->table, s->n + 1) != 0) {
		s->nomem = 1;
		return 1;
	}
	memcpy(s->v[s->n], key, 16);
	table_put(&s->table, h, (uint32_t)s->n++);
	return 1;
}

static int
run_dedupe(const struct dedupe_args *a, const char *in,
    struct trace_cut *cut, struct err *err)
{
	struct trace_opts o = { .kind = "slice", .argc = cmd_main_argc,
		.argv = cmd_main_argv };
	struct seen s = { .answers = a->answers };
	struct trace_pick pick;
	int rc;

	table_init(&s.table);
	trace_pick_init(&pick);
	pick.test = is_new;
	pick.test_ctx = &s;
	rc = trace_slice(in, a->out, &pick, &o, cut, err);
	if (rc == RC_OK && s.nomem) {
		(void)unlink(a->out);
		rc = err_set(err, RC_NOMEM, "out of memory");
	}
	table_fini(&s.table);
	free(s.v);
	return rc;
}

int
cmd_trace_dedupe(int argc, char **argv)
{
	struct dedupe_args a = { NULL, 0 };
	struct err err = ERR_INIT;
	struct cmd_line line;
	struct trace_cut cut;
	int rc;

	rc = cmd_begin(&dedupe_cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && (line.n != 1 || a.out == NULL))
		rc = err_set(&err, RC_USAGE, "give one FILE and --out FILE; "
		    "see lockstep trace dedupe --help");
	if (rc == RC_OK)
		rc = run_dedupe(&a, line.rest[0], &cut, &err);
	if (rc == RC_OK)
		(void)fprintf(stderr, "%s: %llu of %llu exchanges are the "
		    "first of their kind\n", a.out,
		    (unsigned long long)cut.written,
		    (unsigned long long)cut.seen);
	return cmd_end("trace dedupe", &line, rc, 0, &err);
}
