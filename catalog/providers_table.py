#!/usr/bin/env python3
"""Writes docs/providers.md from providers.json: python3 catalog/providers_table.py > docs/providers.md"""
import json
import pathlib

providers = json.loads((pathlib.Path(__file__).parent / "providers.json").read_text())["providers"]


def code(texts):
    return ", ".join(f"`{text}`" for text in texts)


def cells(*texts):
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


callable_ = [p for p in providers if p["wire"] == "openai" or p.get("openAIBasePath")]
others = [p for p in providers if p not in callable_]
print("""# Providers

Written by `python3 catalog/providers_table.py > docs/providers.md` from `catalog/providers.json`; change the catalogue, not this page
([catalog/README.md](../catalog/README.md) says how).

`provider/model` names a model of a provider. Variables are read in the order given; `api_key` and `api_base` of a deployment come before them. A base URL is
called as it stands, with `/chat/completions` behind it: give it with its path, mostly `/v1`.

## Providers of OpenAI's format

These are called. Without a base URL here, give `api_base` or the variable.
""")
print(cells("provider", "base URL", "key", "base URL variable"))
print("|---|---|---|---|")
for p in callable_:
    note = f" (as `{p['variantOf']}`)" if "variantOf" in p else ""
    key = code(p.get("keyVariables", []))
    if p.get("keyOptional"):
        key += " (optional)" if key else "none needed"
    print(cells(f"`{p['id']}`{note}", code([p["baseUrl"]]) if "baseUrl" in p else "", key, code(p.get("baseUrlVariables", []))))
print("""
## Other formats

Known and not called yet: a configuration that names one loads where its base URL is known, and a call is answered with 501.
""")
print(cells("provider", "wire format"))
print("|---|---|")
for p in others:
    print(cells(f"`{p['id']}`", f"`{p['wire']}`"))
