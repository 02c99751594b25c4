using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Cli.Exchange;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tables;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid import</c>: vectors of a model out of a file, all vectors of a data folder, or its input tables into Postgres.</summary>
internal sealed class ImportCommand : GridCommand
{
    private readonly Argument<string> _file = new("FILE")
    {
        Description = "What export wrote, or a file of that form: .npy (with an .ids.csv beside it), .csv, .jsonl, .parquet or .arrow; or a data folder",
    };
    private readonly Option<string> _modelId = new("--model-id") { Description = "The model that computed the vectors", HelpName = "MODEL_ID" };
    private readonly Option<bool> _vectors = new("--vectors") { Description = "Of a data folder the vectors, of all models unless one is named, and not the input tables" };

    private readonly Option<BadRowPolicy> _badRows = BadRowsFlag.New();

    public ImportCommand()
        : base("import", "Read vectors of a model from a file, all of a date together or none; or, with --postgres, the input tables of a folder",
            "grid import vectors.npy --model-id joint-profile-core-v1",
            "grid import DIR --postgres 'Host=localhost;Database=grid;Username=me'",
            "grid import DIR --vectors --postgres 'Host=localhost;Database=grid;Username=me'")
    {
        Arguments.Add(_file);
        Options.Add(_modelId);
        Options.Add(_vectors);
        Options.Add(_badRows);
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string path = context.Parsed.GetValue(_file)!;
        if (Directory.Exists(path))
            return context.Get(_vectors) ? await VectorsAsync(context, path, cancellationToken) : await TablesAsync(context, path, cancellationToken);
        if (context.Get(_vectors))
            throw new BadInputException("FILE", path, "a data folder, with --vectors");
        string modelId = context.Get(_modelId) ?? throw new BadInputException("--model-id", "", "the id of the model that computed the vectors");
        var session = await context.OpenAsync(cancellationToken, create: true);
        var kind = session.Grid.Catalog.KindOf(modelId);
        int? dimension = session.Grid.Catalog.DimensionOf(modelId);
        var notes = new TableNotes(context.Get(_badRows), Path.GetFileName(path));
        var records = await VectorExchange.ReadAsync(path, notes, cancellationToken);
        var parts = new List<(PartitionKey Key, VectorBatch Rows, string Origin)>();
        // Everything is checked before anything is written.
        foreach (var date in records.GroupBy(r => r.AsOf).OrderBy(g => g.Key))
            parts.Add((new PartitionKey(kind, modelId, date.Key), Batch(path, date, dimension ?? records[0].Vector.Length, notes), Origin(path, date)));

        using var rows = context.Rows("as_of_date", "model_id", "outcome", "reason", "count");
        foreach (var (key, batch, origin) in parts)
        {
            var outcome = await session.Store.Vectors.PutAsync(key, batch, origin, cancellationToken);
            rows.Write(key.AsOf, modelId, "written", "", outcome.Written);
            rows.Write(key.AsOf, modelId, "unchanged", "", outcome.Unchanged);
        }
        foreach (var note in notes.Notes)
            rows.Write(null, modelId, InputNotes.Outcome, InputNotes.Reason(note), note.Count);
        InputNotes.Say(context.Messages, notes.Notes);
        return ExitCodes.Ok;
    }

    private async Task<int> TablesAsync(CommandContext context, string folder, CancellationToken cancellationToken)
    {
        if ((await context.OpenAsync(cancellationToken)).Store is not PostgresStore postgres)
            throw new BadInputException("FILE", folder, "a file of vectors, or --vectors; a folder's input tables go into Postgres only (--postgres), since a data folder's tables are its files");
        var tables = await postgres.ImportTablesAsync(folder, context.Get(_badRows), cancellationToken);
        using var rows = context.Rows("table", "rows", "written", InputNotes.Outcome.Replace(' ', '_'));
        foreach (var table in tables)
            rows.Write(table.Table, table.Rows, table.Written, table.Notes.Where(note => note.Examples.Count > 0).Sum(note => note.Count));
        InputNotes.Say(context.Messages, tables.SelectMany(table => table.Notes));
        return ExitCodes.Ok;
    }

    private async Task<int> VectorsAsync(CommandContext context, string path, CancellationToken cancellationToken)
    {
        await using var folder = await FolderStore.OpenAsync(path, null, cancellationToken);
        var session = await context.OpenAsync(cancellationToken, create: true);
        using var rows = context.Rows(PartitionExchange.Columns);
        return await PartitionExchange.CopyAsync(folder, session.Store, context.Get(_modelId), DateRange.All, rows, cancellationToken) > 0
            ? ExitCodes.Ok
            : throw new NotFoundException("vectors in", path, context.Get(_modelId) is { } modelId ? $"none of {modelId}" : "it has no vectors/ as docs/data-folder.md describes it");
    }

    private static VectorBatch Batch(string path, IGrouping<DateOnly, VectorRecord> date, int dimension, TableNotes notes)
    {
        var sorted = new List<VectorRecord>();
        foreach (var record in date.OrderBy(r => r.Header.EntityId, StringComparer.Ordinal))
        {
            bool isTaken = sorted.Count > 0 && sorted[^1].Header.EntityId == record.Header.EntityId;
            if (Fault($"{path} vector of {record.Header.EntityId} as of {DateRange.Text(date.Key)}", record.Vector.Span, isTaken, dimension) is not { } fault)
                sorted.Add(record);
            else if (!notes.Skips(fault))
                throw fault;
        }
        float[] values = new float[sorted.Count * dimension];
        for (int i = 0; i < sorted.Count; i++)
            sorted[i].Vector.CopyTo(values.AsMemory(i * dimension));
        return new VectorBatch([.. sorted.Select(r => r.Header)], values, dimension);
    }

    private static BadInputException? Fault(string where, ReadOnlySpan<float> vector, bool isTaken, int dimension)
    {
        if (isTaken)
            return new BadInputException(where, "twice", "each entity once a date");
        if (vector.Length != dimension)
            return new BadInputException(where, $"{vector.Length} values", $"{dimension} values");
        foreach (float value in vector)
        {
            if (!float.IsFinite(value))
                return new BadInputException(where, value, "finite values");
        }
        return vector.ContainsAnyExcept(0f) ? null : new BadInputException(where, "all zero", "a vector with a direction");
    }

    private static string Origin(string path, IGrouping<DateOnly, VectorRecord> date) =>
        date.Select(r => r.Origin).Distinct().ToArray() is [var single]
            ? single
            : throw new BadInputException($"{path} origin as of {DateRange.Text(date.Key)}", "several", "one origin a date");
}
