using System.Globalization;
using System.Text;
using System.Text.Json;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Columnar;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Npy;
using Prometheus.Grid.Tables;

namespace Prometheus.Grid.Cli.Exchange;

/// <summary>
/// Vectors in files: <c>.npy</c> with an <c>.ids.csv</c> beside it (row i of the list names vector i), <c>.csv</c> with one column a
/// coordinate, <c>.jsonl</c> with one object a line, <c>.parquet</c> or <c>.arrow</c> with a list of fixed size a row. Floats are written so
/// that they read back as the same bits.
/// </summary>
internal static class VectorExchange
{
    /// <summary>The endings of such files.</summary>
    public static readonly string[] Endings = [".npy", .. TableFile.Endings];

    private const string Vector = "vector";

    /// <summary>Writes records as they come; the file appears when it is complete. Only .npy, whose beginning says how many there are, has them all in memory.</summary>
    /// <param name="path">The file; <see cref="WholeFile.Check"/> has accepted its name.</param>
    /// <param name="dimension">Length of the vectors.</param>
    /// <param name="records">The vectors.</param>
    /// <param name="metadata">What a Parquet or Arrow file says of itself beside its rows.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static async Task WriteAsync(
        string path, int dimension, IAsyncEnumerable<VectorRecord> records, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        switch (Path.GetExtension(path))
        {
            case ".npy":
                var all = await records.ToListAsync(cancellationToken);
                float[] values = new float[all.Count * dimension];
                for (int i = 0; i < all.Count; i++)
                    all[i].Vector.CopyTo(values.AsMemory(i * dimension));
                await NpyFile.WriteAsync(path, values, dimension, cancellationToken);
                await WriteCsvAsync(IdsOf(path), 0, all.ToAsyncEnumerable());
                break;
            case ".csv":
                await WriteCsvAsync(path, dimension, records);
                break;
            default:
                Column[] columns = [.. VectorRecord.Columns.Select(name => name == VectorRecord.AsOfColumn ? Column.Date(name) : Column.Text(name)), Column.Vector(Vector, dimension)];
                await TableFile.WriteAsync(path, columns, metadata, async rows =>
                {
                    await foreach (var record in records)
                        rows.Write(record.Header.EntityId, record.AsOf, record.Header.InstrumentId, record.Header.Region, record.Header.Source, record.Origin, record.Vector);
                    return true;
                });
                break;
        }
    }

    /// <summary>Reads what <see cref="WriteAsync"/> wrote, or what somebody else wrote in one of its forms.</summary>
    /// <param name="path">The file.</param>
    /// <param name="notes">What is done with bad rows.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="BadInputException">A row is refused; the message names file, line, column and value.</exception>
    public static async Task<List<VectorRecord>> ReadAsync(string path, TableNotes notes, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            throw new NotFoundException("file", path);
        switch (Path.GetExtension(path))
        {
            case ".npy":
                var matrix = await NpyFile.ReadAsync(path, cancellationToken);
                if (!File.Exists(IdsOf(path)))
                    throw new NotFoundException("file", IdsOf(path), "it names the vectors of the .npy file");
                // A row that is passed over would leave a vector without a name.
                var ids = ReadCsv(IdsOf(path), null, cancellationToken);
                if (ids.Count != matrix.Rows)
                    throw new BadInputException(IdsOf(path), $"{ids.Count} rows", $"{matrix.Rows} rows, one a vector of {path}");
                return [.. ids.Select((record, i) => record with { Vector = matrix.Values.Slice(i * matrix.Columns, matrix.Columns) })];
            case ".csv":
                return await Task.Run(() => ReadCsv(path, notes, cancellationToken), cancellationToken);
            case ".jsonl":
                return await Task.Run(() => ReadJson(path, notes, cancellationToken), cancellationToken);
            case ColumnarFormats.ParquetEnding or ColumnarFormats.ArrowEnding:
                return await Task.Run(() => ReadColumns(path, notes, cancellationToken), cancellationToken);
            default:
                throw new BadInputException("FILE", path, $"a name that ends in .npy, {TableFile.EndingsText}");
        }
    }

    private static string IdsOf(string path) => Path.ChangeExtension(path, ".ids.csv");

    private static Task<bool> WriteCsvAsync(string path, int dimension, IAsyncEnumerable<VectorRecord> records) => WholeFile.WriteAsync(path, async file =>
    {
        await using var writer = new StreamWriter(file, leaveOpen: true);
        await writer.WriteAsync(string.Join(',', VectorRecord.Columns.Concat(Enumerable.Range(0, dimension).Select(Coordinate))) + "\n");
        await foreach (var record in records)
        {
            string[] cells = [record.Header.EntityId, DateRange.Text(record.AsOf), record.Header.InstrumentId, record.Header.Region, record.Header.Source, record.Origin];
            await writer.WriteAsync(string.Join(',', cells.Select(Csv.Field)));
            for (int i = 0; i < dimension; i++)
                await writer.WriteAsync("," + record.Vector.Span[i].ToString("R", CultureInfo.InvariantCulture));
            await writer.WriteAsync("\n");
        }
        return true;
    });

    private static string Coordinate(int index) => string.Create(CultureInfo.InvariantCulture, $"v{index}");

    private static List<VectorRecord> ReadColumns(string path, TableNotes notes, CancellationToken cancellationToken)
    {
        using var table = new TableReader(new InputFile(path), [.. VectorRecord.Columns[..2], Vector], VectorRecord.Columns[2..], notes);
        return [.. table.Rows(row => Record(row, Numbers(row)), cancellationToken).Select(row => row.Row)];
    }

    private static float[] Numbers(TableReader row)
    {
        float[] vector = row.Vector(Vector);
        if (vector.Length == 0)
            throw row.Bad(Vector, row.Text(Vector), "a list of numbers, none of them missing");
        foreach (float value in vector)
        {
            if (!float.IsFinite(value))
                throw row.Bad(Vector, value, "finite numbers");
        }
        return vector;
    }

    private static List<VectorRecord> ReadCsv(string path, TableNotes? notes, CancellationToken cancellationToken)
    {
        using var table = new TableReader(new InputFile(path), VectorRecord.Columns[..2], VectorRecord.Columns[2..], notes);
        int dimensions = table.Columns.Count(column => column.Length > 1 && column[0] == 'v' && column[1..].All(char.IsAsciiDigit));
        string[] coordinates = [.. Enumerable.Range(0, dimensions).Select(Coordinate)];
        if (coordinates.FirstOrDefault(column => !table.Has(column)) is { } missing)
            throw table.Bad("header", $"no {missing}", $"{dimensions} columns v0 to v{dimensions - 1}, one a coordinate");
        return [.. table.Rows(row => Record(row, [.. coordinates.Select(column => Number(row, column))]), cancellationToken).Select(row => row.Row)];
    }

    private static float Number(TableReader row, string column) =>
        float.TryParse(row.Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value)
            ? value
            : throw row.Bad(column, row.Text(column), "a finite number");

    private static VectorRecord Record(TableReader row, float[] vector) => new(
        row.Date("as_of_date"),
        new RowHeader(row.Key("entity_id"), row.Text("instrument_id"), row.Text("region"), row.Text("source")),
        row.Text("origin") is { Length: > 0 } origin ? origin : "import",
        vector);

    private static List<VectorRecord> ReadJson(string path, TableNotes notes, CancellationToken cancellationToken)
    {
        var records = new List<VectorRecord>();
        foreach ((var text, long line) in TextLines.Read(new InputFile(path), cancellationToken))
        {
            try
            {
                records.Add(JsonRecord(text, $"{path} line {line}"));
            }
            catch (BadInputException error) when (notes.Skips(line, error))
            {
            }
        }
        return records;
    }

    private static VectorRecord JsonRecord(ReadOnlyMemory<byte> text, string place)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return JsonRecord(document.RootElement, place);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new BadInputException(place, Encoding.UTF8.GetString(text.Span), "a JSON object with entity_id, as_of_date and vector, a list of numbers", error);
        }
    }

    private static VectorRecord JsonRecord(JsonElement fields, string place)
    {
        string id = Cell("entity_id");
        if (!TableReader.IsKey(id))
            throw new BadInputException($"{place}, entity_id", id, TableReader.KeyRule);
        float[] vector = [.. fields.GetProperty("vector").EnumerateArray().Select(value => value.GetSingle())];
        return new VectorRecord(
            DateRange.Parse($"{place}, as_of_date", Cell("as_of_date")),
            new RowHeader(id, Cell("instrument_id"), Cell("region"), Cell("source")),
            Cell("origin") is { Length: > 0 } origin ? origin : "import",
            vector);

        string Cell(string column) => fields.TryGetProperty(column, out var cell) ? cell.GetString() ?? "" : "";
    }
}
