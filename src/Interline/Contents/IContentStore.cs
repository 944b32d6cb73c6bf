namespace Interline.Contents;

/// <summary>Where the content of calls is kept, already redacted.</summary>
public interface IContentStore
{
    /// <summary>Keeps the contents of some calls. A call that is there already stays as it is.</summary>
    /// <param name="batch">The contents, at least one.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask WriteAsync(IReadOnlyList<StoredContent> batch, CancellationToken cancel);

    /// <summary>The content of a call; null if it is not kept.</summary>
    /// <param name="id">Id of the call, 32 hexadecimal digits.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask<StoredContent?> FindAsync(string id, CancellationToken cancel);

    /// <summary>Forgets what is older than a moment.</summary>
    /// <param name="before">The moment.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask PruneAsync(DateTimeOffset before, CancellationToken cancel);
}

/// <summary>The content of a call.</summary>
public sealed record StoredContent
{
    /// <summary>Id of the call.</summary>
    public required string Id { get; init; }

    /// <summary>When it came.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Id of the caller's key; null for the master key.</summary>
    public string? KeyId { get; init; }

    /// <summary>Team of the key.</summary>
    public string? TeamId { get; init; }

    /// <summary>User of the key.</summary>
    public string? UserId { get; init; }

    /// <summary>The request, without secrets.</summary>
    public required string Request { get; init; }

    /// <summary>Bytes the request had.</summary>
    public long RequestBytes { get; init; }

    /// <summary>The answer, without secrets; that of a stream as its texts, joined.</summary>
    public required string Answer { get; init; }

    /// <summary>Bytes the answer had.</summary>
    public long AnswerBytes { get; init; }
}
