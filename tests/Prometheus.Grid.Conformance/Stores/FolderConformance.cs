using System.Globalization;
using System.Text;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Conformance.Stores;

/// <summary>A data folder for one test.</summary>
public sealed class FolderFixture : StoreFixture
{
    private readonly string _path = Directory.CreateTempSubdirectory("grid-conformance-").FullName;

    public override async Task<IGridStore> OpenAsync(TimeProvider time) =>
        await FolderStore.OpenAsync(_path, new FolderStoreOptions { Time = time }, CancellationToken.None);

    public override async Task SeedAsync(InputTables tables)
    {
        await WriteAsync("markets", "market_id,name,region,timezone", tables.Markets.Select(m => Line(m.MarketId, m.Name, m.Region, m.Timezone)));
        await WriteAsync(
            "issuers", "issuer_id,issuer_type,name,country,sector,industry",
            tables.Issuers.Select(i => Line(i.IssuerId, i.IssuerType, i.Name, i.Country, i.Sector, i.Industry)));
        await WriteAsync(
            "instruments", "instrument_id,issuer_id,market_id,asset_class,symbol,exchange,currency,status",
            tables.Instruments.Select(i => Line(i.InstrumentId, i.IssuerId, i.MarketId, i.AssetClass, i.Symbol, i.Exchange, i.Currency, i.Status)));
        await WriteAsync(
            "prices_daily", "instrument_id,trade_date,open,high,low,close,adjusted_close,volume,currency",
            tables.Prices.Select(p => Line(p.InstrumentId, p.TradeDate, p.Open, p.High, p.Low, p.Close, p.AdjustedClose, p.Volume, "USD")));
        await WriteAsync("profiles", "issuer_id,as_of_date,structured", tables.Profiles.Select(p => Line(p.IssuerId, p.AsOfDate, p.Structured)));
        await WriteAsync(
            "portfolio_risk_reports", "portfolio_id,as_of_date,risk_metrics,exposures_by_sector,exposures_by_factor",
            tables.RiskReports.Select(r => Line(r.PortfolioId, r.AsOfDate, r.RiskMetrics, r.ExposuresBySector, r.ExposuresByFactor)));
        await WriteAsync(
            "portfolio_positions", "portfolio_id,as_of_date,instrument_id,weight",
            tables.Positions.Select(p => Line(p.PortfolioId, p.AsOfDate, p.InstrumentId, p.Weight)));
    }

    public override async Task DamageAsync(PartitionKey key)
    {
        string folder = Path.Combine(_path, "vectors", key.Kind.ToString().ToLowerInvariant(), key.ModelId, DateRange.Text(key.AsOf));
        string newest = Directory.EnumerateFiles(folder, "*.npy").OrderBy(file => int.Parse(Path.GetFileNameWithoutExtension(file), CultureInfo.InvariantCulture)).Last();
        await FlipAsync(newest, -5);
    }

    public override Task DamageArtifactAsync(string modelId, DateOnly asOf, string name) =>
        FlipAsync(Path.Combine(_path, "artifacts", modelId, DateRange.Text(asOf), name), -1);

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_path, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static async Task FlipAsync(string path, int fromEnd)
    {
        byte[] bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.Length + fromEnd] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
    }

    private static string Line(params ReadOnlySpan<string?> fields)
    {
        var line = new StringBuilder();
        foreach (string? field in fields)
            line.Append('"').Append(field?.Replace("\"", "\"\"", StringComparison.Ordinal)).Append("\",");
        return line.ToString(0, line.Length - 1);
    }

    private Task WriteAsync(string table, string header, IEnumerable<string> lines) =>
        File.WriteAllTextAsync(Path.Combine(_path, table + ".csv"), string.Join('\n', lines.Prepend(header)) + "\n");
}

public sealed class FolderInputsConformance : InputsConformance
{
    protected override Task<StoreFixture> CreateFixtureAsync() => Task.FromResult<StoreFixture>(new FolderFixture());
}

public sealed class FolderResumedWorkConformance : ResumedWorkConformance
{
    protected override Task<StoreFixture> CreateFixtureAsync() => Task.FromResult<StoreFixture>(new FolderFixture());
}

public sealed class FolderVectorsConformance : VectorsConformance
{
    protected override Task<StoreFixture> CreateFixtureAsync() => Task.FromResult<StoreFixture>(new FolderFixture());
}

public sealed class FolderKnowledgeTimeConformance : KnowledgeTimeConformance
{
    protected override Task<StoreFixture> CreateFixtureAsync() => Task.FromResult<StoreFixture>(new FolderFixture());
}

public sealed class FolderArtifactsConformance : ArtifactsConformance
{
    protected override Task<StoreFixture> CreateFixtureAsync() => Task.FromResult<StoreFixture>(new FolderFixture());
}

public sealed class FolderTextVectorsConformance : TextVectorsConformance
{
    protected override Task<StoreFixture> CreateFixtureAsync() => Task.FromResult<StoreFixture>(new FolderFixture());
}
