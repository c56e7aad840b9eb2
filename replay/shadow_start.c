/* The thread that decides: its start and its end; see shadow_part.h. */
#include <stdlib.h>
#include <string.h>

#include "replay/shadow_part.h"

static void
work_free(struct shadow_work *w)
{
	int a;

	shadow_work_stop_askers(w);
	for (a = 0; a < ARM_N; a++)
		shadow_gate_fini(&w->gate[a]);
	shadow_queue_fini(&w->in);
	shadow_sender_fini(&w->sender);
	record_share_fini(&w->share);
	record_share_fini(&w->echo);
	record_share_fini(&w->primary);
	where_free(w->where);
	buf_fini(&w->line);
	(void)pthread_mutex_destroy(&w->part_lock);
	free(w);
}

static int
start_askers(struct shadow_work *w, int64_t base_ns, struct err *err)
{
	const struct shadow_opts *o = w->o;
	struct shadow_asker_opts ask = { .in_flight = o->in_flight,
		.answer_max = o->answer_max, .deadline_ns = o->deadline_ns,
		.base_ns = base_ns, .done = &w->in };
	int a, rc = RC_OK;

	for (a = 0; a < ARM_N && rc == RC_OK; a++) {
		if (o->url[a] == NULL)
			continue;
		ask.url = o->url[a];
		ask.target = shadow_target_of(o, (enum arm)a);
		rc = shadow_gate_init(&w->gate[a], o->in_flight, o->max_rps,
		    o->shared_caps, err);
		if (rc == RC_OK)
			rc = shadow_asker_start(&ask, &w->asker[a], err);
		if (rc != RC_OK)
			err_prefix(err, "%s", arm_name((enum arm)a));
	}
	w->gate[ARM_CANDIDATE].max = o->max_requests;
	w->gate[ARM_CANDIDATE].money_max = o->max_money;
	return rc;
}

static int
init_shares(struct shadow_work *w, struct err *err)
{
	const struct shadow_opts *o = w->o;
	int rc = record_share_init(&w->share, o->share, o->sticky, err);

	if (rc == RC_OK)
		rc = record_share_init(&w->echo, o->echo, NULL, err);
	return rc != RC_OK ? rc :
	    record_share_init(&w->primary, o->ask_primary, NULL, err);
}

static int
init_where(struct shadow_work *w, struct err *err)
{
	w->where = where_new();
	return w->where == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    where_add_map(w->where, w->o->where, err);
}

int
shadow_work_start(const struct shadow_opts *o, struct record_pool *pool,
    struct shadow_counts *counts, struct record_queue *q, int64_t base_ns,
    struct shadow_work **out, struct err *err)
{
	struct shadow_work *w = calloc(1, sizeof(*w));
	int rc;

	*out = NULL;
	if (w == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	w->o = o;
	w->counts = counts;
	w->q = q;
	w->last = &w->first;
	w->n_named = o->named;
	w->in.fd = -1;
	/* until it is known what its part is, nothing is asked */
	(void)pthread_mutex_init(&w->part_lock, NULL);
	w->part = (struct shadow_caps){ .rps = -1, .requests = -1,
		.money = -1 };
	if (o->shared_caps)
		memset(&w->part, 0, sizeof(w->part));
	shadow_links_init(&w->partners);
	shadow_links_init(&w->waiters);
	buf_init(&w->line, (size_t)2 << 30);
	shadow_sender_init(&w->sender, o, pool);
	rc = shadow_queue_init(&w->in, err);
	if (rc == RC_OK)
		rc = init_shares(w, err);
	if (rc == RC_OK && o->where != NULL)
		rc = init_where(w, err);
	if (rc == RC_OK)
		rc = start_askers(w, base_ns, err);
	if (rc == RC_OK && pthread_create(&w->thread, NULL, shadow_work_main,
	    w) != 0)
		rc = err_set(err, RC_NOMEM, "cannot start a thread");
	if (rc != RC_OK)
		work_free(w);
	else
		*out = w;
	return rc;
}

void
shadow_work_put(struct shadow_work *w, struct shadow_pair *p)
{
	p->node.kind = KIND_PAIR;
	shadow_queue_put(&w->in, &p->node);
}

void
shadow_work_partner(struct shadow_work *w, struct shadow_partner *s)
{
	s->node.kind = KIND_PARTNER;
	shadow_queue_put(&w->in, &s->node);
}

void
shadow_work_caps(struct shadow_work *w, const struct shadow_caps *caps)
{
	(void)pthread_mutex_lock(&w->part_lock);
	w->part = *caps;
	(void)pthread_mutex_unlock(&w->part_lock);
}

void
shadow_work_stop(struct shadow_work **wp, int64_t grace_ns,
    const volatile sig_atomic_t *now)
{
	struct shadow_work *w = *wp;

	*wp = NULL;
	if (w == NULL)
		return;
	w->grace_ns = grace_ns;
	w->now = now;
	atomic_store(&w->ending, 1);
	shadow_queue_wake(&w->in);
	(void)pthread_join(w->thread, NULL);
	work_free(w);
}

void
shadow_work_trouble(struct shadow_work *w, char *out)
{
	int a;

	*out = '\0';
	for (a = 0; a < ARM_N && *out == '\0'; a++) {
		if (w->asker[a] != NULL)
			shadow_asker_trouble(w->asker[a], out);
	}
}
