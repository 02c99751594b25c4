using System.Text.Json;
using Prometheus.Grid.Cli.Output;

namespace Prometheus.Grid.Cli.Maps;

/// <summary>
/// A row an entity: coordinates, and a <c>neighbors</c> column <c>{"ids":[…],"distances":[…]}</c> of row numbers from 0, under the name and
/// in the form that notebook viewers of embeddings read.
/// </summary>
internal static class MapTable
{
    public static void Write(SpaceMap map, TextWriter writer)
    {
        using var rows = RowWriter.Create(OutputFormat.Csv, writer, ["entity_id", "name", "group", "x", "y", "neighbors"]);
        foreach (var point in map.Points)
        {
            string neighbours = JsonSerializer.Serialize(new { ids = point.Neighbours, distances = point.Distances.Select(d => Math.Round(d, 6)) });
            rows.Write(point.EntityId, point.Name, point.Group, point.X, point.Y, neighbours);
        }
    }
}
