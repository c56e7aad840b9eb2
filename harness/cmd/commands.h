/* The table of commands: COMMAND(name, one line), in the order of --help.
 * Included by cmd.h and main.c, hence without a guard. */
COMMAND(run, "replay, score, judge and report: the main job")
COMMAND(check, "errors of a suite with line and column, or what it will do")
COMMAND(plan,
    "what a run would send, take and cost, and what it could see")
COMMAND(suites, "list suites: name, profile, cases, owner, incident")
COMMAND(replay, "the first stage alone: send the plan, keep the answers")
COMMAND(resume, "resume an interrupted run")
COMMAND(score, "judge a run's observations again")
COMMAND(record, "record traffic to a trace through a reverse proxy")
COMMAND(import,
    "traffic that other tools have kept (HAR, spans, logs) into a trace")
COMMAND(trace,
    "everything about a trace: info, cat, slice, verify, repair, merge")
COMMAND(runs, "list the runs in the store")
COMMAND(show, "show a run, or one of its cases in full")
COMMAND(compare, "what changed from one run to another")
COMMAND(explain, "the arithmetic of one gate, and what would change it")
COMMAND(promote,
    "failing cases of a run, or exchanges of a trace, into a suite")
COMMAND(prove, "show that a suite fails on one arm and passes on another")
COMMAND(accept, "an intended change of a case's answer, with its reason")
COMMAND(bless, "the answers of a run as the new baseline")
COMMAND(metrics, "definitions of every metric and method")
COMMAND(report, "write the report of a run again, in any format")
COMMAND(embed, "texts to vectors and distances; how good an embedder is")
COMMAND(calibrate,
    "how well an embedder separates a suite's sections; its curve")
