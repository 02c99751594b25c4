using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Exchange;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Columnar;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded.Search;
using Prometheus.Grid.Similarity;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid neighbours</c>: the nearest neighbours of every entity of a space, as a file of edges.</summary>
internal sealed class NeighboursCommand : GridCommand
{
    private static readonly Column[] s_columns =
        [Column.Text("entity"), Column.Whole("rank"), Column.Text("neighbour"), Column.Number("cosine"), Column.Number("euclidean")];

    private readonly Option<string> _space = new("--space", "--model-id") { Description = "The joint model of the space", HelpName = "MODEL_ID", Required = true };
    private readonly Option<DateOnly?> _asOf = Flags.Date("--as-of", "The date of the entities");
    private readonly Option<DateOnly?> _against = Flags.Date("--against", "Seek their neighbours on this date instead");
    private readonly Option<int?> _topK = Flags.Positive("--top-k", "Neighbours an entity (10, or with --min-cosine all, unless said)");
    private readonly Option<double?> _minCosine = Flags.Cosine("--min-cosine", "Only neighbours of this cosine or more");
    private readonly Option<BranchWeights?> _weights = Flags.Parsed("--weights", "BRANCH=SHARE,…", "Weigh the branches anew, for example text=0.7,numeric=0.3", BranchWeights.Parse);
    private readonly FilterFlags _filters = new();
    private readonly ExclusionFlags _exclusions = new();
    private readonly Option<DateTimeOffset?> _asKnown = Flags.Time("--as-known", "Answer from what was known at this time (now unless said)");
    private readonly Option<string> _out = new("--out") { Description = $"The file: {TableFile.EndingsText}", HelpName = "FILE", Required = true };

    public NeighboursCommand()
        : base("neighbours", "Find the nearest neighbours of every entity of a space, exactly",
            "grid neighbours --space joint-profile-core-v2 --as-of 2023-11-30 --out peers.csv",
            "grid neighbours --space joint-profile-core-v2 --as-of 2023-11-30 --against 2022-06-30 --top-k 1 --out then.csv",
            "grid neighbours --space joint-portfolio-core-v2 --as-of 2023-11-30 --min-cosine 0.95 --out doubles.parquet")
    {
        _asOf.Required = true;
        foreach (var option in (Option[])[_space, _asOf, _against, _topK, _minCosine, _weights, .. _filters.All, .. _exclusions.All, _asKnown, _out])
            Options.Add(option);
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string path = context.Get(_out)!;
        WholeFile.Check(path, TableFile.Endings);
        var session = await context.OpenAsync(cancellationToken);
        var query = new NeighboursQuery
        {
            Space = session.Grid.Catalog.Space(context.Get(_space)!),
            AsOf = context.Get(_asOf)!.Value,
            Against = context.Get(_against),
            TopK = context.Get(_topK),
            MinCosine = context.Get(_minCosine),
            Weights = context.Get(_weights),
            Filter = await _exclusions.AddToAsync(_filters.Of(context.Parsed), context.Parsed, cancellationToken),
            AsKnown = context.Get(_asKnown),
        };
        using var scans = new ScanScheduler(Environment.ProcessorCount);
        var search = await NeighbourSearch.OpenAsync(session.Store, scans, query, cancellationToken);
        if (search.Incomplete > 0)
            context.Messages.Say($"{search.Incomplete} left out: they lack a branch of --weights");
        string title = $"{query.Space.ModelId} {DateRange.Text(query.AsOf)}";
        var metadata = await Provenance.OfAsync(session.Store.Vectors, Sources(query), query.AsKnown, cancellationToken);
        long edges = await context.Messages.TrackAsync(title, progress =>
            TableFile.WriteAsync(path, s_columns, metadata, rows => WriteAsync(search, rows, done => progress.Report(new Step(title, done)), cancellationToken)));

        using var rows = context.Rows("model_id", "as_of_date", "against", "entities", "edges", "file");
        rows.Write(query.Space.ModelId, query.AsOf, query.Against ?? query.AsOf, search.Count, edges, path);
        return ExitCodes.Ok;
    }

    // The partitions that the answer is made of.
    private static IEnumerable<PartitionKey> Sources(NeighboursQuery query) =>
        from date in (DateOnly[])[query.AsOf, query.Against ?? query.AsOf]
        from model in query.Weights is null
            ? [(Kind: BranchKind.Joint, query.Space.ModelId)]
            : query.Space.Branches.Select(branch => (branch.Kind, branch.ModelId))
        select new PartitionKey(model.Kind, model.ModelId, date);

    private static async Task<long> WriteAsync(NeighbourSearch search, RowWriter rows, Action<double> report, CancellationToken cancellationToken)
    {
        const int EntitiesAReport = 256;
        long edges = 0;
        int done = 0;
        await foreach (var entity in search.ReadAsync(cancellationToken))
        {
            for (int i = 0; i < entity.Neighbours.Count; i++)
            {
                var neighbour = entity.Neighbours[i];
                rows.Write(entity.EntityId, i + 1, neighbour.Header.EntityId, neighbour.Cosine, neighbour.Euclidean);
            }
            edges += entity.Neighbours.Count;
            if (++done % EntitiesAReport == 0)
                report((double)done / search.Count);
        }
        return edges;
    }
}
