"""Files by those who make them in the field.
usage: producers.py otlp URL GOLD OUT: the OpenAI SDK, instrumented by
         OpenInference, asks a service; OpenTelemetry's own exporter writes OUT
       producers.py langfuse URL OUT: Langfuse's own client reads all that a
         server has, page by page, and OUT is what it understood
       producers.py phoenix URL OUT: Phoenix's own client exports a project
       producers.py stored URL OUT ALONE: OpenAI's SDK lists what is stored; OUT
         has the messages of each beside it, ALONE is the list as it comes
       producers.py batch URL GOLD IN OUT: it sends a batch of questions
       producers.py mlflow URL GOLD STORE LINES FRAME: functions that are traced
         by MLflow ask a service; LINES are its traces, FRAME the data frame
         that its search gives, both as JSON; STORE has its own files
       producers.py openllmetry URL GOLD OUT: a workflow that is traced by
         OpenLLMetry's SDK asks a service
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


def stored(url, out, alone):
    import openai

    client = openai.OpenAI(base_url=url + "/v1", api_key="sk-hush")
    with open(out, "w") as f, open(alone, "w") as g:
        for c in client.chat.completions.list(limit=2):
            messages = list(client.chat.completions.messages.list(c.id))
            g.write(c.to_json(indent=None) + "\n")
            f.write(json.dumps({**c.to_dict(), "messages": [
                m.to_dict() for m in messages]}) + "\n")
            print(json.dumps([messages[-1].content,
                              c.choices[0].message.content],
                             ensure_ascii=False))


def batch(url, gold, into, out):
    import openai

    client = openai.OpenAI(base_url=url + "/v1", api_key="sk-hush")
    with open(into, "w") as f:
        for i, line in enumerate(list(open(gold))[:5]):
            f.write(json.dumps({
                "custom_id": f"r{i}", "method": "POST",
                "url": "/v1/chat/completions", "body": {
                    "model": "m", "messages": [{"role": "user", "content":
                                                json.loads(line)["question"]}]
                }}) + "\n")
    file = client.files.create(file=open(into, "rb"), purpose="batch")
    done = client.batches.create(input_file_id=file.id,
                                 endpoint="/v1/chat/completions",
                                 completion_window="24h")
    client.files.content(done.output_file_id).write_to_file(out)


def mlflow(url, gold, store, lines, frame):
    import urllib.request
    import mlflow
    from mlflow.entities import Document

    def post(path, body):
        with urllib.request.urlopen(urllib.request.Request(
                url + path, json.dumps(body).encode(),
                {"Content-Type": "application/json"})) as answer:
            return json.load(answer)

    @mlflow.trace(span_type="RETRIEVER")
    def retrieve(question):
        return [Document(page_content=d["text"], metadata={
            "chunk_id": d["section_id"], "score": d["score"]})
            for d in post("/query", {"question": question, "k": 3})[
                "retrieved"]]

    @mlflow.trace(span_type="CHAT_MODEL")
    def chat(model, messages):
        return post("/v1/chat/completions",
                    {"model": model, "messages": messages})

    @mlflow.trace(span_type="CHAIN")
    def ask(question, fails=False):
        mlflow.update_current_trace(
            metadata={"mlflow.trace.session": "s1", "mlflow.trace.user": "u"},
            tags={"tenant": "acme"})
        docs = retrieve(question)
        if fails:
            raise ValueError("no model")
        answer = chat("m", [{"role": "user", "content": question}])
        answer = answer["choices"][0]["message"]["content"]
        print(json.dumps([question, answer, len(docs), "s1"],
                         ensure_ascii=False))
        return answer

    mlflow.set_tracking_uri("file://" + store)
    mlflow.set_experiment("rag")
    for line in list(open(gold))[:4]:
        ask(json.loads(line)["question"])
    try:
        ask("Does it fail?", fails=True)
    except ValueError:
        pass
    mlflow.flush_trace_async_logging()
    with open(lines, "w") as f:
        for trace in mlflow.search_traces(return_type="list"):
            f.write(trace.to_json() + "\n")
    mlflow.search_traces().to_json(frame, orient="records", lines=True)


def openllmetry(url, gold, out):
    import openai
    from opentelemetry.exporter.otlp.json.file.trace_exporter import \
        FileSpanExporter
    from traceloop.sdk import Traceloop
    from traceloop.sdk.decorators import task, workflow

    Traceloop.init(app_name="shop", disable_batch=True, telemetry_enabled=False,
                   exporter=FileSpanExporter(out))
    client = openai.OpenAI(base_url=url + "/v1", api_key="sk-hush")

    @task(name="retrieve")
    def retrieve(question):
        return [{"id": f"d{i}", "text": f"{i} about {question}", "score": .5}
                for i in range(2)]

    @workflow(name="ask")
    def ask(question):
        docs = retrieve(question)
        return client.chat.completions.create(model="m", messages=[
            {"role": "system", "content": docs[0]["text"]},
            {"role": "user", "content": question}]
        ).choices[0].message.content

    for i, line in enumerate(list(open(gold))[:4]):
        question = json.loads(line)["question"]
        Traceloop.set_association_properties(
            {"session_id": f"s{i % 2}", "user_id": "u", "tenant": "acme"})
        print(json.dumps([question, ask(question), 2, f"s{i % 2}"],
                         ensure_ascii=False))


globals()[sys.argv[1]](*sys.argv[2:])
