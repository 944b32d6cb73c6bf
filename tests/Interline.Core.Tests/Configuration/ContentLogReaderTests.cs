using Interline.Core.Configuration;

namespace Interline.Core.Tests.Configuration;

/// <summary><c>general_settings.content_log</c> and LiteLLM's <c>store_prompts_in_spend_logs</c>.</summary>
public sealed class ContentLogReaderTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("{store_prompts_in_spend_logs: false}")]
    public void No_content_is_kept_unless_it_is_asked_for(string general) =>
        Reading.Read($"general_settings: {general}").Snapshot!.General.ContentLog.ShouldBeNull();

    [Fact]
    public void LiteLLMs_key_keeps_content_by_the_defaults()
    {
        ConfigResult read = Reading.Read("general_settings: {store_prompts_in_spend_logs: true}");
        read.Snapshot!.General.ContentLog.ShouldBe(new ContentLogSettings());
        read.Ignored().ShouldBeEmpty();
    }

    [Fact]
    public void Its_own_section_says_how_much()
    {
        ContentLogSettings settings = Reading.Read("general_settings: {content_log: {sample: 0.25, max_bytes: 2048, redact: ['EMP-[0-9]+'], retention: 12h, queue_mb: 8, max_stored_mb: 100}}").Snapshot!.General.ContentLog!;
        (settings.Sample, settings.MaxBytes, settings.QueueBytes, settings.StoredBytes, settings.Retention).ShouldBe((0.25, 2048, 8L << 20, 100L << 20, TimeSpan.FromHours(12)));
        settings.Redact.Single().IsMatch("EMP-1").ShouldBeTrue();
    }

    [Theory]
    [InlineData("{sample: 1.5}", "content_log.sample", "from 0 to 1")]
    [InlineData("{max_bytes: 10}", "content_log.max_bytes", "1024")]
    [InlineData("{max_bytes: 100000000}", "content_log.max_bytes", "16777216")]
    [InlineData("{queue_mb: 0.5}", "content_log.queue_mb", "from 1 to 4096")]
    [InlineData("{max_stored_mb: 63}", "content_log.max_stored_mb", "from 64 to 16777216")]
    [InlineData("{max_stored_mb: 16777217}", "content_log.max_stored_mb", "from 64 to 16777216")]
    [InlineData("{redact: ['(']}", "content_log.redact", "no pattern that can be used")]
    [InlineData("{retention: soon}", "content_log.retention", "a length of time")]
    public void A_value_that_cannot_be_is_refused_so_that_no_secret_is_kept_by_mistake(string section, string key, string message)
    {
        ConfigResult read = Reading.Read($"general_settings: {{content_log: {section}}}");
        read.Snapshot.ShouldBeNull();
        read.Errors().ShouldHaveSingleItem().ShouldContain(message);
        read.Problems.ShouldContain(x => x.Path == "general_settings." + key);
    }
}
