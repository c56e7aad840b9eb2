/* A raw client of a server of ours. */
#ifndef LOCKSTEP_TESTS_DIAL_H
#define LOCKSTEP_TESTS_DIAL_H

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/check.h"

/* url: http://127.0.0.1:PORT */
static inline int
dial(const char *url)
{
	const char *port = strrchr(url, ':') + 1;
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtoul(port, NULL, 10)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* All that comes until the other side closes. returns the status; 0: none */
static inline int
hear(int fd, char *all, size_t cap)
{
	size_t n = 0;
	ssize_t k;

	while (n + 1 < cap && (k = recv(fd, all + n, cap - 1 - n, 0)) > 0)
		n += (size_t)k;
	all[n] = '\0';
	(void)close(fd);
	return n < 12 ? 0 : (int)strtol(all + 9, NULL, 10);
}

#endif
