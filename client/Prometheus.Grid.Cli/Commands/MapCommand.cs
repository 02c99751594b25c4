using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Maps;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Similarity.Maps;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid map</c>: a space on one date in two dimensions, as a table, a picture or a page.</summary>
internal sealed class MapCommand : GridCommand
{
    private readonly Option<string> _space = new("--space", "--model-id") { Description = "The joint model whose space is drawn", HelpName = "MODEL_ID", Required = true };
    private readonly Option<DateOnly?> _asOf = Flags.Date("--as-of", "The date");
    private readonly Option<string> _method = new("--method") { Description = "umap keeps neighbours together, pca keeps large distances", HelpName = "pca|umap", DefaultValueFactory = _ => "umap" };
    private readonly Option<int?> _neighbours = Flags.Positive("--neighbours", "Nearest neighbours an entity, for umap and the neighbors column", 15);
    private readonly Option<string> _out = new("--out") { Description = "The file: .csv, .svg or .html", HelpName = "FILE", Required = true };

    public MapCommand()
        : base("map", "Draw a space in two dimensions",
            "grid map --space joint-profile-core-v1 --as-of 2023-11-30 --out issuers.html",
            "grid map --space joint-portfolio-core-v1 --as-of 2023-11-30 --method pca --out portfolios.csv")
    {
        _asOf.Required = true;
        _method.AcceptOnlyFromAmong("pca", "umap");
        foreach (var option in (Option[])[_space, _asOf, _method, _neighbours, _out])
            Options.Add(option);
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string path = context.Get(_out)!;
        MapFile.Check(path);
        string modelId = context.Get(_space)!;
        var asOf = context.Get(_asOf)!.Value;
        var session = await context.OpenAsync(cancellationToken);
        var joints = new List<JointRow>();
        await foreach (var joint in session.Grid.ListJointAsync(new JointListing(modelId, new DateRange(asOf, asOf)), cancellationToken))
            joints.Add(joint);
        if (joints.Count < 2)
            throw new NotFoundException("joint vectors", $"{modelId} on {DateRange.Text(asOf)}", $"a map needs two at least, there are {joints.Count}");

        var map = new SpaceMap(
            $"{modelId} on {DateRange.Text(asOf)}, {joints.Count} {session.Grid.Catalog.Space(modelId).Entity.ToString().ToLowerInvariant()}s",
            Place(joints, context.Get(_method)!, context.Get(_neighbours)!.Value, await session.Store.Inputs.ReadUniverseAsync(cancellationToken), cancellationToken));
        await MapFile.WriteAsync(map, path);
        using var rows = context.Rows("model_id", "as_of_date", "method", "points", "file");
        rows.Write(modelId, asOf, context.Get(_method), map.Points.Count, path);
        return ExitCodes.Ok;
    }

    private static List<MapPoint> Place(List<JointRow> joints, string method, int neighbours, Universe universe, CancellationToken cancellationToken)
    {
        int dimensions = joints[0].Vector.Length;
        float[] values = new float[joints.Count * dimensions];
        for (int i = 0; i < joints.Count; i++)
            joints[i].Vector.CopyTo(values.AsMemory(i * dimensions));
        // Directions, as in every comparison of the grid: else volumes would draw the map.
        var directions = new MapRows(values, dimensions).Normalised();
        var graph = NeighbourGraph.Of(directions, neighbours, null, cancellationToken);
        double[] places = method == "pca"
            ? PrincipalComponents.Project(directions, 2, cancellationToken)
            : [.. Umap.Embed(directions, graph, null, cancellationToken).Select(value => (double)value)];
        var points = new List<MapPoint>();
        for (int i = 0; i < joints.Count; i++)
        {
            universe.Issuers.TryGetValue(joints[i].EntityId, out var issuer);
            int from = i * graph.Neighbours;
            points.Add(new MapPoint(
                joints[i].EntityId, issuer?.Name ?? "", issuer?.Sector ?? "", places[2 * i], places[2 * i + 1],
                graph.Indices[from..(from + graph.Neighbours)], graph.Distances[from..(from + graph.Neighbours)]));
        }
        return points;
    }
}
