/* A queue without a lock; see shadow_queue.h. */
#include "replay/shadow_queue.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "harness/base/mono.h"

int
shadow_queue_init(struct shadow_queue *q, struct err *err)
{
	atomic_init(&q->head, NULL);
	atomic_init(&q->asleep, 0);
	q->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return q->fd < 0 ? err_errno(err, RC_NET, "eventfd") : RC_OK;
}

void
shadow_queue_fini(struct shadow_queue *q)
{
	if (q->fd >= 0)
		(void)close(q->fd);
	q->fd = -1;
}

void
shadow_queue_wake(struct shadow_queue *q)
{
	const uint64_t one = 1;

	/* a counter that is full has woken it */
	if (write(q->fd, &one, sizeof(one)) < 0)
		return;
}

void
shadow_queue_put(struct shadow_queue *q, struct shadow_node *n)
{
	struct shadow_node *head = atomic_load_explicit(&q->head,
	    memory_order_relaxed);

	do
		n->next = head;
	while (!atomic_compare_exchange_weak(&q->head, &head, n));
	/* a wake-up for each would cost more than the queue */
	if (atomic_exchange(&q->asleep, 0) != 0)
		shadow_queue_wake(q);
}

struct shadow_node *
shadow_queue_take(struct shadow_queue *q)
{
	struct shadow_node *n = atomic_exchange(&q->head, NULL);
	struct shadow_node *first = NULL, *next;

	for (; n != NULL; n = next) {
		next = n->next;
		n->next = first;
		first = n;
	}
	return first;
}

void
shadow_queue_wait(struct shadow_queue *q, int64_t until_ns)
{
	struct pollfd p = { q->fd, POLLIN, 0 };
	int64_t left = until_ns - mono_now_ns();
	uint64_t count;

	/* who puts behind this line sees it, who put before it is seen */
	atomic_store(&q->asleep, 1);
	if (atomic_load(&q->head) == NULL && left > 0)
		(void)poll(&p, 1, left > MONO_S ? 1000 :
		    (int)(left / MONO_MS) + 1);
	atomic_store(&q->asleep, 0);
	while (read(q->fd, &count, sizeof(count)) > 0)
		continue;
}
