/* Requests to stop; see cmd_stop.h. */
#include "harness/cmd/cmd_stop.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/mono.h"

static volatile sig_atomic_t asked, asked_again;
/* When the last request came; 0 before any. Threads share it: signals of
 * the process may run this handler in two of them at a time. */
static _Atomic int64_t last_ns;

/* 0 no request of its own, 1 the first, 2 a later one */
static int
request(void)
{
	int64_t now = mono_now_ns(), last = atomic_load(&last_ns);

	do {
		if (last != 0 && now - last < STOP_SAME_MS * MONO_MS)
			return 0;
	} while (!atomic_compare_exchange_weak(&last_ns, &last, now));
	return last == 0 ? 1 : 2;
}

/* Other threads look at it meanwhile, and a builtin writes it.
 * NOLINTBEGIN(readability-non-const-parameter) */
static void
raise_flag(volatile sig_atomic_t *flag)
{
	__atomic_store_n(flag, 1, __ATOMIC_RELAXED);
}
/* NOLINTEND(readability-non-const-parameter) */

static void
on_signal(int sig)
{
	static const char word[] =
	    "\nstopping; press again to end at once\n";
	int nth = request(), before = errno;

	if (nth == 2)
		_exit(128 + sig);
	if (nth == 0)
		return;
	raise_flag(&asked);
	/* errno is that of whoever was interrupted */
	if (write(STDERR_FILENO, word, sizeof(word) - 1) < 0)
		errno = before;
}

static void
on_silent_signal(int sig)
{
	int nth = request();

	(void)sig;
	if (nth == 1)
		raise_flag(&asked);
	else if (nth == 2)
		raise_flag(&asked_again);
}

static void
catch_with(void (*handler)(int))
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &sa, NULL);
}

volatile sig_atomic_t *
stop_catch(void)
{
	catch_with(on_signal);
	return &asked;
}

volatile sig_atomic_t *
stop_catch_twice(volatile sig_atomic_t **again)
{
	catch_with(on_silent_signal);
	*again = &asked_again;
	return &asked;
}
