using System.Text.Json;
using System.Text.RegularExpressions;

namespace Interline.Protocols.Tests.Schemas;

/// <summary>What is wrong with a document.</summary>
/// <param name="Path">Where, such as <c>messages[0].role</c>; empty for the document itself.</param>
/// <param name="What">What must be there and what is.</param>
/// <param name="Keyword">The constraint that is broken; <c>additionalProperties</c> for a field that the schema does not know.</param>
public sealed record SchemaProblem(string Path, string What, string Keyword)
{
    public override string ToString() => $"{Path}: {What}";
}

/// <summary>Checks documents against a schema of the form that <c>extract.py</c> makes. A keyword it does not know is an error, never passed over.</summary>
public sealed class JsonSchema
{
    private static readonly string[] Known =
    [
        "$ref", "$defs", "type", "const", "enum", "anyOf", "oneOf", "items", "properties", "additionalProperties", "required", "pattern",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "minLength", "maxLength",
    ];

    private readonly JsonElement _root;
    private readonly Dictionary<string, JsonElement> _defs = new(StringComparer.Ordinal);

    public JsonSchema(string json)
    {
        _root = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 }).RootElement;
        if (_root.TryGetProperty("$defs", out JsonElement defs))
        {
            foreach (JsonProperty def in defs.EnumerateObject())
            {
                _defs.Add("#/$defs/" + def.Name, def.Value);
                Understand(def.Value);
            }
        }

        Understand(_root);
    }

    /// <summary>All problems of a document; none if it fits.</summary>
    public List<SchemaProblem> Check(JsonElement value)
    {
        List<SchemaProblem> problems = [];
        Check(_root, value, "", problems);
        return problems;
    }

    private static void Understand(JsonElement schema)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return;
        }

        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            if (!Known.Contains(keyword.Name, StringComparer.Ordinal))
            {
                throw new NotSupportedException($"The keyword {keyword.Name} is not known.");
            }

            IEnumerable<JsonElement> inner = keyword.Name switch
            {
                "properties" => keyword.Value.EnumerateObject().Select(p => p.Value),
                "anyOf" or "oneOf" => keyword.Value.EnumerateArray(),
                "items" or "additionalProperties" => [keyword.Value],
                _ => [],
            };
            inner.ToList().ForEach(Understand);
        }
    }

    private void Check(JsonElement schema, JsonElement value, string path, List<SchemaProblem> problems)
    {
        if (schema.ValueKind == JsonValueKind.False)
        {
            problems.Add(new SchemaProblem(path, "must not be there", "additionalProperties"));
        }

        if (schema.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            if (Broken(keyword, value) is { } what)
            {
                problems.Add(new SchemaProblem(path, what, keyword.Name));
                if (keyword.Name is "type")
                {
                    return;
                }
            }
        }

        CheckInside(schema, value, path, problems);
    }

    private void CheckInside(JsonElement schema, JsonElement value, string path, List<SchemaProblem> problems)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            Check(_defs[reference.GetString()!], value, path, problems);
        }

        CheckUnion(schema, "anyOf", value, path, problems);
        CheckUnion(schema, "oneOf", value, path, problems);
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out JsonElement items))
        {
            int i = 0;
            foreach (JsonElement element in value.EnumerateArray())
            {
                Check(items, element, $"{path}[{i++}]", problems);
            }
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            CheckFields(schema, value, path, problems);
        }
    }

    private void CheckFields(JsonElement schema, JsonElement value, string path, List<SchemaProblem> problems)
    {
        JsonElement properties = schema.TryGetProperty("properties", out JsonElement some) ? some : default;
        bool closed = schema.TryGetProperty("additionalProperties", out JsonElement others);
        foreach (JsonProperty field in value.EnumerateObject())
        {
            string at = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            if (properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(field.Name, out JsonElement inner))
            {
                Check(inner, field.Value, at, problems);
            }
            else if (closed)
            {
                Check(others, field.Value, at, problems);
            }
        }
    }

    /// <summary>Where no branch fits, the problems of the one that comes nearest are told, with its name.</summary>
    private void CheckUnion(JsonElement schema, string keyword, JsonElement value, string path, List<SchemaProblem> problems)
    {
        if (!schema.TryGetProperty(keyword, out JsonElement union))
        {
            return;
        }

        List<(string Name, List<SchemaProblem> Problems)> branches = [];
        foreach (JsonElement branch in union.EnumerateArray())
        {
            List<SchemaProblem> found = [];
            Check(branch, value, path, found);
            string name = branch.TryGetProperty("$ref", out JsonElement reference) ? reference.GetString()!["#/$defs/".Length..] : $"branch {branches.Count}";
            branches.Add((name, found));
        }

        int fitting = branches.Count(b => b.Problems.Count == 0);
        if (fitting > 1 && keyword is "oneOf")
        {
            problems.Add(new SchemaProblem(path, $"fits {fitting} forms of which it must be one", keyword));
        }
        else if (fitting == 0)
        {
            (string best, List<SchemaProblem> why) = branches.MinBy(b => b.Problems.Sum(p => Weight(p, path)));
            problems.AddRange(why.Select(p => p.What.EndsWith(')') ? p : p with { What = $"{p.What} (as {best})" }));
        }
    }

    /// <summary>A branch of another type, or whose tag is another, is not what was meant.</summary>
    private static int Weight(SchemaProblem problem, string path) => (problem.Keyword, problem.Path.Length - path.Length) switch
    {
        ("type", 0) => 10_000,
        ("const", > 0 and < 12) => 1_000,
        ("required", 0) => 10,
        _ => 1,
    };

    /// <summary>What is wrong by one keyword that looks at the value itself; null if nothing.</summary>
    private static string? Broken(JsonProperty keyword, JsonElement value) => (keyword.Name, value.ValueKind) switch
    {
        ("type", _) when !IsOf(keyword.Value, value) => $"must be {keyword.Value.GetRawText()}, but is {Short(value)}",
        ("const", _) when !JsonElement.DeepEquals(keyword.Value, value) => $"must be {keyword.Value.GetRawText()}, but is {Short(value)}",
        ("enum", _) when !keyword.Value.EnumerateArray().Any(e => JsonElement.DeepEquals(e, value)) => $"must be one of {Short(keyword.Value)}, but is {Short(value)}",
        ("required", JsonValueKind.Object) when Lacking(keyword.Value, value) is { Length: > 0 } names => $"must have {names}",
        ("minimum", JsonValueKind.Number) when value.GetDouble() < keyword.Value.GetDouble() => $"must be at least {keyword.Value}, but is {value}",
        ("maximum", JsonValueKind.Number) when value.GetDouble() > keyword.Value.GetDouble() => $"must be at most {keyword.Value}, but is {value}",
        ("exclusiveMinimum", JsonValueKind.Number) when value.GetDouble() <= keyword.Value.GetDouble() => $"must be above {keyword.Value}, but is {value}",
        ("exclusiveMaximum", JsonValueKind.Number) when value.GetDouble() >= keyword.Value.GetDouble() => $"must be below {keyword.Value}, but is {value}",
        ("minItems", JsonValueKind.Array) when value.GetArrayLength() < keyword.Value.GetInt32() => $"must have at least {keyword.Value} elements",
        ("maxItems", JsonValueKind.Array) when value.GetArrayLength() > keyword.Value.GetInt32() => $"must have at most {keyword.Value} elements",
        ("minLength", JsonValueKind.String) when Length(value) < keyword.Value.GetInt32() => $"must have at least {keyword.Value} characters",
        ("maxLength", JsonValueKind.String) when Length(value) > keyword.Value.GetInt32() => $"must have at most {keyword.Value} characters",
        ("pattern", JsonValueKind.String) when !Regex.IsMatch(value.GetString()!, keyword.Value.GetString()!, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5)) => $"must match {keyword.Value}, but is {Short(value)}",
        _ => null,
    };

    private static bool IsOf(JsonElement type, JsonElement value) => type.ValueKind == JsonValueKind.Array
        ? type.EnumerateArray().Any(t => IsOf(t, value))
        : (type.GetString(), value.ValueKind) is ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String)
            or ("null", JsonValueKind.Null) or ("boolean", JsonValueKind.True or JsonValueKind.False) or ("number", JsonValueKind.Number)
            || (type.ValueEquals("integer"u8) && value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()));

    private static string Lacking(JsonElement required, JsonElement value) =>
        string.Join(", ", required.EnumerateArray().Select(r => r.GetString()!).Where(r => !value.TryGetProperty(r, out _)));

    private static int Length(JsonElement text) => text.GetString()!.EnumerateRunes().Count();

    private static string Short(JsonElement e) => e.GetRawText() is { Length: > 160 } text ? text[..160] + "…" : e.GetRawText();
}
