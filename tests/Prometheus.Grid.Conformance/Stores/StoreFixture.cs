using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Conformance.Stores;

/// <summary>A row of prices_daily as a user would have it: numbers as text, null for no value.</summary>
public sealed record PriceInput(
    string InstrumentId, string TradeDate, string? Close, string? Volume, string? Open = null, string? High = null, string? Low = null, string? AdjustedClose = null);

/// <summary>A row of profiles with its JSON.</summary>
public sealed record ProfileInput(string IssuerId, string AsOfDate, string Structured);

/// <summary>A row of portfolio_risk_reports with its JSON.</summary>
public sealed record RiskReportInput(
    string PortfolioId, string AsOfDate, string RiskMetrics, string ExposuresBySector = "{}", string ExposuresByFactor = "{}");

/// <summary>A row of portfolio_positions.</summary>
public sealed record PositionInput(string PortfolioId, string AsOfDate, string InstrumentId, string Weight);

/// <summary>The user's tables before any store has read them.</summary>
public sealed record InputTables
{
    public IReadOnlyList<Market> Markets { get; init; } = [];

    public IReadOnlyList<Issuer> Issuers { get; init; } = [];

    public IReadOnlyList<Instrument> Instruments { get; init; } = [];

    public IReadOnlyList<PriceInput> Prices { get; init; } = [];

    public IReadOnlyList<ProfileInput> Profiles { get; init; } = [];

    public IReadOnlyList<RiskReportInput> RiskReports { get; init; } = [];

    public IReadOnlyList<PositionInput> Positions { get; init; } = [];
}

/// <summary>A place where one kind of store keeps its data; each test gets an empty one of its own.</summary>
public abstract class StoreFixture : IAsyncDisposable
{
    /// <summary>Puts the user's tables in place, replacing those of an earlier call.</summary>
    public abstract Task SeedAsync(InputTables tables);

    /// <summary>Opens a store on the place; a second one sees what the first wrote, as after a restart.</summary>
    public abstract Task<IGridStore> OpenAsync(TimeProvider time);

    /// <summary>Changes one bit of a stored vector of the partition, behind the back of every store.</summary>
    public abstract Task DamageAsync(PartitionKey key);

    /// <summary>Changes one bit of a stored artifact.</summary>
    public abstract Task DamageArtifactAsync(string modelId, DateOnly asOf, string name);

    public abstract ValueTask DisposeAsync();
}

/// <summary>A clock that stands still until it is told otherwise.</summary>
public sealed class ManualTime(DateTimeOffset now) : TimeProvider
{
    private DateTimeOffset _now = now;

    public static ManualTime Start => new(new DateTimeOffset(2024, 3, 1, 18, 0, 0, TimeSpan.Zero));

    public override DateTimeOffset GetUtcNow() => _now;

    /// <summary>Goes on by <paramref name="step"/> and returns the new time.</summary>
    public DateTimeOffset Advance(TimeSpan step) => _now += step;
}
