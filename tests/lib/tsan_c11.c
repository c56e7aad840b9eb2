/*
 * C11's threads as POSIX's, to be preloaded: ThreadSanitizer knows only these,
 * and librdkafka uses those; without it the first allocation of one of its
 * threads crashes.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

_Static_assert(sizeof(mtx_t) >= sizeof(pthread_mutex_t), "one in the other");
_Static_assert(sizeof(cnd_t) >= sizeof(pthread_cond_t), "one in the other");

struct start {
	thrd_start_t fn;
	void *arg;
};

static void *
begin(void *arg)
{
	struct start s = *(struct start *)arg;

	free(arg);
	return (void *)(intptr_t)s.fn(s.arg);
}

static int
code(int rc)
{
	return rc == 0 ? thrd_success : rc == ETIMEDOUT ? thrd_timedout :
	    rc == EBUSY ? thrd_busy : rc == ENOMEM ? thrd_nomem : thrd_error;
}

int
thrd_create(thrd_t *t, thrd_start_t fn, void *arg)
{
	struct start *s = malloc(sizeof(*s));

	if (s == NULL)
		return thrd_nomem;
	*s = (struct start){ fn, arg };
	return code(pthread_create(t, NULL, begin, s));
}

int
thrd_join(thrd_t t, int *result)
{
	void *said = NULL;
	int rc = pthread_join(t, &said);

	if (result != NULL)
		*result = (int)(intptr_t)said;
	return code(rc);
}

int
mtx_init(mtx_t *m, int type)
{
	pthread_mutexattr_t a;
	int rc;

	(void)pthread_mutexattr_init(&a);
	if ((type & mtx_recursive) != 0)
		(void)pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
	rc = pthread_mutex_init((pthread_mutex_t *)m, &a);
	(void)pthread_mutexattr_destroy(&a);
	return code(rc);
}

int
mtx_lock(mtx_t *m)
{
	return code(pthread_mutex_lock((pthread_mutex_t *)m));
}

int
mtx_unlock(mtx_t *m)
{
	return code(pthread_mutex_unlock((pthread_mutex_t *)m));
}

void
mtx_destroy(mtx_t *m)
{
	(void)pthread_mutex_destroy((pthread_mutex_t *)m);
}

int
cnd_init(cnd_t *c)
{
	return code(pthread_cond_init((pthread_cond_t *)c, NULL));
}

int
cnd_signal(cnd_t *c)
{
	return code(pthread_cond_signal((pthread_cond_t *)c));
}

int
cnd_broadcast(cnd_t *c)
{
	return code(pthread_cond_broadcast((pthread_cond_t *)c));
}

int
cnd_wait(cnd_t *c, mtx_t *m)
{
	return code(pthread_cond_wait((pthread_cond_t *)c,
	    (pthread_mutex_t *)m));
}

int
cnd_timedwait(cnd_t *restrict c, mtx_t *restrict m,
    const struct timespec *restrict until)
{
	return code(pthread_cond_timedwait((pthread_cond_t *)c,
	    (pthread_mutex_t *)m, until));
}

void
cnd_destroy(cnd_t *c)
{
	(void)pthread_cond_destroy((pthread_cond_t *)c);
}
