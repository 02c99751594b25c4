namespace Prometheus.Grid.Storage.Postgres.Import;

/// <summary>An input table as a CSV file brings it.</summary>
internal sealed record CsvTableSpec
{
    private const string Price = "{0} > 0 AND {0} < 'Infinity'";

    /// <summary>The table, and the file without its ending.</summary>
    public required string Name { get; init; }

    /// <summary>The columns of the key, all required.</summary>
    public required string[] Key { get; init; }

    /// <summary>Further required columns.</summary>
    public string[] Required { get; init; } = [];

    /// <summary>Columns of the table that a file may have beside them; what is in neither list is not loaded.</summary>
    public string[] Optional { get; init; } = [];

    /// <summary>Type by column where it is not text.</summary>
    public IReadOnlyDictionary<string, string> Types { get; init; } = new Dictionary<string, string>();

    /// <summary>What must hold of a column's value <c>{0}</c>, and how to say so.</summary>
    public IReadOnlyDictionary<string, (string Condition, string Allowed)> Checks { get; init; } = new Dictionary<string, (string, string)>();

    /// <summary>A file without this column may have the three text columns of a profile instead.</summary>
    public string? Structured { get; init; }

    /// <summary>True when the file has all rows of the owner and date that it mentions, so that those it lacks go.</summary>
    public bool ReplacesDay { get; init; }

    /// <summary>False where the table has no unique key, and the row with the highest id counts.</summary>
    public bool HasUniqueKey { get; init; } = true;

    /// <summary>The tables of a data folder, referenced ones first.</summary>
    public static IReadOnlyList<CsvTableSpec> All { get; } =
    [
        new() { Name = "markets", Key = ["market_id"], Required = ["name", "region", "timezone"], Optional = ["metadata"], Types = Json("metadata") },
        new()
        {
            Name = "issuers", Key = ["issuer_id"], Required = ["issuer_type", "name", "country", "sector", "industry"], Optional = ["metadata"],
            Types = Json("metadata"),
        },
        new()
        {
            Name = "instruments", Key = ["instrument_id"],
            Required = ["issuer_id", "market_id", "asset_class", "symbol", "exchange", "currency", "status"], Optional = ["metadata"],
            Types = Json("metadata"),
        },
        new()
        {
            Name = "prices_daily", Key = ["instrument_id", "trade_date"], Required = ["close", "volume"],
            Optional = ["open", "high", "low", "adjusted_close", "currency", "metadata"],
            Types = new Dictionary<string, string>(Numbers("open", "high", "low", "close", "adjusted_close", "volume")) { ["trade_date"] = "date", ["metadata"] = "jsonb" },
            Checks = new Dictionary<string, (string, string)>
            {
                ["open"] = ($"{{0}} IS NULL OR ({Price})", "a finite number above 0, or nothing"),
                ["high"] = ($"{{0}} IS NULL OR ({Price})", "a finite number above 0, or nothing"),
                ["low"] = ($"{{0}} IS NULL OR ({Price})", "a finite number above 0, or nothing"),
                ["close"] = (Price, "a finite number above 0"),
                ["adjusted_close"] = ($"{{0}} IS NULL OR ({Price})", "a finite number above 0, or nothing"),
                ["volume"] = ("{0} >= 0 AND {0} < 'Infinity'", "a finite number of 0 or more"),
            },
        },
        new()
        {
            Name = "profiles", Key = ["issuer_id", "as_of_date"], Optional = ["structured", "risk_flags"], Structured = "structured",
            Types = new Dictionary<string, string>(Json("structured", "risk_flags")) { ["as_of_date"] = "date" },
        },
        new()
        {
            Name = "portfolio_risk_reports", Key = ["portfolio_id", "as_of_date"],
            Required = ["risk_metrics", "exposures_by_sector", "exposures_by_factor"],
            Optional = ["portfolio_value", "cash", "net_exposure", "gross_exposure", "leverage", "scenario_pnl", "metadata"],
            Types = new Dictionary<string, string>(
                Json("risk_metrics", "exposures_by_sector", "exposures_by_factor", "scenario_pnl", "metadata")
                    .Concat(Numbers("portfolio_value", "cash", "net_exposure", "gross_exposure", "leverage"))) { ["as_of_date"] = "date" },
            HasUniqueKey = false,
        },
        new()
        {
            Name = "portfolio_positions", Key = ["portfolio_id", "as_of_date", "instrument_id"], Required = ["weight"],
            Types = new Dictionary<string, string>(Numbers("weight")) { ["as_of_date"] = "date" },
            Checks = new Dictionary<string, (string, string)> { ["weight"] = ("{0} > '-Infinity' AND {0} < 'Infinity'", "a finite number") },
            ReplacesDay = true,
        },
    ];

    /// <summary>Key, required and optional columns.</summary>
    public IEnumerable<string> Columns => Key.Concat(Required).Concat(Optional);

    private static Dictionary<string, string> Json(params string[] columns) => columns.ToDictionary(column => column, _ => "jsonb");

    private static Dictionary<string, string> Numbers(params string[] columns) => columns.ToDictionary(column => column, _ => "float8");
}
