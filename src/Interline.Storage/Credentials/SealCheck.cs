using Interline.Credentials;
using Interline.Storage.Databases;

namespace Interline.Storage.Credentials;

/// <summary>Makes sure that all who use a database seal by the same master secret.</summary>
public sealed class SealCheck
{
    private const string Word = "interline";

    private readonly Database _database;
    private readonly Sealer _sealer;

    /// <summary>Of a sealer and a database.</summary>
    /// <param name="database">The migrated database.</param>
    /// <param name="sealer">The sealer.</param>
    public SealCheck(Database database, Sealer sealer) => (_database, _sealer) = (database, sealer);

    /// <summary>Leaves the mark of the master secret if the database has none, else compares.</summary>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="DatabaseException">What is in the database was sealed by a master secret that is not known here.</exception>
    public Task VerifyAsync(CancellationToken cancel) => _database.WriteAsync(
        async (session, token) =>
        {
            await session.ExecuteAsync("insert into interline_seal (one, sealed) values (1, $1) on conflict do nothing", token, _sealer.Seal(Word, Word));
            string mark = (await MarkAsync(session, token))!;
            if (_sealer.Unseal(mark, Word) != Word)
            {
                throw new DatabaseException(
                    $"Secrets in {_database.Shown} were sealed by the master secret {KeyIdOf(mark)}; the one given here is {_sealer.KeyId}. Give the one they were sealed by. To change it, give the old one beside the new one until all is sealed anew.");
            }
        },
        cancel);

    /// <summary>Marks the database as sealed by the current master secret. After all else was sealed anew.</summary>
    /// <param name="cancel">Gives up.</param>
    internal Task RewrapAsync(CancellationToken cancel) => _database.WriteAsync(
        async (session, token) =>
        {
            if (await MarkAsync(session, token) is { } mark && _sealer.Rewrap(mark) is { } anew)
            {
                await session.ExecuteAsync("update interline_seal set sealed = $1", token, anew);
            }
        },
        cancel);

    private static Task<string?> MarkAsync(SqlSession session, CancellationToken cancel) =>
        session.FirstAsync("select sealed from interline_seal", static x => x.GetString(0), cancel);

    private static string KeyIdOf(string mark) => mark.Split(':') is { Length: > 1 } parts ? parts[1] : "of another kind";
}
