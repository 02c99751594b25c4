namespace Prometheus.Grid.Synthetic;

/// <summary>A stock market of the made-up world.</summary>
/// <param name="Id">Key in markets.csv.</param>
/// <param name="Share">Part of all companies that list here; the shares sum to 1.</param>
/// <param name="PriceUnit">Price level relative to a dollar market.</param>
internal sealed record Market(
    string Id, string Name, string Region, string TimeZone, string Exchange, string Currency, string Suffix,
    double Share, double PriceUnit, (string Country, string City)[] Places, string[] LegalForms)
{
    public static readonly Market[] All =
    [
        new("US_EQ", "US equities", "US", "America/New_York", "NYS", "USD", "US", 0.52, 1,
            [
                ("United States", "Austin, Texas"), ("United States", "Boston, Massachusetts"), ("United States", "Chicago, Illinois"),
                ("United States", "Denver, Colorado"), ("United States", "Atlanta, Georgia"), ("United States", "San Jose, California"),
            ],
            ["Inc.", "Corporation", "Holdings, Inc.", "Company"]),
        new("EU_EQ", "Euro area equities", "EU", "Europe/Berlin", "GER", "EUR", "EU", 0.20, 1,
            [("Germany", "Munich"), ("Germany", "Hamburg"), ("France", "Lyon"), ("Netherlands", "Rotterdam"), ("Italy", "Milan"), ("Spain", "Bilbao")],
            ["SE", "AG", "S.A.", "N.V."]),
        new("GB_EQ", "UK equities", "UK", "Europe/London", "LSE", "GBP", "GB", 0.12, 1,
            [("United Kingdom", "London"), ("United Kingdom", "Leeds"), ("United Kingdom", "Bristol"), ("United Kingdom", "Edinburgh"), ("Ireland", "Dublin")],
            ["plc", "Group plc", "Holdings plc"]),
        new("JP_EQ", "Japanese equities", "JP", "Asia/Tokyo", "TYO", "JPY", "JP", 0.16, 100,
            [("Japan", "Tokyo"), ("Japan", "Osaka"), ("Japan", "Nagoya"), ("Japan", "Fukuoka"), ("Japan", "Kyoto")],
            ["Co., Ltd.", "Corporation", "Holdings, Inc."]),
    ];
}
