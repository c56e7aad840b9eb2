/* This machine; see machine.h. */
#include "harness/base/machine.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- processors ---------------------------------------------------------- */

enum { TICK_FIELDS = 8, TICK_IDLE = 3, TICK_IOWAIT = 4 };

int
machine_cpu_parse(const char *line, struct machine_cpu *out)
{
	unsigned long long tick[TICK_FIELDS] = { 0 };
	int i, n = sscanf(line, "cpu%*[ ]%llu %llu %llu %llu %llu %llu %llu "
	    "%llu", &tick[0], &tick[1], &tick[2], &tick[3], &tick[4],
	    &tick[5], &tick[6], &tick[7]);

	*out = (struct machine_cpu){ 0, 0 };
	if (n <= TICK_IDLE)
		return -1;
	for (i = 0; i < TICK_FIELDS; i++)
		out->all += tick[i];
	out->idle = tick[TICK_IDLE] + tick[TICK_IOWAIT];
	return 0;
}

int
machine_cpu_now(struct machine_cpu *out)
{
	char line[256];
	FILE *f = fopen("/proc/stat", "re");
	int ok = f != NULL && fgets(line, sizeof(line), f) != NULL;

	if (f != NULL)
		(void)fclose(f);
	*out = (struct machine_cpu){ 0, 0 };
	return ok ? machine_cpu_parse(line, out) : -1;
}

void
machine_cpu_since(const struct machine_cpu *from, struct machine_cpu *sum)
{
	struct machine_cpu now;
	uint64_t all, idle;

	if (from->all == 0 || machine_cpu_now(&now) != 0 ||
	    now.all <= from->all)
		return;
	all = now.all - from->all;
	/* what waits for a disk can shrink, proc_stat(5) */
	idle = now.idle > from->idle ? now.idle - from->idle : 0;
	sum->all += all;
	sum->idle += idle < all ? idle : all;
}

void
machine_cpu_add(struct machine_cpu *sum, const struct machine_cpu *more)
{
	sum->all += more->all;
	sum->idle += more->idle;
}

double
machine_cpu_idle(const struct machine_cpu *c)
{
	return c->all == 0 || c->idle > c->all ? NAN :
	    (double)c->idle / (double)c->all;
}

/* ---- addresses ----------------------------------------------------------- */

/* The host of a URL without its brackets. returns 0, or -1: none that fits */
static int
host_of(const char *url, char *host, size_t max)
{
	const char *p = strstr(url, "://");
	size_t n;

	p = p == NULL ? url : p + 3;
	if (*p == '[') {
		p++;
		n = strcspn(p, "]");
	} else {
		n = strcspn(p, ":/?#");
	}
	if (n == 0 || n >= max)
		return -1;
	memcpy(host, p, n);
	host[n] = '\0';
	return 0;
}

static int
is_name(const char *host)
{
	static const char local[] = ".localhost";
	char own[256];
	size_t n = strlen(host);

	if (strcasecmp(host, local + 1) == 0 || (n >= sizeof(local) &&
	    strcasecmp(host + n - (sizeof(local) - 1), local) == 0))
		return 1;
	return gethostname(own, sizeof(own)) == 0 &&
	    strnlen(own, sizeof(own)) < sizeof(own) &&
	    strcasecmp(host, own) == 0;
}

/* Whether an interface has the address: one of n bytes. */
static int
is_interface(int family, const void *addr, size_t n)
{
	struct ifaddrs *all, *i;
	const void *own;
	int found = 0;

	if (getifaddrs(&all) != 0)
		return 0;
	for (i = all; i != NULL && !found; i = i->ifa_next) {
		if (i->ifa_addr == NULL || i->ifa_addr->sa_family != family)
			continue;
		own = family == AF_INET ?
		    (void *)&((struct sockaddr_in *)i->ifa_addr)->sin_addr :
		    (void *)&((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr;
		found = memcmp(own, addr, n) == 0;
	}
	freeifaddrs(all);
	return found;
}

int
machine_is_here(const char *url)
{
	static const unsigned char loopback = 127;
	unsigned char addr[sizeof(struct in6_addr)];
	char host[256];

	if (host_of(url, host, sizeof(host)) != 0)
		return 0;
	if (inet_pton(AF_INET, host, addr) == 1)
		return addr[0] == loopback ||
		    memcmp(addr, "\0\0\0\0", 4) == 0 ||
		    is_interface(AF_INET, addr, sizeof(struct in_addr));
	if (inet_pton(AF_INET6, host, addr) == 1)
		return memcmp(addr, &in6addr_loopback, sizeof(addr)) == 0 ||
		    memcmp(addr, &in6addr_any, sizeof(addr)) == 0 ||
		    is_interface(AF_INET6, addr, sizeof(addr));
	return is_name(host);
}
