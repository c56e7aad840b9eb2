/* Character sets: a text comes out in UTF-8 whatever it was kept in, what is
 * UTF-8 stays, and what cannot be read says why. */
#include "tests/lib/check.h"

#include "harness/traffic/charset.h"

#define BYTES(s) s, sizeof(s) - 1

static void
sets(void **state)
{
	static const struct {
		const char *type, *p;
		size_t n;
		const char *text;	/* NULL: as it is */
	} rows[] = {
		{ NULL, BYTES("{\"a\":1}"), NULL },
		{ "application/json", BYTES("caf\xe9"), NULL },
		{ "application/json; charset=utf-8", BYTES("caf\xe9"), NULL },
		{ "text/plain; Charset=\"ISO-8859-1\"", BYTES("caf\xe9"),
		    "caf\xc3\xa9" },
		{ "text/plain;format=flowed;charset=latin1 ", BYTES("caf\xe9"),
		    "caf\xc3\xa9" },
		{ "text/plain; charset = windows-1252", BYTES("\x93x\x94 \x80"),
		    "\xe2\x80\x9cx\xe2\x80\x9d \xe2\x82\xac" },
		{ "text/plain; charset='iso-8859-15'", BYTES("\xa4"),
		    "\xe2\x82\xac" },
		/* said, and not so */
		{ "application/json; charset=iso-8859-1",
		    BYTES("caf\xc3\xa9"), NULL },
		{ "application/json; charset=utf-16", BYTES("{\"a\":1}"),
		    NULL },
		{ "text/plain; charset=x-unknown", BYTES("plain"), NULL },
		{ "text/plain; xcharset=iso-8859-1", BYTES("caf\xe9"), NULL },
		{ "text/plain; charset=", BYTES("caf\xe9"), NULL },
		{ "application/json; charset=utf-16",
		    BYTES("\xff\xfe{\0\"\0\xe9\0\"\0}\0"),
		    "{\"\xc3\xa9\"}" },
		{ "application/json", BYTES("\xfe\xff\0{\0}"), "{}" },
		{ "application/json", BYTES("{\0\"\0\x3d\xd8\0\xde\"\0}\0"),
		    "{\"\xf0\x9f\x98\x80\"}" },
		{ NULL, BYTES("\0{\0\"\0a\0\"\0}"), "{\"a\"}" },
		{ "text/plain; charset=utf-16be", BYTES("\x4e\x2d\x65\x87"),
		    "\xe4\xb8\xad\xe6\x96\x87" },
		{ "text/plain; charset=utf-16", BYTES("\x2d\x4e\x87\x65"),
		    "\xe4\xb8\xad\xe6\x96\x87" },
		{ NULL, BYTES("\xff\xfe\0\0{\0\0\0}\0\0\0"), "{}" },
		{ "text/plain; charset=Shift_JIS", BYTES("\x93\xfa\x96\x7b"),
		    "\xe6\x97\xa5\xe6\x9c\xac" },
		{ "text/plain; charset=iso-2022-jp",
		    BYTES("\x1b$BF|K\\\x1b(B."),
		    "\xe6\x97\xa5\xe6\x9c\xac." },
		{ "text/plain; charset=windows-1255", BYTES("\xf9"),
		    "\xd7\xa9" },
		{ "text/plain; charset=gb18030", BYTES("\xd6\xd0"),
		    "\xe4\xb8\xad" },
	};
	char name[CHARSET_NAME_MAX];
	struct err err = ERR_INIT;
	struct ex_header h = { "content-type", NULL };
	struct ex_bytes body;
	struct buf out;
	const char *got;
	size_t i;

	(void)state;
	buf_init(&out, 4096);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		h.value = rows[i].type;
		body = (struct ex_bytes){ rows[i].p, rows[i].n, NULL };
		got = charset_of(&h, rows[i].type != NULL, &body, name);
		if ((got == NULL) != (rows[i].text == NULL))
			fail_msg("row %zu: %s", i, got == NULL ? "" : got);
		if (got == NULL)
			continue;
		buf_reset(&out);
		if (charset_undo(got, body.p, body.n, 4000, &out, &err) !=
		    RC_OK)
			fail_msg("row %zu: %s", i, err.msg);
		assert_string_equal(buf_str(&out), rows[i].text);
	}
	buf_fini(&out);
}

static void
failures(void **state)
{
	static const struct {
		const char *name, *p;
		size_t n, max;
		const char *why;
	} rows[] = {
		{ "x-user-defined", BYTES("\xe9"), 99, "unknown charset \"x-" },
		{ "utf-7", BYTES("\xe9"), 99, "unknown charset" },
		{ "latin1//TRANSLIT", BYTES("\xe9"), 99, "unknown charset" },
		{ "iso-8859-99", BYTES("\xe9"), 99, "unknown charset" },
		{ "utf-16le", BYTES("a\0b"), 99, "byte 3 is the beginning" },
		{ "utf-16le", BYTES("a\0\0\xdc"), 99,
		    "byte 3 is no character of charset utf-16le" },
		{ "windows-1252", BYTES("ab\x81"), 99, "byte 3 is no" },
		{ "iso-8859-1", BYTES("\xe9\xe9"), 3, "more than 3" },
	};
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 4096);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;

		buf_reset(&out);
		assert_int_equal(charset_undo(rows[i].name, rows[i].p,
		    rows[i].n, rows[i].max, &out, &err), RC_FORMAT);
		if (strstr(err.msg, rows[i].why) == NULL)
			fail_msg("row %zu: %s", i, err.msg);
	}
	buf_fini(&out);
}

/* A text of more than one step, with characters of every length. */
static void
long_text(void **state)
{
	static const char unit[] = "a\0\xe9\0\x2d\x4e\x3d\xd8\0\xde";
	struct err err = ERR_INIT;
	struct buf in, out;
	size_t i;

	(void)state;
	buf_init(&in, 1 << 21);
	buf_init(&out, 1 << 21);
	for (i = 0; i < 50000; i++)
		buf_add(&in, unit, sizeof(unit) - 1);
	assert_int_equal(charset_undo("utf-16le", in.p, in.len, 1 << 20, &out,
	    &err), RC_OK);
	assert_int_equal(out.len, 50000 * 10);
	for (i = 0; i < 50000; i++)
		assert_memory_equal(out.p + 10 * i, "a\xc3\xa9\xe4\xb8\xad"
		    "\xf0\x9f\x98\x80", 10);
	buf_fini(&in);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets),
		cmocka_unit_test(failures),
		cmocka_unit_test(long_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
