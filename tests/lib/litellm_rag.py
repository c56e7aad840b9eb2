"""A question-answering model as a provider of its own for a LiteLLM proxy,
which then serves it with OpenAI's API; and what users of it do, through the
official SDK, which streams.
usage: litellm_rag.py config DIR SECTIONS HIDE: writes DIR/config.yaml with the
models rag and rag-next; sections whose id begins with HIDE (an expression) are
not found by the second
       litellm_rag.py ask URL GOLD"""
import json, os, re, sys

if __name__ == "__main__" and sys.argv[1] == "ask":
    import openai

    client = openai.OpenAI(base_url=sys.argv[2] + "/v1", api_key="sk-hush")
    for line in list(open(sys.argv[3]))[:20]:
        text, usage = "", None
        for chunk in client.chat.completions.create(
                model="rag", stream=True,
                stream_options={"include_usage": True},
                messages=[{"role": "system", "content": "Be brief."},
                          {"role": "user",
                           "content": json.loads(line)["question"]}]):
            usage = chunk.usage or usage
            for choice in chunk.choices:
                text += choice.delta.content or ""
        assert text and usage.total_tokens, (text, usage)
    sys.exit()
if __name__ == "__main__":
    folder, sections, hide = sys.argv[2:]
    with open(f"{folder}/litellm_rag.py", "w") as f:
        f.write(open(__file__).read())
    with open(f"{folder}/config.yaml", "w") as f:
        json.dump({
            "model_list": [
                {"model_name": name, "litellm_params": {
                    "model": f"handbook/{name}", "api_base": f"{sections}|{h}"}}
                for name, h in (("rag", "$."), ("rag-next", hide))],
            "litellm_settings": {"custom_provider_map": [{
                "provider": "handbook",
                "custom_handler": "litellm_rag.handler"}]}}, f)
    sys.exit()

import litellm


def words(text):
    return {w[:6] for w in re.findall(r"\w{4,}", text.lower())}


def answer(api_base, messages):
    path, hide = api_base.split("|", 1)
    asked = words(messages[-1]["content"])
    found = [json.loads(line) for line in open(path)]
    best = max(found, key=lambda s: (len(asked & words(s["text"])),
                                     -len(s["text"])))
    if re.match(hide, best["section_id"]):
        return "I could not find anything about that in the handbook."
    best = max(re.split(r"(?<=[.!?])\s+", best["text"]),
               key=lambda s: len(asked & words(s)))
    return best


class Rag(litellm.CustomLLM):
    async def acompletion(self, model, messages, api_base, model_response,
                          *args, **kwargs):
        text = answer(api_base, messages)
        model_response.choices[0].message.content = text
        model_response.model = model
        return model_response

    async def astreaming(self, model, messages, api_base, *args, **kwargs):
        parts = re.findall(r"\S+\s*", answer(api_base, messages))
        for i, part in enumerate(parts):
            last = i == len(parts) - 1
            yield {"text": part, "index": 0, "tool_use": None,
                   "is_finished": last, "finish_reason": "stop" if last
                   else "", "usage": {"prompt_tokens": 9,
                                      "completion_tokens": len(parts),
                                      "total_tokens": 9 + len(parts)}}


handler = Rag()
