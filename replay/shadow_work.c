/*
 * Who decides what the targets are asked, and joins their answers to a pair:
 * one thread of shadow's own; see shadow_part.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "harness/traffic/where.h"
#include "replay/shadow_part.h"

/* A pair that is asked much later than its user is no comparison. */
#define STALE_NS (5 * MONO_S)
enum { NICE = 5 };		/* behind the users' path, before the askers */
enum { PARTNERS_MAX = 65536 };

void
shadow_pair_free(struct shadow_pair *p)
{
	int a;

	if (p == NULL)
		return;
	record_item_free(p->item);
	for (a = 0; a < ARM_N; a++)
		shadow_ask_free(p->ask[a]);
	free(p);
}

/* Its fate is known, and it is not asked. */
static void
drop(struct shadow_work *w, struct shadow_pair *p, enum shadow_fate why)
{
	shadow_count(&w->counts->fate[why]);
	(void)atomic_fetch_sub(&w->counts->waiting, 1);
	shadow_pair_free(p);
}

/* ---- asking ------------------------------------------------------------ */

/* The asker of an arm: without a deployment of its own an echo's is that of
 * its arm. */
static enum arm
asker_of(const struct shadow_work *w, enum arm a)
{
	return w->asker[a] != NULL ? a : arm_of_echo(a);
}

/* The primary once more, or for a mirrored request. It is asked now or not
 * at all: it has users. returns whether it will be */
static int
make_other(struct shadow_work *w, struct shadow_pair *p, enum arm a,
    int64_t now_ns)
{
	struct shadow_gate *g = &w->gate[asker_of(w, a)];
	int full;

	return shadow_gate_ask(g, now_ns, &full) == SHADOW_MIRRORED &&
	    !full && shadow_send_make(&w->sender, p, a) == RC_OK;
}

static int
in_share(struct record_share *s)
{
	return record_share_head(s, NULL, 0) != 0;
}

static void
make_others(struct shadow_work *w, struct shadow_pair *p, int64_t now_ns)
{
	const struct shadow_opts *o = w->o;

	if (o->from_mirror && (o->url[ARM_BASELINE] == NULL ||
	    o->ask_primary <= 0 || !in_share(&w->primary) ||
	    !make_other(w, p, ARM_BASELINE, now_ns)) &&
	    (o->join_key == NULL || o->url[ARM_BASELINE] == NULL))
		return;		/* an echo of nothing is of no use */
	if (o->url[ARM_BASELINE2] == NULL && (o->echo <= 0 ||
	    !in_share(&w->echo)))
		return;
	if (!make_other(w, p, ARM_BASELINE2, now_ns))
		shadow_count(&w->counts->not_echoed);
}

static void
send_ask(struct shadow_work *w, struct shadow_ask *k, int64_t now_ns)
{
	enum arm to = asker_of(w, k->arm);

	shadow_gate_sent(&w->gate[to], now_ns);
	shadow_count(&w->counts->asked[k->arm]);
	k->node.kind = KIND_ASK;
	shadow_asker_put(w->asker[to], k);
}

static void
send_asks(struct shadow_work *w, struct shadow_pair *p, int64_t now_ns)
{
	int a;

	for (a = 0; a < ARM_N; a++)
		p->out += p->ask[a] != NULL;
	for (a = 0; a < ARM_N; a++) {
		if (p->ask[a] != NULL)
			send_ask(w, p->ask[a], now_ns);
	}
	w->out++;
}

/* returns 0 when it has to wait for its turn */
static int
try_send(struct shadow_work *w, struct shadow_pair *p)
{
	int64_t now = mono_now_ns();
	enum shadow_fate fate;
	int full;

	fate = now - p->at_ns > STALE_NS ? SHADOW_WAITED :
	    shadow_gate_ask(&w->gate[ARM_CANDIDATE], now, &full);
	if (fate == SHADOW_MIRRORED && full)
		return 0;
	if (w->o->join_key != NULL)
		(void)shadow_key(w->o->join_key, &p->item->ex, p->link.key);
	if (fate == SHADOW_MIRRORED && !w->o->from_mirror)
		shadow_send_pins(&w->sender, &p->item->ex, &w->pins);
	p->pins = w->pins;
	if (fate == SHADOW_MIRRORED && (shadow_send_name(&w->sender, p,
	    w->n_named + 1) != RC_OK || shadow_send_make(&w->sender, p,
	    ARM_CANDIDATE) != RC_OK))
		fate = SHADOW_MEMORY;
	if (fate != SHADOW_MIRRORED) {
		drop(w, p, fate);
		return 1;
	}
	w->n_named++;
	make_others(w, p, now);
	shadow_count(&w->counts->fate[SHADOW_MIRRORED]);
	(void)atomic_fetch_sub(&w->counts->waiting, 1);
	send_asks(w, p, now);
	return 1;
}

/* Whether the suite asks for such exchanges; the line stays in memory. */
static int
is_wanted(struct shadow_work *w, const struct shadow_pair *p)
{
	if (w->where == NULL)
		return 1;
	buf_reset(&w->line);
	exchange_write(&w->line, &p->item->ex);
	return buf_check(&w->line, "an exchange", NULL) == RC_OK &&
	    where_holds(w->where, &p->item->ex, w->line.p, w->line.len);
}

static void
arrive(struct shadow_work *w, struct shadow_pair *p)
{
	struct ex_bytes sent = { NULL, 0, NULL };

	if (p->item->has_sent) {
		sent.p = buf_str(&p->item->sent);
		sent.n = p->item->sent.len;
	}
	if (atomic_load(&w->ending))
		drop(w, p, SHADOW_ENDED);
	else if (p->ask_body && !record_share_body(&w->share, &sent))
		drop(w, p, SHADOW_NOT_SHARE);
	else if (!is_wanted(w, p))
		drop(w, p, SHADOW_NOT_WHERE);
	else if (w->n_waiting == 0 && try_send(w, p))
		return;
	else if (w->n_waiting >= w->o->waiting)
		drop(w, p, SHADOW_QUEUE);
	else {
		p->node.next = NULL;
		*w->last = &p->node;
		w->last = &p->node.next;
		w->n_waiting++;
	}
}

static void
send_waiting(struct shadow_work *w)
{
	struct shadow_node *n, *next;

	for (n = w->first; n != NULL; n = next) {
		next = n->next;
		if (!try_send(w, (struct shadow_pair *)n))
			return;
		w->first = next;
		w->n_waiting--;
		if (next == NULL)
			w->last = &w->first;
	}
}

static void
drop_waiting(struct shadow_work *w)
{
	struct shadow_node *n, *next;

	for (n = w->first; n != NULL; n = next) {
		next = n->next;
		drop(w, (struct shadow_pair *)n, SHADOW_ENDED);
	}
	w->first = NULL;
	w->last = &w->first;
	w->n_waiting = 0;
}

/* ---- joining ----------------------------------------------------------- */

/* The answer of an arm, or NULL: it was not asked, or is not known. */
static struct record_item *
answer_of(struct shadow_pair *p, enum arm a)
{
	return p->ask[a] == NULL || p->ask[a]->lost ? NULL :
	    p->ask[a]->item;
}

/* The user's own exchange as the baseline's. */
static struct record_item *
primary_of(const struct shadow_work *w, struct shadow_pair *p)
{
	struct record_item *it = p->item;

	if (w->o->from_mirror && p->joined <= 0)
		return answer_of(p, ARM_BASELINE);
	(void)snprintf(it->id, sizeof(it->id), "%.30s-b", p->id);
	(void)snprintf(it->case_id, sizeof(it->case_id), "%s", p->id);
	it->ex.key.case_id = it->case_id;
	it->ex.key.arm = ARM_BASELINE;
	it->ex.url = w->o->url[ARM_BASELINE];
	/* a redirection is no answer, of a target neither */
	if (it->ex.outcome == OUTCOME_OK)
		it->ex.outcome = http_outcome_of_status(it->ex.status);
	return it;
}

/* What is put away is no longer the pair's. */
static void
keep(struct shadow_work *w, struct shadow_pair *p,
    struct record_item *primary, struct record_item *candidate,
    struct record_item *echo)
{
	primary->next = candidate;
	candidate->next = echo;
	if (p->item == primary)
		p->item = NULL;
	else
		p->ask[ARM_BASELINE]->item = NULL;
	p->ask[ARM_CANDIDATE]->item = NULL;
	if (echo != NULL)
		p->ask[ARM_BASELINE2]->item = NULL;
	record_queue_put(w->q, primary);
}

/* Whoever judges asks for it by what both said. returns 1: it is under way */
static int
ask_echo(struct shadow_work *w, struct shadow_pair *p,
    const struct record_item *primary, const struct record_item *candidate)
{
	int64_t now = mono_now_ns();

	if (w->o->wants == NULL || p->ask[ARM_BASELINE2] != NULL ||
	    p->looked || atomic_load(&w->ending))
		return 0;
	p->looked = 1;
	if (!w->o->wants(w->o->pair_ctx, &primary->ex, &candidate->ex))
		return 0;
	if (!make_other(w, p, ARM_BASELINE2, now)) {
		shadow_count(&w->counts->not_echoed);
		return 0;
	}
	p->echo_apart = 1;
	p->out = 1;
	send_ask(w, p->ask[ARM_BASELINE2], now);
	return 1;
}

/* ---- partners from elsewhere ------------------------------------------- */

static void
join(struct shadow_work *w, struct shadow_pair *p, struct shadow_partner *s)
{
	p->joined = shadow_partner_join(p->item, s) == RC_OK ? 1 : -1;
	if (p->joined > 0)
		shadow_count(&w->counts->joined);
	shadow_partner_free(s);
}

static struct shadow_partner *
partner_of(struct shadow_link *x)
{
	return x == NULL ? NULL : (struct shadow_partner *)(void *)((char *)x -
	    offsetof(struct shadow_partner, link));
}

static struct shadow_pair *
pair_of(struct shadow_link *x)
{
	return x == NULL ? NULL : (struct shadow_pair *)(void *)((char *)x -
	    offsetof(struct shadow_pair, link));
}

/* Whether a pair whose candidate has answered is to wait for its partner. */
static int
await_partner(struct shadow_work *w, struct shadow_pair *p)
{
	struct shadow_partner *s;

	if (w->o->join_key == NULL || p->joined != 0 ||
	    p->ask[ARM_BASELINE] != NULL || p->link.key[0] == '\0')
		return 0;
	s = partner_of(shadow_links_take(&w->partners, p->link.key));
	if (s != NULL)
		join(w, p, s);
	else
		shadow_links_put(&w->waiters, &p->link, mono_now_ns());
	return p->joined == 0;
}

static void
complete(struct shadow_work *w, struct shadow_pair *p)
{
	struct record_item *primary = primary_of(w, p);
	struct record_item *candidate = answer_of(p, ARM_CANDIDATE);
	struct record_item *echo = answer_of(p, ARM_BASELINE2);
	int alone = w->o->from_mirror && p->ask[ARM_BASELINE] == NULL &&
	    p->joined <= 0;
	int by_status = p->joined > 0 && primary != NULL &&
	    primary->ex.outcome == OUTCOME_OK && primary->ex.res_body.p == NULL;

	if (primary != NULL && w->o->from_mirror)
		shadow_send_pins(&w->sender, &primary->ex, &w->pins);
	if (candidate != NULL && primary != NULL &&
	    ask_echo(w, p, primary, candidate))
		return;
	w->out--;
	if (candidate == NULL || (primary == NULL && !alone)) {
		shadow_count(&w->counts->unkept);
		shadow_pair_free(p);
		return;
	}
	if (echo != NULL)
		echo->ex.key.n = p->echo_apart != 0;
	if (w->o->pair != NULL)
		w->o->pair(w->o->pair_ctx, primary == NULL ? NULL :
		    &primary->ex, &candidate->ex, echo == NULL ? NULL :
		    &echo->ex);
	shadow_count(primary == NULL ? &w->counts->no_partner :
	    by_status ? &w->counts->by_status : &w->counts->pairs);
	if (primary != NULL && !by_status)
		keep(w, p, primary, candidate, p->echo_apart ? NULL : echo);
	shadow_pair_free(p);
}

static void
finish(struct shadow_work *w, struct shadow_pair *p)
{
	if (!await_partner(w, p))
		complete(w, p);
}

static void
come_back(struct shadow_work *w, struct shadow_ask *k)
{
	struct shadow_gate *g = &w->gate[asker_of(w, k->arm)];
	struct shadow_counts *c = w->counts;

	shadow_gate_back(g, k, mono_now_ns());
	if (!k->lost)
		shadow_count(&c->outcome[k->arm][k->item->ex.outcome]);
	if (k->arm == ARM_CANDIDATE) {
		atomic_store(&c->held_until_ns, (uint64_t)g->held_ns);
		atomic_store(&c->nano_money, (uint64_t)(g->money * 1e9));
		atomic_store(&c->nano_dearest,
		    (uint64_t)ceil(g->dearest * 1e9));
	}
	if (--k->pair->out == 0)
		finish(w, k->pair);
}

/* It may have come before the candidate's answer, or before the request. */
static void
take_partner(struct shadow_work *w, struct shadow_partner *s)
{
	struct shadow_pair *p = pair_of(shadow_links_take(&w->waiters,
	    s->link.key));

	if (p != NULL) {
		join(w, p, s);
		finish(w, p);
	} else if (w->partners.n < PARTNERS_MAX) {
		shadow_links_put(&w->partners, &s->link, mono_now_ns());
	} else {
		shadow_partner_free(s);
	}
}

/* Those that waited since then go on without their partner. */
static void
give_up_partners(struct shadow_work *w, int64_t before_ns)
{
	struct shadow_pair *p;
	struct shadow_partner *s;

	while ((p = pair_of(shadow_links_late(&w->waiters, before_ns))) !=
	    NULL) {
		p->joined = -1;
		finish(w, p);
	}
	while ((s = partner_of(shadow_links_late(&w->partners, before_ns))) !=
	    NULL)
		shadow_partner_free(s);
}

/* ---- the thread -------------------------------------------------------- */

static void
take_all(struct shadow_work *w)
{
	struct shadow_node *n = shadow_queue_take(&w->in), *next;

	for (; n != NULL; n = next) {
		next = n->next;
		if (n->kind == KIND_ASK)
			come_back(w, (struct shadow_ask *)n);
		else if (n->kind == KIND_PARTNER)
			take_partner(w, (struct shadow_partner *)n);
		else
			arrive(w, (struct shadow_pair *)n);
	}
}

static void
take_caps(struct shadow_work *w)
{
	int a;

	(void)pthread_mutex_lock(&w->part_lock);
	for (a = 0; a < ARM_N; a++) {
		w->gate[a].part.rps = w->part.rps;
		w->gate[a].part.rps_until_ns = w->part.rps_until_ns;
	}
	w->gate[ARM_CANDIDATE].part = w->part;
	(void)pthread_mutex_unlock(&w->part_lock);
}

void
shadow_work_stop_askers(struct shadow_work *w)
{
	int a;

	for (a = 0; a < ARM_N; a++)
		shadow_asker_stop(&w->asker[a]);
}

void *
shadow_work_main(void *ctx)
{
	struct shadow_work *w = ctx;
	int64_t until;

	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	while (!atomic_load(&w->ending)) {
		take_caps(w);
		take_all(w);
		send_waiting(w);
		if (w->o->join_key != NULL)
			give_up_partners(w, mono_now_ns() - w->o->join_ns);
		shadow_queue_wait(&w->in, mono_now_ns() + MONO_S);
	}
	drop_waiting(w);
	take_all(w);
	until = mono_now_ns() + w->grace_ns;
	while (w->out > 0 && mono_now_ns() < until &&
	    (w->now == NULL || *w->now == 0)) {
		shadow_queue_wait(&w->in, mono_now_ns() + 20 * MONO_MS);
		take_all(w);
		give_up_partners(w, INT64_MAX);	/* no more will be told */
	}
	shadow_work_stop_askers(w);
	take_all(w);
	give_up_partners(w, INT64_MAX);
	return NULL;
}
