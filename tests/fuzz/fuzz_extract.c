/*
 * Fuzzes extraction: the first byte chooses preset and Content-Type, the rest
 * is the body; or, from 0xf0 on, the `extract` object up to the first NUL,
 * then a body.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "harness/traffic/extract.h"

static struct extract_spec *
spec_of(uint8_t choice, const char **p, size_t *n)
{
	const char *nul = memchr(*p, '\0', *n);
	struct extract_spec *spec;
	struct json *j;

	if (choice < 0xf0) {
		j = json_new_str(extract_presets[choice % 14]);
	} else {
		if (nul == NULL)
			return NULL;
		j = json_parse(*p, (size_t)(nul - *p), NULL);
		*n -= (size_t)(nul + 1 - *p);
		*p = nul + 1;
	}
	spec = extract_new(j, NULL);
	json_free(j);
	return spec;
}

static void
check(const struct answer *a)
{
	size_t i, sum = 0;

	if (a->outcome != OUTCOME_OK && a->outcome != OUTCOME_REFUSED &&
	    a->why == NULL)
		abort();
	for (i = 0; i < a->n_retrieved; i++)
		sum += a->retrieved[i].text != NULL ?
		    strlen(a->retrieved[i].text) : 0;
	for (i = 0; i < a->n_cited; i++)
		sum += a->cited[i].section_id != NULL ?
		    strlen(a->cited[i].section_id) : 0;
	for (i = 0; i < a->n_pins; i++)
		sum += strlen(a->pins[i].name) + strlen(a->pins[i].value);
	if (a->text != NULL && a->text[a->text_n] != '\0')
		abort();
	if (sum > (size_t)1 << 32)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const types[] = { "application/json",
	    "text/event-stream", "application/x-ndjson", "text/plain" };
	struct answer answer;
	struct ex_header h[2] = { { "Content-Type", NULL }, { "X-Pins",
	    "A=1;B=2" } };
	struct extract_spec *spec;
	struct exchange ex;
	const char *p;

	if (n < 1)
		return 0;
	p = (const char *)data + 1;
	n--;
	spec = spec_of(*data, &p, &n);
	if (spec == NULL)
		return 0;
	answer_init(&answer);
	exchange_init(&ex);
	ex.status = 200;
	h[0].value = types[*data / 10 % 4];
	ex.res_headers = h;
	ex.n_res_headers = 2;
	ex.res_body.p = p;
	ex.res_body.n = n;
	if (extract_answer(spec, &ex, &answer, NULL) == RC_OK)
		check(&answer);
	answer_fini(&answer);
	extract_free(spec);
	return 0;
}
