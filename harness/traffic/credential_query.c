/* JSON in headers and in the parameters of a target; see credential.h. */
#include <string.h>

#include "harness/traffic/credential.h"
#include "harness/traffic/credential_part.h"

enum { ESCAPED_MAX = 3, TEXT_MAX = 8 << 20 };

int
credential_json(const char *p, size_t n)
{
	struct buf b;
	int holds;

	if (n < 8 || n > TEXT_MAX)
		return 0;
	if (*p == '{' || *p == '[')
		return credential_body(p, n, NULL, NULL) > 0;
	/* in base64 it begins so, and stands within a string */
	if ((*p != 'e' && *p != 'W') || memchr(p, ' ', n) != NULL ||
	    memchr(p, '"', n) != NULL)
		return 0;
	buf_init(&b, n + 3);
	buf_putc(&b, '"');
	buf_add(&b, p, n);
	buf_putc(&b, '"');
	holds = b.bad != RC_OK || credential_body(b.p, b.len, NULL, NULL) > 0;
	buf_fini(&b);
	return holds;
}

/* A value that is escaped, perhaps more than once. */
static int
hides_json(const char *p, size_t n)
{
	struct buf a, b, was;
	int i, hides = credential_json(p, n);

	buf_init(&a, TEXT_MAX);
	buf_init(&b, TEXT_MAX);
	buf_add(&a, p, n);
	for (i = 0; i < ESCAPED_MAX && !hides && a.bad == RC_OK &&
	    memchr(buf_str(&a), '%', a.len) != NULL; i++) {
		buf_reset(&b);
		(void)credential_unescape(buf_str(&a), a.len, &b);
		hides = credential_json(buf_str(&b), b.len);
		was = a;
		a = b;
		b = was;
	}
	buf_fini(&a);
	buf_fini(&b);
	return hides;
}

int
credential_query(struct buf *out, const char *target)
{
	const char *eq, *end;
	int changed = 0;

	while ((eq = strchr(target, '=')) != NULL) {
		end = eq + 1 + strcspn(eq + 1, "&;#");
		buf_add(out, target, (size_t)(eq + 1 - target));
		if (hides_json(eq + 1, (size_t)(end - eq - 1))) {
			buf_puts(out, CREDENTIAL_GONE);
			changed = 1;
		} else {
			buf_add(out, eq + 1, (size_t)(end - eq - 1));
		}
		target = end;
	}
	buf_puts(out, target);
	return changed;
}
