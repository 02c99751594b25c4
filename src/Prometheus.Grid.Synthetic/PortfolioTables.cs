namespace Prometheus.Grid.Synthetic;

/// <summary>Writes portfolio_positions.csv, portfolio_risk_reports.csv and portfolio_labels.csv.</summary>
internal static class PortfolioTables
{
    public static async Task WriteAsync(PendingFiles files, SyntheticMarketOptions options, DrawnCompany[] drawn, DateOnly[] axis, CancellationToken cancellationToken)
    {
        var shares = drawn.Where(d => d.Returns is not null).Select(d => new Investable(d.Company, d.Returns!)).ToArray();
        double[] market = new double[axis.Length];
        for (int day = 0; day < market.Length; day++)
            market[day] = shares.Sum(s => s.Returns[day]) / Math.Max(1, shares.Length);
        int[] ends = options.ReportDates.Select(date => SyntheticMarket.CountUntil(axis, date)).ToArray();
        var characteristics = ends.Select(end => new Characteristics(shares, market, end)).ToArray();

        var positionFile = files.Create("portfolio_positions.csv", "portfolio_id,as_of_date,instrument_id,weight");
        var reportFile = files.Create("portfolio_risk_reports.csv",
            "report_id,portfolio_id,as_of_date,portfolio_value,cash,net_exposure,gross_exposure,leverage,risk_metrics,exposures_by_sector,exposures_by_factor");
        var labelFile = files.Create("portfolio_labels.csv", "portfolio_id,style");
        CsvBuffer positionRows = new(), reportRows = new(), labelRows = new();
        // With no share that trades from the first day on there is nothing to hold.
        for (int p = 0; p < options.Portfolios && shares.Length > 0; p++)
        {
            var portfolio = new Portfolio(options.Seed, p);
            labelRows.Text(portfolio.Id).Text(portfolio.Style.Name).EndRow();
            for (int r = 0; r < ends.Length; r++)
            {
                string date = SyntheticMarket.Text(options.ReportDates[r]);
                var positions = portfolio.PositionsOn(shares, characteristics[r]);
                foreach (var position in positions)
                    positionRows.Text(portfolio.Id).Text(date).Text(shares[position.Share].Company.InstrumentId).Text(position.Weight.ToString("0.########", System.Globalization.CultureInfo.InvariantCulture)).EndRow();
                var report = new RiskReport(positions, shares, market, characteristics[r], ends[r]);
                reportRows.Text($"{portfolio.Id}_{date}").Text(portfolio.Id).Text(date).Number(portfolio.Value)
                    .Number(Math.Round(portfolio.Value * (1 - report.NetExposure), 2)).Number(report.NetExposure).Number(report.GrossExposure)
                    .Number(report.GrossExposure).Text(report.RiskMetrics).Text(report.ExposuresBySector).Text(report.ExposuresByFactor).EndRow();
            }
            if (p % 100 == 0)
                cancellationToken.ThrowIfCancellationRequested();
        }
        await positionFile.WriteAsync(positionRows.Written, cancellationToken);
        await reportFile.WriteAsync(reportRows.Written, cancellationToken);
        await labelFile.WriteAsync(labelRows.Written, cancellationToken);
    }
}
