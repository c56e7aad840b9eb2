"""Files by those who make them in the field.
usage: producers.py otlp URL GOLD OUT: the OpenAI SDK, instrumented by
         OpenInference, asks a service; OpenTelemetry's own exporter writes OUT
       producers.py langfuse URL OUT: Langfuse's own client reads all that a
         server has, page by page, and OUT is what it understood
Prints what was asked and answered, a line of JSON each."""
import json, sys


def otlp(url, gold, out):
    import openai
    from openinference.instrumentation import using_attributes
    from openinference.instrumentation.openai import OpenAIInstrumentor
    from opentelemetry.exporter.otlp.json.file.trace_exporter import \
        FileSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(FileSpanExporter(out)))
    OpenAIInstrumentor().instrument(tracer_provider=provider)
    client = openai.OpenAI(base_url=url + "/v1", api_key="sk-hush")
    for i, line in enumerate(list(open(gold))[:8]):
        question = json.loads(line)["question"]
        ask = {"model": "m", "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": question}]}
        with using_attributes(session_id=f"s{i % 2}", user_id="u"):
            if i % 2:
                text = "".join(c.choices[0].delta.content or "" for c in
                               client.chat.completions.create(
                                   stream=True, **ask) if c.choices)
            else:
                text = client.chat.completions.create(
                    **ask).choices[0].message.content
        print(json.dumps([question, text, f"s{i % 2}"], ensure_ascii=False))
    provider.shutdown()


def langfuse(url, out):
    from langfuse.api.client import LangfuseAPI

    client = LangfuseAPI(base_url=url, username="pk-lf-1",
                         password="sk-lf-hush")
    cursor, pages = None, 0
    with open(out, "w") as f:
        while True:
            page = client.observations.get_many(
                fields="core,basic,io,model,usage", limit=100, cursor=cursor)
            f.write(page.json() + "\n")
            pages, cursor = pages + 1, page.meta.cursor
            if not cursor:
                break
    print(pages)


globals()[sys.argv[1]](*sys.argv[2:])
