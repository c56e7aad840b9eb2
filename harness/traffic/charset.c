/* Character sets, by iconv; see charset.h. */
#include "harness/traffic/charset.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "harness/base/text.h"

enum { STEP = 16 << 10 };

/*
 * What may be asked of iconv: names come from outside, and it takes more than
 * names. The rest of a name is letters, digits and hyphens.
 */
static const char *const families[] = {
	"iso-8859-", "iso8859-", "iso_8859-", "latin", "windows-", "cp125",
	"utf-16", "utf-32", "koi8-", "shift_jis", "sjis", "euc-", "iso-2022-",
	"gb2312", "gbk", "gb18030", "big5", "macintosh", "tis-620", "cp850",
	"cp437", "ibm850", "ibm437",
};

static int
is_known(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (strncasecmp(name, families[i], strlen(families[i])) == 0)
			return 1;
	}
	return 0;
}

/* Names that mean UTF-8, or nothing beyond it. */
static int
is_utf8(const char *name)
{
	static const char *const names[] = { "utf-8", "utf8", "us-ascii",
	    "ascii", "unicode-1-1-utf-8", "utf-8-sig", "binary" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(name, names[i]) == 0)
			return 1;
	}
	return 0;
}

static int
is_wide(const char *name)
{
	return strncasecmp(name, "utf-16", 6) == 0 ||
	    strncasecmp(name, "utf-32", 6) == 0;
}

/* By its mark, or as JSON begins: two signs of ASCII. */
static const char *
wide_of(const struct ex_bytes *b)
{
	const char *p = b->p;

	if (b->n >= 4 && memcmp(p, "\xff\xfe\0\0", 4) == 0)
		return "utf-32le";
	if (b->n >= 4 && memcmp(p, "\0\0\xfe\xff", 4) == 0)
		return "utf-32be";
	if (b->n >= 2 && memcmp(p, "\xff\xfe", 2) == 0)
		return "utf-16le";
	if (b->n >= 2 && memcmp(p, "\xfe\xff", 2) == 0)
		return "utf-16be";
	if (b->n < 4 || b->n % 2 != 0)
		return NULL;
	if (p[0] != '\0' && p[1] == '\0' && p[2] != '\0' && p[3] == '\0')
		return "utf-16le";
	if (p[0] == '\0' && p[1] != '\0' && p[2] == '\0' && p[3] != '\0')
		return "utf-16be";
	return NULL;
}

/* The charset of a Content-Type; "": none is said. */
static void
said(const struct ex_header *h, size_t n, char *name)
{
	const char *p = NULL;
	size_t i, k = 0;

	for (i = 0; i < n && p == NULL; i++) {
		if (strcasecmp(h[i].name, "Content-Type") == 0)
			p = strchr(h[i].value, ';');
	}
	for (; p != NULL; p = strchr(p, ';')) {
		p += 1 + strspn(p + 1, " \t");
		if (strncasecmp(p, "charset", 7) != 0)
			continue;
		p += 7 + strspn(p + 7, " \t");
		if (*p != '=')
			continue;
		p += 1 + strspn(p + 1, " \t\"'");
		while (k < CHARSET_NAME_MAX - 1 && (isalnum((unsigned char)
		    p[k]) || (p[k] != '\0' && strchr("-_.:", p[k]) != NULL))) {
			name[k] = p[k];
			k++;
		}
		break;
	}
	name[k] = '\0';
}

static const char *
copied(char *name, const char *from)
{
	(void)snprintf(name, CHARSET_NAME_MAX, "%s", from);
	return name;
}

const char *
charset_of(const struct ex_header *headers, size_t n,
    const struct ex_bytes *body, char name[static CHARSET_NAME_MAX])
{
	const char *wide = wide_of(body);

	if (wide != NULL)
		return copied(name, wide);
	said(headers, n, name);
	if (name[0] == '\0' || is_utf8(name))
		return NULL;
	/* UTF-16 whose first signs are none of ASCII */
	if (is_wide(name))
		return text_valid(body->p, body->n) &&
		    memchr(body->p, '\0', body->n) == NULL ? NULL :
		    strcasecmp(name, "utf-16") == 0 ?
		    copied(name, "utf-16le") : name;
	if (text_valid(body->p, body->n) && !(strncasecmp(name, "iso-2022-",
	    9) == 0 && memchr(body->p, '\x1b', body->n) != NULL))
		return NULL;
	return name;
}

/* What iconv has made, into out. */
static int
put(struct buf *out, const char *p, size_t n, size_t max, struct err *err)
{
	if (n > max - out->len)
		return err_set(err, RC_FORMAT, "too large: more than %zu bytes "
		    "as UTF-8", max);
	buf_add(out, p, n);
	return buf_check(out, "an answer as UTF-8", err);
}

static int
convert(iconv_t cd, const char *name, const struct ex_bytes *b, size_t max,
    struct buf *out, struct err *err)
{
	union {
		const char *from;	/* iconv writes nothing there */
		char *p;
	} in = { b->p };
	size_t left = b->n, room, made;
	char step[STEP], *to;
	int rc, whole = 0;

	while (!whole) {
		to = step;
		room = sizeof(step);
		/* at the end, what it still holds back */
		whole = left == 0;
		made = iconv(cd, whole ? NULL : &in.p, whole ? NULL : &left,
		    &to, &room);
		rc = put(out, step, sizeof(step) - room, max, err);
		if (rc != RC_OK)
			return rc;
		if (made == (size_t)-1 && errno != E2BIG)
			return err_set(err, RC_FORMAT, "byte %zu is %s of "
			    "charset %s", b->n - left + 1, errno == EINVAL ?
			    "the beginning of a character that is not whole" :
			    "no character", name);
	}
	return RC_OK;
}

/* The bytes of a mark in front that belong to no text. */
static size_t
mark(const char *name, const char *p, size_t n)
{
	static const struct {
		const char *name, *mark;
		size_t n;
	} marks[] = {
		{ "utf-16le", "\xff\xfe", 2 }, { "utf-16be", "\xfe\xff", 2 },
		{ "utf-32le", "\xff\xfe\0\0", 4 },
		{ "utf-32be", "\0\0\xfe\xff", 4 },
	};
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (strcasecmp(name, marks[i].name) == 0 && n >= marks[i].n &&
		    memcmp(p, marks[i].mark, marks[i].n) == 0)
			return marks[i].n;
	}
	return 0;
}

int
charset_undo(const char *name, const char *p, size_t n, size_t text_max,
    struct buf *out, struct err *err)
{
	size_t from = mark(name, p, n);
	struct ex_bytes b = { p + from, n - from, NULL };
	iconv_t cd = (iconv_t)-1;
	int rc;

	if (is_known(name) && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGH"
	    "IJKLMNOPQRSTUVWXYZ0123456789-_") == strlen(name))
		cd = iconv_open("UTF-8", name);
	if (cd == (iconv_t)-1)
		return err_set(err, RC_FORMAT, "unknown charset \"%s\"",
		    name);
	rc = convert(cd, name, &b, out->len + text_max, out, err);
	(void)iconv_close(cd);
	return rc;
}
