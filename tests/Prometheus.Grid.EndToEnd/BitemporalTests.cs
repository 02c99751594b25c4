using System.Globalization;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>A late correction changes today's answer, and not the answer as it was known before it.</summary>
public sealed class BitemporalTests(SharedPostgres server)
{
    private const string AsOf = "2024-06-28";

    private static readonly string[][] s_backfills =
    [
        ["backfill-numeric-embeddings", "--as-of", AsOf, "--window-days", "126", "--model-id", "num-profile-core-v1"],
        ["backfill-numeric-embeddings", "--as-of", AsOf, "--window-days", "63", "--model-id", "num-regime-core-v1"],
        ["backfill-profile-text-embeddings", "--as-of", AsOf, "--model-id", "text-hash-v1"],
        ["backfill-joint-profiles", "--as-of", AsOf, "--text-model-id", "text-hash-v1"],
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_correction_is_seen_from_when_it_was_made(bool isPostgres)
    {
        using var folder = await DataFolder.OfSyntheticAsync(issuers: 40);
        var store = await StoreUnderTest.CreateAsync(folder, isPostgres ? server : null);
        string profile = File.ReadAllLines(folder.File("profiles.csv"))[1];
        string issuer = profile.Split(',')[0];
        string[][] questions =
        [
            ["find-similar-profiles", "--issuer-id", issuer, "--as-of", AsOf],
            ["find-similar-profiles", "--issuer-id", issuer, "--as-of", AsOf, "--weights", "text=1"],
            ["show-joint-profiles", "--issuer-id", issuer, "--as-of", AsOf, "--format", "json"],
        ];
        string beforeAll = Now();
        await BackfillAsync(store);
        string[] first = await AskAsync(store, questions);
        string beforePrice = Now();

        // The last day of the issuer's prices: half as much again, and thrice the volume.
        string[] prices = File.ReadAllLines(folder.File("prices_daily.csv"));
        folder.EditLine("prices_daily.csv", Array.FindLastIndex(prices, line => line.StartsWith($"{issuer[4..]}.", StringComparison.Ordinal)), line =>
        {
            string[] cells = line.Split(',');
            cells[5] = (double.Parse(cells[5], CultureInfo.InvariantCulture) * 1.5).ToString(CultureInfo.InvariantCulture);
            cells[7] = (double.Parse(cells[7], CultureInfo.InvariantCulture) * 3).ToString(CultureInfo.InvariantCulture);
            return string.Join(',', cells);
        });
        await store.LoadTablesAsync();
        await BackfillAsync(store);
        string[] second = await AskAsync(store, questions);
        string beforeProfile = Now();

        folder.EditLine("profiles.csv", 1, line => line.Replace(",\"", ",\"Formerly a maker of umbrellas and lightning conductors. ", StringComparison.Ordinal));
        await store.LoadTablesAsync();
        await BackfillAsync(store);
        string[] third = await AskAsync(store, questions);

        Assert.NotEqual(first[0], second[0]);
        Assert.Equal(first[1], second[1]);
        Assert.NotEqual(first[2], second[2]);
        Assert.NotEqual(second[1], third[1]);
        Assert.NotEqual(second[2], third[2]);
        Assert.Equal(first, await AskAsync(store, questions, "--as-known", beforePrice));
        Assert.Equal(second, await AskAsync(store, questions, "--as-known", beforeProfile));
        Assert.Equal(third, await AskAsync(store, questions, "--as-known", Now()));

        var tooEarly = await store.RunAsync([.. questions[0], "--as-known", beforeAll]);
        Assert.Equal(3, tooEarly.ExitCode);
        Assert.Contains("vectors of that date exist, but the first became known at", tooEarly.Errors, StringComparison.Ordinal);
        var longBefore = await store.RunAsync([.. questions[0], "--as-known", "2024-01-01"]);
        Assert.Equal((3, tooEarly.Errors), (longBefore.ExitCode, longBefore.Errors));

        (await store.RunAsync("vacuum", "--older-than", beforeProfile)).Succeeded();
        Assert.Equal(second, await AskAsync(store, questions, "--as-known", beforeProfile));
        Assert.Equal(3, (await store.RunAsync([.. questions[0], "--as-known", beforePrice])).ExitCode);
    }

    private static async Task BackfillAsync(StoreUnderTest store)
    {
        foreach (string[] command in s_backfills)
            (await store.RunAsync(command)).Succeeded();
    }

    private static async Task<string[]> AskAsync(StoreUnderTest store, string[][] questions, params string[] flags)
    {
        var answers = new List<string>();
        foreach (string[] question in questions)
            answers.Add((await store.RunAsync([.. question, .. flags])).Succeeded().Text);
        return [.. answers];
    }

    private static string Now() => DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}
