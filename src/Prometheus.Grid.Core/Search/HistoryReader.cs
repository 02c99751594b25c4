using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Search;

/// <summary>Follows one entity through the dates of a space.</summary>
/// <param name="store">Where the vectors are.</param>
/// <param name="catalog">Models and spaces.</param>
/// <param name="scanner">Finds the nearest neighbour on each date.</param>
public sealed class HistoryReader(IGridStore store, ModelCatalog catalog, ICandidateScanner scanner)
{
    private readonly SpaceReader _spaces = new(store);

    /// <inheritdoc cref="IEmbeddingGrid.HistoryAsync"/>
    public async Task<IReadOnlyList<HistoryPoint>> ReadAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        var space = catalog.Space(query.ModelId);
        var points = new List<HistoryPoint>();
        ReadOnlyMemory<float> first = default, previous = default;
        foreach (var date in await _spaces.DatesAsync(space, query.Dates, cancellationToken))
        {
            var partition = await _spaces.JointAsync(space, date, [query.EntityId], null, cancellationToken);
            if (partition.Rows.Count == 0)
                continue;
            var vector = partition.Rows.Row(0);
            first = first.IsEmpty ? vector : first;
            var nearest = await scanner.ScanAsync(
                new CandidateScan { Space = space, Dates = [date], Target = new SearchTarget(vector, null, query.EntityId, date), TopK = 1, Version = partition.Version },
                cancellationToken);
            var neighbour = nearest.Best is [var best] ? best : null;
            points.Add(new HistoryPoint(
                date,
                Math.Sqrt(Products.Dot(vector.Span, vector.Span)),
                previous.IsEmpty ? null : Products.Cosine(vector.Span, previous.Span),
                Products.Cosine(vector.Span, first.Span),
                neighbour?.Header.EntityId,
                neighbour?.Cosine));
            previous = vector;
        }
        return points.Count > 0
            ? points
            : throw new NotFoundException(
                space.Entity.ToString().ToLowerInvariant(), query.EntityId, $"it has no {space.ModelId} vector{(query.Dates is null ? "" : " in the range")}");
    }
}
