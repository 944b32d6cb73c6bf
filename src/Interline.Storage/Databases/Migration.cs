using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Interline.Storage.Databases;

/// <summary>One step of the schema, as embedded: <c>Databases/Migrations/0001-accounts.postgres.sql</c>. A step that was released is never edited; the next one is added.</summary>
/// <param name="Number">Number, from 1; the same in both dialects.</param>
/// <param name="Name">Name.</param>
/// <param name="Sql">Statements.</param>
internal sealed record Migration(int Number, string Name, string Sql)
{
    /// <summary>Digest of the statements, in hex; line ends do not count.</summary>
    public string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n").Trim())));

    /// <summary>All that are embedded for a dialect, by number.</summary>
    /// <param name="dialect">The dialect.</param>
    public static ImmutableArray<Migration> Embedded(SqlDialect dialect)
    {
        const string Folder = "migrations/";
        string end = dialect == SqlDialect.Postgres ? ".postgres.sql" : ".sqlite.sql";
        Assembly assembly = typeof(Migration).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(x => x.StartsWith(Folder, StringComparison.Ordinal) && x.EndsWith(end, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(x => Read(assembly, x, x[Folder.Length..^end.Length])),
        ];
    }

    private static Migration Read(Assembly assembly, string resource, string file)
    {
        using var text = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        int dash = file.IndexOf('-', StringComparison.Ordinal);
        return new Migration(int.Parse(file.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture), file[(dash + 1)..], text.ReadToEnd());
    }
}
