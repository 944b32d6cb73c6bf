#!/usr/bin/env python3
"""Takes the request schemas out of the providers' API descriptions, in this project's own compact form.

    python3 extract.py FOLDER     FOLDER holds openai.openapi.yaml, anthropic.openapi.json, gemini.openapi.json

Only what constrains a value is kept (see KEPT), no words. Differences from the descriptions, all of them stricter or of form:
 * an object with fields of its own takes no others: all three services refuse unknown fields, though two descriptions do not say so;
 * allOf is joined into one object, `nullable` becomes the type null, an enum of one word a const;
 * Google's int64 are strings in the description, and numbers are taken as well.
"""
import json
import pathlib
import sys

import yaml

KEPT = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "minLength", "maxLength", "pattern", "required")

FILES = {
    "openai-chat": ("openai.openapi.yaml", "CreateChatCompletionRequest"),
    "anthropic-messages": ("anthropic.openapi.json", "CreateMessageParams"),
    "anthropic-messages-beta": ("anthropic.openapi.json", "BetaCreateMessageParams"),
    "anthropic-count": ("anthropic.openapi.json", "CountMessageTokensParams"),
    "anthropic-count-beta": ("anthropic.openapi.json", "BetaCountMessageTokensParams"),
    "gemini": ("gemini.openapi.json", "GenerateContentRequest"),
    "gemini-count": ("gemini.openapi.json", "CountTokensRequest"),
}


class Extract:
    def __init__(self, schemas):
        self.schemas = schemas
        self.defs = {}

    def named(self, ref):
        name = ref.split("/")[-1]
        if name not in self.defs:
            self.defs[name] = None  # a schema may hold itself
            self.defs[name] = self.convert(self.schemas[name])
        return {"$ref": "#/$defs/" + name}

    def joined(self, schema):
        """The object that an allOf means; later parts win."""
        if "$ref" in schema:
            return self.joined(self.schemas[schema["$ref"].split("/")[-1]])
        if "allOf" not in schema:
            return schema
        whole = {k: v for k, v in schema.items() if k != "allOf"}
        for part in map(self.joined, schema["allOf"]):
            properties = {**whole.get("properties", {}), **part.get("properties", {})}
            required = whole.get("required", []) + part.get("required", [])
            whole = {**whole, **part, "properties": properties, "required": required}
        return whole

    def convert(self, schema):
        if schema is True or schema is False:
            return schema
        if "$ref" in schema:
            return self.named(schema["$ref"])
        if "allOf" in schema:
            schema = self.joined(schema)
        made = {k: schema[k] for k in KEPT if schema.get(k) not in (None, [])}
        kind = schema.get("type")
        if kind == "string" and schema.get("format") in ("int64", "uint64"):
            kind = ["string", "integer"]
        if kind:
            made["type"] = kind
        if "const" in schema:
            made["const"] = schema["const"]
        elif len(schema.get("enum", [])) == 1:
            made["const"] = schema["enum"][0]
        elif "enum" in schema:
            made["enum"] = schema["enum"]
        for union in ("anyOf", "oneOf"):
            if union in schema:
                made[union] = [self.convert(s) for s in schema[union]]
        if "items" in schema:
            made["items"] = self.convert(schema["items"])
        if "properties" in schema:
            made["properties"] = {k: self.convert(v) for k, v in schema["properties"].items()}
        other = schema.get("additionalProperties", False if "properties" in schema else True)
        if other is not True and other != {}:
            made["additionalProperties"] = self.convert(other)
        return self.nullable(made) if schema.get("nullable") else made

    @staticmethod
    def nullable(made):
        nothing = {"type": "null"}
        for union in ("anyOf", "oneOf"):
            if union in made and nothing not in made[union]:
                return {**made, union: made[union] + [nothing]}
        return {"anyOf": [made, nothing]}


def main(folder):
    specs = {}
    for file, (spec, root) in FILES.items():
        if spec not in specs:
            text = (pathlib.Path(folder) / spec).read_text(encoding="utf-8")
            specs[spec] = (json.loads(text) if spec.endswith(".json") else yaml.safe_load(text))["components"]["schemas"]
        extract = Extract(specs[spec])
        extract.named("#/" + root)
        lines = [json.dumps(k) + ":" + json.dumps(v, separators=(",", ":"), sort_keys=True) for k, v in sorted(extract.defs.items())]
        text = '{"$ref":"#/$defs/' + root + '","$defs":{\n' + ",\n".join(lines) + "\n}}\n"
        (pathlib.Path(__file__).parent / (file + ".json")).write_text(text, encoding="utf-8")
        print(file, len(extract.defs), "schemas,", len(text), "bytes")


if __name__ == "__main__":
    main(sys.argv[1])
