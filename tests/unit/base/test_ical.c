/* Events of an iCalendar: RFC 5545 by libical, and what bounds it. */
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/ical.h"
#include "tests/lib/check.h"

#define EVENT(lines) "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n" \
	"UID:1\r\nSUMMARY:freeze\r\n" lines "END:VEVENT\r\nEND:VCALENDAR\r\n"

#define YEARLY "RRULE:FREQ=YEARLY\r\n"

/* Of one event: the window that holds a moment, or none. */
static const struct {
	const char *text;
	int64_t now_s;
	const char *want;	/* "START END", "": none */
} rows[] = {
	/* UTC; DTEND is not part of it */
	{ EVENT("DTSTART:20261126T000000Z\r\nDTEND:20261130T000000Z\r\n"),
	    1795651200, "2026-11-26T00:00:00Z 2026-11-29T23:59:59Z" },
	{ EVENT("DTSTART:20261126T000000Z\r\nDTEND:20261130T000000Z\r\n"),
	    1795651199, "" },
	{ EVENT("DTSTART:20261126T000000Z\r\nDTEND:20261130T000000Z\r\n"),
	    1795996799, "2026-11-26T00:00:00Z 2026-11-29T23:59:59Z" },
	{ EVENT("DTSTART:20261126T000000Z\r\nDTEND:20261130T000000Z\r\n"),
	    1795996800, "" },
	/* whole days; without DTEND one day; by a duration */
	{ EVENT("DTSTART;VALUE=DATE:20261126\r\n"
	    "DTEND;VALUE=DATE:20261128\r\n"), 1795823999,
	    "2026-11-26T00:00:00Z 2026-11-27T23:59:59Z" },
	{ EVENT("DTSTART;VALUE=DATE:20261126\r\n"
	    "DTEND;VALUE=DATE:20261128\r\n"), 1795824000, "" },
	{ EVENT("DTSTART;VALUE=DATE:20261126\r\n"), 1795737599,
	    "2026-11-26T00:00:00Z 2026-11-26T23:59:59Z" },
	{ EVENT("DTSTART;VALUE=DATE:20261126\r\n"), 1795737600, "" },
	{ EVENT("DTSTART:20261126T000000Z\r\nDURATION:PT90M\r\n"),
	    1795656599, "2026-11-26T00:00:00Z 2026-11-26T01:29:59Z" },
	/* a zone, in winter and in summer: 9 o'clock in Berlin */
	{ EVENT("DTSTART;TZID=Europe/Berlin:20261126T090000\r\n"
	    "DTEND;TZID=Europe/Berlin:20261126T100000\r\n"), 1795680000,
	    "2026-11-26T08:00:00Z 2026-11-26T08:59:59Z" },
	{ EVENT("DTSTART;TZID=Europe/Berlin:20260626T090000\r\n"
	    "DTEND;TZID=Europe/Berlin:20260626T100000\r\n"), 1782457200,
	    "2026-06-26T07:00:00Z 2026-06-26T07:59:59Z" },
	/* rules: each day with a count; each week, over the change of time */
	{ EVENT("DTSTART:20261101T220000Z\r\nDTEND:20261102T020000Z\r\n"
	    "RRULE:FREQ=DAILY;COUNT=3\r\n"), 1793757599,
	    "2026-11-03T22:00:00Z 2026-11-04T01:59:59Z" },
	{ EVENT("DTSTART:20261101T220000Z\r\nDTEND:20261102T020000Z\r\n"
	    "RRULE:FREQ=DAILY;COUNT=3\r\n"), 1793836800, "" },
	{ EVENT("DTSTART;TZID=Europe/Berlin:20260601T090000\r\n"
	    "DTEND;TZID=Europe/Berlin:20260601T100000\r\n"
	    "RRULE:FREQ=WEEKLY\r\n"), 1796025600 - 86400 * 7,
	    "2026-11-23T08:00:00Z 2026-11-23T08:59:59Z" },
	/* at one hour, by one of several rules */
	{ EVENT("DTSTART:20261101T000000Z\r\nDURATION:PT1H\r\n"
	    YEARLY YEARLY YEARLY "RRULE:FREQ=DAILY;BYHOUR=9\r\n"),
	    1795683600, "2026-11-26T09:00:00Z 2026-11-26T09:59:59Z" },
	/* one that began long ago, to its last second */
	{ EVENT("DTSTART:20200101T000000Z\r\nDTEND:20200120T000000Z\r\n"
	    "RRULE:FREQ=MONTHLY\r\n"), 1797724799,
	    "2026-12-01T00:00:00Z 2026-12-19T23:59:59Z" },
	{ EVENT("DTSTART;VALUE=DATE:20200201\r\nDURATION:P300D\r\n"
	    "RRULE:FREQ=YEARLY\r\n"), 1795823999,
	    "2026-02-01T00:00:00Z 2026-11-27T23:59:59Z" },
	{ EVENT("DTSTART:20261101T000000Z\r\nDTEND:20261101T010000Z\r\n"
	    "RRULE:FREQ=DAILY\r\nEXDATE:20261103T000000Z\r\n"), 1793664060,
	    "" },
};

static void
test_windows(void **state)
{
	struct err err = ERR_INIT;
	struct json *list, *w;
	char got[80];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (ical_windows(rows[i].text, strlen(rows[i].text),
		    rows[i].now_s, rows[i].now_s, &list, &err) != RC_OK)
			fail_msg("row %zu: %s", i, err.msg);
		w = json_first(list);
		(void)snprintf(got, sizeof(got), "%s%s%s", w == NULL ? "" :
		    json_get_str(w, "start"), w == NULL ? "" : " ",
		    w == NULL ? "" : json_get_str(w, "end"));
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("row %zu: \"%s\", not \"%s\"", i, got,
			    rows[i].want);
		json_free(list);
	}
}

static void
test_words(void **state)
{
	static const char text[] = EVENT("CATEGORIES:soft_freeze,finance\r\n"
	    "LOCATION:eu-west-1\\, us-east-1\r\nRESOURCES:index,llm\r\n"
	    "DTSTART:20261126T000000Z\r\nDTEND:20261130T000000Z\r\n");
	struct err err = ERR_INIT;
	struct json *list, *w;

	(void)state;
	assert_int_equal(ical_windows(text, strlen(text), 1795651200,
	    1795651200, &list, &err), RC_OK);
	w = json_first(list);
	assert_string_equal(json_get_str(w, "id"), "freeze");
	assert_string_equal(json_get_str(w, "kind"), "soft_freeze");
	assert_int_equal(json_size(json_get(w, "regions")), 2);
	assert_string_equal(json_str(json_at(json_get(w, "regions"), 1)),
	    "us-east-1");
	assert_int_equal(json_size(json_get(w, "scope")), 2);
	json_free(list);
}

static void
test_refused(void **state)
{
	static const char *const bad[] = { "", "hello",
		"BEGIN:VEVENT\r\nEND:VEVENT\r\n", EVENT(""),
		EVENT("DTSTART:20261126T000000Z\r\n"
		    "RRULE:FREQ=SECONDLY\r\n"),
		EVENT("DTSTART:20261126T000000Z\r\n"
		    "RRULE:FREQ=HOURLY\r\n"),
		EVENT("DTSTART:20261126T000000Z\r\n"
		    "RRULE:FREQ=DAILY;BYHOUR=9,17\r\n"),
		EVENT("DTSTART:20261126T000000Z\r\n"
		    "RRULE:FREQ=WEEKLY;BYMINUTE=0,30\r\n"),
		EVENT("DTSTART:20261126T000000Z\r\n"
		    "RRULE:FREQ=YEARLY;BYSECOND=1,2\r\n"),
		EVENT("DTSTART:20261126T000000Z\r\n"
		    "EXRULE:FREQ=YEARLY\r\n"),
		EVENT("DTSTART:20261126T000000Z\r\n" YEARLY YEARLY YEARLY
		    YEARLY YEARLY),
		EVENT("DTSTART;TZID=Nowhere/Land:20261126T000000\r\n"),
		EVENT("DTSTART:99991126T000000Z\r\n") };
	struct json *list;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;

		if (ical_windows(bad[i], strlen(bad[i]), 0, 1, &list,
		    &err) != RC_FORMAT)
			fail_msg("row %zu was taken", i);
		assert_true(err.msg[0] != '\0');
		assert_null(list);
	}
}

/* Each of these rules takes a while: libical looks for a day of it. */
static void
test_bounded(void **state)
{
	struct err err = ERR_INIT;
	struct json *list;
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_puts(&b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
	for (i = 0; i < 100; i++)
		buf_printf(&b, "BEGIN:VEVENT\r\nUID:%d\r\nSUMMARY:e%d\r\n"
		    "DTSTART:20260101T000000Z\r\nRRULE:FREQ=YEARLY;"
		    "BYMONTH=2;BYMONTHDAY=30\r\nEND:VEVENT\r\n", i, i);
	buf_puts(&b, "END:VCALENDAR\r\n");
	assert_int_equal(ical_windows(buf_str(&b), b.len, 1795651200,
	    1795651200, &list, &err), RC_FORMAT);
	assert_non_null(strstr(err.msg, "take too long to follow"));
	assert_null(list);
	/* dates to be left out */
	buf_reset(&b);
	buf_puts(&b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n"
	    "UID:1\r\nDTSTART:20260101T000000Z\r\nRRULE:FREQ=DAILY\r\n");
	for (i = 0; i < 1001; i++)
		buf_puts(&b, "EXDATE:20260101T000000Z\r\n");
	buf_puts(&b, "END:VEVENT\r\nEND:VCALENDAR\r\n");
	memset(&err, 0, sizeof(err));
	assert_int_equal(ical_windows(buf_str(&b), b.len, 1795651200,
	    1795651200, &list, &err), RC_FORMAT);
	assert_non_null(strstr(err.msg, "1000 EXDATEs"));
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_windows),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bounded) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
