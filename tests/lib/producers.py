"""Files by those who make them in the field.
usage: producers.py otlp URL GOLD OUT: the OpenAI SDK, instrumented by
         OpenInference, asks a service; OpenTelemetry's own exporter writes OUT
       producers.py langfuse URL OUT: Langfuse's own client reads all that a
         server has, page by page, and OUT is what it understood
       producers.py phoenix URL OUT: Phoenix's own client exports a project
       producers.py har URL OUT BROWSER: Chromium, driven over its DevTools
         protocol, asks a service; OUT is the HAR that Playwright keeps of it
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


def phoenix(url, out):
    import httpx
    from phoenix.client import Client

    client = Client(base_url=url, api_key="hush-phoenix")
    for left in range(20, -1, -1):
        try:
            spans = client.spans.get_spans(project_identifier="my shop",
                                           limit=1000)
            break
        except httpx.HTTPStatusError as e:  # it does not ask again itself
            if e.response.status_code not in (429, 503) or not left:
                raise
    with open(out, "w") as f:
        json.dump(spans, f)
    print(len(spans))


def har(url, out, browser):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=browser,
                                     args=["--no-sandbox"])
        context = chromium.new_context(record_har_path=out,
                                       record_har_content="embed")
        page = context.new_page()
        page.goto(url + "/healthz")
        for i in range(3):
            question = f"What of leave {i}?"
            print(json.dumps([question, page.evaluate("""async q => (await
                fetch('/query', {method: 'POST', headers: {'Content-Type':
                'application/json', 'Authorization': 'Bearer hush'}, body:
                JSON.stringify({question: q})})).text()""", question)],
                ensure_ascii=False))
        context.close()
        chromium.close()


globals()[sys.argv[1]](*sys.argv[2:])
