using System.Globalization;
using Interline.Core.Routing;
using Interline.Protocols.Errors;
using Microsoft.Extensions.Primitives;

namespace Interline.Server.Endpoints;

/// <summary>A stretch of the list of models.</summary>
/// <param name="Models">Its models, each with one of its deployments.</param>
/// <param name="HasMore">Whether more follow in the direction that was asked for.</param>
internal readonly record struct ModelPage(IReadOnlyList<(string Id, Deployment Deployment)> Models, bool HasMore)
{
    /// <summary>The first models after a place.</summary>
    public static ModelPage After(List<(string Id, Deployment Deployment)> all, int start, int size)
    {
        int count = Math.Min(size, all.Count - start);
        return new(all.GetRange(start, count), start + count < all.Count);
    }

    /// <summary>The last models before a place.</summary>
    public static ModelPage Before(List<(string Id, Deployment Deployment)> all, int end, int size)
    {
        int start = Math.Max(0, end - size);
        return new(all.GetRange(start, end - start), start > 0);
    }

    /// <summary>How many models a page may hold, as the query says it.</summary>
    /// <param name="query">The query.</param>
    /// <param name="name">Name of the parameter.</param>
    /// <param name="usual">Where it is not given.</param>
    /// <param name="size">From 1.</param>
    /// <returns>What is wrong with it; null if nothing.</returns>
    public static ApiError? ReadSize(IQueryCollection query, string name, int usual, out int size)
    {
        size = usual;
        StringValues given = query[name];
        return given.Count == 0 || (given.Count == 1 && int.TryParse(given[0], NumberStyles.None, CultureInfo.InvariantCulture, out size) && size > 0)
            ? null
            : new(ErrorKind.BadRequest, 400, $"{name}: a whole number from 1 was expected.") { Param = name };
    }

    /// <summary>Where the model stands that a query names.</summary>
    /// <param name="all">All models.</param>
    /// <param name="query">The query.</param>
    /// <param name="name">Name of the parameter.</param>
    /// <param name="index">Its index; -1 if the parameter is not given.</param>
    /// <returns>What is wrong with it; null if nothing.</returns>
    public static ApiError? ReadPlace(List<(string Id, Deployment Deployment)> all, IQueryCollection query, string name, out int index)
    {
        index = -1;
        string? id = query[name];
        if (string.IsNullOrEmpty(id))
        {
            return null;
        }

        index = all.FindIndex(model => model.Id == id);
        return index >= 0 ? null : new(ErrorKind.BadRequest, 400, $"{name}: no model of the list has this id. Give one that a page before had, or leave it out for the first page.") { Param = name };
    }
}
