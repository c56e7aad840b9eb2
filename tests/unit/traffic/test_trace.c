/* Traces: writing, reading on threads, tears, damage, resuming, mending. */
#include "tests/unit/traffic/trace_files.h"

static void
round_trip(void **state)
{
	static const struct {
		int n;
		size_t pad, frame;
	} rows[] = {
		{ 0, 0, 0 }, { 1, 10, 0 }, { 5000, 300, 0 },
		{ 5000, 300, 1 }, { 3000, 500, 100000 },
		{ 3, 40 << 20, 0 },	/* frames handed on in parts */
	};
	struct trace_info info;
	struct trace_writer *w;
	const char *path = dir_path("round");
	struct stat st;
	size_t i;
	int k, threads, damage;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w = create(path, rows[i].frame);
		for (k = 0; k < rows[i].n; k++)
			put(w, k, rows[i].pad);
		trace_drop(w, "full", 2);
		trace_drop(w, "late", 1);
		trace_drop(w, "full", 1);
		finish(w);
		for (threads = 1; threads <= 4; threads += 3) {
			assert_int_equal(read_all(path, threads, &info,
			    &damage), rows[i].n);
			assert_int_equal(damage, 0);
			assert_true(info.closed && !info.torn && info.table);
			assert_int_equal(info.version, TRACE_VERSION);
			assert_int_equal(info.written, rows[i].n);
			assert_int_equal(info.dropped, 4);
			assert_int_equal(info.seen, rows[i].n + 4);
			assert_string_equal(info.why, "");
		}
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static char *
slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *p = malloc(1 << 22);

	assert_non_null(f);
	assert_non_null(p);
	*n = fread(p, 1, 1 << 22, f);
	(void)fclose(f);
	return p;
}

static void
spew(const char *path, const char *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* Cut at every byte: what was flushed before the cut is always there, and a
 * mended file holds the same and is sound. */
static void
torn_anywhere(void **state)
{
	const char *path = dir_path("torn"), *cut = dir_path("cut");
	const char *mended = dir_path("mended");
	struct trace_writer *w = create(path, 1500);
	struct trace_account acc;
	struct trace_repair rep;
	struct trace_info info;
	struct err err = ERR_INIT;
	size_t safe[64], n, at;
	char *p;
	int i, got, want, damage;

	(void)state;
	for (i = 0; i < 40; i++) {
		put(w, i, 100);
		assert_int_equal(trace_flush(w, 0, &err), RC_OK);
		trace_account(w, &acc);
		safe[i] = acc.bytes_file;
	}
	finish(w);
	p = slurp(path, &n);
	for (at = 0; at <= n; at++) {
		spew(cut, p, at);
		got = read_all(cut, 1 + (int)(at % 2), &info, &damage);
		for (want = 0; want < 40 && safe[want] <= at; want++)
			continue;
		assert_in_range(got, want, 40);
		assert_int_equal(damage, 0);
		assert_int_equal(info.table, at == n);
		assert_true(at == n || info.why[0] != '\0');
		assert_int_equal(trace_repair(cut, mended, &rep, &err),
		    RC_OK);
		assert_int_equal(rep.kept, got);
		assert_int_equal(read_all(mended, 2, &info, &damage), got);
		assert_true(info.closed && info.table && !info.torn);
		assert_int_equal(info.written, got);
		assert_int_equal(unlink(mended), 0);
	}
	free(p);
}

/* One flipped byte costs at most the frame it is in. */
static void
flipped_anywhere(void **state)
{
	const char *path = dir_path("whole"), *bad = dir_path("flipped");
	const char *mended = dir_path("mended2");
	struct trace_writer *w = create(path, 1500);
	struct trace_repair rep;
	struct trace_info info;
	struct err err = ERR_INIT;
	size_t n, at;
	char *p;
	int i, got, damage;

	(void)state;
	for (i = 0; i < 40; i++)
		put(w, i, 100);
	finish(w);
	p = slurp(path, &n);
	for (at = 0; at < n; at++) {
		p[at] ^= 0x55;
		spew(bad, p, n);
		p[at] ^= 0x55;
		got = read_all(bad, 1 + (int)(at % 2), &info, &damage);
		/* frames hold about 8 records; the last one is the tail's */
		assert_in_range(got, 30, 40);
		assert_true(got == 40 || damage > 0);
		assert_int_equal(trace_repair(bad, mended, &rep, &err),
		    RC_OK);
		assert_in_range(rep.kept, got, 40);
		assert_int_equal(rep.frames_bad > 0, damage > 0);
		gaps = 1;
		assert_int_equal(read_all(mended, 2, &info, &damage),
		    rep.kept);
		gaps = 0;
		assert_true(info.closed && info.table && !info.torn);
		assert_int_equal(unlink(mended), 0);
	}
	free(p);
}

static void
resume(void **state)
{
	const char *path = dir_path("resumed");
	struct trace_opts o = { .kind = "test", .frame_bytes = 2000 };
	struct trace_writer *w, *w2;
	struct trace_info info;
	struct err err = ERR_INIT;
	int round, i, n = 0, damage;

	(void)state;
	w = create(path, 2000);
	for (round = 0; round < 6; round++) {
		for (i = 0; i < 10 + round; i++)
			put(w, n++, 100);
		assert_int_equal(trace_flush(w, 1, &err), RC_OK);
		trace_drop(w, "full", 1);
		/* closed in odd rounds, killed in even ones */
		if (round & 1)
			finish(w);
		else
			trace_writer_abandon(&w);
		assert_int_equal(trace_writer_resume(path, &o, &w, &err),
		    RC_OK);
		assert_int_equal(trace_writer_resume(path, &o, &w2, &err),
		    RC_IO);
		assert_non_null(strstr(err.msg, "another process"));
		memset(&err, 0, sizeof(err));
	}
	finish(w);
	assert_int_equal(read_all(path, 2, &info, &damage), n);
	assert_int_equal(damage, 0);
	assert_int_equal(info.written, n);
	/* what an abandoned writer had counted went with it */
	assert_int_equal(info.dropped, 3);
	assert_true(info.closed && info.table);
}

/* kill -9 at random moments: everything that a sync returned for is there. */
static void
killed(void **state)
{
	const char *path = dir_path("killed");
	struct trace_opts o = { .kind = "test", .frame_bytes = 20000 };
	struct trace_writer *w;
	struct trace_info info;
	struct err err = ERR_INIT;
	int pipes[2], round, synced, last = -1, got, damage;
	pid_t pid;

	(void)state;
	finish(create(path, 20000));
	for (round = 0; round < 10; round++) {
		assert_int_equal(pipe(pipes), 0);
		got = read_all(path, 1, &info, &damage);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			if (trace_writer_resume(path, &o, &w, &err) != RC_OK)
				_exit(1);
			for (synced = got;; synced++) {
				put(w, synced, 50);
				if (trace_flush(w, 1, &err) != RC_OK ||
				    write(pipes[1], &synced,
				    sizeof(synced)) < 0)
					_exit(1);
			}
		}
		(void)close(pipes[1]);
		for (synced = 0; synced < 20 + round * 7; synced++)
			assert_int_equal(read(pipes[0], &last, sizeof(last)),
			    sizeof(last));
		assert_int_equal(kill(pid, SIGKILL), 0);
		while (read(pipes[0], &last, sizeof(last)) > 0)
			continue;
		(void)close(pipes[0]);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		got = read_all(path, 2, &info, &damage);
		assert_int_equal(damage, 0);
		assert_true(got > last);
	}
}

/* A file size limit stands for a full disk: nothing is lost, and when there
 * is room again the same writer goes on. */
static void
full_disk(void **state)
{
	const char *path = dir_path("full");
	struct rlimit old, small = { 20000, 0 };
	struct trace_writer *w = create(path, 5000);
	struct trace_info info;
	struct err err = ERR_INIT;
	int i, damage, rc = RC_OK;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (i = 0; i < 1000; i++) {
		put(w, i, 100);
		if (rc == RC_OK)
			rc = trace_flush(w, 1, &err);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(rc, RC_IO);
	assert_non_null(strstr(err.msg, path));
	assert_int_equal(read_all(path, 1, &info, &damage) > 50, 1);
	memset(&err, 0, sizeof(err));
	assert_int_equal(trace_flush(w, 1, &err), RC_OK);
	put(w, i, 100);
	finish(w);
	assert_int_equal(read_all(path, 2, &info, &damage), 1001);
	assert_int_equal(damage, 0);
	assert_int_equal(info.written, 1001);
}

static void
refusals(void **state)
{
	const char *path = dir_path("once");
	struct trace_opts o = { .kind = "test" };
	struct trace_writer *w;
	struct trace_reader *r;
	struct err err = ERR_INIT;
	static const char newer[] =
	    "{\"type\":\"head\",\"lockstep_trace\":2}\n";

	(void)state;
	finish(create(path, 0));
	assert_int_equal(trace_writer_open(path, &o, 0, &w, &err), RC_IO);
	assert_non_null(strstr(err.msg, "exists already"));
	memset(&err, 0, sizeof(err));
	assert_int_equal(trace_writer_open(dir_path("no/such"), &o, 0, &w,
	    &err), RC_IO);
	memset(&err, 0, sizeof(err));
	assert_int_equal(trace_reader_open(dir_path("absent"), 0, &r, &err),
	    RC_IO);
	memset(&err, 0, sizeof(err));
	spew(path, newer, sizeof(newer) - 1);
	assert_int_equal(trace_reader_open(path, 0, &r, &err), RC_FORMAT);
	assert_non_null(strstr(err.msg, "newer"));
	assert_null(r);
}

static void
plain_text(void **state)
{
	static const struct {
		const char *text;
		int records, lines, torn;
	} rows[] = {
		{ "", 0, 0, 0 },
		{ "{\"type\":\"exchange\",\"id\":\"id-0\"}\n\n"
		    "{\"type\":\"note\"}\r\n"
		    "{\"type\":\"exchange\",\"id\":\"id-1\"}", 2, 3, 0 },
		{ "{\"type\":\"exchange\",\"id\":\"id-0\"}\n{\"typ", 1, 1, 1 },
	};
	const char *path = dir_path("plain");
	struct trace_info info;
	size_t i;
	int damage;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		spew(path, rows[i].text, strlen(rows[i].text));
		assert_int_equal(read_all(path, 0, &info, &damage),
		    rows[i].records);
		assert_int_equal(info.lines, rows[i].lines);
		assert_int_equal(info.torn, rows[i].torn);
		assert_int_equal(info.closed, 0);
	}
}

static void
spilled(void **state)
{
	const char *path = dir_path("spill");
	struct trace_writer *w = create(path, 0);
	struct exchange ex;
	struct ex_bytes body = { NULL, 5, NULL };
	struct err err = ERR_INIT;
	char name[HASH_HEX], file[256];
	struct buf b, copy;

	(void)state;
	assert_int_equal(trace_spill(w, "a\0b\nc", 5, name, &err), RC_OK);
	exchange_init(&ex);
	ex.id = "id-0";
	ex.status = 200;
	ex.res_body.spill = name;
	ex.res_body.n = 5;
	buf_init(&b, TRACE_LINE_MAX);
	exchange_write(&b, &ex);
	assert_int_equal(trace_write(w, b.p, b.len, &err), RC_OK);
	finish(w);
	buf_init(&copy, 100);
	body.spill = name;
	assert_int_equal(trace_body_load(path, &body, &copy, &err), RC_OK);
	assert_int_equal(copy.len, 5);
	assert_memory_equal(copy.p, "a\0b\nc", 5);
	assert_int_equal(trace_body_copy(path, dir_path("other"), b.p, b.len,
	    &err), RC_OK);
	buf_reset(&copy);
	assert_int_equal(trace_body_load(dir_path("other"), &body, &copy,
	    &err), RC_OK);
	(void)snprintf(file, sizeof(file), "%s.d/%s", path, name);
	assert_int_equal(chmod(file, 0600), 0);
	spew(file, "a\0b\nd", 5);
	assert_int_equal(trace_body_load(path, &body, &copy, &err),
	    RC_FORMAT);
	buf_fini(&copy);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(torn_anywhere),
		cmocka_unit_test(flipped_anywhere),
		cmocka_unit_test(resume),
		cmocka_unit_test(killed),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(refusals),
		cmocka_unit_test(plain_text),
		cmocka_unit_test(spilled),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
