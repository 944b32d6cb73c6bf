using System.Globalization;
using Interline.Core.Configuration;
using Interline.Protocols.Errors;
using Microsoft.Extensions.Primitives;

namespace Interline.Server.Spend;

/// <summary>Reads the parameters of a query. The first that is wrong is told: its name, its value, what is allowed.</summary>
internal sealed class QueryReader(IQueryCollection query)
{
    private static readonly string[] Days = ["yyyy-MM-dd"];
    private static readonly string[] Months = ["yyyy-MM"];
    private static readonly string[] Moments = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm"];

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>What is wrong; null if nothing is.</summary>
    public ApiError? Error { get; private set; }

    /// <summary>A text; null if not given or empty.</summary>
    public string? Text(string name)
    {
        _known.Add(name);
        StringValues given = query[name];
        if (given.Count > 1)
        {
            Refuse(name, null, "was given more than once");
        }

        return given.Count == 1 && given[0] is { Length: > 0 } text ? text : null;
    }

    /// <summary>Texts, given with commas between them or again and again; null if not given.</summary>
    public IReadOnlyList<string>? List(string name)
    {
        _known.Add(name);
        string[] items = [.. query[name].SelectMany(x => (x ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        return items.Length == 0 ? null : items;
    }

    /// <summary>A whole number from 1.</summary>
    public int Whole(string name, int usual, int most)
    {
        if (Text(name) is not { } text)
        {
            return usual;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= most)
        {
            return number;
        }

        Refuse(name, text, string.Create(CultureInfo.InvariantCulture, $"is not a whole number from 1 to {most}"));
        return usual;
    }

    /// <summary>One of some words.</summary>
    public string Word(string name, string usual, params ReadOnlySpan<string> allowed)
    {
        if (Text(name) is not { } text || allowed.Contains(text))
        {
            return Text(name) ?? usual;
        }

        Refuse(name, text, $"is not one of {string.Join(", ", allowed)}");
        return usual;
    }

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool usual) => Word(name, usual ? "true" : "false", "true", "false", "True", "False", "1", "0") is "true" or "True" or "1";

    /// <summary>A moment: a day, a month or an ISO 8601 timestamp, UTC where it names no zone; null if not given.</summary>
    /// <param name="name">Name of the parameter.</param>
    /// <param name="whole">Whether a day or a month stands for its end, as where LiteLLM includes the last day.</param>
    public DateTimeOffset? Moment(string name, bool whole = false)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(text, Days, CultureInfo.InvariantCulture, Utc, out DateTimeOffset day) && day.Year < 9999)
        {
            return whole ? day.AddDays(1) : day;
        }

        if (DateTimeOffset.TryParseExact(text, Months, CultureInfo.InvariantCulture, Utc, out DateTimeOffset month) && month.Year < 9999)
        {
            return whole ? month.AddMonths(1) : month;
        }

        // A plus sign in a query is a space, so +02:00 mostly comes as " 02:00".
        if (DateTimeOffset.TryParseExact(text.Length > 6 && text[^6] == ' ' && text[^3] == ':' && text.Contains('T', StringComparison.Ordinal) ? $"{text[..^6]}+{text[^5..]}" : text, Moments, CultureInfo.InvariantCulture, Utc, out DateTimeOffset moment) && moment.Year < 9999)
        {
            return moment;
        }

        Refuse(name, text, "is not a day (2026-11-30), a month (2026-11) or an ISO 8601 timestamp (2026-11-30T12:00:00Z)");
        return null;
    }

    /// <summary>Tells a stretch of time that has no length.</summary>
    public void Ordered(string from, DateTimeOffset start, string to, DateTimeOffset end)
    {
        if (start >= end)
        {
            Refuse(to, query[to].ToString(), $"is not after {from}");
        }
    }

    /// <summary>Tells a parameter that nothing reads, with the nearest that something does: a filter misspelt must not become no filter.</summary>
    public void RefuseUnknown()
    {
        foreach (string name in query.Keys.Where(x => !_known.Contains(x)))
        {
            string nearest = Nearest.Text(name, _known) is { } text ? $"; did you mean {text}?" : $"; known are {string.Join(", ", _known.Order(StringComparer.Ordinal))}";
            Refuse(name, null, "is no parameter of this path" + nearest);
        }
    }

    /// <summary>Tells what is wrong with a parameter, unless something was before.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value; null does not show it.</param>
    /// <param name="what">What is wrong.</param>
    public void Refuse(string name, string? value, string what)
    {
        string shown = value is null ? "" : value.Length > 100 ? $" `{value[..100]}…`" : $" `{value}`";
        string named = name.Length > 100 ? name[..100] + "…" : name;
        Error ??= new(ErrorKind.BadRequest, 400, $"{named}:{shown} {what}.") { Param = named };
    }
}
