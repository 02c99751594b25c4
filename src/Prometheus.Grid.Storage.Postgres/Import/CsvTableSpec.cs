namespace Prometheus.Grid.Storage.Postgres.Import;

/// <summary>What a column holds: its type in the database, and the rule of the tables' reader that its values are held to.</summary>
internal enum ColumnKind
{
    /// <summary>An id or a code, never empty.</summary>
    Key,
    Text,
    Date,

    /// <summary>A finite number above 0.</summary>
    Price,
    PriceOrNothing,

    /// <summary>A finite number, 0 or more.</summary>
    Volume,
    Number,
    NumberOrNothing,

    /// <summary>A JSON object of numbers.</summary>
    JsonNumbers,
    Json,
}

/// <summary>A column of an input table.</summary>
/// <param name="Name">In the file and in the database.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="IsRequired">False where a file may lack it; its values are then left as they are.</param>
internal sealed record CsvColumn(string Name, ColumnKind Kind, bool IsRequired = true)
{
    /// <summary>The type of the staging table's column.</summary>
    public string SqlType => Kind switch
    {
        ColumnKind.Key or ColumnKind.Text => "text",
        ColumnKind.Date => "date",
        ColumnKind.Json or ColumnKind.JsonNumbers => "jsonb",
        _ => "float8",
    };
}

/// <summary>An input table as a CSV file brings it. What is not among its columns is not loaded.</summary>
internal sealed record CsvTableSpec
{
    /// <summary>The table, and the file without its ending.</summary>
    public required string Name { get; init; }

    /// <summary>The columns, those of the key first.</summary>
    public required CsvColumn[] Columns { get; init; }

    /// <summary>How many of the columns are the key.</summary>
    public int KeyLength { get; init; } = 1;

    /// <summary>The names of the key's columns.</summary>
    public string[] Key => [.. Columns[..KeyLength].Select(column => column.Name)];

    /// <summary>A file without this column has the three text columns of a profile instead.</summary>
    public string? Structured { get; init; }

    /// <summary>True when the file has all rows of the owner and date that it mentions, so that those it lacks go.</summary>
    public bool ReplacesDay { get; init; }

    /// <summary>False where the table has no unique key, and the row with the highest id counts.</summary>
    public bool HasUniqueKey { get; init; } = true;

    /// <summary>The tables of a data folder, referenced ones first.</summary>
    public static IReadOnlyList<CsvTableSpec> All { get; } =
    [
        new() { Name = "markets", Columns = [.. Of(ColumnKind.Key, "market_id"), .. Of(ColumnKind.Text, "name", "region", "timezone"), .. Optional(ColumnKind.Json, "metadata")] },
        new()
        {
            Name = "issuers",
            Columns = [.. Of(ColumnKind.Key, "issuer_id"), .. Of(ColumnKind.Text, "issuer_type", "name", "country", "sector", "industry"), .. Optional(ColumnKind.Json, "metadata")],
        },
        new()
        {
            Name = "instruments",
            Columns =
            [
                .. Of(ColumnKind.Key, "instrument_id", "issuer_id", "market_id", "asset_class", "status"),
                .. Of(ColumnKind.Text, "symbol", "exchange", "currency"), .. Optional(ColumnKind.Json, "metadata"),
            ],
        },
        new()
        {
            Name = "prices_daily", KeyLength = 2,
            Columns =
            [
                .. Of(ColumnKind.Key, "instrument_id"), .. Of(ColumnKind.Date, "trade_date"), .. Of(ColumnKind.Price, "close"), .. Of(ColumnKind.Volume, "volume"),
                .. Optional(ColumnKind.PriceOrNothing, "open", "high", "low", "adjusted_close"), .. Optional(ColumnKind.Text, "currency"), .. Optional(ColumnKind.Json, "metadata"),
            ],
        },
        new()
        {
            Name = "profiles", KeyLength = 2, Structured = "structured",
            Columns = [.. Of(ColumnKind.Key, "issuer_id"), .. Of(ColumnKind.Date, "as_of_date"), .. Optional(ColumnKind.Json, "structured", "risk_flags")],
        },
        new()
        {
            Name = "portfolio_risk_reports", KeyLength = 2, HasUniqueKey = false,
            Columns =
            [
                .. Of(ColumnKind.Key, "portfolio_id"), .. Of(ColumnKind.Date, "as_of_date"),
                .. Of(ColumnKind.JsonNumbers, "risk_metrics", "exposures_by_sector", "exposures_by_factor"),
                .. Optional(ColumnKind.NumberOrNothing, "portfolio_value", "cash", "net_exposure", "gross_exposure", "leverage"),
                .. Optional(ColumnKind.Json, "scenario_pnl", "metadata"),
            ],
        },
        new()
        {
            Name = "portfolio_positions", KeyLength = 3, ReplacesDay = true,
            Columns = [.. Of(ColumnKind.Key, "portfolio_id"), .. Of(ColumnKind.Date, "as_of_date"), .. Of(ColumnKind.Key, "instrument_id"), .. Of(ColumnKind.Number, "weight")],
        },
    ];

    private static IEnumerable<CsvColumn> Of(ColumnKind kind, params string[] names) => names.Select(name => new CsvColumn(name, kind));

    private static IEnumerable<CsvColumn> Optional(ColumnKind kind, params string[] names) => names.Select(name => new CsvColumn(name, kind, IsRequired: false));
}
