/*
 * send() and recv() for a thread that nobody cancels: as points of
 * cancellation, libc's cost two atomic operations each.
 */
#ifndef LOCKSTEP_SOCK_H
#define LOCKSTEP_SOCK_H

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As recv(fd, to, n, 0). */
static inline ssize_t
sock_recv(int fd, void *to, size_t n)
{
#ifdef SYS_recvfrom
	return syscall(SYS_recvfrom, fd, to, n, 0, NULL, NULL);
#else
	return recv(fd, to, n, 0);
#endif
}

/* As send(fd, p, n, MSG_NOSIGNAL). */
static inline ssize_t
sock_send(int fd, const void *p, size_t n)
{
#ifdef SYS_sendto
	return syscall(SYS_sendto, fd, p, n, MSG_NOSIGNAL, NULL, 0);
#else
	return send(fd, p, n, MSG_NOSIGNAL);
#endif
}

#endif
