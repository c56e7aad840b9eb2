/* Pins, out of an answer or a header; see extract.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/traffic/extract_part.h"

static int
pin_order(const void *a, const void *b)
{
	const struct answer_pin *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void
extract_pins(const struct json *j, struct answer *out)
{
	struct answer_mem *mem = out->mem;
	const struct json *m;
	struct buf b;

	if (json_kind(j) != JSON_OBJECT)
		return;
	for (m = json_first(j); m != NULL &&
	    out->n_pins < EXTRACT_PINS_MAX; m = json_next(m)) {
		struct answer_pin *pin = &mem->pins[out->n_pins];

		/* null or "" names no build: it was not sent */
		if (json_kind(m) == JSON_NULL || (json_str(m) != NULL &&
		    *json_str(m) == '\0'))
			continue;
		out->n_pins++;
		pin->name = json_key(m);
		buf_init(&b, 1 << 20);
		pin->value = json_word(m, &b);
		if (pin->value == NULL)
			json_write(&b, m);
		if (pin->value == NULL || pin->value == b.p)
			pin->value = extract_keep(mem, buf_str(&b), b.len);
		buf_fini(&b);
		if (pin->value == NULL)
			pin->value = "";
	}
	out->pins = mem->pins;
	qsort(out->pins, out->n_pins, sizeof(*out->pins), pin_order);
}

/* "MODEL_VER=m-1; INDEX_HASH=ab" */
static void
pins_pairs(const char *s, struct answer *out)
{
	struct answer_mem *mem = out->mem;
	size_t n, eq;

	while (*s != '\0' && out->n_pins < EXTRACT_PINS_MAX) {
		s += strspn(s, " \t;,");
		n = strcspn(s, ";,");
		eq = strcspn(s, "=");
		if (eq > 0 && eq + 1 < n) {
			struct answer_pin *pin = &mem->pins[out->n_pins];

			pin->name = extract_keep(mem, s, eq);
			pin->value = extract_keep(mem, s + eq + 1,
			    n - eq - 1);
			if (mem->nomem)
				return;
			out->n_pins++;
		}
		s += n;
	}
	out->pins = mem->pins;
	qsort(out->pins, out->n_pins, sizeof(*out->pins), pin_order);
}

void
extract_pins_of_header(const struct extract_spec *spec,
    const struct exchange *ex, struct answer *out)
{
	const char *s = exchange_header(ex, spec->pins_header);
	struct json *j;

	if (s == NULL || out->n_pins > 0)
		return;
	s += strspn(s, " \t");
	j = *s == '{' ? json_parse(s, strlen(s), NULL) : NULL;
	if (j == NULL)
		pins_pairs(s, out);
	else if (extract_keep_json(out->mem, j) == RC_OK)
		extract_pins(j, out);
}
