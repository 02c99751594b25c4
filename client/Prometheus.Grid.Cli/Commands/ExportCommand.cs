using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Exchange;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Folder;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid export</c>: vectors of a model into a file, or those of all models into a data folder.</summary>
internal sealed class ExportCommand : GridCommand
{
    private readonly DateFlags _dates;
    private readonly Option<string> _modelId = new("--model-id") { Description = "The model, joint or of a branch; a folder takes all models unless one is named", HelpName = "MODEL_ID" };
    private readonly Option<string> _out = new("--out")
    {
        Description = "A file: .npy (with an .ids.csv beside it), .csv, .jsonl, .parquet or .arrow; or a data folder, made if there is none, that gets the partitions as they are",
        HelpName = "FILE|DIR",
        Required = true,
    };

    public ExportCommand()
        : base("export", "Write the vectors of a model to a file",
            "grid export --model-id joint-profile-core-v1 --as-of 2023-11-30 --out vectors.npy",
            "grid export --model-id text-hash-v1 --start 2022-01-01 --end 2023-12-31 --out texts.parquet",
            "grid export --postgres 'Host=localhost;Database=grid;Username=me' --out DIR")
    {
        _dates = new DateFlags(this, isRequired: false);
        Options.Add(_modelId);
        Options.Add(_out);
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string path = context.Get(_out)!;
        var dates = _dates.Of(context.Parsed);
        if (PartitionExchange.IsFolder(path))
            return await FolderAsync(context, path, dates, cancellationToken);
        string modelId = context.Get(_modelId) ?? throw new BadInputException("--model-id", "", "the model whose vectors go into the file; only a folder takes all models");
        WholeFile.Check(path, VectorExchange.Endings);
        var session = await context.OpenAsync(cancellationToken);
        (int vectors, int written) = await VectorExport.WriteAsync(session.Store.Vectors, session.Grid.Catalog.KindOf(modelId), modelId, dates, path, cancellationToken);
        using var rows = context.Rows("model_id", "vectors", "dates", "file");
        rows.Write(modelId, vectors, written, path);
        return ExitCodes.Ok;
    }

    private async Task<int> FolderAsync(CommandContext context, string path, DateRange dates, CancellationToken cancellationToken)
    {
        var session = await context.OpenAsync(cancellationToken);
        await using var folder = await FolderStore.OpenAsync(path, new FolderStoreOptions { Create = true }, cancellationToken);
        using var rows = context.Rows(PartitionExchange.Columns);
        return await PartitionExchange.CopyAsync(session.Store, folder, context.Get(_modelId), dates, rows, cancellationToken) > 0
            ? ExitCodes.Ok
            : throw new NotFoundException("vectors of", context.Get(_modelId) ?? "any model", $"none from {DateRange.Text(dates.Start)} to {DateRange.Text(dates.End)}");
    }
}
