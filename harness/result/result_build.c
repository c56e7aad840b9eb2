/* Which builds a result is of; see result.h. */
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/hash.h"
#include "harness/result/result.h"

/* Appends an arm's pins, which are sorted by name. returns 0 when they do not
 * say which build it is */
static int
add_pins(const struct result_arm *a, struct buf *b)
{
	size_t i;

	if (!a->present)
		return 1;
	for (i = 0; i < a->n_pins; i++) {
		if (a->pins[i].name == NULL || a->pins[i].value == NULL ||
		    (i > 0 && strcmp(a->pins[i].name,
		    a->pins[i - 1].name) == 0))
			return 0;
		buf_printf(b, "%s=%s\n", a->pins[i].name, a->pins[i].value);
	}
	buf_putc(b, '\n');
	return a->n_pins > 0;
}

int
result_build(const struct result *r, char out[33])
{
	struct buf b;
	int known;

	buf_init(&b, 16 << 20);
	buf_puts(&b, r->run.hash_suite == NULL ? "" : r->run.hash_suite);
	buf_putc(&b, '\n');
	known = r->run.hash_suite != NULL &&
	    r->arm[ARM_CANDIDATE].present &&
	    add_pins(&r->arm[ARM_BASELINE], &b) &&
	    add_pins(&r->arm[ARM_CANDIDATE], &b) && b.bad == RC_OK;
	if (known)
		hash_hex(b.p, b.len, out);
	buf_fini(&b);
	return known;
}
