/* The table of commands: COMMAND(name, one line), in the order of --help.
 * Included by cmd.h and main.c, hence without a guard. */
COMMAND(run, "replay, score, judge and report: the main job")
COMMAND(check, "find a suite's errors, by line and column; else show what it "
    "does")
COMMAND(plan,
    "show what a run would send, how long, its cost, what it can detect")
COMMAND(suites, "list suites: name, profile, cases, owner, incident")
COMMAND(replay, "only the first stage: send the requests, keep the answers")
COMMAND(resume, "resume an interrupted run")
COMMAND(score, "score and judge a run's answers again, without sending")
COMMAND(record, "record traffic to a trace through a reverse proxy")
COMMAND(shadow, "ask a candidate what live users ask; they get the "
    "primary's answers")
COMMAND(ramp, "give a candidate more of the traffic step by step, or take it "
    "back")
COMMAND(init, "write a suite for a service, or for recorded traffic")
COMMAND(import,
    "make a trace from other tools' traffic (HAR, spans, logs)")
COMMAND(cases, "a gold file proposed from recorded questions")
COMMAND(trace,
    "inspect and edit traces: info, cat, slice, verify, repair, ...")
COMMAND(runs, "list the runs in the store")
COMMAND(show, "show a run, or one of its cases in full")
COMMAND(compare, "show what changed from one run to another")
COMMAND(explain, "show how a gate reached its verdict, and what would change "
    "it")
COMMAND(promote,
    "make a suite from a run's failing cases or a trace's exchanges")
COMMAND(prove, "show that a suite fails on one arm and passes on another")
COMMAND(drill,
    "try guardrails on real stacks: idempotency and others")
COMMAND(chaos, "a front that injects faults, for a client under test")
COMMAND(guardrails, "list the seventeen guardrails and what was last proven")
COMMAND(accept, "accept an intended change of a case's answer, with the reason")
COMMAND(bless, "make the answers of a run the new baseline")
COMMAND(metrics, "define every metric and method")
COMMAND(report, "write the report of a run, in any format")
COMMAND(embed, "embed texts: vectors and distances; measure an embedder")
COMMAND(calibrate,
    "measure how well an embedder separates a suite's sections")
