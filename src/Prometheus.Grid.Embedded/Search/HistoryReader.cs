using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>Follows one entity through the dates of a space.</summary>
internal sealed class HistoryReader(SpaceReader spaces)
{
    public async Task<IReadOnlyList<HistoryPoint>> ReadAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        SpaceManifest space = spaces.Space(query.ModelId);
        var points = new List<HistoryPoint>();
        ReadOnlyMemory<float> first = default, previous = default;
        foreach (DateOnly date in await spaces.DatesAsync(space, query.Dates, cancellationToken))
        {
            VectorPartition partition = await spaces.JointAsync(space, date, null, null, cancellationToken);
            int row = partition.Rows.IndexOf(query.EntityId);
            if (row < 0)
                continue;
            ReadOnlyMemory<float> vector = partition.Rows.Row(row);
            first = first.IsEmpty ? vector : first;
            SimilarityHit? nearest = Nearest(partition, row);
            points.Add(new HistoryPoint(
                date,
                Math.Sqrt(Products.Dot(vector.Span, vector.Span)),
                previous.IsEmpty ? null : Products.Cosine(vector.Span, previous.Span),
                Products.Cosine(vector.Span, first.Span),
                nearest?.EntityId,
                nearest?.Cosine));
            previous = vector;
        }
        return points.Count > 0
            ? points
            : throw new NotFoundException(
                space.Entity.ToString().ToLowerInvariant(), query.EntityId, $"it has no {space.ModelId} vector{(query.Dates is null ? "" : " in the range")}");
    }

    private static SimilarityHit? Nearest(VectorPartition partition, int row)
    {
        var best = new TopHits(1);
        for (int other = 0; other < partition.Rows.Count; other++)
        {
            if (other != row)
                best.Offer(partition.Rows.Row(row).Span, partition.Rows.Row(other), partition.Key.AsOf, partition.Rows.Headers[other]);
        }
        return best.Ordered() is [var nearest] ? nearest.ToHit([]) : null;
    }
}
