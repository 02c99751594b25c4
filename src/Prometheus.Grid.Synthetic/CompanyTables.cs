namespace Prometheus.Grid.Synthetic;

/// <summary>Writes markets.csv, issuers.csv and instruments.csv.</summary>
internal static class CompanyTables
{
    public static async Task WriteAsync(PendingFiles files, Company[] companies, CancellationToken cancellationToken)
    {
        var csv = new CsvBuffer();
        foreach (var market in Market.All)
            csv.Text(market.Id).Text(market.Name).Text(market.Region).Text(market.TimeZone).EndRow();
        await SaveAsync("markets.csv", "market_id,name,region,timezone");

        foreach (var c in companies)
            csv.Text(c.IssuerId).Text("CORPORATION").Text(c.Name).Text(c.Country).Text(c.Industry.Sector).Text(c.Industry.Name).EndRow();
        await SaveAsync("issuers.csv", "issuer_id,issuer_type,name,country,sector,industry");

        foreach (var c in companies)
        {
            Instrument(c, c.InstrumentId, c.Symbol);
            if (c.HasSecondClass)
                Instrument(c, c.SecondInstrumentId, c.Symbol + "B");
        }
        await SaveAsync("instruments.csv", "instrument_id,issuer_id,market_id,asset_class,symbol,exchange,currency,status");

        void Instrument(Company c, string id, string symbol) => csv.Text(id).Text(c.IssuerId).Text(c.Market.Id).Text("EQUITY").Text(symbol)
            .Text(c.Market.Exchange).Text(c.Market.Currency).Text(c.IsActive ? "ACTIVE" : "DELISTED").EndRow();

        async Task SaveAsync(string name, string header)
        {
            await files.Create(name, header).WriteAsync(csv.Written, cancellationToken);
            csv.Clear();
        }
    }
}
