#!/usr/bin/env python3
"""Writes docs/providers.md from providers.json: python3 catalog/providers_table.py > docs/providers.md"""
import json
import pathlib

providers = json.loads((pathlib.Path(__file__).parent / "providers.json").read_text())["providers"]


def code(texts):
    return ", ".join(f"`{text}`" for text in texts)


def cells(*texts):
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def notes(p):
    key = code(p.get("keyVariables", []))
    if p.get("keyOptional"):
        key += " (optional)" if key else "none needed"
    name = f"`{p['id']}`" + (f" (as `{p['variantOf']}`)" if "variantOf" in p else "")
    return name, code([p["baseUrl"]]) if "baseUrl" in p else "", key, code(p.get("baseUrlVariables", []))


openai = [p for p in providers if p["wire"] == "openai" or p.get("openAIBasePath")]
native = [p for p in providers if p["wire"] in ("anthropic", "gemini")]
others = [p for p in providers if p not in openai and p not in native]
print("""# Providers

Written by `python3 catalog/providers_table.py > docs/providers.md` from `catalog/providers.json`; change the catalogue, not this page
([catalog/README.md](../catalog/README.md) says how).

`provider/model` names a model of a provider. Variables are read in the order given; `api_key` and `api_base` of a deployment come before them.

## Anthropic's and Gemini's formats

An `api_base` of Anthropic's format may be the host, end in `/v1` or be the whole `/v1/messages`; `/v1/messages` is called once either way. One of Gemini's
may be the host (`/v1beta` is added), end in the version or in `/models`; any other path stays, and `/models/{model}:…` is called behind it.
""")
print(cells("provider", "format", "base URL", "key", "base URL variable"))
print("|---|---|---|---|---|")
for p in native:
    name, *rest = notes(p)
    print(cells(name, f"`{p['wire']}`", *rest))
print("""
## OpenAI's format

A base URL is called as it stands, with `/chat/completions` behind it: give it with its path, mostly `/v1`. Without a base URL here, give `api_base` or the
variable. Where a path is named under "Anthropic's", callers of that format are served there, on the same host, without translation.
""")
print(cells("provider", "base URL", "key", "base URL variable", "Anthropic's"))
print("|---|---|---|---|---|")
for p in openai:
    print(cells(*notes(p), code([p["anthropicBasePath"]]) if "anthropicBasePath" in p else ""))
print("""
## Other formats

Known and not called yet: a configuration that names one loads where its base URL is known, and a call is answered with 501.
""")
print(cells("provider", "wire format"))
print("|---|---|")
for p in others:
    print(cells(f"`{p['id']}`", f"`{p['wire']}`"))
