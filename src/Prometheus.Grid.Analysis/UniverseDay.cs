using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Numerics;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Analysis;

/// <summary>All entities of a space on one date.</summary>
/// <param name="AsOf">The date.</param>
/// <param name="Rows">Whose rows these are, ordinally by entity id; their vectors are in <paramref name="Values"/>.</param>
/// <param name="Values">n × <paramref name="Dimension"/> values, row by row.</param>
/// <param name="Dimension">Length of a row: up to the last coordinate that any row uses.</param>
internal sealed record UniverseDay(DateOnly AsOf, IReadOnlyList<UniverseRow> Rows, float[] Values, int Dimension)
{
    // Targets of one batch: their codes are in a core's cache together.
    private const int BatchQueries = 256;

    /// <summary>How many entities.</summary>
    public int Count => Rows.Count;

    /// <summary>Reads a date.</summary>
    /// <exception cref="NotFoundException">The space has no vectors then.</exception>
    public static async Task<UniverseDay> ReadAsync(IEmbeddingGrid grid, string modelId, DateOnly asOf, DateTimeOffset? asKnown, CancellationToken cancellationToken)
    {
        var joints = new List<JointRow>();
        await foreach (var row in grid.ListJointAsync(new JointListing(modelId, DateRange.On(asOf), AsKnown: asKnown), cancellationToken))
            joints.Add(row);
        if (joints.Count == 0)
            throw new NotFoundException("joint vectors", $"{modelId} on {DateRange.Text(asOf)}", "build them first, or list the dates with: grid history");
        int dimension = joints.Max(row => row.Vector.Span.LastIndexOfAnyExcept(0f) + 1);
        dimension = Math.Max(1, dimension);
        float[] values = new float[joints.Count * dimension];
        for (int i = 0; i < joints.Count; i++)
            joints[i].Vector.Span[..dimension].CopyTo(values.AsSpan(i * dimension));
        return new UniverseDay(asOf, [.. joints.Select(row => new UniverseRow(row.EntityId, row.InstrumentId))], values, dimension);
    }

    /// <summary>The unit vector of a row in double, zero for a zero row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="unit">Receives at least <see cref="Dimension"/> values; what is behind them becomes 0.</param>
    public void Unit(int row, Span<double> unit)
    {
        unit.Clear();
        var values = Values.AsSpan(row * Dimension, Dimension);
        for (int c = 0; c < Dimension; c++)
            unit[c] = values[c];
        Vectors.Normalise(unit[..Dimension]);
    }

    /// <summary>The exact nearest others of every row, nearest first, in the order of every search.</summary>
    /// <param name="count">How many a row, at least 1; fewer when there are not so many others.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public (int Row, double Cosine)[][] Nearest(int count, CancellationToken cancellationToken)
    {
        var nearest = new (int, double)[Count][];
        var searcher = new Searcher();
        SearchSource[] sources = [new SearchSource(Shard.Build(new RowShape(Dimension), Values, cancellationToken))];
        for (int first = 0; first < Count; first += BatchQueries)
        {
            VectorQuery[] queries =
            [
                .. Enumerable.Range(first, Math.Min(BatchQueries, Count - first))
                    .Select(row => new VectorQuery(Values.AsMemory(row * Dimension, Dimension), count + 1)),
            ];
            foreach ((int i, var hits) in searcher.SearchBatch(sources, queries, cancellationToken).Index())
                nearest[first + i] = [.. hits.Where(hit => hit.Ordinal != first + i).Take(count).Select(hit => (hit.Ordinal, hit.Cosine))];
        }
        return nearest;
    }
}

/// <summary>Whose row it is.</summary>
/// <param name="EntityId">The issuer or portfolio.</param>
/// <param name="InstrumentId">The issuer's representative instrument; empty for portfolios.</param>
internal readonly record struct UniverseRow(string EntityId, string InstrumentId);
