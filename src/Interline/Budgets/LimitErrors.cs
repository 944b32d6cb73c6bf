using System.Globalization;
using Interline.Calls;
using Interline.Core.Budgets;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Budgets;

/// <summary>The errors of calls that a budget or a limit refuses: whose, how much, how much is gone, when it begins anew. They never hold a key.</summary>
internal static class LimitErrors
{
    private const string BudgetExceeded = "budget_exceeded";

    /// <summary>A meter had no room.</summary>
    /// <param name="call">The call.</param>
    /// <param name="meter">The meter.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="needed">What the call would have set aside.</param>
    /// <param name="status">Status of calls that a budget refuses.</param>
    public static ApiError Of(Call call, Meter meter, long now, decimal needed, int status)
    {
        MeterReading reading = meter.Read(now);
        LimitDetails limit = Details(call, meter, reading, needed);
        string whose = Whose(limit);
        if (meter.Unit == MeterUnit.Usd)
        {
            string reset = limit.ResetsAt is { } at ? string.Create(CultureInfo.InvariantCulture, $" It begins anew at {at:yyyy-MM-dd HH:mm:ss}Z.") : "";
            return new(ErrorKind.QuotaExhausted, status, string.Create(CultureInfo.InvariantCulture,
                $"The budget of {whose} has no room for this call: limit {limit.Limit} USD, spent {limit.Spent}, set aside for calls under way {limit.Reserved}, needed for this one at most {needed}.{reset}"))
            {
                Type = BudgetExceeded,
                Code = BudgetExceeded,
                Limit = limit,
            };
        }

        string what = meter.Unit switch { MeterUnit.Requests => "requests a minute", MeterUnit.Tokens => "tokens a minute", _ => "calls at once" };
        long wait = limit.ResetsAt is { } end ? Math.Max(1, end.ToUnixTimeSeconds() - now) : 1;
        return new(ErrorKind.RateLimit, 429, string.Create(CultureInfo.InvariantCulture,
            $"The limit of {whose} is reached: {limit.Limit} {what}, used {limit.Spent}, set aside for calls under way {limit.Reserved}, needed for this one {needed}. Try again in {wait} s."))
        {
            Type = "rate_limit_error",
            Code = "rate_limit_exceeded",
            Limit = limit,
            RetryAfter = TimeSpan.FromSeconds(wait),
        };
    }

    /// <summary>It could not be found out whether there is room, and then calls are refused.</summary>
    public static ApiError Lost(Call call, Meter meter, long now, decimal needed)
    {
        LimitDetails limit = Details(call, meter, meter.Read(now), needed);
        return new(ErrorKind.Overloaded, 503, $"The limits of {Whose(limit)} cannot be checked at the moment, and this installation refuses calls then. Try again in a moment.")
        {
            Type = "server_error",
            Code = "limits_unavailable",
            Limit = limit,
            RetryAfter = TimeSpan.FromSeconds(1),
        };
    }

    /// <summary>A budget applies, and what the model costs is not known.</summary>
    public static ApiError UnknownPrice(Call call, Deployment deployment, int status) =>
        new(ErrorKind.QuotaExhausted, status, $"The price of `{deployment.UpstreamModel}` behind `{call.Group.Group.Name}` is not known, so no budget could hold. Give the deployment a price, or set general_settings.assumed_input_cost_per_token and assumed_output_cost_per_token.")
        {
            Type = BudgetExceeded,
            Code = "price_unknown",
        };

    private static LimitDetails Details(Call call, Meter meter, in MeterReading reading, decimal needed) => new()
    {
        Scope = Word(meter.Scope.Kind),
        Id = Shown(call, meter.Scope),
        Model = meter.Scope.Model,
        Unit = meter.Unit switch { MeterUnit.Usd => "usd", MeterUnit.Requests => "requests", MeterUnit.Tokens => "tokens", _ => "parallel_requests" },
        Limit = reading.Limit ?? 0,
        Spent = reading.Spent,
        Reserved = reading.Reserved,
        Needed = needed,
        ResetsAt = reading.ResetsAt,
    };

    private static string Whose(LimitDetails limit)
    {
        string whose = limit.Id is null ? "the whole installation" : $"{limit.Scope} `{limit.Id}`";
        return limit.Model is null ? whose : $"{whose} for model `{limit.Model}`";
    }

    private static string Word(ScopeKind kind) => kind switch
    {
        ScopeKind.Everything => "everything",
        ScopeKind.Key => "key",
        ScopeKind.Team => "team",
        ScopeKind.User => "user",
        ScopeKind.TeamMember => "team_member",
        ScopeKind.Customer => "customer",
        ScopeKind.Model => "model",
        ScopeKind.Provider => "provider",
        ScopeKind.Deployment => "deployment",
        _ => "tag",
    };

    /// <summary>A key is shown by its alias or by the end of the hash it is stored by.</summary>
    private static string? Shown(Call call, Scope scope) =>
        scope.Kind == ScopeKind.Everything ? null
        : scope.Kind != ScopeKind.Key ? scope.Id
        : scope.Id == call.Principal.KeyId && call.Principal.KeyAlias is { } alias ? alias
        : scope.Id.Length > 4 ? $"…{scope.Id[^4..]}" : scope.Id;
}
