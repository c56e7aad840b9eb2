/* The live verdict: who calls whom, under the lock; see live.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/mono.h"
#include "harness/base/rng.h"
#include "harness/judge/live_part.h"

enum { WINDOW_PAIRS = 500 };
#define ALPHA 0.01
/* A clock that goes back by more than answers overtake each other. */
#define CLOCK_BACK_NS (60 * MONO_S)

/* ---- opening ----------------------------------------------------------- */

/* What a saved state must have been made with. */
static void
shape_of(struct live *l)
{
	const struct embed_info *e = embedder_info(l->o.embedder);
	struct buf b;

	buf_init(&b, 1 << 16);
	buf_printf(&b, "%s %s %s %g %llu %lld", l->o.suite->hash, e->name,
	    e->weights_hash, l->o.alpha,
	    (unsigned long long)l->o.window_pairs,
	    (long long)l->o.window_ns);
	hash_hex(buf_str(&b), b.len, l->shape);
	buf_fini(&b);
}

static int
check(const struct live_opts *o, struct err *err)
{
	if (o->alpha < 0 || o->alpha >= .5)
		return err_set(err, RC_USAGE, "alpha is %g: above 0 and below "
		    ".5 is possible", o->alpha);
	if (o->echo_share < 0 || o->echo_share > 1)
		return err_set(err, RC_USAGE, "the share of echoes is %g: 0 "
		    "to 1 is possible", o->echo_share);
	if (o->window_ns < 0)
		return err_set(err, RC_USAGE, "a window lasts 0 or longer");
	return RC_OK;
}

int
live_open(struct live **out, const struct live_opts *o, struct err *err)
{
	struct live *l;
	int i, rc = check(o, err);

	*out = NULL;
	if (rc != RC_OK)
		return rc;
	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	l->o = *o;
	if (l->o.alpha == 0)
		l->o.alpha = ALPHA;
	if (l->o.window_pairs == 0)
		l->o.window_pairs = WINDOW_PAIRS;
	(void)pthread_mutex_init(&l->lock, NULL);
	for (i = 0; i < 3; i++)
		live_look_init(&l->look[i]);
	l->last_ns = l->window_at_ns = -1;
	l->opened_wall_ns = o->wall_ns != 0 ? o->wall_ns : mono_wall_ns();
	l->began_wall_ns = l->opened_wall_ns;
	shape_of(l);
	rc = live_time_init(&l->time, err);
	if (rc == RC_OK)
		rc = live_gold_open(&l->o, &l->gold, err);
	if (rc != RC_OK)
		live_close(&l);
	*out = l;
	return rc;
}

void
live_close(struct live **l)
{
	int i;

	if (*l == NULL)
		return;
	for (i = 0; i < 3; i++)
		live_look_fini(&(*l)->look[i]);
	live_gold_close((*l)->gold);
	live_time_fini(&(*l)->time);
	(void)pthread_mutex_destroy(&(*l)->lock);
	free((*l)->note);
	free(*l);
	*l = NULL;
}

/* ---- the clock --------------------------------------------------------- */

/* Since the state's beginning; goes on across restarts and resets. */
static int64_t
state_time(struct live *l, int64_t sent_ns)
{
	int64_t at;

	if (l->last_ns < 0)
		l->last_ns = l->window_at_ns = 0;
	if (!l->clocked) {
		l->clocked = 1;
		l->offset_ns = l->last_ns - sent_ns;
		l->opened_at_ns = l->last_ns;
	}
	at = sent_ns + l->offset_ns;
	if (at < l->last_ns - CLOCK_BACK_NS) {
		l->offset_ns += l->last_ns - at;
		at = l->last_ns;
	}
	if (at > l->last_ns)
		l->last_ns = at;
	return at;
}

/* ---- echoes ------------------------------------------------------------ */

/* By chance alone, so many that the share is kept. */
static int
may_echo(const struct live *l)
{
	const double share = l->o.echo_share;
	double differ;

	if (share <= 0 || share >= 1)
		return 1;
	if ((double)l->echoes >= share * (double)(l->compared + 1))
		return 0;
	differ = (double)(l->differ + 1) / (double)(l->compared + 1);
	return rng_unit(l->o.suite->seed, 0x6c697665, l->compared) <
	    share / differ;
}

int
live_wants_echo(struct live *l, const struct exchange *primary,
    const struct exchange *candidate, struct err *err)
{
	int rc, wants = 0;

	(void)pthread_mutex_lock(&l->lock);
	rc = live_look_at(&l->look[0], l->o.suite, ARM_BASELINE, primary, err);
	if (rc == RC_OK)
		rc = live_look_at(&l->look[1], l->o.suite, ARM_CANDIDATE,
		    candidate, err);
	if (rc == RC_OK && primary != NULL && l->look[0].answered &&
	    l->look[1].answered) {
		live_look_ids(&l->look[0], &l->look[1], NULL);
		wants = live_look_differ(&l->look[0], &l->look[1]) &&
		    may_echo(l);
	}
	(void)pthread_mutex_unlock(&l->lock);
	return rc != RC_OK ? rc : wants;
}

/* ---- adding ------------------------------------------------------------ */

static void
count_arm(struct live *l, int arm, const struct live_look *k)
{
	if (k->ex == NULL)
		return;
	l->sent[arm]++;
	l->answered[arm] += k->answered != 0;
	l->outcomes[arm][k->outcome]++;
	if (arm == 2 && k->answered && k->ex->total_ns > 0)
		hist_add(l->time.life[2], k->ex->total_ns);
}

static void
count_pair(struct live *l, const struct live_pair *p)
{
	l->pairs++;
	l->window_pairs++;
	l->compared += p->both != 0;
	l->differ += p->differ != 0;
	l->cached += p->cached != 0;
	if (!p->both || !p->differ || p->echo->ex == NULL ||
	    !p->echo->answered)
		return;
	l->echoes++;
	l->self_differ += live_look_differ(p->primary, p->echo) != 0;
}

static void
time_pair(struct live *l, const struct live_pair *p, int64_t at_ns)
{
	const struct exchange *b = p->primary->ex, *c = p->candidate->ex;

	if ((p->both || (p->primary->bodyless && p->candidate->answered)) &&
	    b->total_ns > 0 && c->total_ns > 0)
		live_time_add(l, at_ns, (double)b->total_ns,
		    (double)c->total_ns);
}

static void
next_window(struct live *l)
{
	if (l->window_pairs < l->o.window_pairs ||
	    l->last_ns - l->window_at_ns < l->o.window_ns)
		return;
	l->windows++;
	l->window_pairs = 0;
	l->window_at_ns = l->last_ns;
	live_tests_window(l);
}

static int
add_pair(struct live *l, int64_t at_ns, struct err *err)
{
	struct live_pair p = { .primary = &l->look[0],
		.candidate = &l->look[1], .echo = &l->look[2] };
	int rc = live_pair_measure(l, &p, err);

	if (rc != RC_OK)
		return rc;
	count_pair(l, &p);
	time_pair(l, &p, at_ns);
	live_tests_add(l, &p);
	live_tests_example(l, &p);
	live_tests_judge(l);
	live_time_judge(l);
	next_window(l);
	return RC_OK;
}

static void
add_alone(struct live *l)
{
	l->alone++;
	live_tests_alone(l, &l->look[1]);
	live_tests_judge(l);
}

int
live_add(struct live *l, const struct exchange *primary,
    const struct exchange *candidate, const struct exchange *echo,
    struct err *err)
{
	const struct exchange *ex[3] = { primary, candidate, echo };
	static const enum arm arm[3] = { ARM_BASELINE, ARM_CANDIDATE,
		ARM_BASELINE };
	int64_t at_ns;
	int i, rc = RC_OK;

	(void)pthread_mutex_lock(&l->lock);
	for (i = 0; i < 3 && rc == RC_OK; i++)
		rc = live_look_at(&l->look[i], l->o.suite, arm[i], ex[i], err);
	if (rc == RC_OK) {
		live_look_alike(&l->look[0], &l->look[1]);
		at_ns = state_time(l, candidate->sent_ns);
		for (i = 0; i < 3; i++)
			count_arm(l, i, &l->look[i]);
		live_pins_add(l, &l->look[0], &l->look[1]);
		if (primary == NULL)
			add_alone(l);
		else
			rc = add_pair(l, at_ns, err);
	}
	(void)pthread_mutex_unlock(&l->lock);
	return rc;
}
