namespace Prometheus.Grid.Synthetic;

/// <summary>Makes up company names that sound like their market.</summary>
internal static class CompanyName
{
    private static readonly string[] Starts =
        ["Al", "Bran", "Cal", "Dor", "El", "Fen", "Gar", "Hal", "Ister", "Jor", "Kel", "Lor", "Mar", "Nor", "Ost", "Pel", "Quin", "Ros", "Sel", "Tar", "Ul", "Ver", "Wes", "Yar", "Zan"];

    private static readonly string[] Middles = ["", "", "", "an", "en", "ing", "or", "ar", "is", "el"];
    private static readonly string[] Ends = ["ton", "ford", "mere", "wick", "dale", "stad", "mark", "berg", "ley", "field", "combe", "gate", "haven"];

    private static readonly string[] JapaneseStarts = ["Aki", "Fuji", "Hana", "Ishi", "Kawa", "Kita", "Mori", "Naka", "Oka", "Saka", "Taka", "Tera", "Yama"];
    private static readonly string[] JapaneseEnds = ["moto", "mura", "da", "zaki", "no", "hara", "gawa", "shima", "ta", "tani", "uchi", "be"];

    // The word of the trade that a name carries, by sector.
    private static readonly string[][] Trades =
    [
        ["Media", "Networks", "Studios"], ["Brands", "Leisure", "Motors"], ["Foods", "Beverages", "Household"], ["Energy", "Petroleum", "Drilling"],
        ["Financial", "Bancorp", "Capital"], ["Therapeutics", "Medical", "Pharma"], ["Industries", "Engineering", "Logistics"],
        ["Systems", "Software", "Semiconductor"], ["Chemical", "Metals", "Resources"], ["Properties", "Realty", "Estates"], ["Power", "Water", "Utilities"],
    ];

    public static string Draw(ref RandomStream random, Industry industry, Market market)
    {
        string stem = market.Region == "JP"
            ? random.Pick(JapaneseStarts) + random.Pick(JapaneseEnds)
            : random.Pick(Starts) + random.Pick(Middles) + random.Pick(Ends);
        return $"{stem} {random.Pick(Trades[industry.SectorIndex])} {random.Pick(market.LegalForms)}";
    }
}
