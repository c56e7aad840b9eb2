/* From manifest files to one document: YAML or JSON, `extends`, --set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/yaml.h"
#include "harness/suite/suite_part.h"

enum { EXTENDS_DEPTH = 16 };

/* The files on the way from the suite to what it extends. */
struct chain {
	const struct chain *up;
	char *real;
	const char *path;
	int depth;
};

static int
read_file(const char *path, struct buf *b, struct err *err)
{
	FILE *f = fopen(path, "rb");
	size_t n = 0;
	char *to = NULL;
	int rc = RC_OK;

	if (f == NULL)
		return err_errno(err, RC_IO, "%s: cannot open", path);
	while ((to = buf_reserve(b, 65536)) != NULL &&
	    (n = fread(to, 1, 65536, f)) > 0)
		b->len += n;
	if (ferror(f))
		rc = err_errno(err, RC_IO, "%s: cannot read", path);
	else if (to == NULL || b->len > YAML_BYTES_MAX)
		rc = err_set(err, RC_FORMAT, "%s: larger than %d MiB, the "
		    "limit for a manifest", path, YAML_BYTES_MAX >> 20);
	(void)fclose(f);
	return rc;
}

static int
is_json(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot != NULL && strcmp(dot, ".json") == 0;
}

static struct json *
parse(struct suite_load *ld, const char *path, const struct buf *b)
{
	int file = srcmap_file(ld->map, path);

	if (file < 0) {
		(void)err_set(ld->err, RC_FORMAT,
		    "%s: more than 64 files in one suite", path);
		return NULL;
	}
	/* a text in place of the file is YAML, whatever the file is */
	if (!is_json(path) || ld->over->text != NULL)
		return yaml_parse(buf_str(b), b->len, ld->map, file, ld->err);
	return json_pos_parse(ld->map, file, buf_str(b), b->len, ld->err);
}

/*
 * Merges patch over target by moving its nodes, which keeps their places:
 * objects merge, null removes, anything else replaces. Frees patch.
 */
static int
merge_over(struct json *target, struct json *patch)
{
	struct json *m, *mine;
	int rc = RC_OK;
	char *key;

	while (rc == RC_OK && (m = json_first(patch)) != NULL) {
		key = strdup(json_key(m));
		if (key == NULL)
			break;
		m = json_take(patch, key);
		mine = json_get(target, key);
		if (json_kind(m) == JSON_NULL) {
			json_free(json_take(target, key));
			json_free(m);
		} else if (json_kind(m) == JSON_OBJECT &&
		    json_kind(mine) == JSON_OBJECT) {
			rc = merge_over(mine, m);
		} else {
			rc = json_set(target, key, m);
		}
		free(key);
	}
	if (json_first(patch) != NULL)
		rc = RC_NOMEM;
	json_free(patch);
	return rc;
}

static char *
beside(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	char *out = NULL;

	if (*name == '/' || slash == NULL)
		return strdup(name);
	if (asprintf(&out, "%.*s/%s", (int)(slash - path), path, name) < 0)
		return NULL;
	return out;
}

static struct json *load_file(struct suite_load *ld, const char *path,
    const struct chain *up);

/* Loads one parent and merges it over what earlier ones gave. */
static int
add_parent(struct suite_load *ld, const struct chain *here,
    const struct json *name, struct json **base)
{
	struct err e = ERR_INIT;
	struct json *parent;
	char *path;

	if (json_str(name) == NULL) {
		suite_error(ld, name, 0, "`extends` must be a file or a list "
		    "of files");
		return RC_FORMAT;
	}
	path = beside(here->path, json_str(name));
	if (path == NULL)
		return err_set(ld->err, RC_NOMEM, "out of memory");
	if (access(path, R_OK) != 0) {
		(void)err_errno(&e, RC_IO, "extends %s", path);
		suite_error(ld, name, 0, "%s", e.msg);
		free(path);
		return RC_FORMAT;
	}
	parent = load_file(ld, path, here);
	free(path);
	if (parent == NULL)
		return ld->err->code;
	if (*base == NULL)
		*base = parent;
	else if (merge_over(*base, parent) != RC_OK)
		return err_set(ld->err, RC_NOMEM, "out of memory");
	return RC_OK;
}

/* Merges a document over all that it extends; takes doc. */
static struct json *
extend(struct suite_load *ld, const struct chain *here, struct json *doc)
{
	struct json *names = json_take(doc, "extends"), *base = NULL;
	const struct json *name;
	int rc = RC_OK;

	if (names == NULL || json_kind(names) == JSON_NULL) {
		json_free(names);
		return doc;
	}
	if (json_kind(names) != JSON_ARRAY) {
		rc = add_parent(ld, here, names, &base);
	} else {
		for (name = json_first(names); name != NULL && rc == RC_OK;
		    name = json_next(name))
			rc = add_parent(ld, here, name, &base);
	}
	json_free(names);
	if (rc == RC_OK && base != NULL) {
		rc = merge_over(base, doc);
		doc = NULL;
		if (rc == RC_OK)
			return base;
		(void)err_set(ld->err, RC_NOMEM, "out of memory");
	}
	json_free(base);
	if (rc == RC_OK)
		return doc;
	json_free(doc);
	return NULL;
}

static int
check_chain(struct suite_load *ld, const struct chain *here)
{
	const struct chain *c;

	for (c = here->up; c != NULL; c = c->up) {
		if (strcmp(c->real, here->real) == 0)
			return err_set(ld->err, RC_FORMAT, "%s extends itself "
			    "through %s", c->path, here->up->path);
	}
	if (here->depth > EXTENDS_DEPTH)
		return err_set(ld->err, RC_FORMAT,
		    "%s: more than %d files extend each other", here->path,
		    EXTENDS_DEPTH);
	return RC_OK;
}

static struct json *
load_file(struct suite_load *ld, const char *path, const struct chain *up)
{
	struct chain here = { up, NULL, path, up == NULL ? 1 :
	    up->depth + 1 };
	struct json *doc = NULL;
	const char *text = up == NULL ? ld->over->text : NULL;
	struct buf b;

	here.real = text != NULL ? strdup(path) : realpath(path, NULL);
	if (here.real == NULL) {
		(void)err_errno(ld->err, RC_IO, "%s: cannot open", path);
		return NULL;
	}
	buf_init(&b, YAML_BYTES_MAX + 131072);
	if (text != NULL)
		buf_puts(&b, text);
	if (check_chain(ld, &here) == RC_OK && (text != NULL ||
	    read_file(path, &b, ld->err) == RC_OK))
		doc = parse(ld, path, &b);
	buf_fini(&b);
	if (doc != NULL && json_kind(doc) != JSON_OBJECT) {
		suite_error(ld, doc, 0, json_kind(doc) == JSON_NULL ?
		    "the manifest is empty" :
		    "a manifest must be a mapping of keys");
		json_free(doc);
		doc = NULL;
	}
	if (doc != NULL)
		doc = extend(ld, &here, doc);
	free(here.real);
	return doc;
}

/* ---- --set ------------------------------------------------------------- */

/*
 * What a name that is not there yet begins as when something within it is
 * set: what it would have been without the setting. A target's body is the
 * request's; a target that is its URL alone is an object with that URL.
 */
static struct json *
begin_with(struct suite_load *ld, const char *path, const struct json *old)
{
	const struct json *body = json_get(json_get(ld->mem->doc, "request"),
	    "body");
	struct json *j;

	if (strncmp(path, "targets.", 8) != 0)
		return json_new(JSON_OBJECT);
	path += 8 + strcspn(path + 8, ".");
	if (strcmp(path, ".body") == 0 && json_kind(body) == JSON_OBJECT)
		return json_copy(body);
	j = json_new(JSON_OBJECT);
	if (*path == '\0' && json_str(old) != NULL &&
	    json_set(j, "url", json_copy(old)) != RC_OK) {
		json_free(j);
		return NULL;
	}
	return j;
}

/* The child to set in: made, or made an object, where it is missing.
 * path  from the document to it */
static struct json *
descend(struct suite_load *ld, struct json *at, const char *path,
    const char *name, int file)
{
	struct src_pos pos;
	struct json *child;

	if (json_kind(at) == JSON_ARRAY)
		return json_at(at, (size_t)strtoul(name, NULL, 10));
	child = json_get(at, name);
	if (json_kind(child) == JSON_OBJECT || json_kind(child) == JSON_ARRAY)
		return child;
	child = begin_with(ld, path, child);
	if (json_set(at, name, child) != RC_OK)
		return NULL;
	memset(&pos, 0, sizeof(pos));
	pos.file = file;
	pos.line = 1;
	pos.column = 1;
	(void)srcmap_put(ld->map, child, &pos);
	return child;
}

static int
put(struct suite_load *ld, const char *set, char *path, struct json *value,
    int file)
{
	struct json *at = ld->mem->doc;
	char *dot, *whole = path;
	int rc;

	while (at != NULL && (dot = strchr(path, '.')) != NULL) {
		*dot = '\0';
		at = descend(ld, at, whole, path, file);
		*dot = '.';
		path = dot + 1;
	}
	if (json_kind(at) != JSON_OBJECT || *path == '\0') {
		json_free(value);
		return err_set(ld->err, RC_USAGE,
		    "--set %s: the suite has no such place", set);
	}
	if (json_kind(value) == JSON_NULL) {
		json_free(value);
		json_free(json_take(at, path));
		return RC_OK;
	}
	rc = json_set(at, path, value);
	return rc == RC_OK ? rc : err_set(ld->err, rc, "out of memory");
}

static int
apply_set(struct suite_load *ld, const char *set)
{
	const char *eq = strchr(set, '=');
	struct json *value;
	char *path, *name = NULL;
	int file, rc;

	if (eq == NULL || eq == set)
		return err_set(ld->err, RC_USAGE,
		    "--set %s: write it as KEY=VALUE, such as "
		    "--set variants.repeats=2", set);
	if (asprintf(&name, "--set %.*s", (int)(eq - set), set) < 0)
		return err_set(ld->err, RC_NOMEM, "out of memory");
	file = srcmap_file(ld->map, name);
	free(name);
	if (file < 0)
		return err_set(ld->err, RC_USAGE, "--set: given too many "
		    "times");
	value = yaml_parse(eq + 1, strlen(eq + 1), ld->map, file, ld->err);
	if (value == NULL)
		return ld->err->code;
	path = strndup(set, (size_t)(eq - set));
	if (path == NULL) {
		json_free(value);
		return err_set(ld->err, RC_NOMEM, "out of memory");
	}
	rc = put(ld, set, path, value, file);
	free(path);
	return rc;
}

static int
is_of_target(const char *set)
{
	return strncmp(set, "targets", 7) == 0 && (set[7] == '.' ||
	    set[7] == '=');
}

/* A target's own body begins as the request's, whatever was set first: else
 * what is set in the request afterwards would reach the other arm alone. */
int
suite_read(struct suite_load *ld, const char *path)
{
	size_t i;
	int target, rc = RC_OK;

	ld->mem->doc = load_file(ld, path, NULL);
	if (ld->mem->doc == NULL)
		return ld->err->code;
	for (target = 0; target < 2; target++) {
		for (i = 0; i < ld->over->n_set && rc == RC_OK; i++) {
			if (is_of_target(ld->over->set[i]) == target)
				rc = apply_set(ld, ld->over->set[i]);
		}
	}
	return rc;
}
