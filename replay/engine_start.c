/*
 * Whether a run should continue: if an arm's first requests all fail alike,
 * the arm is down or the requests are wrong.
 */
#include <stdio.h>
#include <string.h>

#include "replay/engine_part.h"

/* The outcome of an answer as scoring will see it; errors of extraction are
 * left to scoring. */
static enum outcome
look(struct worker *w, const struct flight *f, const struct exchange *ex,
    const char **why)
{
	const struct engine_arm *arm = &w->e->arm[f->arm];
	struct err err = ERR_INIT;

	*why = ex->why;
	if (ex->outcome != OUTCOME_OK || extract_answer(arm->extract, ex,
	    &w->answer, &err) != RC_OK)
		return ex->outcome;
	if (w->answer.outcome != OUTCOME_OK)
		*why = w->answer.why;
	return w->answer.outcome;
}

/* An assertion of the case may expect exactly that. */
static int
is_failure(const struct flight *f, enum outcome o)
{
	if (o == OUTCOME_HTTP_4XX && f->expects_4xx)
		return 0;
	if ((o == OUTCOME_BAD_JSON || o == OUTCOME_EXTRACT_FAILED) &&
	    f->expects)
		return 0;
	/* the stack is up and answers: the gates judge what it says */
	if (o == OUTCOME_SERVICE_ERROR || o == OUTCOME_FILTERED ||
	    o == OUTCOME_CUT)
		return 0;
	return outcome_is_error(o);
}

void
engine_started(struct worker *w, const struct flight *f,
    const struct exchange *ex)
{
	struct engine *e = w->e;
	/* an echo is a repeat on its arm */
	enum arm a = e->arm[f->arm].target == e->arm[f->arm & 1].target ?
	    (enum arm)(f->arm & 1) : f->arm;
	struct engine_start *s = &e->start_of[a];
	uint32_t most = e->job->suite->give_up_after;
	const char *why = NULL;
	enum outcome o;

	if (atomic_load_explicit(&s->over, memory_order_relaxed))
		return;
	o = look(w, f, ex, &why);
	(void)pthread_mutex_lock(&e->err_lock);
	if (!is_failure(f, o) || (s->n > 0 && o != s->outcome) || most == 0)
		atomic_store(&s->over, 1);
	s->outcome = o;
	if (!atomic_load(&s->over) && ++s->n == most) {
		atomic_store(&s->over, 1);
		if (e->alike.n == 0) {
			e->alike = (struct engine_alike){ .arm = a,
				.n = most, .outcome = o };
			(void)snprintf(e->alike.why, sizeof(e->alike.why),
			    "%s", why == NULL ? "" : why);
		}
		engine_halt(e, ENGINE_ALIKE);
	}
	(void)pthread_mutex_unlock(&e->err_lock);
}
