namespace Prometheus.Grid.Cli.Maps;

/// <summary>One entity on a map.</summary>
/// <param name="EntityId">Whose point it is.</param>
/// <param name="Name">Display name, or empty.</param>
/// <param name="Group">What its colour says: the issuer's sector, or empty.</param>
/// <param name="X">To the right.</param>
/// <param name="Y">Upwards.</param>
/// <param name="Neighbours">Positions of the nearest entities among the points, nearest first.</param>
/// <param name="Distances">Their cosine distances, 1 − cosine.</param>
internal sealed record MapPoint(string EntityId, string Name, string Group, double X, double Y, int[] Neighbours, float[] Distances);

/// <summary>A space on one date, drawn in the plane.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Points">By entity id.</param>
internal sealed record SpaceMap(string Title, IReadOnlyList<MapPoint> Points)
{
    /// <summary>The groups by size, largest first; those beyond the palette share the last colour.</summary>
    public IReadOnlyList<string> Groups { get; } =
        [.. Points.GroupBy(p => p.Group, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Key)];
}
