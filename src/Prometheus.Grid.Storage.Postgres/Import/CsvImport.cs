using System.Globalization;
using Npgsql;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Tables;

namespace Prometheus.Grid.Storage.Postgres.Import;

/// <summary>
/// Loads one CSV file into its table: its rows are checked as those of a data folder are and streamed into a staging table, then one upsert.
/// Rows that say nothing new are not touched.
/// </summary>
internal sealed class CsvImport(NpgsqlConnection connection, CsvTableSpec spec, InputFile file, BadRowPolicy badRows)
{
    // The class of errors that a value causes, for example an id longer than its column.
    private const string DataException = "22";
    private const string LineColumn = "grid_line";
    private static readonly string[] s_profileTexts = ["business_description", "risk_summary", "recent_events_summary"];

    private readonly TableNotes _notes = new(badRows, spec.Name);

    /// <summary>Loads the file within the transaction of the connection.</summary>
    /// <returns>Rows of the file, how many of them were new or different, and what was not used.</returns>
    /// <exception cref="BadInputException">A row is refused; file, line, column and value are named.</exception>
    public async Task<TableImport> RunAsync(CancellationToken cancellationToken)
    {
        CsvColumn[] columns;
        bool isStructured;
        using (var table = Open())
        {
            columns = [.. spec.Columns.Where(column => table.Has(column.Name))];
            isStructured = spec.Structured is null || table.Has(spec.Structured);
            if (!isStructured)
                columns = [.. columns, .. Texts(table)];
            if (spec.Name == "prices_daily" && !table.Has("adjusted_close"))
                _notes.Note(AdjustedCloses.NoColumn, "");
            await ExecuteAsync(
                $"CREATE TEMP TABLE grid_import ({LineColumn} bigint, {string.Join(", ", columns.Select(column => $"{column.Name} {column.SqlType}"))}) ON COMMIT DROP", cancellationToken);
            await CopyAsync(table, columns, cancellationToken);
            // A new table has no statistics, and without them the joins below are planned for a handful of rows.
            await ExecuteAsync("ANALYZE grid_import", cancellationToken);
            await RefuseRepeatedKeysAsync(table, cancellationToken);
        }
        string[] loaded = [.. spec.Columns.Where(column => columns.Contains(column) || column.Name == spec.Structured).Select(column => column.Name)];
        int read = Convert.ToInt32(await ScalarAsync("SELECT count(*) FROM grid_import", cancellationToken), CultureInfo.InvariantCulture);
        int written = await WriteAsync(spec.HasUniqueKey ? Upsert(loaded, isStructured) : UpdateOrInsert(loaded), cancellationToken);
        if (spec.ReplacesDay)
            written += await WriteAsync(DropRest(), cancellationToken);
        var unknown = spec.Name == "prices_daily" ? await UnknownAsync(cancellationToken) : null;
        if (spec.Name == "prices_daily" && columns.Any(column => column.Name == "adjusted_close"))
            await SayAdjustedAsync(cancellationToken);
        await ExecuteAsync("DROP TABLE grid_import", cancellationToken);
        return new TableImport(spec.Name, read, written) { Notes = unknown is null ? _notes.Notes : [.. _notes.Notes, unknown] };
    }

    private TableReader Open()
    {
        string[] required = [.. spec.Columns.Where(column => column.IsRequired).Select(column => column.Name)];
        string[] optional = [.. spec.Columns.Where(column => !column.IsRequired).Select(column => column.Name)];
        return new TableReader(file, required, spec.Structured is null ? optional : [.. optional, .. s_profileTexts], _notes);
    }

    private static IEnumerable<CsvColumn> Texts(TableReader table) => s_profileTexts.FirstOrDefault(text => !table.Has(text)) is { } missing
        ? throw table.Bad("header", $"no {missing}", $"a column structured, or the columns {string.Join(", ", s_profileTexts)}")
        : s_profileTexts.Select(text => new CsvColumn(text, ColumnKind.Text));

    private async Task CopyAsync(TableReader table, CsvColumn[] columns, CancellationToken cancellationToken)
    {
        var lines = new RowCopy(columns, _notes);
        await using var copy = await connection.BeginTextImportAsync("COPY grid_import FROM STDIN (FORMAT csv)", cancellationToken);
        foreach ((var line, _) in table.Rows(lines.Line, cancellationToken))
            await copy.WriteAsync(line, cancellationToken);
    }

    private async Task RefuseRepeatedKeysAsync(TableReader table, CancellationToken cancellationToken)
    {
        string columns = string.Join(", ", spec.Key);
        if (await ScalarAsync($"SELECT 1 FROM grid_import GROUP BY {columns} HAVING count(*) > 1 LIMIT 1", cancellationToken) is null)
            return;
        string repeated = $"SELECT {LineColumn}, concat_ws(', ', {columns}) AS key, row_number() OVER (PARTITION BY {columns} ORDER BY {LineColumn}) AS n FROM grid_import";
        await using (var command = new NpgsqlCommand($"SELECT {LineColumn}, key FROM ({repeated}) r WHERE n > 1 ORDER BY {LineColumn}", connection) { CommandTimeout = 0 })
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                table.Refuse(reader.GetInt64(0), columns, reader.GetString(1), "a key that no row before has");
        }
        await ExecuteAsync($"DELETE FROM grid_import WHERE {LineColumn} IN (SELECT {LineColumn} FROM ({repeated}) r WHERE n > 1)", cancellationToken);
    }

    private async Task SayAdjustedAsync(CancellationToken cancellationToken)
    {
        // One that has it is asked for as well: without it the column would seem empty.
        const string Rows = """
            SELECT instrument_id, trade_date, coalesce(adjusted_close, 'NaN') FROM grid_import
            WHERE instrument_id IN (SELECT instrument_id FROM grid_import WHERE adjusted_close IS NULL)
                OR grid_line = (SELECT min(grid_line) FROM grid_import WHERE adjusted_close IS NOT NULL)
            """;
        var rows = await ListAsync(Rows, row => (Instrument: row.GetString(0), Day: row.GetFieldValue<DateOnly>(1).DayNumber, Close: row.GetDouble(2)), cancellationToken);
        var adjusted = new AdjustedCloses();
        foreach (var instrument in rows.GroupBy(row => row.Instrument, StringComparer.Ordinal))
            adjusted.Add(instrument.Key, [.. instrument.Select(row => row.Day)], [.. instrument.Select(row => row.Close)]);
        adjusted.Say(_notes);
    }

    private async Task<InputNote?> UnknownAsync(CancellationToken cancellationToken)
    {
        const string Rows = "SELECT instrument_id, count(*)::int FROM grid_import i WHERE NOT EXISTS (SELECT FROM instruments k WHERE k.instrument_id = i.instrument_id) GROUP BY 1";
        var unknown = await ListAsync(Rows, row => (row.GetString(0), row.GetInt32(1)), cancellationToken);
        return unknown.Count == 0 ? null : UnknownIds.Note(spec.Name, "instrument_id", unknown, await ListAsync("SELECT instrument_id FROM instruments", row => row.GetString(0), cancellationToken));
    }

    private string Upsert(string[] columns, bool isStructured)
    {
        string[] values = [.. columns.Except(spec.Key)];
        return $"""
            INSERT INTO {spec.Name} AS t ({string.Join(", ", columns)})
            SELECT {string.Join(", ", columns.Select(column => Value(column, isStructured)))} FROM grid_import i ORDER BY {string.Join(", ", spec.Key)}
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
            SELECT {string.Join(", ", columns.Select(column => $"i.{column}"))} FROM grid_import i
            WHERE NOT EXISTS (SELECT FROM {spec.Name} t WHERE {SameKey("t")}) ORDER BY {string.Join(", ", spec.Key)}
            """;
    }

    private string DropRest() => $"""
        DELETE FROM {spec.Name} t
        WHERE EXISTS (SELECT FROM grid_import i WHERE {SameKey("t", spec.Key[..^1])}) AND NOT EXISTS (SELECT FROM grid_import i WHERE {SameKey("t")})
        """;

    private string SameKey(string table, string[]? key = null) => string.Join(" AND ", (key ?? spec.Key).Select(column => $"{table}.{column} = i.{column}"));

    private string Value(string column, bool isStructured) =>
        column == spec.Structured && !isStructured
            ? $"jsonb_build_object({string.Join(", ", s_profileTexts.Select(text => $"'{text}', coalesce(i.{text}, '')"))})"
            : $"i.{column}";

    private async Task<int> WriteAsync(string sql, CancellationToken cancellationToken)
    {
        try
        {
            return await ExecuteAsync(sql, cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState.StartsWith(DataException, StringComparison.Ordinal))
        {
            throw new BadInputException(file.Path, error.MessageText, "values that the columns of the table can hold", error);
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

    private async Task<List<T>> ListAsync<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }
}
