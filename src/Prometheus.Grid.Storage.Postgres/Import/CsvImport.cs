using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Storage.Postgres.Import;

/// <summary>
/// Loads one CSV file into its table: streamed into a staging table, where the server parses and checks it, then one upsert. Rows that say
/// nothing new are not touched.
/// </summary>
internal sealed partial class CsvImport(NpgsqlConnection connection, CsvTableSpec spec, string path)
{
    // The class of errors that a value causes, for example the 30th of February or an id longer than its column.
    private const string DataException = "22";
    private static readonly string[] s_profileTexts = ["business_description", "risk_summary", "recent_events_summary"];

    /// <summary>Loads the file within the transaction of the connection.</summary>
    /// <returns>Rows of the file, and how many of them were new or different.</returns>
    /// <exception cref="BadInputException">A row is refused; file, line or key, column and value are named.</exception>
    public async Task<TableImport> RunAsync(CancellationToken cancellationToken)
    {
        string[] header;
        await using (FileStream raw = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 128 * 1024, FileOptions.SequentialScan | FileOptions.Asynchronous))
        await using (Stream bytes = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(raw, CompressionMode.Decompress) : raw)
        using (var text = new StreamReader(bytes, new UTF8Encoding(false, throwOnInvalidBytes: true), true, 128 * 1024))
        {
            header = Header(await text.ReadLineAsync(cancellationToken) ?? "");
            await CreateStageAsync(header, cancellationToken);
            await CopyAsync(header, text, cancellationToken);
        }
        // A new table has no statistics, and without them the joins below are planned for a handful of rows.
        await ExecuteAsync("ANALYZE grid_import", cancellationToken);
        await CheckAsync(header, cancellationToken);
        string[] columns = [.. spec.Columns.Where(column => header.Contains(column) || column == spec.Structured)];
        int read = Convert.ToInt32(await ScalarAsync("SELECT count(*) FROM grid_import", cancellationToken), CultureInfo.InvariantCulture);
        int written = await WriteAsync(spec.HasUniqueKey ? Upsert(columns, header) : UpdateOrInsert(columns), cancellationToken);
        if (spec.ReplacesDay)
            written += await WriteAsync(DropRest(), cancellationToken);
        await ExecuteAsync("DROP TABLE grid_import", cancellationToken);
        return new TableImport(spec.Name, read, written);
    }

    private string[] Header(string line)
    {
        string[] columns = [.. line.Split(',').Select(column => column.Trim().Trim('"'))];
        string[] required = [.. spec.Key, .. spec.Required];
        if (spec.Structured is { } structured && !columns.Contains(structured))
            required = [.. required, .. s_profileTexts];
        if (required.Except(columns).FirstOrDefault() is { } missing)
            throw new BadInputException($"{path} header", line, $"a header with column {missing}");
        return columns.Distinct(StringComparer.Ordinal).Count() == columns.Length
            ? columns
            : throw new BadInputException($"{path} header", line, "each column once");
    }

    private async Task CreateStageAsync(string[] header, CancellationToken cancellationToken)
    {
        // Dates stay text until they are checked: the server would accept forms that mean different days in different settings.
        var columns = header.Select(column => $"{Quoted(column)} {(spec.Types.TryGetValue(column, out string? type) && type != "date" ? type : "text")}");
        await ExecuteAsync($"CREATE TEMP TABLE grid_import ({string.Join(", ", columns)}) ON COMMIT DROP", cancellationToken);
    }

    private async Task CopyAsync(string[] header, StreamReader text, CancellationToken cancellationToken)
    {
        try
        {
            await using TextWriter copy = await connection.BeginTextImportAsync(
                $"COPY grid_import ({string.Join(", ", header.Select(Quoted))}) FROM STDIN (FORMAT csv)", cancellationToken);
            char[] buffer = new char[64 * 1024];
            for (int count; (count = await text.ReadBlockAsync(buffer, cancellationToken)) > 0;)
                await copy.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
        catch (PostgresException error) when (CopyPlace().Match(error.Where ?? "") is { Success: true } place)
        {
            // The header is not counted by the server, since it is not sent.
            int line = int.Parse(place.Groups["line"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) + 1;
            string column = place.Groups["column"].Success ? place.Groups["column"].Value : "row";
            throw new BadInputException(
                string.Create(CultureInfo.InvariantCulture, $"{path} line {line}, {column}"),
                place.Groups["value"].Success ? place.Groups["value"].Value : error.MessageText,
                spec.Checks.TryGetValue(column, out (string, string Allowed) check) ? check.Allowed
                    : spec.Types.GetValueOrDefault(column) == "jsonb" ? "JSON"
                    : error.MessageText,
                error);
        }
        catch (DecoderFallbackException error)
        {
            throw new BadInputException(path, error.Message, "UTF-8 text", error);
        }
    }

    /// <summary>Refuses the first bad row of the staging table.</summary>
    private async Task CheckAsync(string[] header, CancellationToken cancellationToken)
    {
        string key = string.Join(" || ', ' || ", spec.Key.Select(column => $"coalesce({column}, '')"));
        foreach (string column in spec.Key)
        {
            bool isDate = spec.Types.GetValueOrDefault(column) == "date";
            await RefuseAsync(
                isDate ? $"{column} ~ '^\\d{{4}}-\\d{{2}}-\\d{{2}}$'" : $"length({column}) > 0",
                column,
                isDate ? "a date as yyyy-MM-dd, for example 2023-11-30" : "an id");
        }
        foreach ((string column, (string condition, string allowed)) in spec.Checks.Where(check => header.Contains(check.Key)))
            await RefuseAsync(string.Format(CultureInfo.InvariantCulture, condition, column), column, allowed);
        string columns = string.Join(", ", spec.Key);
        if (await ScalarAsync($"SELECT min({key}) FROM grid_import GROUP BY {columns} HAVING count(*) > 1 ORDER BY 1 LIMIT 1", cancellationToken) is string repeated)
            throw new BadInputException($"{path} {columns}", repeated, "a key that no other row has");

        async Task RefuseAsync(string condition, string column, string allowed)
        {
            await using var command = new NpgsqlCommand($"SELECT {key}, {column}::text FROM grid_import WHERE ({condition}) IS NOT TRUE ORDER BY 1 LIMIT 1", connection) { CommandTimeout = 0 };
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken))
                throw new BadInputException($"{path} {column} of {reader.GetString(0)}", reader.IsDBNull(1) ? "" : reader.GetString(1), allowed);
        }
    }

    private string Upsert(string[] columns, string[] header)
    {
        string[] values = [.. columns.Except(spec.Key)];
        return $"""
            INSERT INTO {spec.Name} AS t ({string.Join(", ", columns)})
            SELECT {string.Join(", ", columns.Select(column => Value(column, header)))} FROM grid_import i ORDER BY {string.Join(", ", spec.Key)}
            ON CONFLICT ({string.Join(", ", spec.Key)}) DO UPDATE SET {string.Join(", ", values.Select(column => $"{column} = EXCLUDED.{column}"))}
            WHERE ({string.Join(", ", values.Select(column => $"t.{column}"))}) IS DISTINCT FROM ({string.Join(", ", values.Select(column => $"EXCLUDED.{column}"))})
            """;
    }

    /// <summary>The same for a table without a unique key: the row that counts is updated, and a key without a row gets one.</summary>
    private string UpdateOrInsert(string[] columns)
    {
        string[] values = [.. columns.Except(spec.Key)];
        return $"""
            UPDATE {spec.Name} t SET {string.Join(", ", values.Select(column => $"{column} = i.{column}"))}
            FROM grid_import i
            WHERE {SameKey("t")} AND t.report_id = (SELECT max(later.report_id) FROM {spec.Name} later WHERE {SameKey("later")})
                AND ({string.Join(", ", values.Select(column => $"t.{column}"))}) IS DISTINCT FROM ({string.Join(", ", values.Select(column => $"i.{column}"))});
            INSERT INTO {spec.Name} ({string.Join(", ", columns)})
            SELECT {string.Join(", ", columns.Select(Typed))} FROM grid_import i
            WHERE NOT EXISTS (SELECT FROM {spec.Name} t WHERE {SameKey("t")}) ORDER BY {string.Join(", ", spec.Key)}
            """;
    }

    private string DropRest() => $"""
        DELETE FROM {spec.Name} t
        WHERE EXISTS (SELECT FROM grid_import i WHERE {SameKey("t", spec.Key[..^1])}) AND NOT EXISTS (SELECT FROM grid_import i WHERE {SameKey("t")})
        """;

    private string SameKey(string table, string[]? key = null) => string.Join(" AND ", (key ?? spec.Key).Select(column => $"{table}.{column} = {Typed(column)}"));

    private string Typed(string column) => spec.Types.GetValueOrDefault(column) == "date" ? $"i.{column}::date" : $"i.{column}";

    private string Value(string column, string[] header) =>
        column == spec.Structured && !header.Contains(column)
            ? $"jsonb_build_object({string.Join(", ", s_profileTexts.Select(text => $"'{text}', coalesce(i.{text}, '')"))})"
            : Typed(column);

    private async Task<int> WriteAsync(string sql, CancellationToken cancellationToken)
    {
        try
        {
            return await ExecuteAsync(sql, cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState.StartsWith(DataException, StringComparison.Ordinal))
        {
            throw new BadInputException(path, error.MessageText, "values that the columns of the table can hold", error);
        }
    }

    private async Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<object?> ScalarAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    [GeneratedRegex("^COPY grid_import, line (?<line>\\d+)(, column (?<column>[^:,]+))?(: \"(?<value>.*)\")?$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CopyPlace();
}
