using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>What every backfill works with.</summary>
/// <param name="Store">Inputs, vectors and fits.</param>
/// <param name="Catalog">Models and spaces.</param>
/// <param name="Encoders">What the models compute with.</param>
/// <param name="Workers">Cores to use, at least 1.</param>
public sealed record BackfillContext(IGridStore Store, ModelCatalog Catalog, EncoderRegistry Encoders, int Workers)
{
    /// <summary>
    /// Entities in a chunk unless a host says otherwise. Large enough that one commit (a few fsyncs) costs less than a twentieth of encoding
    /// it, small enough that a kill loses a tenth of a second of work.
    /// </summary>
    public const int DefaultChunkSize = 1024;

    private const int DatesInHint = 5;

    /// <summary>Entities in a chunk, at least 1; the same wherever chunks of one backfill are encoded or taken up.</summary>
    public int ChunkSize { get; init; } = DefaultChunkSize;

    internal IGridInputs Inputs => RangeEnd is { } last && !Store.Inputs.HoldsPrices ? new RangeInputs(Store.Inputs, Ranges, last) : Store.Inputs;

    /// <summary>The last date of the range that is planned; null when it is a single date, or none.</summary>
    private DateOnly? RangeEnd { get; init; }

    /// <summary>Prices of the ranges under way, of this context and of its copies.</summary>
    private RangePrices Ranges { get; } = new();

    internal EncoderContext For(ModelManifest model, DateOnly asOf, int? windowDays = null) =>
        new(model, asOf, windowDays, Inputs, Store.Artifacts, Store.Vectors);

    internal IBackfillPlanner PlannerFor(BackfillRequest request) => request switch
    {
        NumericBackfill { Dates: var dates } numeric => new NumericPlanner(numeric, dates.Start == dates.End ? this : this with { RangeEnd = dates.End }),
        TextBackfill text => new TextPlanner(text, this),
        JointProfileBackfill joint => new JointPlanner(joint, this),
        PortfolioBackfill portfolio => new PortfolioPlanner(portfolio, this),
        JointPortfolioBackfill joint => new JointPlanner(joint, this),
        _ => throw new ArgumentOutOfRangeException(nameof(request), request.GetType().Name, "unknown backfill"),
    };

    /// <summary>A single day stands for itself, whether the table has rows on it or not; a longer range for the dates of its rows.</summary>
    internal async Task<IReadOnlyList<DateOnly>> DatesAsync(DateRange range, InputTable table, CancellationToken cancellationToken) =>
        range.Start == range.End ? [range.Start] : await Inputs.DatesAsync(table, range, cancellationToken);

    /// <summary>Tells which dates there are, for an error about one that there is not.</summary>
    internal async Task<string> DatesHintAsync(InputTable table, CancellationToken cancellationToken)
    {
        var dates = await Inputs.DatesAsync(table, new DateRange(DateOnly.MinValue, DateOnly.MaxValue), cancellationToken);
        return dates.Count == 0
            ? "the table is empty"
            : $"there are {string.Join(", ", dates.TakeLast(DatesInHint).Select(DateRange.Text))}{(dates.Count > DatesInHint ? " and earlier ones" : "")}";
    }
}
