using System.Globalization;
using System.Text;
using System.Text.Json;
using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Npy;
using Prometheus.Grid.Tables;

namespace Prometheus.Grid.Cli.Exchange;

/// <summary>
/// Vectors in files: <c>.npy</c> with an <c>.ids.csv</c> beside it (row i of the list names vector i), <c>.csv</c> with one column a
/// coordinate, or <c>.jsonl</c> with one object a line. Floats are written so that they read back as the same bits.
/// </summary>
internal static class VectorExchange
{
    private const string Endings = "a name that ends in .npy, .csv or .jsonl";

    /// <summary>Writes all records; the file appears when it is complete.</summary>
    public static async Task WriteAsync(string path, IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken)
    {
        switch (Path.GetExtension(path))
        {
            case ".npy":
                int columns = records[0].Vector.Length;
                float[] values = new float[records.Count * columns];
                for (int i = 0; i < records.Count; i++)
                    records[i].Vector.CopyTo(values.AsMemory(i * columns));
                await NpyFile.WriteAsync(path, values, columns, cancellationToken);
                await WholeFile.WriteTextAsync(IdsOf(path), writer => WriteCsvAsync(writer, records, withVectors: false));
                break;
            case ".csv":
                await WholeFile.WriteTextAsync(path, writer => WriteCsvAsync(writer, records, withVectors: true));
                break;
            case ".jsonl":
                await WholeFile.WriteTextAsync(path, async writer =>
                {
                    foreach (var record in records)
                        await writer.WriteAsync(Json(record) + "\n");
                });
                break;
            default:
                throw new BadInputException("--out", path, Endings);
        }
    }

    /// <summary>Reads what <see cref="WriteAsync"/> wrote, or what somebody else wrote in one of its forms.</summary>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="BadInputException">A row is refused; the message names file, line, column and value.</exception>
    public static async Task<List<VectorRecord>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            throw new NotFoundException("file", path);
        switch (Path.GetExtension(path))
        {
            case ".npy":
                var matrix = await NpyFile.ReadAsync(path, cancellationToken);
                if (!File.Exists(IdsOf(path)))
                    throw new NotFoundException("file", IdsOf(path), "it names the vectors of the .npy file");
                var ids = ReadCsv(IdsOf(path), cancellationToken);
                if (ids.Count != matrix.Rows)
                    throw new BadInputException(IdsOf(path), $"{ids.Count} rows", $"{matrix.Rows} rows, one a vector of {path}");
                return [.. ids.Select((record, i) => record with { Vector = matrix.Values.Slice(i * matrix.Columns, matrix.Columns) })];
            case ".csv":
                return await Task.Run(() => ReadCsv(path, cancellationToken), cancellationToken);
            case ".jsonl":
                return await Task.Run(() => ReadJson(path, cancellationToken), cancellationToken);
            default:
                throw new BadInputException("FILE", path, Endings);
        }
    }

    private static string IdsOf(string path) => Path.ChangeExtension(path, ".ids.csv");

    private static async Task WriteCsvAsync(StreamWriter writer, IReadOnlyList<VectorRecord> records, bool withVectors)
    {
        int dimensions = withVectors ? records[0].Vector.Length : 0;
        await writer.WriteAsync(string.Join(',', VectorRecord.Columns.Concat(Enumerable.Range(0, dimensions).Select(Coordinate))) + "\n");
        foreach (var record in records)
        {
            string[] cells = [record.Header.EntityId, DateRange.Text(record.AsOf), record.Header.InstrumentId, record.Header.Region, record.Header.Source, record.Origin];
            await writer.WriteAsync(string.Join(',', cells.Select(Csv.Field)));
            for (int i = 0; i < dimensions; i++)
                await writer.WriteAsync("," + record.Vector.Span[i].ToString("R", CultureInfo.InvariantCulture));
            await writer.WriteAsync("\n");
        }
    }

    private static string Coordinate(int index) => string.Create(CultureInfo.InvariantCulture, $"v{index}");

    private static List<VectorRecord> ReadCsv(string path, CancellationToken cancellationToken)
    {
        using var table = new CsvTable(new InputFile(path), VectorRecord.Columns[..2], VectorRecord.Columns[2..]);
        int dimensions = table.Columns.Count(column => column.Length > 1 && column[0] == 'v' && column[1..].All(char.IsAsciiDigit));
        string[] coordinates = [.. Enumerable.Range(0, dimensions).Select(Coordinate)];
        if (coordinates.FirstOrDefault(column => !table.Has(column)) is { } missing)
            throw table.Bad("header", $"no {missing}", $"{dimensions} columns v0 to v{dimensions - 1}, one a coordinate");
        var records = new List<VectorRecord>();
        foreach ((var record, _) in table.Rows(row => Record(row, [.. coordinates.Select(column => Number(row, column))]), cancellationToken))
            records.Add(record);
        return records;
    }

    private static float Number(CsvTable row, string column) =>
        float.TryParse(row.Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value)
            ? value
            : throw row.Bad(column, row.Text(column), "a finite number");

    private static VectorRecord Record(CsvTable row, float[] vector) => new(
        row.Date("as_of_date"),
        new RowHeader(row.Key("entity_id"), row.Text("instrument_id"), row.Text("region"), row.Text("source")),
        row.Text("origin") is { Length: > 0 } origin ? origin : "import",
        vector);

    private static List<VectorRecord> ReadJson(string path, CancellationToken cancellationToken)
    {
        var records = new List<VectorRecord>();
        foreach ((var text, long line) in TextLines.Read(new InputFile(path), cancellationToken))
        {
            string place = $"{path} line {line}";
            try
            {
                using var document = JsonDocument.Parse(text);
                records.Add(JsonRecord(document.RootElement, place));
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
            {
                throw new BadInputException(place, Encoding.UTF8.GetString(text.Span), "a JSON object with entity_id, as_of_date and vector, a list of numbers", error);
            }
        }
        return records;
    }

    private static VectorRecord JsonRecord(JsonElement fields, string place)
    {
        string id = Cell("entity_id");
        if (!CsvTable.IsKey(id))
            throw new BadInputException($"{place}, entity_id", id, CsvTable.KeyRule);
        float[] vector = [.. fields.GetProperty("vector").EnumerateArray().Select(value => value.GetSingle())];
        return new VectorRecord(
            DateRange.Parse($"{place}, as_of_date", Cell("as_of_date")),
            new RowHeader(id, Cell("instrument_id"), Cell("region"), Cell("source")),
            Cell("origin") is { Length: > 0 } origin ? origin : "import",
            vector);

        string Cell(string column) => fields.TryGetProperty(column, out var cell) ? cell.GetString() ?? "" : "";
    }

    private static string Json(VectorRecord record) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["entity_id"] = record.Header.EntityId,
        ["as_of_date"] = DateRange.Text(record.AsOf),
        ["instrument_id"] = record.Header.InstrumentId,
        ["region"] = record.Header.Region,
        ["source"] = record.Header.Source,
        ["origin"] = record.Origin,
        ["vector"] = record.Vector.ToArray(),
    });
}
