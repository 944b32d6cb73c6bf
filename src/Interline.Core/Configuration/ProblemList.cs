using System.Collections.Immutable;
using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Configuration;

/// <summary>Gathers problems while a file and those it includes are read. The same thing at the same place (an anchor used often) is told once, and an ignored key once for all its places.</summary>
internal sealed class ProblemList(string file)
{
    private readonly List<ConfigProblem> _problems = [];
    private readonly List<string> _files = [file];
    private readonly HashSet<(Place, string)> _told = [];
    private readonly Dictionary<(string Section, string Key), (int Index, int Count)> _ignored = [];

    public void Error(Place place, string path, string message, string? suggestion = null) =>
        Add(ConfigSeverity.Error, place, path, message, suggestion);

    public void Warning(Place place, string path, string message, string? suggestion = null) =>
        Add(ConfigSeverity.Warning, place, path, message, suggestion);

    /// <summary>Tells what is wrong with the YAML of a file.</summary>
    public void Add(YamlTree tree)
    {
        foreach (YamlProblem problem in tree.Problems)
        {
            Add(problem.IsError ? ConfigSeverity.Error : ConfigSeverity.Warning, problem.Place, "", problem.Message);
        }
    }

    public void Note(Place place, string path, string message) => Add(ConfigSeverity.Note, place, path, message);

    public void Add(ConfigSeverity severity, Place place, string path, string message, string? suggestion = null)
    {
        if (_told.Add((place, message)))
        {
            _problems.Add(new(severity, FileOf(place), place.Line, place.Column, path, message, suggestion));
        }
    }

    /// <summary>Tells of a key without effect.</summary>
    /// <param name="section">Kind of section, such as <c>litellm_params</c>: the same key in two sections of a kind is told once.</param>
    /// <param name="key">Key.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="path">Its path.</param>
    /// <param name="message">Why it has no effect.</param>
    /// <param name="suggestion">Nearest known names.</param>
    public void Ignored(string section, string key, Place place, string path, string message, string? suggestion = null)
    {
        if (_ignored.TryGetValue((section, key), out (int Index, int Count) seen))
        {
            _ignored[(section, key)] = (seen.Index, seen.Count + 1);
            return;
        }

        _ignored.Add((section, key), (_problems.Count, 1));
        _problems.Add(new(ConfigSeverity.Ignored, FileOf(place), place.Line, place.Column, path, message, suggestion));
    }

    public ImmutableArray<ConfigProblem> ToImmutable()
    {
        foreach ((int index, int count) in _ignored.Values.Where(static seen => seen.Count > 1))
        {
            _problems[index] = _problems[index] with { Message = $"{_problems[index].Message} (in {count} places)" };
        }

        return [.. _problems.OrderBy(problem => _files.IndexOf(problem.File)).ThenBy(static problem => problem.Line).ThenBy(static problem => problem.Column)];
    }

    private string FileOf(Place place)
    {
        if (place.File is null)
        {
            return file;
        }

        if (!_files.Contains(place.File))
        {
            _files.Add(place.File);
        }

        return place.File;
    }
}
