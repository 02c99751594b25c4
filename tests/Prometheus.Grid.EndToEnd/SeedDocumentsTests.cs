using System.Globalization;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.EndToEnd;

/// <summary>The commands of the seed's two documents, word for word, with the weights of its text model.</summary>
public sealed class SeedDocumentsTests(SharedPostgres server)
{
    private const int Issuers = 24, Portfolios = 8;

    private const string Sentence = "This is an example sentence";
    private static readonly double[] s_begin = [0.0676569, 0.0634959, 0.0487131, 0.0793050, 0.0374480, 0.0026528, 0.0393750, -0.0070984];

    /// <summary>As they stand there; <c>python -m prometheus.scripts.</c> has become <c>./grid</c>.</summary>
    private const string Documents =
        """
        python -m prometheus.scripts.backfill_numeric_embeddings \
          --as-of 2025-01-31 \
          --window-days 126 \
          --market-id US_EQ \
          --limit 500 \
          --model-id num-profile-core-v1

        python -m prometheus.scripts.backfill_profile_text_embeddings \
          --as-of 2025-01-31 \
          --model-id text-profile-v1 \
          --hf-model-name sentence-transformers/all-MiniLM-L6-v2

        python -m prometheus.scripts.backfill_joint_profiles \
          --as-of 2025-01-31 \
          --numeric-profile-model-id num-profile-core-v1 \
          --behaviour-model-id num-regime-core-v1 \
          --text-model-id text-profile-v1 \
          --joint-model-id joint-profile-core-v1

        python -m prometheus.scripts.show_joint_profiles \
          --as-of 2025-01-31 \
          --model-id joint-profile-core-v1 \
          --limit 200

        python -m prometheus.scripts.find_similar_profiles \
          --issuer-id ISS_ACME_CORP \
          --as-of 2025-01-31 \
          --model-id joint-profile-core-v1 \
          --top-k 20

        python -m prometheus.scripts.backfill_numeric_portfolio_embeddings \
          --as-of 2025-01-31 \
          --model-id num-portfolio-core-v1 \
          --limit 100

        python -m prometheus.scripts.backfill_joint_portfolios \
          --as-of 2025-01-31 \
          --numeric-model-id num-portfolio-core-v1 \
          --joint-model-id joint-portfolio-core-v1 \
          --limit 100

        python -m prometheus.scripts.show_joint_portfolios \
          --as-of 2025-01-31 \
          --model-id joint-portfolio-core-v1 \
          --limit 200

        python -m prometheus.scripts.show_joint_portfolios \
          --portfolio-id PORTFOLIO_CORE_US_EQ_001 \
          --start 2025-01-01 --end 2025-12-31 \
          --model-id joint-portfolio-core-v1

        python -m prometheus.scripts.find_similar_portfolios \
          --portfolio-id PORTFOLIO_CORE_US_EQ_001 \
          --as-of 2025-01-31 \
          --model-id joint-portfolio-core-v1 \
          --top-k 20
        """;

    private static string[][] Commands =>
    [
        .. Documents.ReplaceLineEndings("\n").Replace("python -m prometheus.scripts.", "", StringComparison.Ordinal).Split("\n\n")
            .Select(command => command.Split([' ', '\n', '\\'], StringSplitOptions.RemoveEmptyEntries)),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_command_of_the_documents_works_as_it_is_written(bool onPostgres)
    {
        await RealWeights.InstallAsync();
        using var folder = await MarketAsync();
        var store = await StoreUnderTest.CreateAsync(folder, onPostgres ? server : null);
        var answers = new List<GridOutput>();
        foreach (string[] command in Commands)
            answers.Add((await store.RunAsync(command)).Succeeded());

        int inMarket = Written(answers[0]);
        Assert.InRange(inMarket, 2, Issuers - 1);
        // Some issuers have a second instrument, and one of them stands for both.
        int joints = Written(answers[2]);
        Assert.InRange(joints, Issuers / 2, inMarket);
        Assert.Equal(Issuers, Written(answers[1]));
        Assert.Equal(("as_of_date,issuer_id,instrument_id,model_id,dim,l2_norm", joints), (answers[3].Header, answers[3].Rows.Length));
        Assert.Equal(("cosine,euclidean,issuer_id,instrument_id,region,source", Math.Min(20, joints - 1)), (answers[4].Header, answers[4].Rows.Length));
        Assert.DoesNotContain(answers[4].Rows, row => row[2] == "ISS_ACME_CORP");
        Assert.All(answers[4].Rows, row => Assert.Equal(["US", "num+text"], row[4..]));
        Assert.Equal([Portfolios, Portfolios], [Written(answers[5]), Written(answers[6])]);
        Assert.Equal(("as_of_date,portfolio_id,model_id,dim,l2_norm", Portfolios), (answers[7].Header, answers[7].Rows.Length));
        Assert.Equal(["2025-01-31", "PORTFOLIO_CORE_US_EQ_001", "joint-portfolio-core-v1", "384"], Assert.Single(answers[8].Rows)[..4]);
        Assert.Equal(("cosine,euclidean,portfolio_id,source", Portfolios - 1), (answers[9].Header, answers[9].Rows.Length));

        // The vector is that of all-MiniLM-L6-v2, whose card has this sentence.
        (await store.RunAsync("export", "--model-id", "text-profile-v1", "--as-of", "2025-01-31", "--out", folder.File("texts.csv"))).Succeeded();
        string[] acme = File.ReadLines(folder.File("texts.csv")).Single(line => line.Contains("ISS_ACME_CORP", StringComparison.Ordinal)).Split(',');
        double[] vector = [.. acme[^384..].Take(s_begin.Length).Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
        Assert.All(s_begin.Zip(vector), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    private static int Written(GridOutput output) => int.Parse(output.Rows.Single(row => row[2] == "written")[4], CultureInfo.InvariantCulture);

    /// <summary>A made-up market with the ids of the documents in it.</summary>
    private static async Task<DataFolder> MarketAsync()
    {
        var folder = new DataFolder { Models = RealWeights.Folder };
        var last = new DateOnly(2025, 1, 31);
        var market = new SyntheticMarketOptions
        {
            Issuers = Issuers, Portfolios = Portfolios, FirstDate = last.AddDays(-365), LastDate = last, ReportDates = [last],
        };
        await SyntheticMarket.WriteAsync(folder.Path, market, null, TestContext.Current.CancellationToken);
        string instrument = File.ReadLines(folder.File("instruments.csv")).First(line => line.Contains(",US_EQ,", StringComparison.Ordinal));
        string[] cells = instrument.Split(',');
        foreach (string table in Directory.GetFiles(folder.Path, "*.csv"))
        {
            string text = await File.ReadAllTextAsync(table, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(
                table,
                text.Replace(cells[0], "ACME.US", StringComparison.Ordinal)
                    .Replace(cells[1], "ISS_ACME_CORP", StringComparison.Ordinal)
                    .Replace("PF_000001", "PORTFOLIO_CORE_US_EQ_001", StringComparison.Ordinal),
                TestContext.Current.CancellationToken);
        }
        await File.WriteAllLinesAsync(
            folder.File("profiles.csv"),
            [
                "issuer_id,as_of_date,business_description,risk_summary,recent_events_summary",
                .. File.ReadLines(folder.File("issuers.csv")).Skip(1).Select(line => line.Split(',')[0]).Select((issuer, i) =>
                    $"{issuer},2025-01-31,{(issuer == "ISS_ACME_CORP" ? Sentence : $"Company {i} makes {(i % 2 == 0 ? "turbines" : "loans")} for customers.")},,"),
            ],
            TestContext.Current.CancellationToken);
        return folder;
    }
}
