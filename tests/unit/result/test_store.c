/* The store: runs, verdicts, history, cache; older, newer and broken files. */
#include "tests/lib/folder.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/result/store.h"

static struct store *
open_store(void)
{
	struct err err = ERR_INIT;
	struct store *s = NULL;

	if (store_open(dir, &s, &err) != RC_OK)
		fail_msg("%s", err.msg);
	return s;
}

static struct store_run
new_run(struct store *s, const char *suite)
{
	struct err err = ERR_INIT;
	struct store_run run = { .suite_path = "s.yml", .suite_hash = "h",
	    .stacks = "ab" };

	(void)snprintf(run.suite_name, sizeof(run.suite_name), "%s", suite);
	if (store_run_new(s, dir, &run, &err) != RC_OK)
		fail_msg("%s", err.msg);
	return run;
}

static void
runs_are_found(void **state)
{
	struct store *s = open_store();
	struct store_run a = new_run(s, "one"), b = new_run(s, "two"), got;
	struct err err = ERR_INIT;
	struct stat st;

	(void)state;
	assert_string_not_equal(a.id, b.id);
	assert_int_equal(stat(a.dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(store_run_find(s, "last", &got, &err), RC_OK);
	assert_string_equal(got.id, b.id);
	assert_int_equal(store_run_find(s, a.id, &got, &err), RC_OK);
	assert_string_equal(got.suite_name, "one");
	assert_int_equal(store_run_find(s, a.dir, &got, &err), RC_OK);
	assert_string_equal(got.id, a.id);
	assert_int_equal(store_run_find(s, "20", &got, &err), RC_USAGE);
	assert_non_null(strstr(err.msg, "several"));
	memset(&err, 0, sizeof(err));
	assert_int_equal(store_run_find(s, "nope", &got, &err), RC_USAGE);
	assert_non_null(strstr(err.msg, "lockstep runs"));
	assert_int_equal(store_run_delete(s, a.id, NULL), RC_OK);
	assert_int_equal(store_run_find(s, a.id, &got, NULL), RC_USAGE);
	store_close(&s);
	assert_null(s);
}

static struct result *
make_result(const char *id)
{
	struct result *r = result_new();
	static const char *const ids[] = { "c1", "c2", "c3" };
	struct result_case c;
	int i;

	assert_non_null(r);
	r->run.id = result_str(r, id);
	r->verdict = VERDICT_FAIL;
	r->exit_status = 1;
	r->headline = "one of three";
	for (i = 0; i < 3; i++) {
		result_case_init(&c);
		c.id = ids[i];
		c.verdict = i == 1 ? CASE_V_REGRESSION : CASE_V_PASS;
		assert_int_equal(result_case_add(r, &c, NULL), RC_OK);
	}
	r->n_gates = 1;
	r->gates = result_alloc(r, sizeof(*r->gates));
	memset(r->gates, 0, sizeof(*r->gates));
	r->gates[0].name = "cases";
	r->gates[0].value = .33;
	r->gates[0].p = NAN;
	r->gates[0].why = "it is so";
	return r;
}

static int
take_id(void *ctx, const char *id)
{
	(void)snprintf(ctx, 16, "%s", id);
	return 0;
}

static void
verdicts_are_kept(void **state)
{
	struct store *s = open_store();
	struct store_run run = new_run(s, "kept"), got;
	struct result *r = make_result(run.id);
	struct store_gate g[4];
	struct err err = ERR_INIT;
	char failed[16] = "";
	size_t n;
	int twice;

	(void)state;
	for (twice = 0; twice < 2; twice++)
		assert_int_equal(store_result_put(s, r, &err), RC_OK);
	assert_int_equal(store_run_find(s, run.id, &got, &err), RC_OK);
	assert_string_equal(got.verdict, "FAIL");
	assert_string_equal(got.state, "judged");
	assert_int_equal(got.n_cases, 3);
	assert_int_equal(store_failed_cases(s, run.id, take_id, failed, &err),
	    RC_OK);
	assert_string_equal(failed, "c2");
	assert_int_equal(store_gate_history(s, &(struct store_past){
	    .suite_name = "kept", .gate = "cases" }, g, 4, &n, &err), RC_OK);
	assert_int_equal(n, 1);
	assert_near(g[0].value, .33, 1e-12);
	assert_string_equal(g[0].stacks, run.stacks);
	result_free(r);
	store_close(&s);
}

/* Runs before one, measured alike. */
static void
history_is_chosen(void **state)
{
	static const struct {
		const char *hash;
		double t;
	} runs[] = { { "a", .5 }, { "a", NAN }, { "b", .5 }, { "a", .5 },
		{ NULL, NAN } };
	enum { N = sizeof(runs) / sizeof(runs[0]) };
	struct store *s = open_store();
	struct store_run run[N];
	struct store_past past = { .suite_name = "past", .gate = "cases" };
	struct store_gate g[N];
	struct err err = ERR_INIT;
	struct result *r;
	size_t n, i;

	(void)state;
	for (i = 0; i < N; i++) {
		run[i] = new_run(s, "past");
		r = make_result(run[i].id);
		r->run.embedder_hash = runs[i].hash;
		r->run.curve_t = runs[i].t;
		assert_int_equal(store_result_put(s, r, &err), RC_OK);
		result_free(r);
	}
	assert_int_equal(store_gate_history(s, &past, g, N, &n, &err), RC_OK);
	assert_int_equal(n, N);
	assert_string_equal(g[0].run_id, run[N - 1].id);
	past.stacks = "other";
	assert_int_equal(store_gate_history(s, &past, g, N, &n, &err), RC_OK);
	assert_int_equal(n, 0);
	past.stacks = NULL;
	past.before = run[3].id;
	assert_int_equal(store_gate_history(s, &past, g, N, &n, &err), RC_OK);
	assert_int_equal(n, 3);
	past.same_scale = 1;
	past.embedder_hash = "a";
	past.curve_t = .5;
	assert_int_equal(store_gate_history(s, &past, g, N, &n, &err), RC_OK);
	assert_int_equal(n, 1);
	assert_string_equal(g[0].run_id, run[0].id);
	past.before = NULL;
	past.curve_t = NAN;
	assert_int_equal(store_gate_history(s, &past, g, N, &n, &err), RC_OK);
	assert_int_equal(n, 1);
	assert_string_equal(g[0].run_id, run[1].id);
	past.embedder_hash = NULL;
	assert_int_equal(store_gate_history(s, &past, g, N, &n, &err), RC_OK);
	assert_int_equal(n, 1);
	assert_string_equal(g[0].run_id, run[4].id);
	store_close(&s);
}

static uint64_t
count_obs(void)
{
	char path[100];
	sqlite3 *db;
	sqlite3_stmt *st;
	uint64_t n;

	(void)snprintf(path, sizeof(path), "%s/store.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
	    "SELECT count(*) FROM observations", -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = (uint64_t)sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return n;
}

static void
observations_are_replaced(void **state)
{
	struct store *s = open_store();
	struct store_run a = new_run(s, "a"), b = new_run(s, "b");
	double m[METRIC_N];
	struct store_obs o = { .m = m };
	struct err err = ERR_INIT;
	uint64_t before = count_obs();
	int twice, i;

	(void)state;
	for (i = 0; i < METRIC_N; i++)
		m[i] = i % 2 == 0 ? NAN : .5;
	for (twice = 0; twice < 2; twice++) {
		const char *id = twice == 0 ? a.id : b.id;

		assert_int_equal(store_obs_begin(s, id, &err), RC_OK);
		for (i = 0; i < 100; i++)
			store_obs_put(s, &o);
		assert_int_equal(store_obs_end(s, &err), RC_OK);
	}
	assert_int_equal(count_obs(), before + 200);
	assert_int_equal(store_obs_begin(s, a.id, &err), RC_OK);
	store_obs_put(s, &o);
	assert_int_equal(store_obs_end(s, &err), RC_OK);
	assert_int_equal(count_obs(), before + 101);
	/* what is not brought to its end leaves the old ones */
	assert_int_equal(store_obs_begin(s, b.id, &err), RC_OK);
	store_obs_put(s, &o);
	store_obs_abandon(s);
	assert_int_equal(count_obs(), before + 101);
	assert_int_equal(store_run_delete(s, b.id, &err), RC_OK);
	assert_int_equal(count_obs(), before + 1);
	store_close(&s);
}

static void
vectors_are_cached_and_bounded(void **state)
{
	struct store *s = open_store();
	struct err err = ERR_INIT;
	char text[16], block[1000];
	uint64_t rows, bytes;
	void *blob;
	size_t n;
	int i;

	(void)state;
	memset(block, 'v', sizeof(block));
	assert_int_equal(store_embed_begin(s, &err), RC_OK);
	for (i = 0; i < 100; i++) {
		(void)snprintf(text, sizeof(text), "t%d", i);
		assert_int_equal(store_embed_put(s, "w", text, block,
		    sizeof(block), &err), RC_OK);
	}
	assert_int_equal(store_embed_end(s, 50000, &err), RC_OK);
	assert_int_equal(store_embed_stats(s, &rows, &bytes, &err), RC_OK);
	assert_true(bytes <= 50000 && rows >= 40);
	assert_int_equal(store_embed_get(s, "w", "t99", &blob, &n, &err),
	    RC_OK);
	assert_int_equal(n, sizeof(block));
	assert_memory_equal(blob, block, n);
	free(blob);
	assert_int_equal(store_embed_get(s, "other", "t99", &blob, &n, &err),
	    RC_OK);
	assert_null(blob);
	store_close(&s);
}

static void
write_db(const char *sub, const char *bytes, int version)
{
	char path[100], sql[64];
	sqlite3 *db;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%.80s/store.db", sub);
	if (bytes != NULL) {
		f = fopen(path, "wb");
		assert_non_null(f);
		(void)fputs(bytes, f);
		(void)fclose(f);
		return;
	}
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	(void)snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", version);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
}

static void
bad_files_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		int version;
		const char *said;
	} t[] = {
		{ "this is no database, and it is long enough to be read as "
		    "the header of one, which takes a hundred bytes at least",
		    0, "move the file away" },
		{ NULL, 99, "newer lockstep" },
	};
	char sub[100], cmd[120];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct err err = ERR_INIT;
		struct store *s = NULL;

		(void)snprintf(sub, sizeof(sub), "%s/bad%zu", dir, i);
		assert_int_equal(mkdir(sub, 0700), 0);
		write_db(sub, t[i].bytes, t[i].version);
		assert_int_equal(store_open(sub, &s, &err), RC_DB);
		assert_null(s);
		if (strstr(err.msg, t[i].said) == NULL)
			fail_msg("said \"%s\"", err.msg);
	}
	(void)snprintf(sub, sizeof(sub), "%s/file", dir);
	(void)snprintf(cmd, sizeof(cmd), "touch %s", sub);
	assert_int_equal(system(cmd), 0);
	{
		struct err err = ERR_INIT;
		struct store *s = NULL;

		assert_true(store_open(sub, &s, &err) != RC_OK);
		assert_non_null(strstr(err.msg, sub));
	}
}

/* What the first version wrote goes on, with what was added since. */
static void
older_files_are_brought_up(void **state)
{
	static const char first[] = "ALTER TABLE observations DROP COLUMN own;"
	    "ALTER TABLE runs DROP COLUMN build;"
	    "PRAGMA user_version = 1";
	char sub[100], path[200];
	const double m[METRIC_N] = { 0 };
	struct store_obs o = { .m = m, .scored = "{\"tone\":0.5}" };
	struct err err = ERR_INIT;
	struct store_run run = { .suite_name = "x" };
	struct store *s = NULL;
	sqlite3_stmt *st;
	sqlite3 *db;

	(void)state;
	(void)snprintf(sub, sizeof(sub), "%s/older", dir);
	assert_int_equal(store_open(sub, &s, &err), RC_OK);
	assert_int_equal(store_run_new(s, sub, &run, &err), RC_OK);
	store_close(&s);
	(void)snprintf(path, sizeof(path), "%s/store.db", sub);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, first, NULL, NULL, NULL),
	    SQLITE_OK);
	(void)sqlite3_close(db);

	if (store_open(sub, &s, &err) != RC_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(store_obs_begin(s, run.id, &err), RC_OK);
	store_obs_put(s, &o);
	o.scored = NULL;
	store_obs_put(s, &o);
	assert_int_equal(store_obs_end(s, &err), RC_OK);
	store_close(&s);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT own FROM observations",
	    -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(st, 0),
	    "{\"tone\":0.5}");
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_int_equal(sqlite3_column_type(st, 0), SQLITE_NULL);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_are_found),
		cmocka_unit_test(verdicts_are_kept),
		cmocka_unit_test(history_is_chosen),
		cmocka_unit_test(observations_are_replaced),
		cmocka_unit_test(vectors_are_cached_and_bounded),
		cmocka_unit_test(bad_files_are_refused),
		cmocka_unit_test(older_files_are_brought_up),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
