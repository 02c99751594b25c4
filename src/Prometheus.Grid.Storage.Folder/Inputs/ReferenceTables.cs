using Prometheus.Grid.Core.Entities;

namespace Prometheus.Grid.Storage.Folder.Inputs;

/// <summary>Reads markets, issuers and instruments.</summary>
internal static class ReferenceTables
{
    /// <summary>Reads one table; ids are unique.</summary>
    public static IReadOnlyList<Market> Markets(InputFile file, TableNotes notes, CancellationToken cancellationToken) => Read(
        file, notes, ["market_id", "name", "region", "timezone"],
        row => new Market(row.Key("market_id"), row.Text("name"), row.Text("region"), row.Text("timezone")), cancellationToken);

    /// <summary>Reads one table; ids are unique.</summary>
    public static IReadOnlyList<Issuer> Issuers(InputFile file, TableNotes notes, CancellationToken cancellationToken) => Read(
        file, notes, ["issuer_id", "issuer_type", "name", "country", "sector", "industry"],
        row => new Issuer(
            row.Key("issuer_id"), row.Text("issuer_type"), row.Text("name"), row.Text("country"), row.Text("sector"), row.Text("industry")),
        cancellationToken);

    /// <summary>Reads one table; ids are unique.</summary>
    public static IReadOnlyList<Instrument> Instruments(InputFile file, TableNotes notes, CancellationToken cancellationToken) => Read(
        file, notes, ["instrument_id", "issuer_id", "market_id", "asset_class", "symbol", "exchange", "currency", "status"],
        row => new Instrument(
            row.Key("instrument_id"), row.Key("issuer_id"), row.Key("market_id"), row.Key("asset_class"), row.Text("symbol"),
            row.Text("exchange"), row.Text("currency"), row.Key("status")),
        cancellationToken);

    // The first column is the key.
    private static List<T> Read<T>(InputFile file, TableNotes notes, string[] columns, Func<TableReader, T> parse, CancellationToken cancellationToken)
    {
        using var table = new TableReader(file, columns, notes: notes);
        List<T> rows = [];
        HashSet<string> keys = new(StringComparer.Ordinal);
        foreach ((var row, long line) in table.Rows(parse, cancellationToken))
        {
            if (keys.Add(table.Text(columns[0])))
                rows.Add(row);
            else
                table.Refuse(line, columns[0], table.Text(columns[0]), "an id that no row before has");
        }
        return rows;
    }
}
