namespace Interline.Core.Configuration;

/// <summary>Reads <c>general_settings</c>, and what <c>litellm_settings</c> says of the server as a whole.</summary>
internal static class GeneralSettingsReader
{
    private const decimal LargestRequestMegabytes = 2048;

    /// <summary>Reads the settings.</summary>
    public static GeneralSettings Read(SectionReader general, SectionReader liteLlm, ICatalog catalog)
    {
        var defaults = new GeneralSettings();
        return defaults with
        {
            MasterKey = MasterKey(general),
            MaxRequestBytes = MaxRequestBytes(general),
            Storage = StorageSettingsReader.Read(general),
            ContentLog = ContentLogReader.Read(general),
            ReloadInterval = general.Seconds("proxy_config_reload_interval_seconds", zero: true) ?? defaults.ReloadInterval,
            DrainTimeout = general.Seconds("drain_timeout", zero: true) ?? defaults.DrainTimeout,
            IncludeCostInStreamingUsage = liteLlm.Flag("include_cost_in_streaming_usage") ?? false,
            Costs = CostTermsReader.Read(liteLlm, catalog),
            AlwaysIncludeStreamUsage = general.Flag("always_include_stream_usage") ?? false,
            Budgets = BudgetSettingsReader.Read(general, liteLlm),
        };
    }

    private static Secret? MasterKey(SectionReader general)
    {
        string? text = general.Text("master_key");
        if (text is null)
        {
            return null;
        }

        if (EndpointReader.UsableKey(text) is not { } key)
        {
            general.Refuse("master_key", "holds a character that no header can carry");
            return null;
        }

        // ${NAME} is another tool's way to name a variable; here it would be the key itself, and everybody can read it in the documentation of the file.
        if (text.StartsWith("${", StringComparison.Ordinal) && text.EndsWith('}'))
        {
            general.Scope.Problems.Warning(general.PlaceOf("master_key"), general.PathOf("master_key"), $"is taken as it stands; a variable is written {ReadScope.ReferencePrefix}{text[2..^1]}");
        }

        return key;
    }

    private static long MaxRequestBytes(SectionReader general)
    {
        decimal? megabytes = general.Number("max_request_size_mb");
        if (megabytes is 0 or > LargestRequestMegabytes)
        {
            general.Refuse("max_request_size_mb", $"expected megabytes above 0 and up to {LargestRequestMegabytes}");
            return GeneralSettings.DefaultMaxRequestBytes;
        }

        return megabytes is { } size ? Math.Max(1, (long)(size * (1 << 20))) : GeneralSettings.DefaultMaxRequestBytes;
    }
}
