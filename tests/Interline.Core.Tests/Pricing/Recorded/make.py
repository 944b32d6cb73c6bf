#!/usr/bin/env python3
"""Writes recorded-costs.tsv: what every recorded exchange used and cost, worked out from the raw JSON and from catalog/*.json alone.

    tests/Interline.Core.Tests/Pricing/Recorded/make.py

It shares no code with the gateway, so that the table can contradict it. Python 3, standard library only. Rules, each from the provider's documentation:
OpenAI's formats count cached, cache-write, audio and image tokens inside prompt_tokens and reasoning inside completion_tokens (xAI and Google's
OpenAI dialect leave the reasoning out: it is what the total has more); Anthropic counts cache reads and writes beside input_tokens, thinking inside
output_tokens; Gemini counts the cache inside promptTokenCount, thoughts beside candidatesTokenCount, and tool use beside both.
"""
import decimal
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[3]
D = decimal.Decimal
CLASSES = ["input", "cacheRead", "cacheWrite", "cacheWrite1h", "inputAudio", "inputImage", "output", "reasoning", "outputAudio", "outputImage"]
WIDER = {"cacheRead": "input", "cacheWrite": "input", "cacheWrite1h": "cacheWrite", "inputAudio": "input", "inputImage": "input",
         "reasoning": "output", "outputAudio": "output", "outputImage": "output"}


def documents(recording):
    """The JSON documents of an answer, in order."""
    if isinstance(recording.get("body"), list):
        return recording["body"]
    if recording.get("body"):
        return [recording["body"]]
    found = []
    for line in (recording.get("sse") or "").splitlines():
        if line.startswith("data:"):
            try:
                found.append(json.loads(line[5:]))
            except json.JSONDecodeError:
                pass
    return [one for one in found if isinstance(one, dict)]


def openai(all_documents):
    said = [one["usage"] for one in all_documents if isinstance(one.get("usage"), dict)]
    if not said:
        return None
    usage = said[-1]
    details = usage.get("prompt_tokens_details") or {}
    written = usage.get("completion_tokens_details") or {}
    prompt, completion = usage["prompt_tokens"], usage["completion_tokens"]
    hidden = max(0, usage.get("total_tokens", 0) - prompt - completion)
    cached = max(details.get("cached_tokens") or 0, usage.get("prompt_cache_hit_tokens") or 0, usage.get("cached_tokens") or 0, usage.get("cache_read_input_tokens") or 0)
    cached = min(cached, prompt)
    write = min(max(details.get("cache_write_tokens") or 0, usage.get("cache_creation_input_tokens") or 0), prompt - cached)
    audio = min(details.get("audio_tokens") or 0, prompt - cached - write)
    image = min(details.get("image_tokens") or 0, prompt - cached - write - audio)
    output = completion + hidden
    reasoning = min(max(written.get("reasoning_tokens") or 0, usage.get("reasoning_tokens") or 0, hidden), output)
    spoken = min(written.get("audio_tokens") or 0, output - reasoning)
    drawn = min(written.get("image_tokens") or 0, output - reasoning - spoken)
    return {"input": prompt - cached - write - audio - image, "cacheRead": cached, "cacheWrite": write, "inputAudio": audio, "inputImage": image,
            "output": output - reasoning - spoken - drawn, "reasoning": reasoning, "outputAudio": spoken, "outputImage": drawn}


def anthropic(all_documents):
    usage, seen = {}, False
    for one in all_documents:
        for said in (one.get("usage"), (one.get("message") or {}).get("usage")):
            if isinstance(said, dict):
                seen = True
                usage.update({key: value for key, value in said.items() if value or key not in usage})
    if not seen:
        return None
    write = usage.get("cache_creation_input_tokens") or 0
    hour = (usage.get("cache_creation") or {}).get("ephemeral_1h_input_tokens") or 0
    thinking = (usage.get("output_tokens_details") or {}).get("thinking_tokens") or 0
    return {"input": usage.get("input_tokens", 0), "cacheRead": usage.get("cache_read_input_tokens") or 0, "cacheWrite": write - hour, "cacheWrite1h": hour,
            "output": usage.get("output_tokens", 0) - thinking, "reasoning": thinking}


def gemini(all_documents):
    usage = {}
    for one in all_documents:
        usage.update({key: value for key, value in (one.get("usageMetadata") or {}).items() if value is not None})
    if not usage:
        return None

    def of(details, modality):
        return sum(one.get("tokenCount", 0) for one in usage.get(details, []) if one.get("modality") == modality)

    prompt, cached, tools = usage.get("promptTokenCount", 0), usage.get("cachedContentTokenCount", 0), usage.get("toolUsePromptTokenCount", 0)
    audio = max(0, of("promptTokensDetails", "AUDIO") - of("cacheTokensDetails", "AUDIO")) + of("toolUsePromptTokensDetails", "AUDIO")
    image = max(0, of("promptTokensDetails", "IMAGE") - of("cacheTokensDetails", "IMAGE")) + of("toolUsePromptTokensDetails", "IMAGE")
    spoken, drawn = of("candidatesTokensDetails", "AUDIO"), of("candidatesTokensDetails", "IMAGE")
    return {"input": prompt - cached + tools - audio - image, "cacheRead": cached, "inputAudio": audio, "inputImage": image,
            "output": usage.get("candidatesTokenCount", 0) - spoken - drawn, "reasoning": usage.get("thoughtsTokenCount", 0), "outputAudio": spoken, "outputImage": drawn}


def tier_of(all_documents):
    """The service tier the answer names, as models.json calls it."""
    tier = ""
    for one in all_documents:
        usage = one.get("usage") or one.get("usageMetadata") or (one.get("message") or {}).get("usage") or {}
        word = (one.get("service_tier") or usage.get("service_tier") or usage.get("serviceTier") or "").lower()
        word = {"ON_DEMAND_FLEX": "flex", "ON_DEMAND_PRIORITY": "priority"}.get(usage.get("trafficType"), word)
        tier = word or tier
    return tier if tier in ("flex", "priority", "batch") else ""


def cost(price, tier, used):
    """USD, or None if a price is missing. A tier's price comes before the base; that of a long prompt before both."""
    total_input = sum(used[name] for name in CLASSES[:6])
    longer = [one for one in price.get("tiers", []) if total_input > one["above"]]
    lists = [price.get(tier, {})] if tier else []
    lists = longer[::-1] + lists + [price]

    def of(name):
        return next((D(one[name]) for one in lists if name in one), None)

    total = D(0)
    for name in CLASSES:
        if used[name]:
            wider, each = name, of(name)
            while each is None and wider in WIDER:
                wider = WIDER[wider]
                each = of(wider)
            if each is None:
                return None
            total += used[name] * each / D(1_000_000)
    return total + D(price.get("perRequest", "0"))


def main():
    providers = {one["id"]: one["modelsFrom"] for one in json.loads((ROOT / "catalog/providers.json").read_text())["providers"]}
    models = {(one["provider"], one["id"]): one for one in json.loads((ROOT / "catalog/models.json").read_text())["models"]}
    rows = []
    for path in sorted((ROOT / "tests/Interline.Protocols.Tests/Recordings").glob("*.json")):
        recording = json.loads(path.read_text())
        name = recording["name"]
        said = documents(recording)
        if recording["status"] != 200 or "counttokens" in name:
            continue
        used = anthropic(said) if name.startswith("anthropic-") else gemini(said) if "-gemini-" in name else openai(said)
        if used is None:
            continue
        answered = next((model for one in said if (model := one.get("model") or one.get("modelVersion") or (one.get("message") or {}).get("model"))), "")
        model = (recording.get("request") or {}).get("model") or answered
        row = models.get((providers.get(recording["provider"], recording["provider"]), model))
        row = models.get((row["provider"], row["aliasOf"])) if row and "aliasOf" in row else row
        used = {key: used.get(key, 0) for key in CLASSES}
        tier = tier_of(said)
        usd = cost(row["price"], tier, used) if row and row.get("price") else None
        rows.append([name, recording["provider"], model, tier or "-"] + [str(used[key]) for key in CLASSES] + ["unknown" if usd is None else format(usd.normalize(), "f")])
    header = ["recording", "provider", "model", "tier"] + CLASSES + ["usd"]
    (HERE / "recorded-costs.tsv").write_text("\n".join("\t".join(row) for row in [header] + rows) + "\n")
    print(f"{len(rows)} recordings, {sum(row[-1] != 'unknown' for row in rows)} with a price")


if __name__ == "__main__":
    main()
