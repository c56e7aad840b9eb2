/* The rules under which child processes are started. */
#include "harness/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "tests/lib/check.h"

#define LONG_NS (60 * MONO_S)

static int
said(const char *command, char *out, size_t cap)
{
	struct err err = ERR_INIT;
	struct buf b;
	int status = -1;

	buf_init(&b, 4096);
	assert_int_equal(child_output(command, LONG_NS, &b, &status, &err),
	    RC_OK);
	(void)snprintf(out, cap, "%s", buf_str(&b));
	buf_fini(&b);
	return status;
}

/* The child of a program that ignores SIGPIPE and blocks SIGTERM has both as
 * the system has them, and leads a group. */
static void
test_signals(void **state)
{
	sigset_t term, before;
	char out[80];
	int status;

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)pthread_sigmask(SIG_BLOCK, &term, &before);
	status = said("kill -PIPE $$; echo alive", out, sizeof(out));
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGPIPE);
	status = said("kill -TERM $$; echo alive", out, sizeof(out));
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	status = said("set -- $(cut -d ' ' -f 5 /proc/$$/stat); "
	    "[ $1 = $$ ] && echo leads", out, sizeof(out));
	assert_int_equal(status, 0);
	assert_string_equal(out, "leads\n");
}

/* In a process of its own: a pipe whose ends are 1 and 0, to be the child's
 * 0 and 1, the other way round. Exits with 0 when the child saw them so. */
static void
crossed(int in, int out)
{
	int fd[3] = { 1, 0, 2 }, status = -1;
	pid_t pid;

	if (dup2(in, 1) != 1 || dup2(out, 0) != 0)
		_exit(3);
	if (child_start("read line && echo got $line", NULL, fd, &pid,
	    NULL) != RC_OK)
		_exit(4);
	if (waitpid(pid, &status, 0) != pid)
		_exit(5);
	_exit(status == 0 ? 0 : 6);
}

static void
test_crossed_descriptors(void **state)
{
	int in[2], out[2], status = -1;
	char got[32] = "";
	ssize_t n;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		crossed(in[0], out[1]);
	assert_int_equal(write(in[1], "this\n", 5), 5);
	(void)close(in[1]);
	(void)close(out[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	n = read(out[0], got, sizeof(got) - 1);
	assert_int_equal(n, 9);
	assert_string_equal(got, "got this\n");
	(void)close(in[0]);
	(void)close(out[0]);
}

/* The child of a process that is killed ends: its output, which it alone
 * holds, comes to its end. */
static void
test_parents_death(void **state)
{
	int out[2], status;
	char c;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd[3] = { 0, out[1], 2 };

		if (child_start("echo; exec sleep 600", NULL, fd, &pid,
		    NULL) != RC_OK)
			_exit(1);
		(void)pause();
		_exit(2);
	}
	(void)close(out[1]);
	assert_int_equal(read(out[0], &c, 1), 1);	/* it runs */
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(read(out[0], &c, 1), 0);
	(void)close(out[0]);
}

static void
test_limits(void **state)
{
	static const struct {
		const char *command;
		int64_t limit_ns;
	} rows[] = {
		{ "sleep 600", 50 * MONO_MS },
		{ "sleep 600 & sleep 600", 50 * MONO_MS },
		{ "exec >&-; sleep 600", 50 * MONO_MS },
		{ "yes", LONG_NS },
	};
	struct err err;
	struct buf b;
	size_t i;
	int status;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err = (struct err)ERR_INIT;
		buf_init(&b, 1000);
		assert_int_equal(child_output(rows[i].command,
		    rows[i].limit_ns, &b, &status, &err), RC_USAGE);
		assert_non_null(strstr(err.msg, "took longer than"));
		buf_fini(&b);
	}
}

static void
test_output_and_status(void **state)
{
	char out[80], text[40];
	int status = said("echo one; echo two; exit 3", out, sizeof(out));

	(void)state;
	assert_string_equal(out, "one\ntwo\n");
	child_say_status(status, text, sizeof(text));
	assert_string_equal(text, "ended with status 3");
	status = said("kill -KILL $$", out, sizeof(out));
	child_say_status(status, text, sizeof(text));
	assert_string_equal(text, "was killed by signal 9");
	status = said("/no/such/program 2>/dev/null", out, sizeof(out));
	child_say_status(status, text, sizeof(text));
	assert_string_equal(text, "ended with status 127");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_crossed_descriptors),
		cmocka_unit_test(test_parents_death),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_output_and_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
