using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Configuration;
using Interline.Protocols.Errors;

namespace Interline.Accounts;

/// <summary>Models a caller may ask for: every list that holds for it must have the model. Immutable.</summary>
public sealed class ModelGrants
{
    private const int MostShown = 20;

    private readonly ImmutableArray<ModelList> _lists;

    private ModelGrants(ImmutableArray<ModelList> lists) => _lists = lists;

    /// <summary>The lists, at least one.</summary>
    public ImmutableArray<ModelList> Lists => _lists;

    /// <summary>Grants of lists.</summary>
    /// <param name="lists">Lists; null ones allow everything.</param>
    /// <returns>Null if nothing is limited.</returns>
    public static ModelGrants? Of(params ReadOnlySpan<ModelList?> lists)
    {
        ImmutableArray<ModelList>.Builder kept = ImmutableArray.CreateBuilder<ModelList>();
        foreach (ModelList? list in lists)
        {
            if (list is not null)
            {
                kept.Add(list);
            }
        }

        return kept.Count == 0 ? null : new(kept.ToImmutable());
    }

    /// <summary>Whether a model may be asked for. Does not allocate.</summary>
    /// <param name="name">Name asked for.</param>
    /// <param name="group">Name of the group it was resolved to.</param>
    public bool Allows(string name, string group)
    {
        foreach (ModelList list in _lists)
        {
            if (!list.Has(name) && !list.Has(group))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The 403 for a model that is not among them, with those that are.</summary>
    /// <param name="name">Name asked for.</param>
    /// <param name="group">Name of the group it was resolved to.</param>
    public ApiError Refusal(string name, string group)
    {
        ModelList list = _lists.FirstOrDefault(x => !x.Has(name) && !x.Has(group)) ?? _lists[0];
        string[] shown = [.. list.Names.Take(MostShown)];
        string more = list.Names.Length > MostShown ? ", …" : "";
        string instead = shown.Length == 0 ? "It may ask for none." : $"It may ask for {string.Join(", ", shown)}{more}.";
        string asked = name.Length > 100 ? name[..100] + "…" : name;
        return new ApiError(ErrorKind.Permission, 403, $"The {list.Owner} of this call may not ask for the model `{asked}`. {instead}")
        {
            Type = list.Owner + "_model_access_denied",
            Code = "model_access_denied",
            Param = "model",
        };
    }
}

/// <summary>Models one account may ask for.</summary>
public sealed class ModelList
{
    /// <summary>In a list: every model.</summary>
    public const string All = "all-proxy-models";

    /// <summary>In a key's list: whatever its team may.</summary>
    public const string AllOfTeam = "all-team-models";

    /// <summary>In a list: nothing by itself.</summary>
    public const string None = "no-default-models";

    private readonly FrozenSet<string> _exact;
    private readonly ImmutableArray<string> _patterns;

    private ModelList(string owner, ImmutableArray<string> names)
    {
        Owner = owner;
        Names = names;
        _exact = names.Where(static x => !x.Contains('*', StringComparison.Ordinal)).ToFrozenSet(StringComparer.Ordinal);
        _patterns = [.. names.Where(static x => x.Contains('*', StringComparison.Ordinal))];
    }

    /// <summary>Whose list: <c>key</c>, <c>team</c> or <c>user</c>.</summary>
    public string Owner { get; }

    /// <summary>Names and patterns.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>A list as an account has it.</summary>
    /// <param name="owner">Whose: <c>key</c>, <c>team</c> or <c>user</c>.</param>
    /// <param name="names">Names; empty or null is everything.</param>
    /// <param name="inTeam">Whether the account belongs to a team, whose list holds besides.</param>
    /// <returns>Null if it limits nothing.</returns>
    public static ModelList? Of(string owner, IReadOnlyList<string>? names, bool inTeam = false) =>
        names is null or { Count: 0 } || names.Contains(All) || (inTeam && names.Contains(AllOfTeam))
            ? null
            : new(owner, [.. names.Where(static x => x is not None and not AllOfTeam)]);

    /// <summary>Whether a name is on it, or fits a pattern on it. A pattern that asks is on it if all it fits is.</summary>
    /// <param name="name">Name or pattern.</param>
    public bool Has(string name)
    {
        if (_exact.Contains(name))
        {
            return true;
        }

        // A star of the name can only stand where a star of the pattern stands for it: so a pattern found here fits nothing that this one does not.
        foreach (string pattern in _patterns)
        {
            if (ModelNamePattern.Matches(pattern, name))
            {
                return true;
            }
        }

        return false;
    }
}
