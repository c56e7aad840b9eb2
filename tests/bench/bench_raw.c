/*
 * The machine's own limits, for `make bench`: a bare epoll client that keeps
 * connections busy with one POST and parses nothing but Content-Length, and a
 * bare timed sender whose lateness is the floor of any schedule here.
 *
 *	bench_raw PORT CONNECTIONS SECONDS [RATE | @FILE [PATH]]
 *
 * FILE holds a schedule: nanoseconds from the start, a line each.
 * Prints: requests, client CPU seconds, seconds; with RATE also p50, p99 and
 * maximum of the lateness in milliseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNS_MAX = 1024, ANSWER_MAX = 1 << 16, LATE_MAX = 1 << 24 };

struct conn {
	int fd, busy;
	size_t got, need;	/* need 0: the head is not through */
	char buf[ANSWER_MAX];
};

static char request[1024];
static size_t request_n;
static uint64_t answers;
static int64_t *late;
static size_t n_late;
static int64_t *schedule;	/* or NULL: by rate */
static size_t n_schedule;

static int64_t
now_ns(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void
die(const char *what)
{
	(void)fprintf(stderr, "bench_raw: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
conn_open(struct conn *c, int port)
{
	struct sockaddr_in a;
	int one = 1;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((unsigned short)port);
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		die("connect");
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void
send_one(struct conn *c)
{
	c->got = c->need = 0;
	c->busy = 1;
	if (send(c->fd, request, request_n, MSG_NOSIGNAL) !=
	    (ssize_t)request_n)
		die("send");
}

/* returns 1 when the answer is whole */
static int
receive(struct conn *c)
{
	ssize_t n = recv(c->fd, c->buf + c->got, ANSWER_MAX - 1 - c->got, 0);
	char *end, *length;

	if (n <= 0)
		die("recv");
	c->got += (size_t)n;
	c->buf[c->got] = '\0';
	if (c->need == 0) {
		end = strstr(c->buf, "\r\n\r\n");
		length = strcasestr(c->buf, "content-length:");
		if (end == NULL || length == NULL)
			return 0;
		c->need = (size_t)(end - c->buf) + 4 +
		    strtoul(length + 15, NULL, 10);
	}
	if (c->got < c->need)
		return 0;
	c->busy = 0;
	answers++;
	return 1;
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Closed loop: as many as go. */
static void
run_closed(struct conn *c, int n, int ep, int64_t end)
{
	struct epoll_event ev[64];
	int i, k;

	for (i = 0; i < n; i++)
		send_one(&c[i]);
	while (now_ns(CLOCK_MONOTONIC) < end) {
		k = epoll_wait(ep, ev, 64, 100);
		for (i = 0; i < k; i++) {
			if (receive(&c[ev[i].data.u32]))
				send_one(&c[ev[i].data.u32]);
		}
	}
}

static void
load_schedule(const char *path)
{
	FILE *f = fopen(path, "r");
	long long at;

	schedule = calloc(LATE_MAX, sizeof(*schedule));
	if (f == NULL || schedule == NULL)
		die(path);
	while (n_schedule < LATE_MAX && fscanf(f, "%lld", &at) == 1)
		schedule[n_schedule++] = at;
	(void)fclose(f);
}

/* When request k is due, from the start. */
static int64_t
due_of(size_t k, double rate)
{
	if (schedule == NULL)
		return (int64_t)((double)k * 1e9 / rate);
	return k < n_schedule ? schedule[k] : INT64_MAX / 2;
}

/* Sends each request when it is due, on any free connection. */
static void
run_timed(struct conn *c, int n, int ep, int64_t end, double rate)
{
	struct epoll_event ev[64];
	struct timespec ts = { 0, 0 };
	int64_t start = now_ns(CLOCK_MONOTONIC), now;
	int64_t due = start + due_of(0, rate);
	int i, k, next = 0;

	while ((now = now_ns(CLOCK_MONOTONIC)) < end) {
		for (i = 0; due <= now && i < n; i++) {
			next = (next + 1) % n;
			if (c[next].busy)
				continue;
			send_one(&c[next]);
			if (n_late < LATE_MAX)
				late[n_late++] = now - due;
			due = start + due_of(n_late, rate);
			now = now_ns(CLOCK_MONOTONIC);
		}
		ts.tv_nsec = due > now ? (due - now) % 1000000000 : 0;
		k = epoll_pwait2(ep, ev, 64, &ts, NULL);
		for (i = 0; i < k; i++)
			(void)receive(&c[ev[i].data.u32]);
	}
}

int
main(int argc, char **argv)
{
	static const char body[] = "{\"question\":\"How long are the backups "
	    "of service number 0 kept, and who may restore them when the "
	    "primary region is lost?\",\"k\":5,\"seed\":1}";
	struct epoll_event ev = { .events = EPOLLIN };
	int n, i, ep = epoll_create1(0);
	int64_t start, cpu;
	struct conn *c;
	double rate;

	if (argc < 4) {
		(void)fprintf(stderr, "usage: %s PORT CONNECTIONS SECONDS "
		    "[RATE | @FILE [PATH]]\n", argv[0]);
		return 2;
	}
	n = atoi(argv[2]);
	rate = argc > 4 ? atof(argv[4]) : 0;
	if (argc > 4 && *argv[4] == '@') {
		load_schedule(argv[4] + 1);
		rate = 1;
	}
	c = calloc((size_t)n, sizeof(*c));
	late = calloc(rate > 0 ? LATE_MAX : 1, sizeof(*late));
	if (n < 1 || n > CONNS_MAX || c == NULL || late == NULL)
		die("connections");
	request_n = (size_t)snprintf(request, sizeof(request),
	    "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
	    "application/json\r\nContent-Length: %zu\r\n\r\n%s",
	    argc > 5 ? argv[5] : "/", sizeof(body) - 1, body);
	for (i = 0; i < n; i++) {
		conn_open(&c[i], atoi(argv[1]));
		ev.data.u32 = (uint32_t)i;
		(void)epoll_ctl(ep, EPOLL_CTL_ADD, c[i].fd, &ev);
	}
	start = now_ns(CLOCK_MONOTONIC);
	cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	if (rate > 0)
		run_timed(c, n, ep, start + (int64_t)(atof(argv[3]) * 1e9),
		    rate);
	else
		run_closed(c, n, ep, start + (int64_t)(atof(argv[3]) * 1e9));
	(void)printf("%llu %.6f %.6f", (unsigned long long)answers,
	    (double)(now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu) / 1e9,
	    (double)(now_ns(CLOCK_MONOTONIC) - start) / 1e9);
	if (n_late > 0) {
		qsort(late, n_late, sizeof(*late), by_value);
		(void)printf(" %.6f %.6f %.6f",
		    (double)late[n_late / 2] / 1e6,
		    (double)late[n_late - 1 - n_late / 100] / 1e6,
		    (double)late[n_late - 1] / 1e6);
	}
	(void)printf("\n");
	free(schedule);
	free(late);
	free(c);
	return 0;
}
