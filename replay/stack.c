/* What one worker knows of one deployment; see stack.h. */
#include "replay/stack.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "harness/base/mono.h"
#include "harness/base/rng.h"

void
stack_init(struct stack_state *s, int cap, double rate, double burst,
    uint64_t seed, int64_t now_ns)
{
	memset(s, 0, sizeof(*s));
	s->cap = cap;
	s->seed = seed;
	pace_bucket_init(&s->bucket, rate, burst, now_ns);
}

static enum stack_gate
ask_open(struct stack_state *s, int paced, int64_t now_ns, int64_t *until_ns)
{
	if (!s->probing && now_ns >= s->probe_ns)
		return STACK_PROBE;
	if (paced || now_ns - s->opened_ns > STACK_SHED_AFTER_NS)
		return STACK_SHED;
	*until_ns = s->probing ? INT64_MAX : s->probe_ns;
	return STACK_WAIT;
}

enum stack_gate
stack_ask(struct stack_state *s, int paced, int64_t now_ns,
    int64_t *until_ns)
{
	enum stack_gate gate = STACK_SEND;
	int64_t wait;

	if (s->open) {
		gate = ask_open(s, paced, now_ns, until_ns);
		if (gate != STACK_PROBE)
			return gate;
	}
	if (now_ns < s->held_ns) {
		*until_ns = s->held_ns;
		return STACK_WAIT;
	}
	if (s->cap > 0 && s->inflight >= s->cap) {
		*until_ns = INT64_MAX;
		return STACK_WAIT;
	}
	wait = pace_bucket_take(&s->bucket, now_ns);
	if (wait > 0) {
		*until_ns = now_ns + wait;
		return STACK_WAIT;
	}
	return gate;
}

void
stack_sent(struct stack_state *s, int probe)
{
	s->inflight++;
	if (probe)
		s->probing = 1;
}

int64_t
stack_jitter(struct stack_state *s, int64_t base_ns, int64_t cap_ns, int n)
{
	int64_t top = base_ns;
	int i;

	for (i = 0; i < n && top < cap_ns; i++)
		top *= 2;
	if (top > cap_ns)
		top = cap_ns;
	return (int64_t)(rng_unit(s->seed, 0x6a697474, s->draws++) *
	    (double)top);
}

static void
note_failure(struct stack_state *s, int probe, int64_t now_ns)
{
	s->failures++;
	if (!s->open && s->failures < STACK_BREAK_AFTER)
		return;
	if (!s->open) {
		s->open = 1;
		s->opened_ns = now_ns;
		s->wait_ns = STACK_PROBE_NS;
		s->probe_ns = now_ns + s->wait_ns;
	} else if (probe) {
		s->wait_ns = s->wait_ns * 2 > STACK_PROBE_MAX_NS ?
		    STACK_PROBE_MAX_NS : s->wait_ns * 2;
		s->probe_ns = now_ns + s->wait_ns;
	}
}

static void
note_429(struct stack_state *s, int64_t retry_after_ns, int64_t now_ns)
{
	int64_t wait = stack_jitter(s, STACK_429_BASE_NS, STACK_429_CAP_NS,
	    s->throttled);

	s->throttled++;
	if (retry_after_ns > wait)
		wait = retry_after_ns > STACK_429_CAP_NS ?
		    STACK_429_CAP_NS : retry_after_ns;
	if (now_ns + wait > s->held_ns)
		s->held_ns = now_ns + wait;
}

void
stack_back(struct stack_state *s, enum outcome o, int probe,
    int64_t retry_after_ns, int hold, int64_t now_ns)
{
	s->inflight--;
	if (probe)
		s->probing = 0;
	if (o == OUTCOME_RESET || o == OUTCOME_UNREACHABLE ||
	    o == OUTCOME_TIMEOUT || o == OUTCOME_TLS) {
		note_failure(s, probe, now_ns);
		return;
	}
	s->failures = 0;
	s->open = 0;
	if (o == OUTCOME_HTTP_429 && hold)
		note_429(s, retry_after_ns, now_ns);
	else if (o == OUTCOME_OK)
		s->throttled = 0;
}

int64_t
stack_retry_after(const char *value, int64_t wall_ns)
{
	static const char *const forms[] = {
		"%a, %d %b %Y %H:%M:%S GMT",
		"%A, %d-%b-%y %H:%M:%S GMT",
		"%a %b %e %H:%M:%S %Y",
	};
	struct tm tm;
	int64_t s;
	char *end;
	size_t i;

	if (*value >= '0' && *value <= '9') {
		s = strtoll(value, &end, 10);
		if (*end != '\0')
			return -1;
		return s > 86400 ? 86400 * MONO_S : s * MONO_S;
	}
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		memset(&tm, 0, sizeof(tm));
		end = strptime(value, forms[i], &tm);
		if (end == NULL || *end != '\0')
			continue;
		s = (int64_t)timegm(&tm) - wall_ns / MONO_S;
		if (s > 86400)
			s = 86400;
		return s < 0 ? 0 : s * MONO_S;
	}
	return -1;
}

int64_t
stack_asked_wait(const struct ex_header *h, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcasecmp(h[i].name, "retry-after") == 0)
			return stack_retry_after(h[i].value, mono_wall_ns());
	}
	return -1;
}
