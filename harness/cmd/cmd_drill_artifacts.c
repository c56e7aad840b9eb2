/* The files of `artifacts`; see cmd_drill_artifacts.h. */
#include "harness/cmd/cmd_drill_artifacts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/buf.h"
#include "harness/base/replace.h"

enum { PATH_BYTES = 1100, OUT_MAX = 64 << 20 };

/* Makes the folders on the way. */
static int
make_folders(const char *path, struct err *err)
{
	char dir[PATH_BYTES];
	size_t i;

	(void)snprintf(dir, sizeof(dir), "%.1000s", path);
	for (i = 1; dir[i] != '\0'; i++) {
		if (dir[i] != '/')
			continue;
		dir[i] = '\0';
		if (mkdir(dir, 0777) != 0 && errno != EEXIST)
			return err_errno(err, RC_IO, "%s", dir);
		dir[i] = '/';
	}
	return RC_OK;
}

/* The pins that the first scenario saw, or NULL. */
static const struct json *
pins_of(const struct json *doc)
{
	const struct json *s;

	for (s = json_first(json_get(doc, "scenarios")); s != NULL;
	    s = json_next(s)) {
		if (json_kind(json_get(s, "pins")) == JSON_OBJECT)
			return json_get(s, "pins");
	}
	return NULL;
}

static void
contents(const char *path, const struct json *doc, struct buf *out)
{
	const struct json *pins = pins_of(doc);
	const char *hash = json_get_str(pins, "INDEX_HASH");
	struct json_out o;

	if (strstr(path, "index_hash") != NULL) {
		buf_printf(out, "%s\n", hash == NULL ? "" : hash);
		return;
	}
	json_out_init(&o, out, 1);
	json_out_json(&o, pins != NULL && strstr(path,
	    "version_manifest") != NULL ? pins : doc);
	buf_putc(out, '\n');
}

int
drill_artifacts(const struct suite *s, const struct json *doc,
    struct err *err)
{
	const struct json *m = json_first(json_get(s->doc, "artifacts"));
	const char *path;
	struct buf b;
	int rc = RC_OK;

	for (; m != NULL && rc == RC_OK; m = json_next(m)) {
		path = json_str(m);
		if (path == NULL || *path == '/' || *path == '\0' ||
		    strstr(path, "..") != NULL || strlen(path) > 1000)
			return err_set(err, RC_USAGE, "artifact %.200s: give "
			    "a path below the current folder", path == NULL ?
			    "" : path);
		buf_init(&b, OUT_MAX);
		contents(path, doc, &b);
		rc = buf_check(&b, "an artifact", err);
		if (rc == RC_OK)
			rc = make_folders(path, err);
		if (rc == RC_OK)
			rc = replace_file(path, REPLACE_SHARED, b.p, b.len,
			    err);
		buf_fini(&b);
	}
	return rc;
}
