using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;
using Prometheus.Grid.Columnar;

namespace Prometheus.Grid.EndToEnd;

/// <summary>Files of the command line as DuckDB and other readers see them, and tables that DuckDB wrote.</summary>
public sealed class FormatsTests(JudgedMarket judged) : IClassFixture<JudgedMarket>
{
    private const string Space = "joint-profile-core-v2", AsOf = "2024-03-28";
    private static readonly string[] s_tables = ["markets", "issuers", "instruments", "prices_daily", "profiles"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Neighbours_are_the_same_in_every_form()
    {
        string csv = await WrittenAsync(".csv"), parquet = await WrittenAsync(".parquet"), arrow = await WrittenAsync(".arrow"), lines = await WrittenAsync(".jsonl");
        string[] expected = (await File.ReadAllLinesAsync(csv, Token))[1..];
        Assert.Equal(["entity VARCHAR", "rank INTEGER", "neighbour VARCHAR", "cosine DOUBLE", "euclidean DOUBLE"], Types(parquet));
        var rows = Query($"SELECT * FROM '{parquet}'");
        Assert.Equal(expected, rows.Select(Line));
        Assert.Equal(expected, Read(arrow).Select(row => Line([.. row.Select((cell, i) => i > 2 ? (object)Number(cell) : cell)])));
        Assert.Equal(expected, (await File.ReadAllLinesAsync(lines, Token)).Select(line => Line([.. JsonDocument.Parse(line).RootElement.EnumerateObject().Select(Cell)])));
        // In full, unlike those of the CSV.
        Assert.Contains(rows, row => Math.Round((double)row[3]!, 6) != (double)row[3]!);
        Assert.Equal(await File.ReadAllBytesAsync(parquet, Token), await File.ReadAllBytesAsync(await WrittenAsync(".parquet", "again"), Token));
        foreach (string file in (string[])[parquet, arrow])
            AssertSaysWhereItIsFrom(file);

        async Task<string> WrittenAsync(string ending, string name = "edges")
        {
            string file = judged.Folder.File(name + ending);
            (await judged.Folder.RunAsync("neighbours", "--space", Space, "--as-of", AsOf, "--top-k", "5", "--out", file)).Succeeded();
            return file;
        }
    }

    [Fact]
    public async Task Vectors_and_listings_hold_what_JSON_prints()
    {
        var printed = JsonDocument.Parse((await judged.Folder.RunAsync("show-joint-profiles", "--model-id", Space, "--as-of", AsOf, "--format", "json")).Succeeded().Text).RootElement.EnumerateArray().ToArray();
        string[] expected = [.. printed.Select(row => $"{row.GetProperty("issuer_id")} {AsOf} {string.Join(' ', row.GetProperty("vector").EnumerateArray().Select(x => x.GetSingle()))}")];
        foreach (string ending in (string[])[".parquet", ".arrow", ".jsonl"])
        {
            string exported = judged.Folder.File("vectors" + ending), listed = judged.Folder.File("listed" + ending);
            (await judged.Folder.RunAsync("export", "--model-id", Space, "--as-of", AsOf, "--out", exported)).Succeeded();
            Assert.Equal("", (await judged.Folder.RunAsync("show-joint-profiles", "--model-id", Space, "--as-of", AsOf, "--out", listed)).Succeeded().Text);
            if (ending == ".jsonl")
                continue;
            Assert.Equal(expected, Vectors(exported, "entity_id"));
            Assert.Equal(expected, Vectors(listed, "issuer_id"));
            AssertSaysWhereItIsFrom(exported);
            AssertSaysWhereItIsFrom(listed);
        }
        string parquet = judged.Folder.File("vectors.parquet");
        Assert.Equal(["as_of_date DATE", "vector FLOAT[]"], Types(parquet).Where(column => !column.EndsWith("VARCHAR", StringComparison.Ordinal)));
        // Ten lines of SQL are a nearest neighbour of one's own, which shows that the numbers are numbers to others.
        object? nearest = Query($"""
            SELECT b.entity_id FROM '{parquet}' a, '{parquet}' b WHERE a.entity_id = '{printed[0].GetProperty("issuer_id")}' AND b.entity_id <> a.entity_id
            ORDER BY list_cosine_similarity(a.vector, b.vector) DESC LIMIT 1
            """).Single()[0];
        Assert.Equal(nearest, (await judged.Folder.RunAsync("find-similar-profiles", "--issuer-id", $"{printed[0].GetProperty("issuer_id")}", "--as-of", AsOf, "--model-id", Space, "--top-k", "1")).Succeeded().Rows.Single()[2]);
    }

    [Fact]
    public async Task An_evaluation_has_the_figures_that_are_printed()
    {
        string[] query = ["evaluate", "--model-id", Space, "--as-of", "2023-12-29"];
        var printed = (await judged.Folder.RunAsync(query)).Succeeded();
        string file = judged.Folder.File("figures.parquet");
        (await judged.Folder.RunAsync([.. query, "--out", file])).Succeeded();
        Assert.Equal(printed.Header.Split(','), Types(file).Select(column => column.Split(' ')[0]));
        var rows = Query($"SELECT * FROM '{file}'");
        Assert.Equal(printed.Rows.Select(row => string.Join(',', row)), rows.Select(Line));
        AssertSaysWhereItIsFrom(file);
    }

    [Fact]
    public async Task A_folder_of_Parquet_tables_gives_the_vectors_of_the_folder_of_CSV()
    {
        using DataFolder text = new(), columns = new();
        foreach (string table in s_tables)
        {
            File.Copy(judged.Folder.File(table + ".csv"), text.File(table + ".csv"));
            Execute($"COPY (SELECT * FROM read_csv('{text.File(table + ".csv")}', header = true)) TO '{columns.File(table + ".parquet")}' (FORMAT parquet)");
        }
        foreach (string command in (string[])["backfill-numeric-embeddings --model-id num-profile-core-v2", "backfill-numeric-embeddings --model-id num-regime-core-v2", "backfill-profile-text-embeddings --model-id text-lsa-v1"])
        {
            string[] printed = await Task.WhenAll(((DataFolder[])[text, columns]).Select(async folder => (await folder.RunAsync([.. command.Split(' '), "--as-of", AsOf])).Succeeded().Text));
            Assert.Equal(printed[0], printed[1]);
        }
        Assert.Equal(3, text.LivePartitions().Count);
        Assert.Equal(text.LivePartitions(), columns.LivePartitions());
    }

    [Fact]
    public async Task A_bad_row_is_named_and_may_be_passed_over()
    {
        using var folder = new DataFolder();
        string file = folder.File("vectors.parquet");
        Execute($"COPY (SELECT * FROM (VALUES ('A', DATE '2024-01-02', [1.0, 2]::FLOAT[]), ('B ', DATE '2024-01-02', [1, 2]), ('C', DATE '2024-01-02', [1, NULL]), ('D', DATE '2024-01-02', [0, 0]), ('E', DATE '2024-01-02', [3, 'inf'::FLOAT])) t(entity_id, as_of_date, vector)) TO '{file}' (FORMAT parquet)");
        var refused = await folder.RunAsync("import", file, "--model-id", "text-hash-v1");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("vectors.parquet row 2, entity_id is 'B '; allowed: ", refused.Errors, StringComparison.Ordinal);
        var skipped = await folder.RunAsync("import", file, "--model-id", "text-hash-v1", "--bad-rows", "skip");
        foreach (string named in (string[])["row 2, entity_id is 'B '", "row 3, vector is", "row 5, vector is", "vector of A as of 2024-01-02 is '2 values'", "vector of D as of 2024-01-02 is '2 values'"])
            Assert.Contains(named, skipped.Errors, StringComparison.Ordinal);
    }

    private static void AssertSaysWhereItIsFrom(string file)
    {
        using var stream = File.OpenRead(file);
        using var reader = new ColumnarReader(ColumnarFormats.Of(file)!.Value, stream, file);
        Assert.Equal(Space, reader.Metadata["model_id"]);
        Assert.Matches("^[0-9a-f]{64}$", reader.Metadata["checksum"]);
        Assert.InRange(DateTimeOffset.Parse(reader.Metadata["as_known"], CultureInfo.InvariantCulture), DateTimeOffset.UnixEpoch, DateTimeOffset.UtcNow);
    }

    private static List<string[]> Read(string file)
    {
        using var stream = File.OpenRead(file);
        using var reader = new ColumnarReader(ColumnarFormats.Of(file)!.Value, stream, file);
        var rows = new List<string[]>();
        foreach (var block in reader.Blocks([.. Enumerable.Range(0, reader.Columns.Count)], Token))
        {
            using (block)
                rows.AddRange(Enumerable.Range(0, block.Count).Select(row => block.Columns.Select(cells => cells.Text(row)).ToArray()));
        }
        return rows;
    }

    private static List<string> Vectors(string file, string idColumn)
    {
        using var stream = File.OpenRead(file);
        using var reader = new ColumnarReader(ColumnarFormats.Of(file)!.Value, stream, file);
        var names = reader.Columns.ToList();
        using var block = Assert.Single(reader.Blocks([names.IndexOf(idColumn), names.IndexOf("as_of_date"), names.IndexOf("vector")], Token));
        return [.. Enumerable.Range(0, block.Count).Select(row => $"{block.Columns[0].Text(row)} {block.Columns[1].Text(row)} {string.Join(' ', block.Columns[2].Vector(row))}")];
    }

    private static IEnumerable<string> Types(string file) => Query($"DESCRIBE SELECT * FROM '{file}'").Select(row => $"{row[0]} {row[1]}");

    // As CSV prints it.
    private static string Line(object?[] row) => string.Join(',', row.Select(cell => cell switch
    {
        double number => number.ToString("F6", CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => FormattableString.Invariant($"{cell}"),
    }));

    private static object Cell(JsonProperty property) => property.Value.ValueKind == JsonValueKind.Number && property.Name != "rank" ? property.Value.GetDouble() : property.Value.ToString();

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static void Execute(string sql) => Query(sql);

    private static List<object?[]> Query(string sql)
    {
        using var database = new DuckDBConnection("DataSource=:memory:");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        return rows;
    }
}
