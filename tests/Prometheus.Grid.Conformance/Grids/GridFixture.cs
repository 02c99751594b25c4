using System.Globalization;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Conformance.Grids;

/// <summary>A grid over a small made-up market, with the whole v1 workflow run on two dates. Derive one for each kind of grid.</summary>
public abstract class GridFixture : IAsyncLifetime
{
    public const string IssuerModel = "joint-profile-core-v1";
    public const string PortfolioModel = "joint-portfolio-core-v1";
    public const int IssuerCount = 60;

    public static readonly DateOnly FirstDay = new(2023, 9, 29);
    public static readonly DateOnly LastDay = new(2023, 12, 29);

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-conformance-").FullName;

    public IEmbeddingGrid Grid { get; private set; } = null!;

    /// <summary>The clock of the grid; tests that need a later moment advance it.</summary>
    public ManualTime Time { get; } = new(new DateTimeOffset(2024, 1, 2, 8, 0, 0, TimeSpan.Zero));

    /// <summary>What the first run of each backfill reported, in the order of <see cref="Workflow"/>.</summary>
    public IReadOnlyList<BackfillReport> Reports { get; private set; } = [];

    /// <summary>Instruments of the market that are not delisted, second ones of an issuer included.</summary>
    public int ActiveInstruments => File.ReadLines(Path.Combine(_folder, "instruments.csv")).Count(line => line.EndsWith(",ACTIVE", StringComparison.Ordinal));

    /// <summary>The positions of a portfolio on a date: instruments and weights in the order of the table.</summary>
    public IEnumerable<(string InstrumentId, double Weight)> Positions(string portfolioId, DateOnly asOf) =>
        from line in File.ReadLines(Path.Combine(_folder, "portfolio_positions.csv"))
        where line.StartsWith($"{portfolioId},{asOf:yyyy-MM-dd},", StringComparison.Ordinal)
        let cells = line.Split(',')
        select (cells[2], double.Parse(cells[3], CultureInfo.InvariantCulture));

    /// <summary>The sector of an issuer.</summary>
    public string SectorOf(string issuerId) =>
        File.ReadLines(Path.Combine(_folder, "issuers.csv")).Single(line => line.StartsWith(issuerId + ",", StringComparison.Ordinal)).Split(',')[^2];

    /// <summary>Issuers of an industry, by id.</summary>
    public IEnumerable<string> IssuersOf(string industry) =>
        File.ReadLines(Path.Combine(_folder, "issuers.csv")).Where(line => line.EndsWith($",{industry}", StringComparison.Ordinal)).Select(line => line.Split(',')[0]).Order(StringComparer.Ordinal);

    /// <summary>The backfills of the v1 workflow on one date.</summary>
    public static IReadOnlyList<BackfillRequest> Workflow(DateRange dates) =>
    [
        new NumericBackfill { ModelId = "num-profile-core-v1", Dates = dates },
        new NumericBackfill { ModelId = "num-regime-core-v1", Dates = dates },
        new TextBackfill { ModelId = "text-hash-v1", Dates = dates },
        new JointProfileBackfill
        {
            ModelId = IssuerModel, Dates = dates, BranchModelIds = new Dictionary<string, string> { ["text"] = "text-hash-v1" },
        },
        new PortfolioBackfill { ModelId = "num-portfolio-core-v1", Dates = dates },
        new JointPortfolioBackfill { ModelId = PortfolioModel, Dates = dates },
    ];

    /// <summary>Why this kind of grid cannot run here, which skips its tests; null when it can.</summary>
    public virtual string? WhyNot => null;

    /// <summary>Opens the grid over the tables in <paramref name="folder"/>, with the shipped models, the given clock and no vectors yet.</summary>
    protected abstract Task<IEmbeddingGrid> OpenAsync(string folder, ModelCatalog catalog, TimeProvider time);

    public async ValueTask InitializeAsync()
    {
        // A fixture that throws fails its tests, so it is they who skip.
        if (WhyNot is not null)
            return;
        var cancellationToken = TestContext.Current.CancellationToken;
        var market = new SyntheticMarketOptions
        {
            Issuers = IssuerCount,
            Portfolios = 20,
            FirstDate = new DateOnly(2023, 1, 2),
            LastDate = LastDay,
            ReportDates = [FirstDay, LastDay],
        };
        await SyntheticMarket.WriteAsync(_folder, market, cancellationToken: cancellationToken);
        Grid = await OpenAsync(_folder, ModelCatalog.Load(Path.Combine(TestData.RepositoryRoot, "models")), Time);
        var reports = new List<BackfillReport>();
        foreach (var day in (DateOnly[])[FirstDay, LastDay])
        {
            foreach (var request in Workflow(DateRange.On(day)))
                reports.Add(await Grid.BackfillAsync(request, null, cancellationToken));
        }
        Reports = reports;
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Grid is not null)
            await Grid.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A clock that moves when told to.</summary>
public sealed class ManualTime(DateTimeOffset start) : TimeProvider
{
    private long _ticks = start.UtcTicks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);
}
