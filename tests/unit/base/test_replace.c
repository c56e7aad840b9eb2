/* A file replaced whole, or not at all. */
#include "harness/base/replace.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/folder.h"

static void
holds(const char *path, const char *want)
{
	char got[64] = "";
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
	assert_int_equal(fclose(f), 0);
	assert_string_equal(got, want);
}

static size_t
entries(void)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n - 2;
}

static void
test_replace(void **state)
{
	struct err err = ERR_INIT;
	struct stat st;

	(void)state;
	(void)umask(022);
	assert_int_equal(replace_file(dir_path("f"), REPLACE_OWN, "one", 3,
	    &err), RC_OK);
	holds(dir_path("f"), "one");
	assert_int_equal(stat(dir_path("f"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(replace_file(dir_path("f"), REPLACE_SHARED, "three", 5,
	    &err), RC_OK);
	holds(dir_path("f"), "three");
	assert_int_equal(stat(dir_path("f"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(replace_file(dir_path("f"), REPLACE_OWN, "", 0, &err),
	    RC_OK);
	holds(dir_path("f"), "");
	assert_int_equal(entries(), 1);
}

/* What came to nothing leaves the old file and nothing beside it. */
static void
test_failed(void **state)
{
	struct err err = ERR_INIT, of = ERR_INIT;
	struct replace r;

	(void)state;
	assert_int_equal(replace_file(dir_path("f"), REPLACE_OWN, "old", 3,
	    &err), RC_OK);
	assert_int_equal(replace_open(&r, dir_path("f"), REPLACE_OWN, &err),
	    RC_OK);
	assert_int_equal(write(r.fd, "ne", 2), 2);
	assert_int_equal(replace_close(&r, err_set(&of, RC_IO, "full"),
	    &of), RC_IO);
	holds(dir_path("f"), "old");
	assert_int_equal(entries(), 1);
	assert_int_equal(replace_file(dir_path("none/f"), REPLACE_OWN, "x", 1,
	    &err), RC_IO);
	assert_non_null(strstr(err.msg, "none/f"));
}

/* A name that a crash left is no obstacle. */
static void
test_left(void **state)
{
	struct err err = ERR_INIT;
	struct replace r, s;

	(void)state;
	assert_int_equal(replace_open(&r, dir_path("g"), REPLACE_OWN, &err),
	    RC_OK);
	assert_int_equal(replace_open(&s, dir_path("g"), REPLACE_OWN, &err),
	    RC_OK);
	assert_string_not_equal(r.tmp, s.tmp);
	assert_int_equal(write(s.fd, "s", 1), 1);
	assert_int_equal(replace_close(&s, RC_OK, &err), RC_OK);
	assert_int_equal(replace_close(&r, RC_IO, &err), RC_IO);
	holds(dir_path("g"), "s");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_left),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
