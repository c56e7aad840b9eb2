/* The first record of a trace; see trace_part.h. */
#include "harness/traffic/trace_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "harness/base/mono.h"
#include "harness/base/version.h"

static void
put_host(struct json_out *o)
{
	struct utsname u;

	json_out_key(o, "host");
	json_out_obj(o);
	if (uname(&u) == 0) {
		json_put_str(o, "name", u.nodename);
		json_put_str(o, "system", u.sysname);
		json_put_str(o, "release", u.release);
		json_put_str(o, "machine", u.machine);
	}
	json_out_end(o, '}');
}

static void
put_clock(struct json_out *o, int64_t wall_ns)
{
	char utc[MONO_UTC_MAX], ns[24];

	mono_utc(wall_ns, utc);
	(void)snprintf(ns, sizeof(ns), "%lld", (long long)wall_ns);
	json_out_key(o, "clock");
	json_out_obj(o);
	json_put_str(o, "started", utc);
	/* A string: nanoseconds of today do not fit a double. */
	json_put_str(o, "wall_ns", ns);
	json_put_str(o, "times",
	    "nanoseconds since started, of a monotonic clock");
	json_out_end(o, '}');
}

void
trace_head_line(const struct trace_opts *o, struct buf *b)
{
	struct json_out *out = malloc(sizeof(*out));
	const struct json *m;
	int i;

	if (out == NULL) {
		b->bad = RC_NOMEM;
		return;
	}
	json_out_init(out, b, 0);
	json_out_obj(out);
	json_put_str(out, "type", "head");
	json_put_int(out, "lockstep_trace", TRACE_VERSION);
	json_put_str(out, "kind", o->kind);
	json_put_str(out, "version", LOCKSTEP_VERSION);
	json_out_key(out, "argv");
	json_out_arr(out);
	for (i = 0; i < o->argc; i++)
		json_out_str(out, o->argv[i]);
	json_out_end(out, ']');
	put_host(out);
	put_clock(out, o->start_wall_ns != 0 ? o->start_wall_ns :
	    mono_wall_ns());
	for (m = json_first(o->extra); m != NULL; m = json_next(m))
		json_put_json(out, json_key(m), m);
	json_out_end(out, '}');
	free(out);
}
