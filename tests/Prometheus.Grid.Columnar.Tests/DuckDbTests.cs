using System.Globalization;
using DuckDB.NET.Data;

namespace Prometheus.Grid.Columnar.Tests;

/// <summary>DuckDB, which shares no code with what writes here, reads what is written and writes what is read.</summary>
public sealed class DuckDbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DuckDBConnection _database = new("DataSource=:memory:");

    public DuckDbTests() => _database.Open();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Table => _folder.File("table.parquet");

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Every_cell_is_what_was_written()
    {
        object?[][] rows = [.. Enumerable.Range(0, 20_000).Select(Samples.Row)];
        File.WriteAllBytes(Table, Samples.Write(ColumnarFormat.Parquet, rows));
        Assert.Equal(
            ["id VARCHAR", "day DATE", "rank INTEGER", "value DOUBLE", "vector FLOAT[]"],
            Rows($"DESCRIBE SELECT * FROM '{Table}'").Select(row => $"{row[0]} {row[1]}"));
        var read = Rows($"SELECT * FROM '{Table}'");
        Assert.Equal(rows.Length, read.Count);
        for (int i = 0; i < rows.Length; i++)
        {
            object?[] expected = [.. rows[i]];
            expected[4] = ((ReadOnlyMemory<float>)expected[4]!).ToArray();
            object?[] found = [.. read[i]];
            found[4] = ((List<float>)found[4]!).ToArray();
            Assert.Equal(expected, found);
        }
    }

    [Fact]
    public void Metadata_and_row_groups_are_seen()
    {
        File.WriteAllBytes(Table, Samples.Write(ColumnarFormat.Parquet, Enumerable.Range(0, 140_000).Select(Samples.Row)));
        var metadata = Rows($"SELECT decode(key), decode(value) FROM parquet_kv_metadata('{Table}')").ToDictionary(row => (string)row[0]!, row => (string)row[1]!);
        foreach (var (key, value) in Samples.Metadata)
            Assert.Equal(value, metadata[key]);
        Assert.Equal(2L, Rows($"SELECT num_row_groups FROM parquet_file_metadata('{Table}')").Single()[0]);
    }

    [Fact]
    public void A_table_without_rows_is_a_table()
    {
        File.WriteAllBytes(Table, Samples.Write(ColumnarFormat.Parquet, []));
        Assert.Empty(Rows($"SELECT * FROM '{Table}'"));
        Assert.Empty(Samples.Read(ColumnarFormat.Parquet, File.ReadAllBytes(Table), Token));
        Assert.Empty(Samples.Read(ColumnarFormat.Arrow, Samples.Write(ColumnarFormat.Arrow, []), Token));
    }

    [Theory]
    [InlineData("snappy", "V1")]
    [InlineData("zstd", "V2")]
    [InlineData("gzip", "V1")]
    [InlineData("lz4_raw", "V2")]
    public void What_it_writes_is_read_whatever_its_types(string codec, string version)
    {
        const string Values = """
            SELECT 'I' || i AS id, DATE '2024-01-02' + i::INT AS day, TIMESTAMP '2024-01-02' + INTERVAL (i) HOUR AS time, (i / 8)::FLOAT AS narrow, i / 3 AS wide, i::SMALLINT AS small,
                (i + 0.125)::DECIMAL(18, 3) AS exact, i % 2 = 0 AS truth, [i, i + 0.5]::DOUBLE[] AS list, [i, 7]::FLOAT[2] AS array, NULL::VARCHAR AS none, ('c' || i % 2)::ENUM('c0', 'c1') AS class
            FROM range(5000) t(i)
            """;
        Execute($"COPY ({Values}) TO '{Table}' (FORMAT parquet, CODEC '{codec}', PARQUET_VERSION {version}, ROW_GROUP_SIZE 2048)");
        var rows = Samples.Read(ColumnarFormat.Parquet, File.ReadAllBytes(Table), Token);
        Assert.Equal(5_000, rows.Count);
        for (int i = 0; i < rows.Count; i++)
        {
            var time = new DateTime(2024, 1, 2).AddHours(i);
            string[] expected =
            [
                $"I{i}", new DateOnly(2024, 1, 2).AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                time.ToString(time.Hour == 0 ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                (i / 8.0).ToString(CultureInfo.InvariantCulture), (i / 3.0).ToString(CultureInfo.InvariantCulture), i.ToString(CultureInfo.InvariantCulture),
                (i + 0.125).ToString("F3", CultureInfo.InvariantCulture), i % 2 == 0 ? "true" : "false",
                Samples.Text([new ReadOnlyMemory<float>([i, i + 0.5f])])[0], Samples.Text([new ReadOnlyMemory<float>([i, 7])])[0], "-", $"c{i % 2}",
            ];
            Assert.Equal(expected, rows[i]);
        }
    }

    private void Execute(string sql)
    {
        using var command = _database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private List<object?[]> Rows(string sql)
    {
        using var command = _database.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        }
        return rows;
    }
}
