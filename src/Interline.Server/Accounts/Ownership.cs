using Interline.Accounts;

namespace Interline.Server.Accounts;

/// <summary>Whose an account is. The role of the endpoint's row is checked before; this is about which accounts of all.</summary>
internal static class Ownership
{
    /// <summary>Whether something of a key, user and team is the caller's: its own key's, its user's, or of a team it is an admin of.</summary>
    private static bool Owns(Principal who, string? keyId, string? userId, string? teamId) =>
        (keyId is not null && keyId == who.KeyId)
        || (who.Role >= Role.UserViewer && userId is not null && userId == who.UserId)
        || IsAdminOf(who, teamId);

    /// <summary>Whether a key may be seen.</summary>
    public static bool MaySee(Principal who, KeyEntry key) => who.Role >= Role.Viewer || Owns(who, key.Id, key.UserId, key.TeamId);

    /// <summary>Whether a key may be changed.</summary>
    public static bool MayChange(Principal who, KeyEntry key) => who.Role == Role.Admin || (who.Role is Role.User or Role.TeamAdmin && Owns(who, key.Id, key.UserId, key.TeamId));

    /// <summary>Whether a team may be seen.</summary>
    public static bool MaySee(Principal who, string teamId, AccountBook book) =>
        who.Role >= Role.Viewer || teamId == who.TeamId || (who.UserId is { } user && book.TeamsOf(user).Contains(teamId));

    /// <summary>Whether a team may be managed.</summary>
    public static bool IsAdminOf(Principal who, string? teamId) => teamId is not null && who.AdminOf.Contains(teamId);

    /// <summary>What fields of a key a caller has a right to.</summary>
    public static FieldRight RightOn(Principal who, string? teamId) => who.Role == Role.Admin ? FieldRight.Admin : IsAdminOf(who, teamId) ? FieldRight.TeamAdmin : FieldRight.Owner;
}
