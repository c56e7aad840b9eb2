/* A client's log; see client_log.h. */
#include "harness/drill/client_log.h"

#include <stdio.h>
#include <string.h>

#include "harness/drill/log_lines.h"

static const char name[] = "its log has the fields";

enum { LOG_MAX = 64 << 20, KEYS_MAX = 200 };

static int
read_log(const char *path, struct buf *out, struct err *err)
{
	char piece[1 << 14];
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL)
		return err_errno(err, RC_IO, "client.log: %s", path);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	(void)fclose(f);
	return RC_OK;
}

/* Whether v[i] is the second attempt of its request. */
static int
is_second(const struct chaos_attempt *v, size_t i)
{
	size_t k, before = 0;

	for (k = 0; k < i; k++)
		before += v[k].request == v[i].request;
	return before == 1;
}

static void
judge(struct drill *d, const struct buf *log, const struct json *fields,
    const struct chaos_attempt *v, size_t n)
{
	struct log_lines all = { .n = 0 };
	size_t i, was, keys = 0, mute = 0;
	char about[90];

	for (i = 0; i < n && keys < KEYS_MAX; i++) {
		if (v[i].key[0] == '\0' || !is_second(v, i))
			continue;
		(void)snprintf(about, sizeof(about), "\"%.80s\"", v[i].key);
		was = all.n;
		log_lines_look(log->p == NULL ? "" : log->p, log->len, about,
		    fields, &all);
		mute += all.n == was;
		keys++;
	}
	if (keys == 0)
		log_lines_look(log->p == NULL ? "" : log->p, log->len, NULL,
		    fields, &all);
	(void)drill_check(d, name, all.n > 0 && all.bare == 0 && mute == 0,
	    NULL, "%zu of %zu lines lack one%s%s; %zu of %zu keys that were "
	    "sent again are not in it", all.bare, all.n,
	    all.lacks[0] == '\0' ? "" : ": ", all.lacks, mute, keys);
}

void
client_log(struct drill *d, const struct chaos_attempt *v, size_t n)
{
	const struct json *fields = drill_doc(d, "observability.log_fields");
	const char *path = json_str(drill_word(d, "client.log"));
	struct err own = ERR_INIT;
	struct buf log;

	if (json_first(fields) == NULL)
		return;
	if (path == NULL) {
		drill_skip(d, name, "needs the client's log, a JSON object a "
		    "line: --set client.log=FILE");
		return;
	}
	buf_init(&log, LOG_MAX);
	if (read_log(path, &log, &own) == RC_OK)
		judge(d, &log, fields, v, n);
	else
		(void)drill_check(d, name, 0, NULL, "%s", own.msg);
	buf_fini(&log);
}
