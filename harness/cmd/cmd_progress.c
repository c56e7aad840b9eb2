/* The progress of a replay; see cmd_progress.h. */
#include "harness/cmd/cmd_progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/mono.h"

void
cmd_progress_init(struct cmd_progress *p, int quiet)
{
	memset(p, 0, sizeof(*p));
	p->tty = isatty(STDERR_FILENO);
	p->quiet = quiet;
	p->last_ns = mono_now_ns();
}

static void
put(const char *s, int n)
{
	if (n > 0 && write(STDERR_FILENO, s, (size_t)n) < 0)
		return;	/* a closed terminal must not end a run */
}

static void
eta_text(int64_t eta_ns, char out[24])
{
	long long s = (long long)(eta_ns / MONO_S);

	if (eta_ns < 0)
		(void)snprintf(out, 24, "--:--");
	else
		(void)snprintf(out, 24, "%02lld:%02lld", s / 60 % 6000,
		    s % 60);
}

void
cmd_progress_show(void *ctx, const struct engine_progress *e)
{
	struct cmd_progress *p = ctx;
	int64_t now = mono_now_ns();
	char line[160], eta[24];
	int n;

	if (p->quiet || (!p->tty && now - p->last_ns < 10 * MONO_S))
		return;
	p->last_ns = now;
	eta_text(e->eta_ns, eta);
	n = snprintf(line, sizeof(line),
	    "%s%llu/%llu requests  %.0f/s  %llu errors  p95 %.0f ms  "
	    "late %.1f ms  ETA %s%s", p->tty ? "\r\033[K" : "",
	    (unsigned long long)e->done, (unsigned long long)e->total,
	    e->per_second, (unsigned long long)e->errors,
	    (double)e->p95_ns / 1e6, (double)e->late_p99_ns / 1e6, eta,
	    p->tty ? "" : "\n");
	put(line, n < (int)sizeof(line) ? n : (int)sizeof(line) - 1);
	p->shown = 1;
}

void
cmd_progress_end(struct cmd_progress *p)
{
	if (p->tty && p->shown)
		put("\r\033[K", 4);
}
