/* Texts and values in YAML; see yaml_out.h. */
#include "harness/suite/yaml_out.h"

#include "harness/base/text.h"

/* What YAML does not take as it is, or takes for the end of a line. */
static int
is_odd(int32_t cp)
{
	return (cp >= 0x7f && cp <= 0x9f) || cp == 0x2028 || cp == 0x2029 ||
	    cp == 0xfeff || cp == 0xfffe || cp == 0xffff;
}

/* JSON, which is YAML's flow style but for a few characters: these can only
 * stand within strings. */
static void
put_json(struct buf *b, const struct buf *json)
{
	const char *p = buf_str(json), *end = p + json->len, *from;
	int32_t cp;

	while (p < end) {
		from = p;
		cp = text_next(&p, end);
		if (is_odd(cp))
			buf_printf(b, "\\u%04x", (unsigned)cp);
		else
			buf_add(b, from, (size_t)(p - from));
	}
	if (json->bad != RC_OK)
		b->bad = json->bad;
}

void
yaml_value(struct buf *b, const struct json *v)
{
	struct buf json;

	buf_init(&json, 1 << 20);
	json_write(&json, v);
	put_json(b, &json);
	buf_fini(&json);
}

void
yaml_command(struct buf *b, const char *s, size_t n)
{
	struct buf json;

	buf_init(&json, 4 << 20);
	json_write_str(&json, s, n);
	put_json(b, &json);
	buf_fini(&json);
}

void
yaml_quote(struct buf *b, const char *s, size_t n)
{
	struct buf text;
	size_t i;

	buf_init(&text, 1 << 20);
	for (i = 0; i < n; i++) {
		/* "$${" reads back as "${" */
		if (s[i] == '$' && i + 1 < n && s[i + 1] == '{')
			buf_putc(&text, '$');
		buf_putc(&text, s[i]);
	}
	yaml_command(b, buf_str(&text), text.len);
	buf_fini(&text);
}

void
yaml_comment(struct buf *b, const char *s)
{
	const char *p = s, *end = s + strlen(s), *from;
	int32_t cp;

	while (p < end) {
		from = p;
		cp = text_next(&p, end);
		if (cp < 0x20 || is_odd(cp))
			buf_putc(b, '?');
		else
			buf_add(b, from, (size_t)(p - from));
	}
}
