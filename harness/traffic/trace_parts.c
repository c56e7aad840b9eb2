/* The files of a recording; see trace_parts.h. */
#include "harness/traffic/trace_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/mono.h"

enum {
	NAME_TRIES = 1000,
	PATH_BYTES = 4096,
	STAMP = 20		/* of 20260131T120000.123Z */
};

struct trace_parts {
	struct trace_parts_opts o;
	char *folder;		/* "." or as in out, with its slash */
	char *stem;		/* "t-" of a/t.jsonl.zst */
	char *ext;		/* ".jsonl.zst" */
	int64_t start_wall_ns;	/* the clock of all parts */
	int64_t last_ms;	/* of the last name: names are in order */
	uint64_t n;		/* opened so far */
	struct trace_tidied tidied;
};

/* ---- names ------------------------------------------------------------ */

static const char *
extension(const char *name)
{
	static const char *const known[] = { ".jsonl.zst", ".zst", ".jsonl" };
	size_t n = strlen(name), k, i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		k = strlen(known[i]);
		if (n > k && strcmp(name + n - k, known[i]) == 0)
			return name + n - k;
	}
	return name + n;
}

static int
split_name(struct trace_parts *p)
{
	const char *slash = strrchr(p->o.out, '/');
	const char *name = slash == NULL ? p->o.out : slash + 1;
	const char *ext = extension(name);

	p->folder = slash == NULL ? strdup("") :
	    strndup(p->o.out, (size_t)(name - p->o.out));
	p->ext = strdup(ext);
	p->stem = malloc((size_t)(ext - name) + 2);
	if (p->folder == NULL || p->ext == NULL || p->stem == NULL)
		return RC_NOMEM;
	memcpy(p->stem, name, (size_t)(ext - name));
	memcpy(p->stem + (ext - name), "-", 2);
	return RC_OK;
}

/* The name of a part that begins at a time. */
static char *
part_path(const struct trace_parts *p, int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	char stamp[40], *path = NULL;
	struct tm tm;

	(void)gmtime_r(&s, &tm);
	(void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", &tm);
	if (asprintf(&path, "%s%s%s.%03dZ%s", p->folder, p->stem, stamp,
	    (int)(ms % 1000), p->ext) < 0)
		return NULL;
	return path;
}

/* Whether a file of the folder is a part under our name. */
static int
is_part(const struct trace_parts *p, const char *name)
{
	static const char like[STAMP + 1] = "00000000T000000.000Z";
	size_t stem = strlen(p->stem), i;

	if (strncmp(name, p->stem, stem) != 0 ||
	    strlen(name) != stem + STAMP + strlen(p->ext) ||
	    strcmp(name + stem + STAMP, p->ext) != 0)
		return 0;
	for (i = 0; i < STAMP; i++) {
		if (like[i] == '0' ? name[stem + i] < '0' ||
		    name[stem + i] > '9' : name[stem + i] != like[i])
			return 0;
	}
	return 1;
}

/* ---- opening ---------------------------------------------------------- */

static void
free_words(char **argv)
{
	size_t i;

	for (i = 0; argv != NULL && argv[i] != NULL; i++)
		free(argv[i]);
	free(argv);
}

static char **
copy_words(int argc, char **argv)
{
	char **out = calloc((size_t)argc + 1, sizeof(*out));
	int i;

	for (i = 0; out != NULL && i < argc; i++) {
		out[i] = strdup(argv[i] != NULL ? argv[i] : "?");
		if (out[i] == NULL) {
			free_words(out);
			return NULL;
		}
	}
	return out;
}

int
trace_parts_new(const struct trace_parts_opts *o,
    struct trace_parts **out, struct err *err)
{
	struct trace_parts *p = calloc(1, sizeof(*p));

	*out = p;
	if (p == NULL) {
		json_free(o->extra);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	p->o = *o;
	p->o.argv = copy_words(o->argc, o->argv);
	p->start_wall_ns = mono_wall_ns();
	if (p->o.argv != NULL && split_name(p) == RC_OK)
		return RC_OK;
	trace_parts_free(p);
	*out = NULL;
	return err_set(err, RC_NOMEM, "out of memory");
}

void
trace_parts_free(struct trace_parts *p)
{
	if (p == NULL)
		return;
	json_free(p->o.extra);
	free_words(p->o.argv);
	free(p->folder);
	free(p->stem);
	free(p->ext);
	free(p);
}

void
trace_parts_clock(struct trace_parts *p, int64_t start_wall_ns)
{
	p->start_wall_ns = start_wall_ns;
}

int
trace_parts_rotate(const struct trace_parts *p)
{
	return p->o.limits.rotate_bytes > 0 || p->o.limits.rotate_ns > 0;
}

/* A name that is free; the time in it is later than in the last one. */
static char *
next_path(struct trace_parts *p)
{
	int64_t ms = mono_wall_ns() / MONO_MS;
	char *path;
	int i;

	if (!trace_parts_rotate(p))
		return strdup(p->o.out);
	if (ms <= p->last_ms)
		ms = p->last_ms + 1;
	for (i = 0; i < NAME_TRIES; i++, ms++) {
		path = part_path(p, ms);
		if (path == NULL || access(path, F_OK) != 0)
			break;
		free(path);
		path = NULL;
	}
	p->last_ms = ms;
	return path;
}

/* Which part of the recording it is. */
static int
note_part(struct trace_parts *p)
{
	struct json *part = json_new(JSON_OBJECT);
	char utc[MONO_UTC_MAX];

	mono_utc(mono_wall_ns(), utc);
	if (json_set(part, "n", json_new_num((double)p->n + 1)) != RC_OK ||
	    json_set(part, "opened", json_new_str(utc)) != RC_OK) {
		json_free(part);
		return RC_NOMEM;
	}
	return json_set(p->o.extra, "part", part);
}

int
trace_parts_open(struct trace_parts *p, struct trace_part **out,
    struct err *err)
{
	struct trace_opts o = { .kind = p->o.kind != NULL ?
	    p->o.kind : "recording", .extra = p->o.extra,
	    .argc = p->o.argc, .argv = p->o.argv,
	    .start_wall_ns = p->start_wall_ns };
	struct trace_part *part = calloc(1, sizeof(*part));
	int rc;

	*out = NULL;
	if (part == NULL || (part->path = next_path(p)) == NULL ||
	    (trace_parts_rotate(p) && note_part(p) != RC_OK)) {
		trace_part_free(&part);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	part->again = p->o.again;
	rc = part->again ? trace_writer_resume(part->path, &o, &part->w,
	    err) : trace_writer_open(part->path, &o, 0, &part->w, err);
	if (rc != RC_OK) {
		trace_part_free(&part);
		return rc;
	}
	p->n++;
	*out = part;
	return RC_OK;
}

int
trace_parts_full(const struct trace_parts *p,
    const struct trace_part *part)
{
	const struct trace_limits *l = &p->o.limits;
	struct trace_account acc;

	if (part->first_ns == 0)
		return 0;
	if (l->rotate_ns > 0 &&
	    mono_now_ns() - part->first_ns >= l->rotate_ns)
		return 1;
	trace_account(part->w, &acc);
	return l->rotate_bytes > 0 &&
	    acc.bytes_file + part->spilled >= l->rotate_bytes;
}

void
trace_part_free(struct trace_part **part)
{
	if (*part == NULL)
		return;
	trace_writer_abandon(&(*part)->w);
	free((*part)->path);
	free(*part);
	*part = NULL;
}

void
trace_part_discard(struct trace_part **part)
{
	if (*part == NULL)
		return;
	if (!(*part)->again)
		(void)unlink((*part)->path);
	trace_part_free(part);
}

/* ---- those that are there --------------------------------------------- */

/* One part in the folder. */
struct kept {
	char *path;
	uint64_t bytes;		/* the bodies beside it included */
	int64_t wall_ns;	/* written to last */
};

struct keeps {
	struct kept *v;
	size_t n, cap;
	uint64_t bytes;
};

typedef void each_file_fn(void *ctx, const char *path, const struct stat *st);

/* The files in PATH.d. */
static void
each_body(const char *path, each_file_fn *fn, void *ctx)
{
	char dir[PATH_BYTES], file[PATH_BYTES];
	struct dirent *e;
	struct stat st;
	DIR *d;

	if ((size_t)snprintf(dir, sizeof(dir), "%s.d", path) >= sizeof(dir))
		return;
	d = opendir(dir);
	if (d == NULL)
		return;
	/* the stream is this thread's. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while ((e = readdir(d)) != NULL) {
		if ((size_t)snprintf(file, sizeof(file), "%s/%s", dir,
		    e->d_name) < sizeof(file) && lstat(file, &st) == 0 &&
		    S_ISREG(st.st_mode))
			fn(ctx, file, &st);
	}
	(void)closedir(d);
}

static void
add_bytes(void *ctx, const char *path, const struct stat *st)
{
	struct kept *k = ctx;

	(void)path;
	k->bytes += (uint64_t)st->st_size;
}

static void
unlink_body(void *ctx, const char *path, const struct stat *st)
{
	(void)ctx;
	(void)st;
	(void)unlink(path);
}

static void
add_keep(struct keeps *ks, char *path)
{
	struct kept *v = ks->v, k = { .path = path };
	size_t cap = ks->cap == 0 ? 32 : ks->cap * 2;
	struct stat st;

	if (ks->n == ks->cap) {
		v = realloc(ks->v, cap * sizeof(*v));
		if (v != NULL) {
			ks->v = v;
			ks->cap = cap;
		}
	}
	if (v == NULL || lstat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
		free(path);
		return;
	}
	k.bytes = (uint64_t)st.st_size;
	k.wall_ns = (int64_t)st.st_mtim.tv_sec * MONO_S + st.st_mtim.tv_nsec;
	each_body(path, add_bytes, &k);
	ks->bytes += k.bytes;
	ks->v[ks->n++] = k;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct kept *)a)->path,
	    ((const struct kept *)b)->path);
}

static void
list_parts(const struct trace_parts *p, struct keeps *ks)
{
	DIR *d = opendir(p->folder[0] != '\0' ? p->folder : ".");
	struct dirent *e;
	char *path;

	if (d == NULL)
		return;
	/* the stream is this thread's. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while ((e = readdir(d)) != NULL) {
		if (is_part(p, e->d_name) && asprintf(&path, "%s%s",
		    p->folder, e->d_name) >= 0)
			add_keep(ks, path);
	}
	(void)closedir(d);
	if (ks->n > 0)
		qsort(ks->v, ks->n, sizeof(*ks->v), by_name);
}

static void
free_keeps(struct keeps *ks)
{
	size_t i;

	for (i = 0; i < ks->n; i++)
		free(ks->v[i].path);
	free(ks->v);
}

/* A part that somebody writes to is locked. returns a descriptor that holds
 * the lock; below 0: it is locked already, or gone */
static int
lock_part(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

int
trace_parts_each(const struct trace_parts *p, trace_parts_fn *fn, void *ctx,
    struct err *err)
{
	struct keeps ks = { NULL, 0, 0, 0 };
	size_t i;
	int fd, rc = RC_OK;

	list_parts(p, &ks);
	for (i = ks.n; i > 0 && rc == RC_OK; i--) {
		fd = lock_part(ks.v[i - 1].path);
		if (fd >= 0)
			(void)close(fd);
		rc = fn(ctx, ks.v[i - 1].path, fd < 0, err);
	}
	free_keeps(&ks);
	return rc;
}

/* ---- deleting the oldest ---------------------------------------------- */

/* Which limit makes the oldest of n parts one too many; NULL: none does. */
static const char *
too_many(const struct trace_limits *l, const struct kept *k, size_t n,
    uint64_t bytes)
{
	if (l->keep_files > 0 && n > l->keep_files)
		return "--keep-files";
	if (l->keep_bytes > 0 && bytes > l->keep_bytes)
		return "--keep-size";
	if (l->keep_ns > 0 && mono_wall_ns() - k->wall_ns > l->keep_ns)
		return "--keep-age";
	return NULL;
}

/* returns whether it is gone, which no part is that somebody writes to. The
 * bodies go first: what is left after a crash is found again. */
static int
delete_part(struct trace_parts *p, const struct kept *k, const char *why)
{
	char line[PATH_BYTES + 100], dir[PATH_BYTES];
	int fd = lock_part(k->path), rc;

	if (fd < 0)
		return 0;
	each_body(k->path, unlink_body, NULL);
	if ((size_t)snprintf(dir, sizeof(dir), "%s.d", k->path) < sizeof(dir))
		(void)rmdir(dir);
	rc = unlink(k->path);
	if (rc == 0) {
		p->tidied.files++;
		p->tidied.bytes += k->bytes;
		(void)snprintf(line, sizeof(line), "%s: deleted (%llu bytes), "
		    "as %s asks", k->path, (unsigned long long)k->bytes, why);
	} else {
		(void)snprintf(line, sizeof(line), "%s: cannot delete, as %s "
		    "asks", k->path, why);
	}
	(void)close(fd);
	trace_parts_say(p, line);
	return rc == 0;
}

void
trace_parts_tidy(struct trace_parts *p)
{
	const struct trace_limits *l = &p->o.limits;
	struct keeps ks = { NULL, 0, 0, 0 };
	const char *why;
	size_t i, n;

	if (l->keep_files == 0 && l->keep_bytes == 0 && l->keep_ns == 0)
		return;
	list_parts(p, &ks);
	n = ks.n;
	/* the newest stays, whatever it holds */
	for (i = 0; i + 1 < ks.n; i++) {
		why = too_many(l, &ks.v[i], n, ks.bytes);
		if (why != NULL && delete_part(p, &ks.v[i], why)) {
			n--;
			ks.bytes -= ks.v[i].bytes;
		}
	}
	free_keeps(&ks);
}

void
trace_parts_tidied(const struct trace_parts *p, struct trace_tidied *out)
{
	*out = p->tidied;
}

void
trace_parts_say(const struct trace_parts *p, const char *line)
{
	if (p->o.say != NULL)
		p->o.say(p->o.say_ctx, line);
}
