/* Two servers that count what they are asked, and runs against them. */
#ifndef LOCKSTEP_ENGINE_TWO_H
#define LOCKSTEP_ENGINE_TWO_H

#include "tests/unit/replay/engine_run.h"
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* What the servers of a test have seen. */
struct seen {
	pthread_mutex_t lock;
	int inflight, inflight_max, n;
	int fail_first;		/* 503 to the first request with a key */
	int die_after;		/* sets *stop after so many */
	unsigned sleep_us;
	volatile sig_atomic_t *stop;
	char keys[20000][64];
	int times[20000];
	int n_keys, bad_headers, other_token;
};

static struct seen seen;

/* The servers' threads read it. */
#define SET(field, v) do { \
	(void)pthread_mutex_lock(&seen.lock); \
	seen.field = (v); \
	(void)pthread_mutex_unlock(&seen.lock); \
} while (0)

static struct server base, cand;
static char base_url[SERVER_URL_MAX], cand_url[SERVER_URL_MAX];
static volatile sig_atomic_t stop_flag;

/* How often a key was there before. */
static inline int
note_key(const char *key)
{
	int i;

	for (i = 0; i < seen.n_keys; i++) {
		if (strcmp(seen.keys[i], key) == 0)
			return seen.times[i]++;
	}
	assert_true(seen.n_keys < 20000);
	(void)snprintf(seen.keys[i], sizeof(seen.keys[i]), "%s", key);
	seen.times[i] = 1;
	seen.n_keys++;
	return 0;
}

static inline int
handler(struct server_req *r)
{
	char key[64] = "", run[64] = "", shadow[16] = "", token[64] = "";
	int before, keep;
	int fail, other;
	unsigned pause;

	(void)server_header(r, "idempotency-key", key, sizeof(key));
	(void)server_header(r, "x-lockstep-run", run, sizeof(run));
	(void)server_header(r, "x-lockstep-shadow", shadow, sizeof(shadow));
	(void)server_header(r, "authorization", token, sizeof(token));
	(void)pthread_mutex_lock(&seen.lock);
	seen.n++;
	seen.inflight++;
	if (seen.inflight > seen.inflight_max)
		seen.inflight_max = seen.inflight;
	if (*key == '\0' || strcmp(run, "0123456789abcdef") != 0 ||
	    strcmp(shadow, "true") != 0 || strstr(r->body, "What is") == NULL)
		seen.bad_headers++;
	before = note_key(key);
	pause = seen.sleep_us;
	fail = seen.fail_first;
	other = seen.other_token;
	if (seen.die_after > 0 && seen.n == seen.die_after)
		__atomic_store_n(seen.stop, 1, __ATOMIC_RELAXED);
	(void)pthread_mutex_unlock(&seen.lock);
	if (pause > 0)
		(void)usleep(pause);
	(void)pthread_mutex_lock(&seen.lock);
	seen.inflight--;
	(void)pthread_mutex_unlock(&seen.lock);
	if (other && strcmp(token, "Bearer tok-2") != 0)
		keep = server_json(r->fd, 401, "", "{}");
	else if (fail && before == 0)
		keep = server_json(r->fd, 503, "Retry-After: 0\r\n", "{}");
	else
		keep = server_json(r->fd, 200, "Set-Cookie: id=hush\r\n",
		    "{\"answer\": \"forty-two\"}");
	return keep == 0;
}

static inline void
forget(void)
{
	(void)pthread_mutex_lock(&seen.lock);
	seen.n = seen.n_keys = seen.inflight_max = seen.bad_headers = 0;
	seen.fail_first = seen.die_after = seen.other_token = 0;
	seen.sleep_us = 0;
	seen.stop = &stop_flag;
	__atomic_store_n(&stop_flag, 0, __ATOMIC_RELAXED);
	(void)pthread_mutex_unlock(&seen.lock);
}

static const char two_arms[] =
    "variants: {paraphrases: 1, seeds: [1, 2], repeats: 1}\n"
    "request: {path: /query, body: {question: \"{{question}}\", "
    "seed: \"{{seed}}\"}}\n"
    "pace: {mode: closed, concurrency: 8}\n";

static inline void
open_two(struct run *r, int n, const char *more)
{
	char yaml[2048];

	forget();
	(void)snprintf(yaml, sizeof(yaml), "%s%s", two_arms, more);
	run_open(r, n, yaml);
	run_load(r, base_url, cand_url);
}

static inline int
set_up(void **state)
{
	(void)state;
	(void)pthread_mutex_init(&seen.lock, NULL);
	return server_at(&base, handler, NULL, base_url) != 0 ? -1 :
	    server_at(&cand, handler, NULL, cand_url);
}

static inline int
tear_down(void **state)
{
	(void)state;
	server_stop(&base);
	server_stop(&cand);
	return 0;
}

#endif
