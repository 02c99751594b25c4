using System.Globalization;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Npy;

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
                await ReplaceAsync(IdsOf(path), writer => WriteCsvAsync(writer, records, withVectors: false));
                break;
            case ".csv":
                await ReplaceAsync(path, writer => WriteCsvAsync(writer, records, withVectors: true));
                break;
            case ".jsonl":
                await ReplaceAsync(path, async writer =>
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
    /// <exception cref="BadInputException">A row is broken; the message names file and row.</exception>
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
                var ids = await ReadCsvAsync(IdsOf(path), cancellationToken);
                if (ids.Count != matrix.Rows)
                    throw new BadInputException(IdsOf(path), $"{ids.Count} rows", $"{matrix.Rows} rows, one a vector of {path}");
                return [.. ids.Select((record, i) => record with { Vector = matrix.Values.Slice(i * matrix.Columns, matrix.Columns) })];
            case ".csv":
                return await ReadCsvAsync(path, cancellationToken);
            case ".jsonl":
                return await ReadJsonAsync(path, cancellationToken);
            default:
                throw new BadInputException("FILE", path, Endings);
        }
    }

    private static string IdsOf(string path) => Path.ChangeExtension(path, ".ids.csv");

    private static async Task ReplaceAsync(string path, Func<StreamWriter, Task> write)
    {
        string partial = path + ".partial";
        try
        {
            await using (var writer = new StreamWriter(partial))
                await write(writer);
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static async Task WriteCsvAsync(StreamWriter writer, IReadOnlyList<VectorRecord> records, bool withVectors)
    {
        await using var csv = new CsvWriter(writer, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" }, leaveOpen: true);
        foreach (string column in VectorRecord.Columns)
            csv.WriteField(column);
        for (int i = 0; withVectors && i < records[0].Vector.Length; i++)
            csv.WriteField($"v{i}");
        await csv.NextRecordAsync();
        foreach (var record in records)
        {
            foreach (string cell in (string[])[record.Header.EntityId, DateRange.Text(record.AsOf), record.Header.InstrumentId, record.Header.Region, record.Header.Source, record.Origin])
                csv.WriteField(cell);
            for (int i = 0; withVectors && i < record.Vector.Length; i++)
                csv.WriteField(record.Vector.Span[i].ToString("R", CultureInfo.InvariantCulture));
            await csv.NextRecordAsync();
        }
    }

    private static async Task<List<VectorRecord>> ReadCsvAsync(string path, CancellationToken cancellationToken)
    {
        using var csv = new CsvReader(new StreamReader(path), new CsvConfiguration(CultureInfo.InvariantCulture) { MissingFieldFound = null });
        var records = new List<VectorRecord>();
        if (!await csv.ReadAsync() || !csv.ReadHeader() || csv.HeaderRecord is not { } header)
            throw new BadInputException(path, "empty", $"a header with {string.Join(',', VectorRecord.Columns[..2])}");
        foreach (string column in VectorRecord.Columns[..2])
            if (!header.Contains(column))
                throw new BadInputException($"{path} column {column}", "missing", $"a header with {string.Join(',', VectorRecord.Columns[..2])}");
        int dimensions = header.Count(column => column.Length > 1 && column[0] == 'v' && column[1..].All(char.IsAsciiDigit));
        while (await csv.ReadAsync())
        {
            cancellationToken.ThrowIfCancellationRequested();
            string Cell(string column) => header.Contains(column) ? csv.GetField(column) ?? "" : "";
            float[] vector = new float[dimensions];
            for (int i = 0; i < dimensions; i++)
                vector[i] = Number(Cell($"v{i}"), $"{path} row {csv.Parser.RawRow} column v{i}");
            records.Add(Record(path, csv.Parser.RawRow, Cell, vector));
        }
        return records;
    }

    private static async Task<List<VectorRecord>> ReadJsonAsync(string path, CancellationToken cancellationToken)
    {
        var records = new List<VectorRecord>();
        int row = 0;
        await foreach (string line in File.ReadLinesAsync(path, cancellationToken))
        {
            row++;
            try
            {
                using var document = JsonDocument.Parse(line);
                var fields = document.RootElement;
                string Cell(string column) => fields.TryGetProperty(column, out var cell) ? cell.GetString() ?? "" : "";
                float[] vector = [.. fields.GetProperty("vector").EnumerateArray().Select(v => v.GetSingle())];
                records.Add(Record(path, row, Cell, vector));
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                throw new BadInputException($"{path} row {row}", line, "a JSON object with entity_id, as_of_date and vector, a list of numbers", error);
            }
        }
        return records;
    }

    private static VectorRecord Record(string path, int row, Func<string, string> cell, float[] vector)
    {
        string id = cell("entity_id");
        if (id.Length == 0)
            throw new BadInputException($"{path} row {row} entity_id", "", "an id");
        return new VectorRecord(
            DateRange.Parse($"{path} row {row} as_of_date", cell("as_of_date")),
            new RowHeader(id, cell("instrument_id"), cell("region"), cell("source")),
            cell("origin") is { Length: > 0 } origin ? origin : "import",
            vector);
    }

    private static float Number(string text, string where) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) ? value : throw new BadInputException(where, text, "a number");

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
