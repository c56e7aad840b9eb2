/* What was drilled; see cmd_drill_keep.h. */
#include "harness/cmd/cmd_drill_keep.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/mono.h"
#include "harness/base/version.h"
#include "harness/cmd/cmd_drill_doc.h"

enum { KEPT_MAX = 64 << 20, PATH_BYTES = 1100 };

static void
put_line(struct buf *b, const struct json *doc, const struct json *s)
{
	static const char *const of_drill[] = { "started", "lockstep", "id",
		"suite", "targets" };
	struct json *line = json_copy(s);
	size_t i;

	for (i = 0; i < sizeof(of_drill) / sizeof(of_drill[0]); i++)
		(void)json_set(line, of_drill[i],
		    json_copy(json_get(doc, of_drill[i])));
	json_write(b, line);
	buf_putc(b, '\n');
	json_free(line);
}

static int
append(const char *home, const struct buf *b, struct err *err)
{
	char file[PATH_BYTES];
	int fd, rc = buf_check(b, "the outcome of a drill", err);

	(void)snprintf(file, sizeof(file), "%.1000s/drills.jsonl", home);
	fd = rc != RC_OK ? -1 : open(file, O_WRONLY | O_APPEND | O_CREAT |
	    O_CLOEXEC, 0600);
	if (rc == RC_OK && (fd < 0 ||
	    write(fd, b->p, b->len) != (ssize_t)b->len || fsync(fd) != 0))
		rc = err_errno(err, RC_IO, "%s", file);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

int
drill_keep(const char *home, const struct suite *s, const char *path,
    int64_t began_wall_ns, struct json *doc, struct err *err)
{
	const struct json *j;
	struct buf b;
	int rc;

	drill_complete(s, path, began_wall_ns, doc);
	buf_init(&b, KEPT_MAX);
	for (j = json_first(json_get(doc, "scenarios")); j != NULL;
	    j = json_next(j))
		put_line(&b, doc, j);
	rc = append(home, &b, err);
	buf_fini(&b);
	return rc;
}

int
proof_keep(const char *home, const struct proof_note *p, struct err *err)
{
	char at[MONO_UTC_MAX];
	struct json_out o;
	struct buf b;
	int rc;

	(void)mkdir(home, 0700);
	mono_utc(mono_wall_ns(), at);
	buf_init(&b, 1 << 20);
	json_out_init(&o, &b, 0);
	json_out_obj(&o);
	json_put_str(&o, "name", p->name);
	json_put_int(&o, "guardrail", p->guardrail);
	json_put_str(&o, "verdict", p->verdict);
	json_put_str(&o, "headline", p->headline);
	json_put_str(&o, "build", p->build);
	json_put_str(&o, "started", at);
	json_put_str(&o, "lockstep", LOCKSTEP_VERSION);
	json_out_end(&o, '}');
	buf_putc(&b, '\n');
	rc = append(home, &b, err);
	buf_fini(&b);
	return rc;
}

struct json *
drill_kept(const char *home, struct err *err)
{
	struct json *list = json_new(JSON_ARRAY), *j;
	char file[PATH_BYTES], *line = NULL;
	size_t cap = 0;
	ssize_t n;
	FILE *f;

	(void)snprintf(file, sizeof(file), "%.1000s/drills.jsonl", home);
	f = fopen(file, "re");
	while (f != NULL && (n = getline(&line, &cap, f)) > 0) {
		j = json_parse(line, (size_t)n, NULL);
		if (j != NULL && json_push(list, j) != RC_OK)
			(void)err_set(err, RC_NOMEM, "out of memory");
	}
	free(line);
	if (f != NULL)
		(void)fclose(f);
	return list;
}
