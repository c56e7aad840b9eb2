/* lockstep runs merge and prune: joining shards, making room. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_job.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_runs.h"
#include "harness/traffic/trace_cut.h"

/* ---- merge -------------------------------------------------------------- */

struct merge_opts {
	struct job_opts job;
};

#define J(field) offsetof(struct merge_opts, job.field)

static const struct opt merge_table[] = {
	{ "report-dir", 0, OPT_STR, J(report_dir), 0, 0, "DIR",
	    "also write all reports to DIR" },
	{ "fail-on", 0, OPT_STR, J(fail_on), 0, 0, "LIST",
	    "exit 0 unless the verdict is one of these" },
	{ "threads", 'j', OPT_INT, J(threads), 1, 256, "N",
	    "threads for scoring (one per processor)" },
	CMD_OPT_HOME(J(home)),
	CMD_OPT_JSON(J(json)),
	CMD_OPT_END
};

static const struct opt_cmd merge_cmd = {
	"runs merge", "RUN...",
	"Joins the shards of one suite (`run --shard I/N`) into a new run and\n"
	"judges it. The report equals that of a single run with the same\n"
	"observations. A RUN may be a folder copied from another machine. "
	"Give\n"
	"all N shards, in any order.\n\n"
	"  lockstep runs merge shard1/ shard2/ shard3/", merge_table
};

/* One shard's own account. */
struct shard {
	char dir[1024], trace[1100], suite_hash[64];
	unsigned i, n;
	struct json *job;
};

enum { JOB_FILE_MAX = 1 << 20 };

static int
open_shard(struct store *store, const char *word, struct shard *s,
    struct err *err)
{
	char path[1100];
	struct store_run run;
	struct stat st;
	const char *text;
	int rc;

	(void)snprintf(path, sizeof(path), "%.1000s/job.json", word);
	if (stat(path, &st) == 0) {
		(void)snprintf(s->dir, sizeof(s->dir), "%.1000s", word);
	} else {
		rc = store_run_find(store, word, &run, err);
		if (rc != RC_OK)
			return rc;
		(void)snprintf(s->dir, sizeof(s->dir), "%s", run.dir);
	}
	(void)snprintf(path, sizeof(path), "%.1000s/job.json", s->dir);
	(void)snprintf(s->trace, sizeof(s->trace), "%.1000s/obs.jsonl.zst",
	    s->dir);
	s->job = json_load(path, JOB_FILE_MAX, err);
	if (s->job == NULL)
		return err->code;
	text = json_get_str(s->job, "suite_hash");
	(void)snprintf(s->suite_hash, sizeof(s->suite_hash), "%s",
	    text == NULL ? "" : text);
	text = json_get_str(s->job, "shard");
	if (text == NULL || job_shard(text, &s->i, &s->n) != 0)
		return err_set(err, RC_USAGE, "%s: this run is not a shard; "
		    "`run --shard I/N` makes one", word);
	if (json_get_int(s->job, "stop", 0) == ENGINE_INTERRUPTED ||
	    json_get_int(s->job, "planned", 0) == 0)
		return err_set(err, RC_USAGE, "%s: shard %u/%u is not "
		    "finished; resume it with `lockstep resume`", word, s->i,
		    s->n);
	return RC_OK;
}

/* All N, once each, of one suite. */
static int
check_shards(const struct shard *s, size_t n, struct err *err)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		if (s[i].n != s[0].n || strcmp(s[i].suite_hash,
		    s[0].suite_hash) != 0)
			return err_set(err, RC_USAGE, "%s and %s are shards "
			    "of different runs (%u/%u and %u/%u, or another "
			    "suite)", s[0].dir, s[i].dir, s[0].i, s[0].n,
			    s[i].i, s[i].n);
		for (k = 0; k < i; k++) {
			if (s[k].i == s[i].i)
				return err_set(err, RC_USAGE, "%s and %s are "
				    "both shard %u/%u", s[k].dir, s[i].dir,
				    s[i].i, s[i].n);
		}
	}
	if (n != s[0].n)
		return err_set(err, RC_USAGE, "%zu of %u shards were given; "
		    "give all, else cases would be missing", n, s[0].n);
	return RC_OK;
}

/* What the shards' engines measured, as one engine would tell it. */
static void
join_stats(const struct shard *s, size_t n, struct engine_stats *st)
{
	struct machine_cpu machine;
	int64_t late, elapsed;
	size_t i;

	memset(st, 0, sizeof(*st));
	for (i = 0; i < n; i++) {
		late = json_get_int(s[i].job, "late_p99_ns", 0);
		elapsed = json_get_int(s[i].job, "elapsed_ns", 0);
		machine = job_file_machine(s[i].job);
		machine_cpu_add(&st->machine, &machine);
		st->paced |= json_get_bool(s[i].job, "paced", 0);
		st->planned += (uint64_t)json_get_int(s[i].job, "planned", 0);
		st->sent += (uint64_t)json_get_int(s[i].job, "sent", 0);
		st->written += (uint64_t)json_get_int(s[i].job, "written", 0);
		if (late > st->late_p99_ns)
			st->late_p99_ns = late;
		if (elapsed > st->elapsed_ns)
			st->elapsed_ns = elapsed;
		st->observations += (uint64_t)json_get_int(s[i].job,
		    "observations", json_get_int(s[i].job, "written", 0));
		if (json_get_int(s[i].job, "stop", 0) == ENGINE_BUDGET)
			st->stop = ENGINE_BUDGET;
	}
}

/* The first shard, so that ties and labels do not hang on the order given. */
static int
by_number(const void *a, const void *b)
{
	const struct shard *x = a, *y = b;

	return (x->i > y->i) - (x->i < y->i);
}

static int
join(struct job *j, const struct job_opts *o, struct store *store,
    const struct shard *s, size_t n, struct err *err)
{
	const char *traces[TRACE_MERGE_MAX];
	struct trace_opts to = { .kind = "run", .argc = cmd_main_argc,
	    .argv = cmd_main_argv };
	struct trace_cut cut;
	size_t i;
	int rc = job_reopen_shards(j, store, s[0].dir, s[0].job, o, err);

	if (rc != RC_OK)
		return rc;
	join_stats(s, n, &j->stats);
	rc = job_begin(j, err);
	for (i = 0; i < n; i++)
		traces[i] = s[i].trace;
	if (rc == RC_OK)
		rc = trace_merge(traces, n, j->trace_path, &to, &cut, err);
	if (rc == RC_OK)
		rc = job_write_file(j, err);
	if (rc == RC_OK)
		rc = store_run_state(store, j->run.id, "replayed", err);
	return rc;
}

int
cmd_runs_merge(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct merge_opts o;
	struct store *store = NULL;
	struct shard *s = NULL;
	struct result *r = NULL;
	struct job *j = calloc(1, sizeof(*j));
	struct cmd_line line;
	size_t i = 0;
	int rc, status = 0;

	memset(&o, 0, sizeof(o));
	job_opts_init(&o.job);
	rc = cmd_begin(&merge_cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK && (line.n == 0 || line.n > TRACE_MERGE_MAX))
		rc = err_set(&err, RC_USAGE, "give 1 to %d shards",
		    TRACE_MERGE_MAX);
	if (rc == RC_OK)
		rc = store_open(store_home(o.job.home), &store, &err);
	if (rc == RC_OK && (j == NULL ||
	    (s = calloc(line.n + 1, sizeof(*s))) == NULL))
		rc = err_set(&err, RC_NOMEM, "out of memory");
	for (i = 0; rc == RC_OK && i < line.n; i++)
		rc = open_shard(store, line.rest[i], &s[i], &err);
	if (rc == RC_OK) {
		qsort(s, line.n, sizeof(*s), by_number);
		rc = check_shards(s, line.n, &err);
	}
	if (rc == RC_OK)
		rc = join(j, &o.job, store, s, line.n, &err);
	if (rc == RC_OK)
		rc = job_judge(j, &r, &err);
	if (rc == RC_OK)
		rc = job_report(&o.job, r, &err);
	if (rc == RC_OK)
		status = r->exit_status;
	result_free(r);
	if (j != NULL && j->suite != NULL)
		job_close(j);
	for (i = 0; s != NULL && i < line.n; i++)
		json_free(s[i].job);
	free(s);
	free(j);
	store_close(&store);
	return cmd_end("runs merge", &line, rc, status, &err);
}

/* ---- prune -------------------------------------------------------------- */

struct prune_opts {
	const char *home, *keep;
	int dry;
};

static const struct opt prune_table[] = {
	{ "keep", 0, OPT_STR, offsetof(struct prune_opts, keep), 0, 0, "AGE",
	    "remove older runs: 30d, 12h, 4w" },
	{ "dry-run", 0, OPT_FLAG, offsetof(struct prune_opts, dry), 0, 0,
	    NULL, "print what would be removed, and remove nothing" },
	CMD_OPT_HOME(offsetof(struct prune_opts, home)),
	CMD_OPT_END
};

static const struct opt_cmd prune_cmd = {
	"runs prune", "--keep AGE",
	"Removes runs older than AGE, with their folders and rows. For each\n"
	"suite it keeps the newest run and the newest that passed, whatever\n"
	"their age: comparisons and trends need them.\n\n"
	"  lockstep runs prune --keep 30d", prune_table
};

struct prune_list {
	struct store_run *v;
	size_t n, cap;
};

static int
add_run(void *ctx, const struct store_run *run)
{
	struct prune_list *l = ctx;
	struct store_run *v;

	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 64 : 2 * l->cap;
		v = realloc(l->v, l->cap * sizeof(*v));
		if (v == NULL)
			return 1;
		l->v = v;
	}
	l->v[l->n++] = *run;
	return 0;
}

/* Runs come newest first: whether one like it came before run k. */
static int
superseded(const struct prune_list *l, size_t k)
{
	int newer = 0, passed = 0;
	size_t i;

	for (i = 0; i < k; i++) {
		if (strcmp(l->v[i].suite_name, l->v[k].suite_name) != 0)
			continue;
		newer = 1;
		passed |= strcmp(l->v[i].verdict, "PASS") == 0;
	}
	return newer && (passed || strcmp(l->v[k].verdict, "PASS") != 0);
}

static int
parse_age(const char *text, int64_t *ns, struct err *err)
{
	static const struct {
		char unit;
		int64_t s;
	} units[] = { { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	char *end;
	long n;
	size_t i;

	if (text == NULL)
		return err_set(err, RC_USAGE, "--keep AGE is missing, e.g. "
		    "--keep 30d");
	n = strtol(text, &end, 10);
	for (i = 0; i < 3 && n > 0 && n < 100000 && end[0] != '\0'; i++) {
		if (end[0] != units[i].unit || end[1] != '\0')
			continue;
		*ns = n * units[i].s * 1000000000;
		return RC_OK;
	}
	return err_set(err, RC_USAGE, "--keep: \"%s\" is not an age; use 12h, "
	    "30d or 4w", text);
}

static int
remove_one(const char *path, const struct stat *st, int type,
    struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

/* Only a folder of the store's own making is removed. */
static int
remove_folder(const char *home, const struct store_run *run, struct err *err)
{
	char own[1100];
	struct stat st;

	(void)snprintf(own, sizeof(own), "%.900s/runs/%s", home, run->id);
	if (stat(own, &st) != 0)
		return RC_OK;
	/* one thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	if (nftw(own, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		return err_errno(err, RC_IO, "%s: cannot remove", own);
	return RC_OK;
}

static int
prune(struct store *store, const struct prune_opts *o, int64_t age_ns,
    struct err *err)
{
	struct prune_list l = { NULL, 0, 0 };
	int64_t before = mono_wall_ns() - age_ns;
	size_t i, gone = 0;
	int rc = store_runs(store, NULL, add_run, &l, err);

	for (i = 0; i < l.n && rc == RC_OK; i++) {
		if (l.v[i].started_ns >= before || !superseded(&l, i))
			continue;
		(void)printf("%s  %s\n", l.v[i].id, l.v[i].suite_name);
		gone++;
		if (o->dry)
			continue;
		rc = remove_folder(store_home(o->home), &l.v[i], err);
		if (rc == RC_OK)
			rc = store_run_delete(store, l.v[i].id, err);
	}
	if (rc == RC_OK)
		(void)printf("%zu of %zu runs %s\n", gone, l.n, o->dry ?
		    "would be removed" : "removed");
	free(l.v);
	return rc;
}

int
cmd_runs_prune(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct prune_opts o = { NULL, NULL, 0 };
	struct store *store = NULL;
	struct cmd_line line;
	int64_t age_ns = 0;
	int rc;

	rc = cmd_begin(&prune_cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK && line.n > 0)
		rc = err_set(&err, RC_USAGE, "unexpected \"%s\"", line.rest[0]);
	if (rc == RC_OK)
		rc = parse_age(o.keep, &age_ns, &err);
	if (rc == RC_OK)
		rc = store_open(store_home(o.home), &store, &err);
	if (rc == RC_OK)
		rc = prune(store, &o, age_ns, &err);
	store_close(&store);
	return cmd_end("runs prune", &line, rc, 0, &err);
}
