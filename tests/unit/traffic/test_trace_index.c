/* Reading a trace in part: one record, some frames, many lines at once. */
#include "tests/unit/traffic/trace_files.h"

static void
random_access(void **state)
{
	const char *path = dir_path("index");
	struct trace_writer *w = create(path, 3000);
	struct trace_index *ix;
	struct exchange_rec *rec = exchange_rec_new();
	struct exchange ex;
	struct err err = ERR_INIT;
	struct buf line;
	char id[32];
	int i, k;

	(void)state;
	for (i = 0; i < 500; i++)
		put(w, i, 100);
	finish(w);
	buf_init(&line, TRACE_LINE_MAX);
	for (k = 0; k < 2; k++) {
		assert_int_equal(trace_index_open(path, &ix, &err), RC_OK);
		assert_int_equal(trace_index_n(ix), 500);
		for (i = 499; i >= 0; i -= 7) {
			(void)snprintf(id, sizeof(id), "id-%d", i);
			assert_int_equal(trace_index_find(ix, id, &err), i);
			assert_int_equal(trace_index_get(ix, (uint64_t)i,
			    &line, &err), RC_OK);
			assert_int_equal(exchange_parse(rec, line.p, line.len,
			    &ex, &err), 1);
			assert_string_equal(ex.id, id);
		}
		assert_true(trace_index_find(ix, "id-500", &err) ==
		    UINT64_MAX);
		assert_int_equal(err.code, RC_OK);
		trace_index_close(&ix);
		/* and the same from plain text */
		if (k == 0) {
			char cmd[300];

			(void)snprintf(cmd, sizeof(cmd), "zstd -qdc '%s' "
			    "> '%s.txt' && mv '%s.txt' '%s'", path, path,
			    path, path);
			assert_int_equal(system(cmd), 0);
		}
	}
	buf_fini(&line);
	exchange_rec_free(rec);
}

/* Every third frame from the second on. */
static int
third(void *ctx, size_t frame)
{
	++*(int *)ctx;
	return frame % 3 == 1;
}

/* The records of some frames, and no others, in a file of many. */
static void
some_frames(void **state)
{
	const char *path = dir_path("some");
	struct trace_writer *w = create(path, 3000);
	struct trace_reader *r;
	struct trace_rec rec;
	struct err err = ERR_INIT;
	char want[500][32], got[500][32];
	int i, n = 0, asked = 0;

	(void)state;
	for (i = 0; i < 500; i++)
		put(w, i, 100);
	finish(w);
	assert_int_equal(trace_reader_open(path, 2, &r, &err), RC_OK);
	for (i = 0; trace_next(r, &rec, &err) == 1;) {
		if (rec.frame % 3 == 1)
			(void)snprintf(want[i++], 32, "%.31s", rec.line + 20);
	}
	trace_reader_close(&r);
	assert_true(i > 100 && i < 250);
	assert_int_equal(trace_reader_open_some(path, third, &asked, &r,
	    &err), RC_OK);
	while (trace_next(r, &rec, &err) == 1) {
		assert_int_equal(rec.frame % 3, 1);
		(void)snprintf(got[n++], 32, "%.31s", rec.line + 20);
	}
	trace_reader_close(&r);
	assert_int_equal(n, i);
	for (i = 0; i < n; i++)
		assert_string_equal(got[i], want[i]);
	assert_true(asked > 20);
}

/* Many records at once, between single ones, over several frames. */
static void
lines_at_once(void **state)
{
	enum { LOTS = 40, EACH = 25 };
	struct trace_writer *w;
	struct trace_account acc;
	struct trace_info info;
	struct err err = ERR_INIT;
	struct exchange ex;
	struct buf b;
	char id[32];
	int i, k, n = 0, damage = 0;

	(void)state;
	w = create(dir_path("lots"), 4000);
	buf_init(&b, 1 << 20);
	for (i = 0; i < LOTS; i++) {
		buf_reset(&b);
		for (k = 0; k < EACH; k++) {
			exchange_init(&ex);
			(void)snprintf(id, sizeof(id), "id-%d", n++);
			ex.id = id;
			exchange_write(&b, &ex);
			buf_putc(&b, '\n');
		}
		assert_int_equal(trace_write_lines(w, b.p, b.len, EACH,
		    &err), RC_OK);
		put(w, n++, 50);
	}
	trace_account(w, &acc);
	assert_int_equal(acc.written, n);
	finish(w);
	assert_int_equal(read_all(dir_path("lots"), 2, &info, &damage), n);
	assert_int_equal(damage, 0);
	assert_true(info.closed && info.table && info.frames > 10);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_access),
		cmocka_unit_test(some_frames),
		cmocka_unit_test(lines_at_once),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
