using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Maps;
using Prometheus.Grid.Core;
using Prometheus.Grid.Embedded.Maps;

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
        var method = context.Get(_method) == "pca" ? MapMethod.Pca : MapMethod.Umap;
        var (drawn, names, sectors) = await session.MapAsync(new MapQuery(modelId, asOf, method, context.Get(_neighbours)!.Value), cancellationToken);
        var map = new SpaceMap(
            $"{modelId} on {DateRange.Text(asOf)}, {drawn.EntityIds.Count} {session.Grid.Catalog.Space(modelId).Entity.ToString().ToLowerInvariant()}s",
            [.. drawn.EntityIds.Select((id, i) => new MapPoint(id, names[i], sectors[i], drawn.X[i], drawn.Y[i], drawn.Neighbours[i], drawn.Distances[i]))]);
        await MapFile.WriteAsync(map, path);
        using var rows = context.Rows("model_id", "as_of_date", "method", "points", "file");
        rows.Write(modelId, asOf, context.Get(_method), map.Points.Count, path);
        return ExitCodes.Ok;
    }
}
