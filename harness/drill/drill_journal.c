/* Which levers are pulled, on disk; see drill_journal.h. */
#include "harness/drill/drill_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"

enum { PATH_BYTES = 1100, JOURNAL_MAX = 16 << 20 };

struct journal {
	char path[PATH_BYTES], next[PATH_BYTES + 8];
	int lock;
	struct json *how;
	struct json *left;	/* of an earlier drill */
	struct json *mine;	/* [{lever, how?}]: without `how` not on disk */
};

/* ---- the file ----------------------------------------------------------- */

static void
add_all(struct buf *b, const struct json *list, int *n)
{
	const struct json *m;

	for (m = json_first(list); m != NULL; m = json_next(m)) {
		if (json_get(m, "how") == NULL)
			continue;
		buf_puts(b, (*n)++ == 0 ? "[" : ",\n");
		json_write(b, m);
	}
}

static int
write_synced(const struct journal *j, const struct buf *b, struct err *err)
{
	int fd = open(j->next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);
	int bad = fd < 0 || write(fd, b->p, b->len) != (ssize_t)b->len ||
	    fsync(fd) != 0;

	if (fd >= 0 && close(fd) != 0)
		bad = 1;
	if (bad || rename(j->next, j->path) != 0)
		return err_errno(err, RC_IO, "%s", j->path);
	return RC_OK;
}

static int
save(const struct journal *j, struct err *err)
{
	struct buf b;
	int n = 0, rc;

	buf_init(&b, JOURNAL_MAX);
	add_all(&b, j->left, &n);
	add_all(&b, j->mine, &n);
	if (n == 0) {
		rc = unlink(j->path) == 0 || errno == ENOENT ? RC_OK :
		    err_errno(err, RC_IO, "%s", j->path);
	} else {
		buf_puts(&b, "]\n");
		rc = buf_check(&b, "the journal of levers", err);
		if (rc == RC_OK)
			rc = write_synced(j, &b, err);
	}
	buf_fini(&b);
	return rc;
}

static int
load(struct journal *j, struct err *err)
{
	if (access(j->path, F_OK) != 0) {
		j->left = json_new(JSON_ARRAY);
		return j->left == NULL ? err_set(err, RC_NOMEM, "out of "
		    "memory") : RC_OK;
	}
	j->left = json_load(j->path, JOURNAL_MAX, err);
	if (j->left == NULL)
		err_prefix(err, "%s says which levers a drill that was killed "
		    "had pulled", j->path);
	return j->left == NULL ? err->code : RC_OK;
}

static int
take_lock(struct journal *j, const char *home, struct err *err)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%.1000s/drill.lock", home);
	j->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (j->lock < 0)
		return err_errno(err, RC_IO, "%s", path);
	if (flock(j->lock, LOCK_EX | LOCK_NB) != 0)
		return err_set(err, RC_USAGE, "another drill is running "
		    "with this state folder (%.300s): wait for it, or use "
		    "another --home", home);
	return RC_OK;
}

int
journal_open(const char *home, const struct json *how, struct journal **out,
    struct err *err)
{
	struct journal *j = calloc(1, sizeof(*j));
	int rc;

	*out = NULL;
	if (j == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	j->lock = -1;
	(void)mkdir(home, 0700);
	(void)snprintf(j->path, sizeof(j->path), "%.1000s/drill.journal",
	    home);
	(void)snprintf(j->next, sizeof(j->next), "%s.new", j->path);
	j->how = how == NULL ? NULL : json_copy(how);
	j->mine = json_new(JSON_ARRAY);
	rc = j->mine == NULL || (how != NULL && j->how == NULL) ?
	    err_set(err, RC_NOMEM, "out of memory") : RC_OK;
	if (rc == RC_OK)
		rc = take_lock(j, home, err);
	if (rc == RC_OK)
		rc = load(j, err);
	if (rc != RC_OK)
		journal_close(&j);
	*out = j;
	return rc;
}

void
journal_close(struct journal **jp)
{
	struct journal *j = *jp;

	*jp = NULL;
	if (j == NULL)
		return;
	if (j->lock >= 0)
		(void)close(j->lock);
	json_free(j->how);
	json_free(j->left);
	json_free(j->mine);
	free(j);
}

/* ---- of an earlier drill ------------------------------------------------ */

const struct json *
journal_left(const struct journal *j)
{
	return j->left;
}

/* The list without one element. */
static struct json *
without(const struct json *list, size_t at)
{
	struct json *out = json_new(JSON_ARRAY);
	const struct json *m;
	size_t i = 0;

	for (m = json_first(list); m != NULL && out != NULL;
	    m = json_next(m)) {
		if (i++ != at && json_push(out, json_copy(m)) != RC_OK) {
			json_free(out);
			out = NULL;
		}
	}
	return out;
}

static int
drop_at(struct journal *j, struct json **list, size_t at, struct err *err)
{
	struct json *next = without(*list, at);

	if (next == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	json_free(*list);
	*list = next;
	return save(j, err);
}

int
journal_drop_left(struct journal *j, struct err *err)
{
	return drop_at(j, &j->left, json_size(j->left) - 1, err);
}

const char *
journal_path(const struct journal *j)
{
	return j->path;
}

/* ---- of this drill ------------------------------------------------------ */

int
journal_has(const struct journal *j, const char *lever)
{
	size_t i;

	for (i = 0; i < journal_n(j); i++) {
		if (strcmp(journal_at(j, i), lever) == 0)
			return 1;
	}
	return 0;
}

int
journal_add(struct journal *j, const char *lever, int on_disk,
    struct err *err)
{
	struct json *m = json_new(JSON_OBJECT);
	int rc;

	if (journal_has(j, lever)) {
		json_free(m);
		return RC_OK;
	}
	rc = json_set(m, "lever", json_new_str(lever));
	if (rc == RC_OK && on_disk && j->how != NULL)
		rc = json_set(m, "how", json_copy(j->how));
	if (json_push(j->mine, m) != RC_OK || rc != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	return save(j, err);
}

int
journal_drop(struct journal *j, const char *lever, struct err *err)
{
	size_t i;

	for (i = 0; i < journal_n(j); i++) {
		if (strcmp(journal_at(j, i), lever) == 0)
			return drop_at(j, &j->mine, i, err);
	}
	return RC_OK;
}

size_t
journal_n(const struct journal *j)
{
	return json_size(j->mine);
}

const char *
journal_at(const struct journal *j, size_t i)
{
	return json_get_str(json_at(j->mine, i), "lever");
}
