using Prometheus.Grid.Core.Entities;

namespace Prometheus.Grid.Storage.Folder.Inputs;

/// <summary>Reads profiles, risk reports and positions.</summary>
internal static class DatedTables
{
    private static readonly string[] s_texts = ["business_description", "risk_summary", "recent_events_summary"];

    /// <summary>Reads profiles, from a <c>structured</c> JSON column or from three text columns.</summary>
    public static DatedTable<IssuerProfile> Profiles(InputFile file, TableNotes notes, CancellationToken cancellationToken)
    {
        using var table = new TableReader(file, ["issuer_id", "as_of_date"], ["structured", .. s_texts], notes);
        bool isStructured = table.Has("structured");
        if (!isStructured && s_texts.FirstOrDefault(column => !table.Has(column)) is { } missing)
            throw table.Bad("header", $"no {missing}", $"a column structured, or the columns {string.Join(", ", s_texts)}");
        return DatedTable<IssuerProfile>.Read(
            table,
            row =>
            {
                (string issuer, var asOf) = (row.Key("issuer_id"), row.Date("as_of_date"));
                return isStructured
                    ? JsonColumns.Profile(row.Place("structured"), row.Text("structured"), issuer, asOf)
                    : new IssuerProfile(issuer, asOf, row.Text(s_texts[0]), row.Text(s_texts[1]), row.Text(s_texts[2]));
            },
            profile => profile.AsOf,
            profile => profile.IssuerId,
            (a, b) => string.CompareOrdinal(a.IssuerId, b.IssuerId),
            "issuer_id, as_of_date",
            cancellationToken);
    }

    /// <summary>Reads risk reports.</summary>
    public static DatedTable<RiskReport> RiskReports(InputFile file, TableNotes notes, CancellationToken cancellationToken)
    {
        using var table = new TableReader(file, ["portfolio_id", "as_of_date", "risk_metrics", "exposures_by_sector", "exposures_by_factor"], notes: notes);
        return DatedTable<RiskReport>.Read(
            table,
            row => new RiskReport(
                row.Key("portfolio_id"), row.Date("as_of_date"), Numbers(row, "risk_metrics", notes), Numbers(row, "exposures_by_sector", notes),
                Numbers(row, "exposures_by_factor", notes)),
            report => report.AsOf,
            report => report.PortfolioId,
            (a, b) => string.CompareOrdinal(a.PortfolioId, b.PortfolioId),
            "portfolio_id, as_of_date",
            cancellationToken);
    }

    /// <summary>Reads positions.</summary>
    public static DatedTable<Position> Positions(InputFile file, TableNotes notes, CancellationToken cancellationToken)
    {
        using var table = new TableReader(file, ["portfolio_id", "as_of_date", "instrument_id", "weight"], notes: notes);
        return DatedTable<Position>.Read(
            table,
            row => new Position(row.Key("portfolio_id"), row.Date("as_of_date"), row.Key("instrument_id"), row.Number("weight")),
            position => position.AsOf,
            position => position.PortfolioId,
            (a, b) => string.CompareOrdinal(a.PortfolioId, b.PortfolioId) is not 0 and var order ? order : string.CompareOrdinal(a.InstrumentId, b.InstrumentId),
            "portfolio_id, as_of_date, instrument_id",
            cancellationToken);
    }

    private static IReadOnlyDictionary<string, double> Numbers(TableReader row, string column, TableNotes notes) =>
        JsonColumns.Numbers(row.Place(column), row.Text(column), key => notes.Note($"numbers in quotes left out of {column}", $"{row.Place(column)} {key}"));
}
