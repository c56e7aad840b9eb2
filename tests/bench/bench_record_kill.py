"""kill -9 of `lockstep record` at random moments of RATE requests a second;
what trace info says, what trace repair makes of it, and what was lost.
usage: bench_record_kill.py LOCKSTEP PORT_OF_SERVICE KILLS FOLDER RATE"""
import json, os, random, re, signal, socket, subprocess, sys, time

lockstep, port, kills, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), \
    sys.argv[4]
rate = int(sys.argv[5])
random.seed(9)
oldest, lost, said, mended = 0, 0, 0, 0
for i in range(kills):
    path = os.path.join(folder, 'kill%d.zst' % i)
    p = subprocess.Popen([lockstep, 'record', '--upstream',
                          'http://127.0.0.1:' + port, '--out', path],
                         stdout=subprocess.PIPE, text=True)
    at = int(re.search(r'http://[^:]*:(\d+)', p.stdout.readline()).group(1))
    s = socket.create_connection(('127.0.0.1', at))
    times, begin = [], time.monotonic()
    end = begin + random.uniform(.2, 2.5)
    while time.monotonic() < end:
        time.sleep(max(0, begin + len(times) / rate - time.monotonic()))
        s.sendall(b'GET /%d HTTP/1.1\r\nHost: x\r\n\r\n' % len(times))
        s.recv(65536)
        times.append(time.monotonic())
    p.send_signal(signal.SIGKILL)
    dead = time.monotonic()
    p.wait()
    info = subprocess.run([lockstep, 'trace', 'info', path],
                          stdout=subprocess.PIPE, text=True).stdout
    said += 'no closing account' in info
    subprocess.run([lockstep, 'trace', 'repair', path],
                   stdout=subprocess.DEVNULL)
    mended += subprocess.run([lockstep, 'trace', 'verify', path],
                             stdout=subprocess.DEVNULL).returncode == 0
    out = subprocess.run([lockstep, 'trace', 'cat', path],
                         stdout=subprocess.PIPE).stdout
    n = out.count(b'"type":"exchange"')
    lost += len(times) - n
    if n < len(times):
        oldest = max(oldest, dead - times[n])
    os.unlink(path)
print('kill -9           %d times: said %d, mended %d; %d exchanges lost, the '
      'oldest %.2f s old' % (kills, said, mended, lost, oldest))
sys.exit(said != kills or mended != kills)
