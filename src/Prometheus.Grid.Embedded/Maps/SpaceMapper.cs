using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Similarity.Maps;

namespace Prometheus.Grid.Embedded.Maps;

/// <summary>How a space is drawn in the plane.</summary>
public enum MapMethod
{
    /// <summary>Keeps neighbours together (McInnes, Healy and Melville, 2018).</summary>
    Umap,

    /// <summary>Keeps large distances: the first two principal components.</summary>
    Pca,
}

/// <summary>Asks for a map.</summary>
/// <param name="ModelId">The joint model whose space is drawn.</param>
/// <param name="AsOf">The date.</param>
/// <param name="Method">How.</param>
/// <param name="Neighbours">Nearest neighbours an entity, at least 1: what UMAP keeps together, and what the map tells of each point.</param>
public sealed record MapQuery(string ModelId, DateOnly AsOf, MapMethod Method, int Neighbours = 15);

/// <summary>A space on one date, drawn in the plane: columns of equal length, by entity id.</summary>
/// <param name="EntityIds">Whose points these are.</param>
/// <param name="X">To the right.</param>
/// <param name="Y">Upwards.</param>
/// <param name="Neighbours">For each point the positions of its true nearest neighbours, nearest first.</param>
/// <param name="Distances">Their cosine distances, 1 − cosine.</param>
/// <param name="Trustworthiness">How well neighbours on the map are neighbours in the space, 0 to 1 (Venna and Kaski, 2001); over a sample of large spaces.</param>
public sealed record PlaneMap(
    IReadOnlyList<string> EntityIds,
    IReadOnlyList<double> X,
    IReadOnlyList<double> Y,
    IReadOnlyList<int[]> Neighbours,
    IReadOnlyList<float[]> Distances,
    double Trustworthiness);

/// <summary>Draws spaces of any grid; the same space gives the same map, whatever the number of cores.</summary>
public static class SpaceMapper
{
    // Every so many points judge the map, so that judging stays a small part of drawing.
    private const int MostJudges = 200;

    /// <summary>Draws a space.</summary>
    /// <param name="grid">Where its vectors are.</param>
    /// <param name="query">What to draw.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="NotFoundException">The space has less than two vectors on the date.</exception>
    public static async Task<PlaneMap> DrawAsync(IEmbeddingGrid grid, MapQuery query, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        var values = new List<float>();
        int dimensions = grid.Catalog.Space(query.ModelId).Dimension;
        await foreach (var joint in grid.ListJointAsync(new JointListing(query.ModelId, DateRange.On(query.AsOf)), cancellationToken))
        {
            ids.Add(joint.EntityId);
            values.AddRange(joint.Vector.Span);
        }
        if (ids.Count < 2)
            throw new NotFoundException("joint vectors", $"{query.ModelId} on {DateRange.Text(query.AsOf)}", $"a map needs two at least, there are {ids.Count}");
        return await Task.Run(() => Draw(ids, new MapRows(values.ToArray(), dimensions), query, cancellationToken), cancellationToken);
    }

    private static PlaneMap Draw(List<string> ids, MapRows rows, MapQuery query, CancellationToken cancellationToken)
    {
        // Directions, as in every comparison of the grid: else volumes would draw the map.
        var directions = rows.Normalised();
        var graph = NeighbourGraph.Of(directions, query.Neighbours, null, cancellationToken);
        double[] places = query.Method == MapMethod.Pca
            ? PrincipalComponents.Project(directions, 2, cancellationToken)
            : [.. Umap.Embed(directions, graph, null, cancellationToken).Select(value => (double)value)];
        // Judged by fewer than half of the others; with four at most there is nothing to judge.
        double trustworthiness = ids.Count < 4 ? 1 : Trustworthiness.Of(
            directions, Array.ConvertAll(places, place => (float)place), Math.Min(graph.Neighbours, (ids.Count / 2) - 1), Math.Max(1, ids.Count / MostJudges), cancellationToken);
        return new PlaneMap(
            ids,
            [.. ids.Select((_, i) => places[2 * i])],
            [.. ids.Select((_, i) => places[(2 * i) + 1])],
            [.. ids.Select((_, i) => graph.Indices[(i * graph.Neighbours)..((i + 1) * graph.Neighbours)])],
            [.. ids.Select((_, i) => graph.Distances[(i * graph.Neighbours)..((i + 1) * graph.Neighbours)])],
            trustworthiness);
    }
}
