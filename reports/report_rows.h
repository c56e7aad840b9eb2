/*
 * The report writers, a row each: REPORT(NAME), a file report_NAME.c that
 * defines `const struct report_format report_NAME`. That struct has its name,
 * its file and its help. Included several times, with REPORT defined by who
 * includes it.
 */
REPORT(text)
REPORT(json)
REPORT(html)
REPORT(md)
REPORT(junit)
REPORT(csv)
REPORT(openmetrics)
REPORT(messages)

#undef REPORT
