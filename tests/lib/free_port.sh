# A port that is free, of those that the system gives to nobody by itself: what
# others connect or listen with port 0 cannot take it before it is used.
free_port() {
	python3 -c 'import random, socket
below = int(open("/proc/sys/net/ipv4/ip_local_port_range").read().split()[0])
while True:
    port = random.SystemRandom().randrange(10000, max(below, 20000))
    try:
        socket.socket().bind(("127.0.0.1", port))
        break
    except OSError:
        pass
print(port)'
}
