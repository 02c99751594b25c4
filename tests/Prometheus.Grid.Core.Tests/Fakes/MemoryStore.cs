using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Tests.Fakes;

/// <summary>Tables, fits and vectors in memory. Vectors come from backfills, or tests put partitions in directly.</summary>
internal sealed class MemoryStore : IGridStore, IGridInputs, IArtifactStore, IVectorStore
{
    private int _universeReads, _priceReads;

    public List<Issuer> Issuers { get; } = [];

    public List<Instrument> Instruments { get; } = [];

    public SortedDictionary<string, PriceSeries> Prices { get; } = new(StringComparer.Ordinal);

    public List<RiskReport> Reports { get; } = [];

    public List<Position> Positions { get; } = [];

    public SortedDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    public Dictionary<PartitionKey, VectorPartition> Partitions { get; } = [];

    /// <summary>What backfills committed and did not complete, by their fingerprints.</summary>
    public Dictionary<string, List<EncodedChunk>> Unfinished { get; } = [];

    /// <summary>The version of every input table.</summary>
    public string InputVersion { get; set; } = "1";

    /// <summary>How often the reference tables were read: once a plan.</summary>
    public int UniverseReads => _universeReads;

    /// <summary>How often prices were read.</summary>
    public int PriceReads => _priceReads;

    public string Description => "memory";

    public IGridInputs Inputs => this;

    public IVectorStore Vectors => this;

    public IAsyncEnumerable<KeptFinding> VerifyKeptAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public IArtifactStore Artifacts => this;

    /// <summary>Adds an issuer with one instrument and its prices.</summary>
    public void Add(PriceSeries series, string sector = "", string industry = "")
    {
        string issuerId = $"ISS_{series.InstrumentId}";
        Issuers.Add(new Issuer(issuerId, "CORPORATION", issuerId, "", sector, industry));
        Instruments.Add(new Instrument(series.InstrumentId, issuerId, "US_EQ", "EQUITY", series.InstrumentId, "", "USD", "ACTIVE"));
        Prices[series.InstrumentId] = series;
    }

    /// <summary>Adds a partition of vectors, in ordinal order of ids.</summary>
    public void Add(PartitionKey key, IEnumerable<(string Id, float[] Vector)> rows)
    {
        (string Id, float[] Vector)[] sorted = [.. rows.OrderBy(row => row.Id, StringComparer.Ordinal)];
        var batch = new VectorBatch(
            [.. sorted.Select(row => new RowHeader(row.Id))], sorted.SelectMany(row => row.Vector).ToArray(), sorted[0].Vector.Length);
        Partitions[key] = new VectorPartition(key, batch, "", DateTimeOffset.UnixEpoch, "1");
    }

    public Task<Universe> ReadUniverseAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _universeReads);
        return Task.FromResult(new Universe([], Issuers, Instruments));
    }

    public Task<IReadOnlyList<DateOnly>> DatesAsync(InputTable table, DateRange range, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<DateOnly>>([.. Prices.Values
            .SelectMany(series => series.Within(range).Days.ToArray()).Distinct().Order().Select(DateOnly.FromDayNumber)]);

    public Task<DateOnly?> LatestAsync(InputTable table, string ownerId, DateRange range, CancellationToken cancellationToken) =>
        throw new NotSupportedException("nothing under test asks for one owner's dates");

    public Task<IReadOnlyList<PriceSeries>> PricesAsync(IReadOnlyList<string> instrumentIds, PriceWindow window, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _priceReads);
        return Task.FromResult<IReadOnlyList<PriceSeries>>([.. instrumentIds.Select(id => Prices[id].Within(window))]);
    }

    public Task<IReadOnlyList<string>> RiskReportPortfoliosAsync(DateOnly asOf, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. Reports.Where(r => r.AsOf == asOf).Select(r => r.PortfolioId).Order(StringComparer.Ordinal)]);

    public Task<IReadOnlyList<RiskReport>> RiskReportsAsync(DateOnly asOf, IReadOnlyCollection<string> portfolioIds, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RiskReport>>(
            [.. Reports.Where(r => r.AsOf == asOf && portfolioIds.Contains(r.PortfolioId)).OrderBy(r => r.PortfolioId, StringComparer.Ordinal)]);

    public Task<IReadOnlyList<Position>> PositionsAsync(DateOnly asOf, IReadOnlyCollection<string>? portfolioIds, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Position>>([.. Positions.Where(p => p.AsOf == asOf && portfolioIds?.Contains(p.PortfolioId) != false)]);

    public Task<string> VersionAsync(InputTable table, CancellationToken cancellationToken) => Task.FromResult(InputVersion);

    public Task<ReadOnlyMemory<byte>?> ReadAsync(string modelId, DateOnly asOf, string name, CancellationToken cancellationToken) =>
        Task.FromResult(Files.TryGetValue(File(modelId, asOf, name), out byte[]? bytes) ? (ReadOnlyMemory<byte>?)bytes : null);

    public Task WriteAsync(string modelId, DateOnly asOf, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Files[File(modelId, asOf, name)] = content.ToArray();
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<DateOnly>> DatesAsync(string modelId, string name, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<DateOnly>>([.. Files.Keys
            .Select(file => file.Split('/'))
            .Where(parts => parts[0] == modelId && parts[2] == name)
            .Select(parts => DateRange.Parse("date", parts[1]))]);

    public Task<IReadOnlyList<ArtifactName>> ListAsync(string modelId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ArtifactName>>([.. Files.Keys
            .Select(file => file.Split('/'))
            .Where(parts => parts[0] == modelId)
            .Select(parts => new ArtifactName(DateRange.Parse("date", parts[1]), parts[2]))]);

    public Task DeleteAsync(string modelId, DateOnly asOf, string name, CancellationToken cancellationToken)
    {
        Files.Remove($"{modelId}/{DateRange.Text(asOf)}/{name}");
        return Task.CompletedTask;
    }

    public Task<VectorPartition?> ReadAsync(
        PartitionKey key, IReadOnlyCollection<string>? entityIds, DateTimeOffset? asKnown, CancellationToken cancellationToken) =>
        Task.FromResult(Partitions.GetValueOrDefault(key));

    public Task<IReadOnlyList<PartitionKey>> ListAsync(BranchKind? kind, string? modelId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PartitionKey>>([.. Partitions.Keys.Where(key => key.ModelId == modelId).OrderBy(key => key.AsOf)]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    Task<IReadOnlyList<string>> IGridInputs.ProfileIssuersAsync(DateOnly asOf, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<IssuerProfile>> IGridInputs.ProfilesAsync(
        DateOnly asOf, IReadOnlyCollection<string> issuerIds, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<string?> IVectorStore.VersionAsync(PartitionKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IPartitionWriter> IVectorStore.BeginAsync(
        PartitionKey key, int dimension, string origin, string fingerprint, CancellationToken cancellationToken) =>
        Task.FromResult<IPartitionWriter>(new MemoryWriter(this, key, origin, fingerprint));

    Task<WriteOutcome> IVectorStore.PutAsync(PartitionKey key, VectorBatch rows, string origin, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    IAsyncEnumerable<StoreFinding> IVectorStore.VerifyAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<VacuumOutcome> IVectorStore.VacuumAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) => throw new NotSupportedException();

    private static string File(string modelId, DateOnly asOf, string name) => $"{modelId}/{DateRange.Text(asOf)}/{name}";
}
