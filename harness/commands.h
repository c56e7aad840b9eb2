/* The table of commands: COMMAND(name, one line), in the order of --help.
 * Included by main.c twice, hence without a guard. */
COMMAND(check, "errors of a suite with line and column, or what it will do")
COMMAND(metrics, "definitions of every metric and method")
COMMAND(report, "write the report of a run again, in any format")
