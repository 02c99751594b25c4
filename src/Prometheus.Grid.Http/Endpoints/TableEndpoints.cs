using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prometheus.Grid.Columnar;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Http.Limits;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>
/// Tables as files. The page sorts, joins and filters what several requests answered, so the table that its user sees is no answer of the API; it comes back
/// here to leave as Parquet, which a browser cannot write.
/// </summary>
internal static class TableEndpoints
{
    private const int LongestName = 100;

    public static void MapTables(this IEndpointRouteBuilder v1) => v1.MapPost("/tables/parquet", Parquet)
        .Named("makeParquet", "A table that the caller has, as a Parquet file", "Tables").Costs(WorkKind.Search).Produces<byte[]>(contentType: ColumnarResult.ParquetType);

    private static ColumnarResult Parquet(TableRequest request)
    {
        if (request.Columns.Count == 0)
            throw new BadInputException("columns", 0, "at least one column");
        var lists = request.Columns.Select(CellsOf).ToList();
        for (int i = 0; i < lists.Count; i++)
        {
            string name = request.Columns[i].Name;
            if (lists[i].Count != lists[0].Count)
                throw new BadInputException($"columns[{i}]", $"{lists[i].Count} cells", $"{lists[0].Count} cells, as many as the first column has");
            if (string.IsNullOrWhiteSpace(name) || request.Columns.Take(i).Any(other => other.Name == name))
                throw new BadInputException($"columns[{i}].name", name, "a name that is not blank and that no other column has");
        }
        return new ColumnarResult(
            ColumnarFormat.Parquet, [.. request.Columns.Select(ColumnOf)], Rows(lists), new Dictionary<string, string>(), $"{FileName(request.Name)}.parquet");
    }

    private static IEnumerable<object?[]> Rows(List<IReadOnlyList<object?>> lists)
    {
        object?[] cells = new object?[lists.Count];
        for (int row = 0; row < lists[0].Count; row++)
        {
            for (int i = 0; i < cells.Length; i++)
                cells[i] = lists[i][row];
            yield return cells;
        }
    }

    private static IReadOnlyList<object?> CellsOf(TableColumnMessage column, int place) => column switch
    {
        { Texts: { } texts, Numbers: null, Dates: null } => texts,
        { Texts: null, Numbers: { } numbers, Dates: null } => [.. numbers.Select(number => (object?)number)],
        { Texts: null, Numbers: null, Dates: { } dates } => [.. dates.Select(date => (object?)date)],
        _ => throw new BadInputException($"columns[{place}]", column.Name, "one of texts, numbers and dates"),
    };

    private static Column ColumnOf(TableColumnMessage column) =>
        column.Numbers is not null ? Column.Number(column.Name) : column.Dates is not null ? Column.Date(column.Name) : Column.Text(column.Name);

    // It goes into a header and onto somebody's disk.
    private static string FileName(string? name)
    {
        string safe = string.Concat((name ?? "").Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_').Take(LongestName));
        return safe.Length == 0 ? "table" : safe;
    }
}
